// Webhooks: what happens to devices is told to a server of the operator's, signed, in order, at least
// once, whatever is killed in between. docs/webhooks.md

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';

import { certifiedData } from './support/certificates.mjs';
import { Hook } from './support/hooks.mjs';
import { appUpdate, openApp, openDevice, report } from './support/link.mjs';
import { metricOf } from './support/metrics.mjs';
import { Server, testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const QUICK = ['--webhook-retry', '20ms', '--webhook-max-retry', '100ms'];

const add = (server, hook, more = {}) =>
  server.control.call('webhook add', { url: hook.url, secret: hook.secret, ...more });

const queueIsEmpty = (server) => until(async () =>
  (await server.control.rows('webhook list')).every(({ waiting }) => waiting === 0),
'an empty queue');

testServer('what happens to a device is told, in order', { flags: QUICK }, async (server, t) => {
  const hook = await Hook.start(t);
  const { id, secret } = await add(server, hook);
  const account = await server.control.account();
  const { device, user } = account;
  const app = await openApp(server, account);
  const link = await openDevice(server, device);

  assert.equal(secret, hook.secret);
  link.send({ ...report(device, { switch: 'on', power: 12 }), d_seq: 1 });
  await link.json({ d_seq: 1 });
  assert.equal((await app.request(appUpdate(device, { switch: 'off' }))).error, 0);
  link.drop();
  await until(() => hook.events().some(({ type }) => type === 'offline'), 'the last event');
  await queueIsEmpty(server);

  const events = hook.events();
  assert.deepEqual(events.map(({ type }) => type), ['online', 'update', 'update', 'offline']);
  assert.deepEqual(events.map(({ number }) => number), [1, 2, 3, 4]);
  for (const event of events) {
    assert.equal(event.deviceid, device.id);
    assert.equal(event.apikey, user.apikey);
    assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    assert.match(event.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  assert.deepEqual(events[1].params, { switch: 'on', power: 12 });
  assert.deepEqual([events[1].source, events[1].changed], ['device', true]);
  assert.deepEqual(events[2].params, { switch: 'off' });
  assert.deepEqual([events[2].source, events[2].changed], ['app', true]);
  assert.equal(events[3].reason, 'closed');
  assert.ok(hook.posts().every(({ webhook }) => webhook === id));
  assert.ok(!hook.hasBad());
  assert.equal(await metricOf(server, 'switchyard_webhook_events_total', { what: 'told' }), 4);
  app.drop();
});

testServer('a webhook is told of its account and its kinds alone', { flags: QUICK },
  async (server, t) => {
    const hook = await Hook.start(t);
    const ann = await server.control.account();
    const ben = await server.control.account();
    await add(server, hook, { user: ann.user.apikey, event: ['online'] });

    for (const { device } of [ben, ann]) (await openDevice(server, device)).drop();
    await until(() => hook.events().length > 0, 'the event');
    await queueIsEmpty(server);
    assert.deepEqual(hook.events().map(({ type, deviceid }) => [type, deviceid]),
      [['online', ann.device.id]]);
  });

testServer('the command line adds, lists, tries and removes webhooks', { flags: QUICK },
  async (server, t) => {
    const hook = await Hook.start(t);
    const added = await server.ctl(['webhook', 'add', hook.url, '--secret', hook.secret,
      '--event', 'online', '--json']);
    assert.equal(added.code, 0, added.stderr);
    const { id } = JSON.parse(added.stdout);

    const tried = await server.ctl(['webhook', 'test', id]);
    assert.equal(tried.code, 0, tried.stderr);
    assert.match(tried.stdout, /204/);
    assert.equal(hook.events()[0].type, 'test');
    await hook.kill();
    assert.notEqual((await server.ctl(['webhook', 'test', id])).code, 0);

    const listed = await server.ctl(['webhook', 'list']);
    assert.match(listed.stdout, new RegExp(id));
    assert.ok(!listed.stdout.includes(hook.secret));
    assert.equal((await server.ctl(['webhook', 'remove', id])).code, 0);
    assert.ok(!(await server.ctl(['webhook', 'list'])).stdout.includes(id));
    assert.ok(!server.log.includes(hook.secret));
  });

/** Sends reports as long as the link holds; `acknowledged` is the highest number. */
async function play(link, device, state) {
  try {
    while (!link.isClosed) {
      const number = state.next;
      state.next += 1;
      link.send({ ...report(device, { number }), d_seq: number });
      await link.json({ d_seq: number });
      state.acknowledged.push(number);
    }
  } catch (error) {
    if (!link.isClosed) throw error;
  }
}

const ROUNDS = 6;
const DEVICES = 4;

testServer('no acknowledged report is lost to kill -9 of the server or of the webhook', {
  flags: ['--workers', '2', '--log-level', 'error', ...QUICK],
}, async (server, t) => {
  const hook = await Hook.start(t);
  const account = await server.control.account({ devices: DEVICES });
  const states = account.devices.map(() => ({ next: 1, acknowledged: [] }));
  await add(server, hook);

  for (let round = 0; round < ROUNDS; round++) {
    const before = states.map(({ acknowledged }) => acknowledged.length);
    const links = await Promise.all(account.devices.map((device) => openDevice(server, device)));
    const players = links.map((link, i) => play(link, account.devices[i], states[i]));
    const flows = (more) => until(() => states.every(({ acknowledged }, i) =>
      acknowledged.length > before[i] + more), 'a stream of reports');

    await flows(10);
    await hook.kill();
    if (round % 3 === 0) await hook.again();
    await flows(25);
    await server.kill();
    await Promise.all(players);
    if (round % 3 === 1) await hook.again();
    await server.again();
    if (round % 3 === 2) await hook.again();
  }
  await queueIsEmpty(server);

  const events = hook.events();
  for (const [i, { id }] of account.devices.entries()) {
    const told = events.filter(({ type, deviceid }) => type === 'update' && deviceid === id)
      .map(({ params }) => params.number);
    const missing = states[i].acknowledged.filter((number) => !told.includes(number));

    assert.deepEqual(missing, [], `device ${i}: each of ${states[i].acknowledged.length} is told`);
    assert.deepEqual(told, [...told].sort((a, b) => a - b), `device ${i}: in order`);
  }
  assert.deepEqual(events.map(({ number }) => number), events.map((_, i) => i + 1),
    'numbers without a gap');
  assert.ok(!hook.hasBad());
  assert.equal((await server.control.rows('webhook list'))[0].dropped, 0);
});

testServer('a queue is bounded, and says what it has dropped', {
  flags: [...QUICK, '--webhook-waiting', '5'],
}, async (server, t) => {
  const hook = await Hook.start(t);
  const { device } = await server.control.account();
  await hook.kill();
  await add(server, hook, { event: ['update'] });
  const link = await openDevice(server, device);

  for (let i = 1; i <= 20; i++) {
    link.send({ ...report(device, { number: i }), d_seq: i });
    await link.json({ d_seq: i });
  }
  const [webhook] = await server.control.rows('webhook list');
  assert.equal(webhook.waiting, 5);
  assert.equal(webhook.dropped, 15);
  await hook.again();
  await queueIsEmpty(server);
  assert.deepEqual(hook.events().map(({ number }) => number), [16, 17, 18, 19, 20]);
  link.drop();
});

/** A webhook over TLS, with the certificates of the folder. */
async function serveTls(t, folder) {
  const server = https.createServer({
    cert: readFileSync(join(folder, 'server-ecdsa.pem')),
    key: readFileSync(join(folder, 'server-ecdsa.key')),
  }, (request, response) => request.resume().on('end', () => response.writeHead(204).end()));

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  server.on('tlsClientError', () => undefined); /* whoever does not trust it goes */
  return `https://localhost:${server.address().port}/`;
}

testServer('a server whose certificate does not hold is told nothing', {}, async (server, t) => {
  const folder = join(await certifiedData(t, { far: ['localhost'] }), 'far');
  const { id } = await server.control.call('webhook add', { url: await serveTls(t, folder) });

  await assert.rejects(server.control.call('webhook test', { id }), { code: 'denied' });
});

test('outbox.ca names who vouches for the servers that are told', async (t) => {
  const data = await certifiedData(t, { far: ['localhost'] });
  const server = await Server.start({ flags: ['--outbox-ca', join(data, 'far', 'ca.pem')] });
  t.after(() => server.dispose());
  const { id } = await server.control.call('webhook add',
    { url: await serveTls(t, join(data, 'far')) });

  assert.equal((await server.control.call('webhook test', { id })).status, 204);
});
