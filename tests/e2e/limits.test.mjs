// Every limit of src/server/option.def that a peer or an operator can reach, reached. Those of HTTP,
// of the TLS handshake, of PROXY headers and of slow readers are in tests of their own; the
// heartbeat and tls.ticket_rotate in minute.test.mjs.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';

import { Connection, encodeFrame } from '../conformance/runner/connection.mjs';

import { dispatchApp, dispatchRequest, formatRequest, request, takeAnswer } from './support/http.mjs';
import { appQuery, appUpdate, Link, openApp, openDevice, report, textFrame, userOnline } from './support/link.mjs';
import { metricOf, metricReaches } from './support/metrics.mjs';
import { collect, run, start } from './support/program.mjs';
import { testServer } from './support/server.mjs';
import { PATIENCE_MS, until } from './support/until.mjs';

const closes = (why) => ['switchyard_closes_total', { why }];

testServer('limits.connections: one more is closed at once and counted; a place that is free is given',
  { flags: ['--workers', '1', '--limits-connections', '3'] }, async (server) => {
    const dial = () => Connection.open(server.target);
    const held = [await dial(), await dial(), await dial()];
    await assert.rejects(dial());
    await assert.rejects(dial());
    await metricReaches(server, 'switchyard_connections_refused_total', {}, 2);
    assert.match(server.log, /warn listener\.full max_conns=3/);
    for (const conn of held) {
      conn.write(formatRequest({ path: '/dispatch/device' }));
      assert.equal((await takeAnswer(conn)).status, 200);
    }
    held[0].drop();
    const next = await until(() => dial().catch(() => undefined), 'the free place');
    next.drop();
    held.forEach((conn) => conn.drop());
  });

testServer('limits.message_bytes: a longer message is 1009, whole or in fragments; none below it is',
  { flags: ['--limits-message-bytes', '1KiB'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const before = await openApp(server, account);
    before.send(`"${'x'.repeat(1022)}"`);
    assert.equal((await before.json({ error: 400 })).error, 400);
    before.send('x'.repeat(1025));
    assert.equal(await before.closed(), 1009);

    const said = await openApp(server, account);
    said.write(textFrame('x'.repeat(1025)).subarray(0, 8)); /* the header alone is enough */
    assert.equal(await said.closed(), 1009);

    const parts = await openApp(server, account);
    const first = encodeFrame('text', Buffer.alloc(600, 'x'));
    first[0] &= 0x7f;
    const last = encodeFrame('text', Buffer.alloc(600, 'x'));
    last[0] = 0x80;
    parts.write(Buffer.concat([first, last]));
    assert.equal(await parts.closed(), 1009);
    await metricReaches(server, ...closes('protocol'), 3);
  });

testServer('limits.messages_per_second: who sends faster is read slower, and loses nothing',
  { flags: ['--limits-messages-per-second', '20'] }, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const other = await openApp(server, account);
    const sequences = Array.from({ length: 70 }, () => app.nextSequence());
    app.write(Buffer.concat(sequences.map((sequence) =>
      textFrame({ ...appQuery(account.device), sequence }))));
    assert.equal((await other.request(appQuery(account.device))).error, 0);
    for (const sequence of sequences) assert.equal((await app.json({ sequence })).error, 0);
    await app.settle();
    await metricReaches(server, 'switchyard_link_rests_total', {}, 1);
  });

testServer('limits.link_handshake_time: who does not say who it is, is closed with 1008 and counted',
  { flags: ['--limits-link-handshake-time', '300ms'] }, async (server) => {
    const silent = await Link.open(server);
    const pinging = await Link.open(server);
    const began = Date.now();
    const ping = setInterval(() => pinging.send('ping'), 50); /* a sign of life is no handshake */
    try {
      assert.equal(await silent.closed(), 1008);
      assert.equal(await pinging.closed(), 1008);
    } finally {
      clearInterval(ping);
    }
    assert.ok(Date.now() - began >= 200, 'not ahead of its time');
    await metricReaches(server, ...closes('handshake_timeout'), 2);
  });

