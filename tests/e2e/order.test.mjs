// What operators tell devices: upgrade, restart, redirect, notify, and what ctl says of the outcome.

import assert from 'node:assert/strict';

import { ESP, Modern, start } from './support/firmware.mjs';
import { openApp } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({
  flags: ['--workers', '2', '--command-timeout', '500ms', '--advertise-ip', '127.0.0.1'],
});

const DIGEST = '3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea';

async function done(server, ...words) {
  const { code, stdout, stderr } = await server.ctl([...words, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

async function refused(server, pattern, ...words) {
  const { code, stderr } = await server.ctl(words);
  assert.equal(code, 1, stderr);
  assert.match(stderr, pattern);
}

/** The command that came, its sequence left out. */
async function told(device) {
  const { sequence, ...command } = await device.command();
  return [typeof sequence, command];
}

testShared('device restart, redirect and notify reach the device in the forms it reads', async (server) => {
  const { device: { id }, device } = await server.control.account();
  const esp = await start(ESP, server, device);
  const route = { deviceid: id, apikey: device.owner.apikey };
  const request = { ...route, userAgent: 'app' };

  assert.deepEqual(await done(server, 'device', 'restart', id), { id, answer: 'done' });
  assert.deepEqual(await told(esp), ['string', { action: 'restart', ...request }]);
  assert.deepEqual(await done(server, 'device', 'redirect', id, '--ip', '192.0.2.8', '--port', '8443'),
    { id, answer: 'done' });
  assert.deepEqual(await told(esp),
    ['string', { action: 'redirect', ...request, IP: '192.0.2.8', port: 8443 }]);
  esp.obeys = () => undefined;
  assert.deepEqual(await done(server, 'device', 'notify', id), { id, answer: 'sent' });
  assert.deepEqual(await told(esp),
    ['undefined', { action: 'notify', ...route, cmd: 'config', hb: 1, hbInterval: 145 }]);
  esp.end();
});

testShared('device upgrade tells the files; the model is the one that the device has reported', async (server) => {
  const account = await server.control.account();
  const { id } = account.device;
  const esp = await start(ESP, server, account.device);
  const app = await openApp(server, account);

  await done(server, 'device', 'upgrade', id, '--version', '1.5.6', '--binary',
    `${DIGEST}=http://192.0.2.7:8088/ota/user1.bin`, '--binary', `${DIGEST}=http://192.0.2.7/user2.bin`);
  const { action, params } = await esp.command();
  assert.equal(action, 'upgrade');
  assert.deepEqual(params, { binList: [
    { downloadUrl: 'http://192.0.2.7:8088/ota/user1.bin', digest: DIGEST, name: 'user1.bin' },
    { downloadUrl: 'http://192.0.2.7/user2.bin', digest: DIGEST, name: 'user2.bin' },
  ], model: 'ITA-GZ1-GL', version: '1.5.6' });
  await esp.report({ upgradeState: 1 });
  await app.json({ action: 'update', params: { upgradeState: 1 } });
  await done(server, 'device', 'upgrade', id, '--version', '1.5.6', '--model', 'OTHER', '--binary',
    `${DIGEST}=http://192.0.2.7/user1.bin`);
  assert.equal((await esp.command()).params.model, 'OTHER');
  esp.end();
  app.drop();
});

testShared('ctl says why a device was not told, or did not do it', async (server) => {
  const { device } = await server.control.account();
  const nobodys = await server.control.device();

  await refused(server, /there is no device '1000000000'/, 'device', 'restart', '1000000000');
  await refused(server, /belongs to nobody/, 'device', 'restart', nobodys.id);
  await refused(server, /has no open link/, 'device', 'restart', device.id);
  const modern = await start(Modern, server, device);
  modern.obeys = () => ({ error: 404 });
  await refused(server, /refuses: error 404/, 'device', 'redirect', device.id, '--ip', '192.0.2.8');
  modern.obeys = () => undefined;
  await refused(server, /has been told, and has not answered/, 'device', 'restart', device.id);
  modern.end();
});

testShared('ctl refuses what firmware could not use', async (server) => {
  const { device } = await server.control.account();
  const esp = await start(ESP, server, device);
  const upgrade = (...binaries) => ['device', 'upgrade', device.id, '--version', '1.5.6',
    ...binaries.flatMap((each) => ['--binary', each])];
  const url = 'http://192.0.2.7/user1.bin';

  for (const ip of ['host.example', '::1', '192.0.2', '*'])
    await refused(server, /'ip' must be an IPv4 address/, 'device', 'redirect', device.id, '--ip', ip);
  await refused(server, /'port' must be 1 to 65535/, 'device', 'redirect', device.id, '--ip',
    '192.0.2.8', '--port', '65536');
  await refused(server, /'binary' is missing/, ...upgrade());
  for (const binary of [url, `12=${url}`, `${DIGEST}=https://192.0.2.7/a`, `${DIGEST}=http://192.0.2.7/`])
    await refused(server, /'binary' must be/, ...upgrade(binary));
  await refused(server, /'binary' must be/, ...upgrade(...Array(5).fill(`${DIGEST}=${url}`)));
  const long = `${DIGEST}=http://192.0.2.7/${'x'.repeat(400)}`;
  await refused(server, /more than the device '\w+' can read/, ...upgrade(long, long, long));
  assert.deepEqual(esp.received, []);
  esp.end();
});
