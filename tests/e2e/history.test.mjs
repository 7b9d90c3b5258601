// A device's history: what happened to it, why and by whom, over the API and by `ctl`; kept over a
// restart, and over kill -9 as far as it was written; bounded; its owner's alone.

import assert from 'node:assert/strict';

import { request } from './support/http.mjs';
import { appUpdate, openApp, openDevice } from './support/link.mjs';
import { testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const flags = ['--workers', '2', '--history-flush', '100ms'];

/** The data of a call of the account API about a device's history. */
async function history(server, account, device, { method = 'GET', query = '' } = {}) {
  const { json } = await request(server, {
    method, path: `/v2/device/history?deviceid=${device.id}${query}`,
    headers: { Authorization: `Bearer ${account.token}`, 'X-CK-Nonce': 'a1b2c3d4' },
  });
  return json;
}

/** Rows of `ctl device history`, the oldest first. */
const rows = async (server, device) =>
  (await server.control.rows('device history', { id: device.id })).reverse();

const entries = (server, device, count) => until(async () => {
  const all = await rows(server, device);
  return all.length >= count && all;
}, `${count} entries`);

testServer('what happens is told by the API and by ctl', { flags }, async (server) => {
  const account = await server.control.account();
  const { device, user } = account;
  const app = await openApp(server, account);
  assert.equal((await app.request(appUpdate(device, { switch: 'on' }))).error, 503);
  const link = await openDevice(server, device);
  assert.equal((await app.request(appUpdate(device, { switch: 'on' }))).error, 0);
  await server.control.call('conn kick', { device: device.id });
  const all = await entries(server, device, 4);

  assert.deepEqual(all.map(({ event, reason }) => `${event} ${reason}`.trim()),
    ['command offline', 'online', 'command ok', 'offline kicked']);
  assert.match(all[1].peer, /^127\.0\.0\.1:\d+$/);
  const { source, account: who, params, latency_ms: latency, happened_at: at } = all[2];
  assert.deepEqual({ source, who, params }, { source: 'app', who: 'owner',
    params: '{"switch":"on"}' });
  assert.ok(latency >= 0 && Date.parse(at) > 0);

  const { error, data } = await history(server, account, device);
  assert.equal(error, 0);
  assert.deepEqual(data.histories.map(({ type }) => type), ['offline', 'command', 'online',
    'command']);
  const [gone, command] = data.histories;
  assert.deepEqual([gone.userAgent, gone.reason, gone.deviceid], ['device', 'kicked', device.id]);
  assert.deepEqual([command.userAgent, command.request, command.opsAccount, command.outcome],
    ['app', '{"switch":"on"}', user.apikey, 'ok']);
  assert.equal(command.opsTime, Date.parse(at));

  const one = await history(server, account, device, { query: '&num=1' });
  assert.deepEqual(one.data.histories, [gone]);
  const before = await history(server, account, device, { query: `&from=${command.opsTime - 1}` });
  assert.ok(before.data.histories.every(({ opsTime }) => opsTime < command.opsTime));
  assert.equal((await history(server, account, device, { query: '&num=31' })).error, 400);
  assert.equal((await history(server, account, { id: '' })).error, 400);
  link.drop();
  app.drop();
});

testServer('it is its owner\'s, who may clear it', { flags }, async (server) => {
  const account = await server.control.account();
  const other = await server.control.account();
  const link = await openDevice(server, account.device);
  await entries(server, account.device, 1);

  assert.equal((await history(server, other, account.device)).error, 405);
  assert.equal((await history(server, other, account.device, { method: 'DELETE' })).error, 405);
  assert.equal((await history(server, account, account.device)).data.histories.length, 1);
  assert.equal((await history(server, account, account.device, { method: 'DELETE' })).error, 0);
  assert.deepEqual((await history(server, account, account.device)).data.histories, []);
  link.drop();
  await entries(server, account.device, 1);
  await server.control.call('device assign', { id: account.device.id, owner: other.user.apikey });
  assert.deepEqual((await history(server, other, account.device)).data.histories, []);
  assert.equal((await server.ctl(['device', 'history', '1000ffffff'])).code, 1);
});

testServer('it survives a stop, and kill -9 once it is written', { flags }, async (server) => {
  const account = await server.control.account();
  const link = await openDevice(server, account.device);
  await entries(server, account.device, 1);
  await server.kill();
  await server.again();
  assert.deepEqual((await rows(server, account.device)).map(({ event }) => event), ['online']);
  link.drop();

  await openDevice(server, account.device);
  await server.stop(); /* what was not written yet is written now */
  await server.again();
  assert.deepEqual((await rows(server, account.device)).map(({ event, reason }) =>
    `${event} ${reason}`.trim()), ['online', 'online', 'offline stopped']);
});

testServer('only the newest are kept', { flags: [...flags, '--history-keep', '3'] },
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const link = await openDevice(server, account.device);
    for (let n = 0; n < 10; n++)
      assert.equal((await app.request(appUpdate(account.device, { n }))).error, 0);
    const isDone = (all) => all.at(-1)?.params === '{"n":9}' && all;
    const all = await until(async () => isDone(await rows(server, account.device)), 'the last one');
    assert.deepEqual(all.map(({ params }) => params), ['{"n":7}', '{"n":8}', '{"n":9}']);
    const { stdout } = await server.ctl(['device', 'history', account.device.id, '--limit', '1']);
    assert.match(stdout, /^HAPPENED +EVENT +REASON +LATENCY/);
    assert.equal(stdout.trimEnd().split('\n').length, 2);
    app.drop();
    link.drop();
  });

testServer('nothing is recorded when nothing is to be kept', { flags: [...flags, '--history-keep',
  '0'] }, async (server) => {
  const account = await server.control.account();
  const link = await openDevice(server, account.device);
  link.drop();
  await until(async () => (await server.control.call('status')).devices_online === 0, 'offline');
  await server.stop();
  await server.again();
  assert.deepEqual(await rows(server, account.device), []);
});