testServer('limits.reject_time: a refused app stays so long, is answered 406, then closed with 1008',
  { flags: ['--limits-reject-time', '1500ms'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const link = await Link.open(server);
    const began = Date.now();
    assert.equal((await link.request(userOnline({ ...account, token: 'unknown' }))).error, 406);
    assert.equal((await link.request(userOnline(account))).error, 406);
    await metricReaches(server, 'switchyard_links', { kind: 'rejected' }, 1);
    assert.equal(await link.closed(), 1008);
    assert.ok(Date.now() - began >= 1400, 'not ahead of its time');
    await metricReaches(server, ...closes('rejected'), 1);
  });

testServer('limits.linger_time: who does not close its side is not waited for any longer',
  { flags: ['--listen-plain', '127.0.0.1:0', '--limits-linger-time', '200ms'] }, async (server) => {
    const socket = net.connect({ port: server.plainPort, host: '127.0.0.1', allowHalfOpen: true });
    const open = () => metricOf(server, 'switchyard_connections', { state: 'open' });
    socket.write('nonsense\r\n\r\n');
    socket.resume();
    await new Promise((resolve) => { socket.once('end', resolve); });
    await until(async () => (await open()) === 0, 'the end of the connection');
    socket.destroy();
  });

testServer('limits.pending_commands: the session and the device hold so many, more are 500 at once',
  { flags: ['--limits-pending-commands', '4', '--command-timeout', '60s'] }, async (server) => {
    const account = await server.control.account({ devices: 2 });
    const device = await openDevice(server, account.device, { obeys: false });
    const command = appUpdate(account.device, { switch: 'on' });
    const tooMany = { error: 500, reason: 'Too Many Commands' };
    const pick = ({ error, reason }) => ({ error, reason });
    const first = await openApp(server, account);
    const second = await openApp(server, account);

    for (let i = 0; i < 4; i++) first.send({ ...command, sequence: `${i}` });
    assert.deepEqual(pick(await first.request(command)), tooMany);
    assert.deepEqual(pick(await second.request(command)), tooMany, 'the device is as busy');
    assert.deepEqual(pick(await first.request(appUpdate(account.devices[1], {}))), tooMany,
      'the session is as busy');
    assert.equal((await second.request(appUpdate(account.devices[1], {}))).error, 503);
    await metricReaches(server, 'switchyard_commands_total', { outcome: 'busy' }, 3);

    const { sequence, apikey, deviceid } = await device.json({ action: 'update' });
    device.send({ error: 0, userAgent: 'device', apikey, deviceid, sequence });
    assert.equal((await first.json({ sequence: '0' })).error, 0);
    first.send({ ...command, sequence: 'next' });
    await device.take(({ json }) => json?.action === 'update', 'the commands')
      .then(() => device.settle());
    assert.equal(first.frames.some(({ json }) => json?.sequence === 'next'), false, 'it is on its way');
  });

testServer('command.timeout: a device that does not answer is silent',
  { flags: ['--command-timeout', '200ms'] }, async (server) => {
    const account = await server.control.account();
    await openDevice(server, account.device, { obeys: false });
    const app = await openApp(server, account);
    const began = Date.now();
    const { error, reason } = await app.request(appUpdate(account.device, { switch: 'on' }));
    assert.deepEqual({ error, reason }, { error: 504, reason: 'Request Timeout' });
    assert.ok(Date.now() - began >= 150, 'not ahead of its time');
    await metricReaches(server, 'switchyard_commands_total', { outcome: 'timeout' }, 1);
  });

testServer('limits.account_sessions: the oldest session of the account ends, and no other account\'s',
  { flags: ['--limits-account-sessions', '2', '--workers', '2'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const other = await openApp(server, await server.control.account({ devices: 0 }));
    const sessions = [await openApp(server, account), await openApp(server, account)];
    sessions.push(await openApp(server, account));
    assert.equal(await sessions[0].closed(), 1008);
    await sessions[1].settle();
    await sessions[2].settle();
    await other.settle();
    await metricReaches(server, ...closes('replaced'), 1);
    sessions.push(await openApp(server, account));
    assert.equal(await sessions[1].closed(), 1008);
    await sessions[2].settle();
  });

const HIT = ['switchyard_token_cache_total', { result: 'hit' }];
const MISS = ['switchyard_token_cache_total', { result: 'miss' }];

testServer('sessions.policy account: the newest session of the account is told of, and stays alone',
  { flags: ['--sessions-policy', 'account', '--limits-reject-time', '0', '--workers', '2'] },
  async (server) => {
    const account = await server.control.account({ devices: 0 });
    const app = await server.control.app();
    const token = await server.control.token(account.user, app);
    const other = await openApp(server, await server.control.account({ devices: 0 }));
    const older = await openApp(server, account);
    const newer = await openApp(server, { ...account, app, token });
    assert.equal((await older.json({ error: 406 })).reason, 'Logged In Elsewhere');
    assert.equal(await older.closed(), 1008);
    await newer.settle();
    await other.settle();
  });

testServer('limits.cached_tokens: the one that was used last of all is forgotten, and asked for again',
  { flags: ['--workers', '1', '--limits-cached-tokens', '2'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const [a, b, c] = [account.token, await server.control.token(account.user, account.app),
      await server.control.token(account.user, account.app)];
    const misses = async (...tokens) => {
      const before = await metricOf(server, ...MISS);
      for (const token of tokens)
        assert.equal((await dispatchApp(server, { ...account, token })).error, 0);
      return (await metricOf(server, ...MISS)) - before;
    };
    assert.equal(await misses(a, b), 2);
    assert.equal(await misses(a, b, a, b), 0);
    assert.equal(await misses(c), 1, 'a gives way');
    assert.equal(await misses(b, c), 0);
    assert.equal(await misses(a), 1);
    assert.ok((await metricOf(server, ...HIT)) >= 6);
  });

testServer('limits.cache_time: what is remembered is asked for again after it',
  { flags: ['--workers', '1', '--limits-cache-time', '200ms'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    assert.equal((await dispatchApp(server, account)).error, 0);
    const before = await metricOf(server, ...MISS);
    await until(async () => {
      assert.equal((await dispatchApp(server, account)).error, 0);
      return (await metricOf(server, ...MISS)) > before;
    }, 'another look-up');
  });

testServer('limits.cache_time 0: nothing is remembered, and all works',
  { flags: ['--workers', '1', '--limits-cache-time', '0'] }, async (server) => {
    const account = await server.control.account();
    for (let i = 0; i < 3; i++) assert.equal((await dispatchApp(server, account)).error, 0);
    assert.equal(await metricOf(server, ...MISS), 3);
    const app = await openApp(server, account);
    assert.equal((await app.request(appUpdate(account.device, {}))).error, 503);
  });

/** Asks for a token that nobody knows, on as many connections at once: the codes. */
async function askAtOnce(conns, account) {
  for (const conn of conns)
    conn.write(formatRequest(dispatchRequest({ ...account, token: randomBytes(20).toString('hex') })));
  return Promise.all(conns.map(async (conn) => (await takeAnswer(conn)).json.error));
}

testServer('store.max_waiting: more is refused with 500, and all is well when there is room again',
  { flags: ['--workers', '1', '--store-max-waiting', '16'] }, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const conns = await Promise.all(Array.from({ length: 32 }, () => Connection.open(server.target)));
    /* Passwords take tens of milliseconds each, one behind the other: they fill the store. */
    const users = Promise.allSettled(Array.from({ length: 15 }, () => server.control.user()));
    const seen = new Set();
    await until(async () => {
      (await askAtOnce(conns, account)).forEach((code) => seen.add(code));
      return seen.has(500);
    }, 'a refusal');
    assert.deepEqual([...seen].filter((code) => ![401, 500].includes(code)), []);
    await metricReaches(server, 'switchyard_dispatch_answers_total', { code: '500' }, 1);
    await metricReaches(server, 'switchyard_queue_drops_total', { queue: 'store' }, 1);
    await users;
    assert.deepEqual(new Set(await askAtOnce(conns.slice(0, 8), account)), new Set([401]));
    assert.equal((await dispatchApp(server, account)).error, 0);
    assert.equal((await server.admin('/readyz')).status, 200);
    conns.forEach((conn) => conn.drop());
  });

/* Holds the locks that a look-up in SQLite's write-ahead log needs, until its input ends. */
const LOCKER = `
import fcntl, sys
index = open(sys.argv[1], "r+b")
fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 5, 123)
print("locked", flush=True)
sys.stdin.read()
`;

testServer('limits.answer_time: an answer that the store holds up is 503, and the connection closes',
  { flags: ['--workers', '1', '--limits-answer-time', '300ms'] }, async (server, t) => {
    if (await run('python3', ['-c', 'import fcntl']).then(({ code }) => code !== 0, () => true)) {
      t.skip('python3, which locks the database here, is not installed');
      return;
    }
    const account = await server.control.account({ devices: 0 });
    const locker = start('python3', ['-c', LOCKER, `${server.data}/switchyard.db-shm`]);
    const said = collect(locker.stdout);
    await until(() => said.text.includes('locked'), 'the lock');
    const conn = await Connection.open(server.target);
    conn.write(formatRequest(dispatchRequest(account)));
    const { status, json } = await takeAnswer(conn);
    assert.deepEqual([status, json], [503, { error: 503, reason: 'Service Unavailable' }]);
    assert.ok(await conn.closes(PATIENCE_MS));
    locker.stdin.end();
    await until(async () => (await dispatchApp(server, account)).error === 0, 'the store');
  });

testServer('the control socket has sixteen clients at most, and a place that is free is given',
  {}, async (server) => {
    const clients = [];
    for (let i = 0; i < 16; i++) {
      const client = net.connect(server.controlPath);
      await new Promise((resolve) => { client.once('connect', resolve); });
      clients.push(client);
    }
    await assert.rejects(server.control.call('status'));
    clients.forEach((client) => client.destroy());
    await until(() => server.control.call('status').catch(() => undefined), 'a free place');
  });

testServer('a request on the control socket is a megabyte at most', {}, async (server) => {
    const client = net.connect(server.controlPath);
    let text = '';
    client.on('data', (data) => { text += data; });
    client.on('error', () => {});
    client.write(`{"verb":"app list","args":{"x":"${'y'.repeat(1024 * 1024)}"}}\n`);
    await new Promise((resolve) => { client.once('close', resolve); });
    assert.doesNotMatch(text, /"ok":true/);
    assert.equal((await server.control.call('status')).ready ?? true, true);
  });

testServer('the admin listener holds 64 connections', {}, async (server) => {
  const sockets = [];
  const dial = () => new Promise((resolve, reject) => {
    const socket = net.connect(server.adminPort, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
  for (let i = 0; i < 64; i++) sockets.push(await dial());
  const extra = await dial();
  extra.on('error', () => {});
  extra.resume();
  await new Promise((resolve) => { extra.once('close', resolve); });
  sockets.forEach((socket) => socket.destroy());
  await until(async () => (await server.admin('/livez').catch(() => ({}))).status === 200, 'a place');
});

testServer('node.capacity: dispatch sends nobody to a node that is full',
  { flags: ['--workers', '1', '--node-capacity', '1', '--dispatch-reservation', '0'] },
  async (server) => {
    const account = await server.control.account({ devices: 0 });
    const error = async () => (await dispatchApp(server, account)).error;
    assert.equal(await error(), 0);
    const app = await openApp(server, account);
    await until(async () => (await error()) === 500, 'the full node');
    const { reason, IP, requestid } = await dispatchApp(server, account);
    assert.equal(reason, 'server error');
    assert.equal(IP, undefined);
    assert.match(requestid, /^\d+-a1b2c3d4$/);
    app.drop();
    await until(async () => (await error()) === 0, 'the free place');
  });

testServer('dispatch.reservation: an answer keeps a place for as long',
  { flags: ['--workers', '1', '--node-capacity', '1', '--dispatch-reservation', '2s'] },
  async (server) => {
    const [one, two] = [await server.control.account({ devices: 0 }),
      await server.control.account({ devices: 0 })];
    assert.equal((await dispatchApp(server, one)).error, 0);
    assert.equal((await dispatchApp(server, two)).error, 500);
    await until(async () => (await dispatchApp(server, two)).error === 0, 'the end of the reservation');
  });

testServer('log.rate: more lines of one event are counted instead of written',
  { flags: ['--log-rate', '5'] }, async (server) => {
    for (let i = 0; i < 30; i++) await server.control.call('status');
    await until(async () => {
      await server.control.call('status');
      return /log\.suppressed .*event=control\.request/.test(server.log);
    }, 'the count');
    assert.ok(server.log.split('info control.request').length < 30);
  });

testServer('params: 256 members and 64 KiB, in one change or merged; a refused change is not kept',
  { flags: ['--limits-message-bytes', '128KiB'] }, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await openDevice(server, account.device);
    let number = 0;
    const tell = async (params) => {
      number += 1;
      device.send({ ...report(account.device, params), d_seq: number });
      return (await device.json({ d_seq: number })).error;
    };
    const members = (count, name) => Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`${name}${i}`, 1]));
    const stored = async () => (await app.request({ action: 'query', deviceid: account.device.id,
      apikey: account.user.apikey, userAgent: 'app', params: [] })).params;

    assert.equal(await tell(members(256, 'a')), 0);
    assert.equal(await tell({ b: 1 }), 400, 'merged');
    assert.equal(await tell(members(257, 'a')), 400, 'at once');
    assert.equal(await tell({ a0: 'x'.repeat(65_000) }), 400, 'bytes');
    assert.deepEqual(await stored(), members(256, 'a'));
    assert.equal(await tell({ a0: 2 }), 0, 'a known key has a place');
    assert.equal((await stored()).a0, 2);
  });

testServer('the members and the depth of what is sent have bounds', {}, async (server) => {
  const account = await server.control.account({ devices: 0 });
  const error = async (more) => {
    const dispatch = dispatchRequest(account);
    return (await request(server, { ...dispatch, body: { ...dispatch.body, ...more } })).json.error;
  };
  const members = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, i]));
  const nested = (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));
  assert.equal(await error(members(64 - 5)), 0);
  assert.equal(await error(members(65 - 5)), 400);
  assert.equal(await error({ deep: nested(31) }), 0);
  assert.equal(await error({ deep: nested(32) }), 400);

  const app = await openApp(server, account);
  const date = { action: 'date', apikey: account.user.apikey, deviceid: '1000', userAgent: 'app' };
  const dateError = async (more) => {
    app.send({ ...date, ...more });
    return (await app.take(({ json }) => json !== undefined, 'an answer')).json.error;
  };
  const allowed = await dateError(members(48 - 4));
  assert.notEqual(allowed, 400);
  assert.equal(await dateError(members(49 - 4)), 400);
  assert.equal(await dateError({ deep: nested(31) }), allowed);
  assert.equal(await dateError({ deep: nested(32) }), 400);
  await app.settle();
});
