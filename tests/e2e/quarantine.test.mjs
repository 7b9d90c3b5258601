// Unknown devices that try to come in: remembered for an operator, refused until one accepts them.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { dispatchDevice } from './support/http.mjs';
import { Link, openDevice, register } from './support/link.mjs';
import { testServer } from './support/server.mjs';

const flags = ['--workers', '2'];
const newDevice = (id) => ({ id, key: randomUUID() });

async function knock(server, device, count = 1) {
  const link = await Link.open(server);
  for (let i = 0; i < count; i++) {
    link.send(register(device, { version: 2, model: 'ITA-GZ1-GL' }));
    assert.equal((await link.json({ deviceid: device.id })).error, 404);
  }
  link.drop();
}

testServer('an unknown device waits for an operator', { flags: [...flags,
  '--devices-quarantine', '2'] }, async (server) => {
  const { user, device: known } = await server.control.account();
  const device = newDevice('1000aaaaa1');
  assert.equal((await dispatchDevice(server, device)).error, 401);
  await knock(server, device, 2);
  await knock(server, { ...device, key: randomUUID() });
  await (await openDevice(server, known)).drop();

  const rows = await server.control.rows('quarantine list');
  assert.equal(rows.length, 1);
  const { id, model, tries, other_keys: others, peer, rejected } = rows[0];
  assert.deepEqual({ id, model, tries, others, rejected }, { id: device.id, model: 'ITA-GZ1-GL',
    tries: 4, others: 1, rejected: false });
  assert.match(peer, /^127\.0\.0\.1/);
  assert.ok(!JSON.stringify(rows).includes(device.key), 'keys are not shown');

  await server.control.call('quarantine accept', { id: device.id, owner: user.apikey,
    name: 'Hall' });
  assert.deepEqual(await server.control.rows('quarantine list'), []);
  assert.equal((await dispatchDevice(server, device)).error, 0);
  const link = await openDevice(server, device);
  assert.equal(link.online.apikey, user.apikey);
  link.drop();
  await assert.rejects(server.control.call('quarantine accept', { id: device.id }),
    { code: 'not_found' });
});

testServer('the list is bounded, rejected from and cleared', { flags: [...flags,
  '--devices-quarantine', '2'] }, async (server) => {
  await knock(server, newDevice('1000aaaaa1'));
  await knock(server, newDevice('1000aaaaa2'));
  await knock(server, newDevice('1000aaaaa3'));
  const ids = async () => (await server.control.rows('quarantine list')).map(({ id }) => id).sort();
  assert.deepEqual(await ids(), ['1000aaaaa2', '1000aaaaa3'], 'the oldest gives way');
  await server.control.call('quarantine reject', { id: '1000aaaaa2' });
  const rows = await server.control.rows('quarantine list');
  assert.equal(rows.find(({ id }) => id === '1000aaaaa2').rejected, true);
  assert.equal((await server.control.call('quarantine clear')).forgotten, 2);
  assert.deepEqual(await ids(), []);
});

testServer('without the option nothing is remembered', { flags }, async (server) => {
  await knock(server, newDevice('1000aaaaa1'));
  assert.deepEqual(await server.control.rows('quarantine list'), []);
});
