// A fleet's life under an operator: devices disabled, enabled and deleted, with their links and what
// register answers then; factory records as CSV, out and in again.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { dispatchDevice } from './support/http.mjs';
import { appQuery, appUpdate, Link, openApp, openDevice, register, report } from './support/link.mjs';
import { testServer } from './support/server.mjs';

const flags = ['--workers', '2', '--history-flush', '100ms'];

/** The errors that `count` registers on one link are answered with. */
async function registers(server, device, count, more = {}) {
  const link = await Link.open(server);
  const errors = [];
  for (let i = 0; i < count; i++) {
    link.send(register(device, more));
    const { error, apikey } = await link.json({ deviceid: device.id });
    if (error !== 0) assert.equal(apikey, device.key, 'a refusal echoes the factory key');
    errors.push(error);
  }
  link.drop();
  return errors;
}

testServer('a disabled device is closed and refused until it is enabled', { flags },
  async (server) => {
    const account = await server.control.account();
    const { device } = account;
    const app = await openApp(server, account);
    const link = await openDevice(server, device);
    await app.json({ action: 'sysmsg', deviceid: device.id });

    const shown = await server.control.call('device disable', { id: device.id });
    assert.equal(shown.disabled, true);
    await link.closed();
    const { params } = await app.json({ action: 'sysmsg', deviceid: device.id });
    assert.deepEqual(params, { online: false });
    assert.deepEqual(await registers(server, device, 4), [415, 415, 415, 404]);
    assert.deepEqual(await registers(server, device, 1, { version: 2 }), [404]);
    assert.deepEqual(await registers(server, { ...device, key: 'wrong' }, 1), [403]);
    assert.equal((await dispatchDevice(server, device)).error, 401);
    assert.equal((await app.request(appUpdate(device, { switch: 'on' }))).error, 503);

    await server.kill();
    await server.again();
    assert.deepEqual(await registers(server, device, 1), [415], 'it survives kill -9');
    assert.equal((await server.control.call('device show', { id: device.id })).disabled, true);
    assert.equal((await server.control.call('device enable', { id: device.id })).disabled, false);
    const back = await openDevice(server, device);
    back.drop();
    await assert.rejects(server.control.call('device disable', { id: '1000ffffff' }),
      { code: 'not_found' });
  });

testServer('a deleted device is gone with all that was its', { flags }, async (server) => {
  const account = await server.control.account();
  const { device } = account;
  const app = await openApp(server, account);
  const link = await openDevice(server, device);
  link.send(report(device, { switch: 'on' }));
  await link.json({ error: 0, deviceid: device.id });

  const { code, stderr } = await server.ctl(['device', 'delete', device.id]);
  assert.equal(code, 0, stderr);
  await link.closed();
  assert.deepEqual(await registers(server, device, 4), [415, 415, 415, 404]);
  assert.equal((await app.request(appQuery(device))).error, 403);
  await assert.rejects(server.control.call('device delete', { id: device.id }),
    { code: 'not_found' });

  await server.kill();
  await server.again();
  await assert.rejects(server.control.call('device show', { id: device.id }),
    { code: 'not_found' });
  await server.control.device({ id: device.id, key: device.key, owner: account.user });
  const again = await openApp(server, account);
  assert.deepEqual((await again.request(appQuery(device))).params, {});
  assert.deepEqual(await server.control.rows('device history', { id: device.id }), []);
});

testServer('what is exported can be imported', { flags }, async (server) => {
  const account = await server.control.account({ devices: 3 });
  const { id, key } = await server.control.device({ name: 'A "hall", below', model: 'M,1' });
  const sly = await server.control.device({ name: '=1+1' });
  const all = await server.ctl(['device', 'export', '--keys']);
  assert.equal(all.code, 0, all.stderr);
  const lines = all.stdout.split('\r\n');
  assert.equal(lines[0], 'deviceid,key,name,model,owner');
  assert.equal(lines.length, 7);
  assert.ok(lines.includes(`${id},${key},"A ""hall"", below","M,1",`));
  assert.ok(lines.includes(`${sly.id},${sly.key},"'=1+1",,`), 'no spreadsheet computes it');
  assert.ok(lines.includes(`${account.device.id},${account.device.key},,,${account.user.apikey}`));

  const plain = await server.ctl(['device', 'export', '--owner', account.user.account]);
  assert.equal(plain.stdout.split('\r\n')[0], 'deviceid,name,model,owner');
  assert.equal(plain.stdout.split('\r\n').length, 5);
  assert.ok(!plain.stdout.includes(account.device.key), 'no key without --keys');

  const before = await server.control.rows('device list');
  for (const row of before) await server.control.call('device delete', { id: row.id });
  assert.deepEqual(await server.control.rows('device list'), []);
  const file = join(server.data, 'devices.csv');
  writeFileSync(file, all.stdout);
  const back = await server.ctl(['device', 'import', file]);
  assert.equal(back.code, 0, back.stderr);
  const same = ({ id: it, name, model, owner }) => ({ it, name, model, owner });
  assert.deepEqual((await server.control.rows('device list')).map(same), before.map(same));
  const link = await openDevice(server, account.device);
  link.drop();
});
