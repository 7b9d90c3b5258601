// `switchyard simulate`: devices that come online, obey and come back when the server restarts; an
// app that makes the whole journey; what it says when it can not.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { appQuery, appUpdate, openApp } from './support/link.mjs';
import { BINARY, collect, ended, run, start } from './support/program.mjs';
import { shareServer, testServer } from './support/server.mjs';
import { until, within } from './support/until.mjs';

const options = { flags: ['--workers', '2'] };
const { testShared } = shareServer(options);

const REFUSED = 1;
const USAGE = 2;

const simulate = (...words) => run(BINARY, ['simulate', ...words]);

/** Simulated devices in the background: { child, output, stop() }. */
function simulateDevices(server, ...words) {
  const child = start(BINARY, ['simulate', 'device', '--url', server.url, '--ca', server.caPath,
    ...words]);
  const output = collect(child.stdout, child.stderr);
  const end = ended(child);
  const stop = async () => {
    child.kill('SIGTERM');
    await within(end, 'the end of simulate');
  };
  return { output, end, stop };
}

const devicesOnline = async (server) =>
  (await server.control.call('status')).devices_online;

const journey = (server, { token, app }, device) => simulate('app', '--url', server.url,
  '--ca', server.caPath, '--token', token, '--appid', app.id, '--journey', device.id);

testServer('fifty devices come online, and return when the server does', options,
  async (server) => {
    const account = await server.control.account({ devices: 0 });
    const key = randomUUID();
    const devices = [];
    for (let i = 0; i < 50; i++)
      devices.push(await server.control.device({ id: `1000abc0${(0xd0 + i).toString(16)
        .padStart(3, '0')}`, key, owner: account.user }));
    const fleet = simulateDevices(server, '--id', devices[0].id, '--key', key, '--count', '50');

    try {
      await until(async () => await devicesOnline(server) === 50, '50 devices');
      const app = await openApp(server, account);
      assert.equal((await app.request(appUpdate(devices[49], { switch: 'on' }))).error, 0);
      const { params } = await app.request(appQuery(devices[49], ['switch']));
      assert.deepEqual(params, { switch: 'on' });
      await server.stop();
      await server.again();
      await until(async () => await devicesOnline(server) === 50, '50 devices again', 60_000);
      const after = await openApp(server, account);
      assert.equal((await after.request(appUpdate(devices[0], { switch: 'on' }))).error, 0);
    } finally {
      await fleet.stop();
    }
  });

testShared('an app\'s journey with a simulated device tells each step and ends with 0',
  async (server) => {
    const account = await server.control.account();
    const { device } = account;
    const fleet = simulateDevices(server, '--id', device.id, '--key', device.key);

    try {
      await until(async () => await devicesOnline(server) > 0, 'the device');
      const { code, stdout, stderr } = await journey(server, account, device);
      assert.equal(code, 0, stderr);
      for (const part of ['/dispatch/app', '101 Switching Protocols', '"action":"userOnline"',
        '"switch":"on"', '"switch":"off"', 'Done:'])
        assert.ok(stdout.includes(part), `${part} in:\n${stdout}`);
      const app = await openApp(server, account);
      const { params } = await app.request(appQuery(device, ['switch']));
      assert.deepEqual(params, { switch: 'off' });
    } finally {
      await fleet.stop();
    }
  });

testShared('a journey whose device is offline ends with 1', async (server) => {
  const account = await server.control.account();
  const { code, stderr } = await journey(server, account, account.device);
  assert.equal(code, REFUSED);
  assert.match(stderr, /error 503/);
});

testShared('an app with a wrong token ends with 1 and says why', async (server) => {
  const account = await server.control.account();
  const { code, stderr } = await journey(server, { ...account, token: 'wrong' }, account.device);
  assert.equal(code, REFUSED);
  assert.match(stderr, /dispatch answered error 401/);
  assert.equal(stderr.includes(account.token), false);
});

testShared('a device with a wrong key that tries --once ends with 1 and says why',
  async (server) => {
    const { device } = await server.control.account();
    const { code, stderr } = await simulate('device', '--url', server.url, '--ca', server.caPath,
      '--id', device.id, '--key', 'wrong', '--once');
    assert.equal(code, REFUSED);
    assert.match(stderr, /dispatch answered error 401/);
  });

testShared('a server that can not be verified is not talked to', async (server) => {
  const { device } = await server.control.account();
  const words = ['device', '--url', server.url, '--id', device.id, '--key', device.key];
  const other = await simulate(...words, '--ca', '/etc/ssl/certs/ca-certificates.crt', '--once');
  assert.equal(other.code, REFUSED);
  assert.match(other.stderr, /is --ca the root of the server's certificate/);

  const trusting = await simulate(...words, '--insecure', '--for', '1s');
  assert.equal(trusting.code, 0, trusting.stderr);
  const { online_at: online } = await server.control.call('device show', { id: device.id });
  assert.notEqual(online, null, 'without verification it came online');
});

testShared('a wrong command line ends with 2 and says what is missing', async (server) => {
  const cases = [
    [[], /usage: switchyard simulate/],
    [['toaster'], /usage: switchyard simulate/],
    [['device', '--ca', server.caPath], /--id and --key/],
    [['app', '--ca', server.caPath], /--token and --appid/],
    [['device', '--id', '1000000001', '--key', 'k'], /--ca/],
    [['device', '--id', '1000000001', '--key', 'k', '--count', '0'], /--count/],
    [['device', '--id', '1000000001', '--key', 'k', '--ca', '/nowhere'], /\/nowhere/],
    [['device', '--id', '1000000001', '--key', 'k', '--insecure', '--url', 'ftp://x'], /--url/],
    [['device', '--colour'], /--colour/],
  ];
  for (const [words, said] of cases) {
    const { code, stdout, stderr } = await simulate(...words);
    assert.equal(code, USAGE, `simulate ${words.join(' ')}: ${stderr}`);
    assert.match(stderr, said);
    assert.equal(stdout, '');
  }
});
