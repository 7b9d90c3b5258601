// The admin listener: /livez, /readyz and /metrics, and that what is counted moves when it happens.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

import { dispatchApp, dispatchDevice, request } from './support/http.mjs';
import { ack, appUpdate, Link, openApp, openDevice, register, userOnline } from './support/link.mjs';
import { metricOf, metricReaches, metricsOf } from './support/metrics.mjs';
import { collect, run, start } from './support/program.mjs';
import { shareServer, testServer } from './support/server.mjs';
import { until, within } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--command-timeout', '1s'] });

testShared('/livez and /readyz answer 200 with JSON, and nothing else is there', async (server) => {
  const live = await server.admin('/livez');
  assert.deepEqual([live.status, JSON.parse(live.body)], [200, { live: true }]);
  const ready = await server.admin('/readyz');
  assert.deepEqual([ready.status, JSON.parse(ready.body)], [200, { ready: true, reasons: [] }]);
  for (const path of ['/', '/dispatch/app', '/api/ws', '/metrics/'])
    assert.equal((await server.admin(path)).status, 404, path);
});

testShared('what operators read is not on the clients\' listener', async (server) => {
  for (const path of ['/livez', '/readyz', '/metrics'])
    assert.equal((await request(server, { path })).status, 404, path);
});

const FAMILIES = {
  switchyard_connections_accepted_total: 'counter',
  switchyard_connections_refused_total: 'counter',
  switchyard_connections: 'gauge',
  switchyard_links: 'gauge',
  switchyard_link_handshakes_total: 'counter',
  switchyard_tls_handshakes_total: 'counter',
  switchyard_tls_handshake_failures_total: 'counter',
  switchyard_closes_total: 'counter',
  switchyard_http_requests_total: 'counter',
  switchyard_http_refused_total: 'counter',
  switchyard_dispatch_answers_total: 'counter',
  switchyard_dispatch_seconds: 'histogram',
  switchyard_commands_total: 'counter',
  switchyard_command_seconds: 'histogram',
  switchyard_messages_total: 'counter',
  switchyard_bytes_total: 'counter',
  switchyard_store_commits_total: 'counter',
  switchyard_store_changes_total: 'counter',
  switchyard_store_commit_seconds: 'histogram',
  switchyard_store_queue: 'gauge',
  switchyard_store_failures_total: 'counter',
  switchyard_queue_drops_total: 'counter',
  switchyard_token_cache_total: 'counter',
  switchyard_certificate_expiry_seconds: 'gauge',
  switchyard_build_info: 'gauge',
  process_resident_memory_bytes: 'gauge',
  process_start_time_seconds: 'gauge',
};

testShared('/metrics is Prometheus text and has every family, each with its type and help',
  async (server) => {
    const metrics = await metricsOf(server);
    const types = Object.fromEntries([...metrics.families].map(([name, { type }]) => [name, type]));
    for (const [name, type] of Object.entries(FAMILIES)) assert.equal(types[name], type, name);
    for (const [name, { help }] of metrics.families) assert.match(help ?? '', /\.$/, name);
    for (const { name, value } of metrics.samples) assert.ok(value >= 0, name);
    const rows = metrics.samples.map(({ name, labels }) => name + JSON.stringify(labels));
    assert.equal(new Set(rows).size, rows.length, 'no sample stands twice');
  });

testShared('a histogram\'s buckets grow up to its count', async (server) => {
  await dispatchApp(server, await server.control.account({ devices: 0 }));
  const { samples } = await metricsOf(server);
  for (const name of ['switchyard_dispatch_seconds', 'switchyard_command_seconds',
    'switchyard_store_commit_seconds']) {
    const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
    const counts = buckets.map(({ value }) => value);
    assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
    assert.equal(buckets.at(-1).labels.le, '+Inf');
    const count = samples.find((sample) => sample.name === `${name}_count`).value;
    assert.equal(counts.at(-1), count);
    if (count > 0) assert.ok(samples.find((sample) => sample.name === `${name}_sum`).value > 0);
  }
});

testShared('it tells the build, the memory, the start and the end of the certificate', async (server) => {
  const { samples } = await metricsOf(server);
  const find = (wanted) => samples.find(({ name }) => name === wanted);
  const build = find('switchyard_build_info');
  assert.deepEqual([Object.keys(build.labels), build.value], [['version', 'node'], 1]);
  const version = (await server.control.call('status')).version;
  assert.equal(build.labels.version, version);
  assert.ok(find('process_resident_memory_bytes').value > 1e6);
  assert.ok(Math.abs(find('process_start_time_seconds').value - Date.now() / 1000) < 600);

  const socket = tls.connect(server.target);
  await within(once(socket, 'secureConnect'), 'the TLS handshake');
  const { validTo } = socket.getPeerX509Certificate();
  socket.destroy();
  assert.equal(find('switchyard_certificate_expiry_seconds').value, Date.parse(validTo) / 1000);
});

/** How much a sample grows while something happens; waits until it has grown by `by`. */
async function assertGrows(server, sample, by, happening) {
  const before = await metricOf(server, ...sample);
  await happening();
  await metricReaches(server, ...sample, before + by);
  assert.equal(await metricOf(server, ...sample), before + by, sample[0]);
}

const dispatched = (code) => ['switchyard_dispatch_answers_total', { code }];

testShared('dispatch answers are counted by their code, and timed', async (server) => {
  const account = await server.control.account();
  const expired = await server.control.token(account.user, account.app, { expired: true });
  const other = await server.control.app();
  const count = ['switchyard_dispatch_seconds_count', {}];
  const cases = [
    ['0', () => dispatchApp(server, account)],
    ['0', () => dispatchDevice(server, account.device)],
    ['400', () => dispatchApp(server, { ...account, app: { id: undefined } })],
    ['401', () => dispatchApp(server, { ...account, token: 'unknown' })],
    ['401', () => dispatchDevice(server, { ...account.device, key: 'wrong' })],
    ['402', () => dispatchApp(server, { ...account, token: expired })],
    ['403', () => dispatchApp(server, { ...account, app: other })],
  ];
  for (const [code, ask] of cases)
    await assertGrows(server, count, 1, () => assertGrows(server, dispatched(code), 1, ask));
});

const command = (outcome) => ['switchyard_commands_total', { outcome }];

testShared('commands are counted by their outcome, and timed', async (server) => {
  const account = await server.control.account({ devices: 2 });
  const stranger = await server.control.account();
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device, { obeys: false });
  let answer = () => {};
  device.onJson = (message) => {
    if (message.action === 'update') answer(message);
    return true;
  };
  const cases = [
    ['ok', account.device, (message) => device.send(ack(message))],
    ['device_error', account.device, (message) => device.send(ack(message, 422))],
    ['timeout', account.device, () => {}],
    ['offline', account.devices[1]],
    ['forbidden', { ...stranger.device, owner: account.user }],
  ];
  for (const [outcome, target, answerer] of cases) {
    answer = answerer;
    await assertGrows(server, ['switchyard_command_seconds_count', {}], 1,
      () => assertGrows(server, command(outcome), 1, () => app.request(appUpdate(target, { a: 1 }))));
  }
});

testShared('links and connections are counted by kind and state, up and down', async (server) => {
  const links = (kind) => metricOf(server, 'switchyard_links', { kind });
  const account = await server.control.account();
  const base = { app: await links('app'), device: await links('device'), fresh: await links('new') };
  const fresh = await Link.open(server);
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device);
  await until(async () => (await links('new')) === base.fresh + 1, 'the new link');
  assert.equal(await links('app'), base.app + 1);
  assert.equal(await links('device'), base.device + 1);
  assert.ok((await metricOf(server, 'switchyard_connections', { state: 'open' })) >= 3);
  for (const link of [fresh, app, device]) link.drop();
  await until(async () => (await links('new')) === base.fresh && (await links('app')) === base.app
    && (await links('device')) === base.device, 'the links\' ends');
});

testShared('handshakes of links are counted by kind and outcome', async (server) => {
  const account = await server.control.account();
  const sample = (kind, outcome) => ['switchyard_link_handshakes_total', { kind, outcome }];
  await assertGrows(server, sample('app', 'ok'), 1, () => openApp(server, account));
  await assertGrows(server, sample('device', 'ok'), 1, () => openDevice(server, account.device));
  await assertGrows(server, sample('app', 'refused'), 1, async () => {
    const link = await Link.open(server);
    assert.equal((await link.request(userOnline({ ...account, token: 'unknown' }))).error, 406);
  });
  await assertGrows(server, sample('device', 'refused'), 1, async () => {
    const link = await Link.open(server);
    link.send(register({ ...account.device, key: 'wrong' }));
    assert.equal((await link.json({ error: 403 })).error, 403);
  });
});

testShared('bytes, messages, TLS handshakes and commits grow with what happens', async (server) => {
  const account = await server.control.account();
  const names = [['switchyard_bytes_total', { direction: 'in' }],
    ['switchyard_bytes_total', { direction: 'out' }],
    ['switchyard_messages_total', { direction: 'in' }],
    ['switchyard_messages_total', { direction: 'out' }],
    ['switchyard_tls_handshakes_total', { resumed: 'no' }],
    ['switchyard_connections_accepted_total', {}],
    ['switchyard_http_requests_total', {}],
    ['switchyard_store_commits_total', {}],
    ['switchyard_store_changes_total', {}],
    ['switchyard_store_commit_seconds_count', {}]];
  const valuesOf = async () => {
    const metrics = await metricsOf(server);
    return names.map((sample) => metrics.value(...sample));
  };
  const before = await valuesOf();
  const app = await openApp(server, account);
  await openDevice(server, account.device);
  assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
  const after = await valuesOf();
  names.forEach(([name], i) => assert.ok(after[i] > before[i], `${name} ${before[i]} ${after[i]}`));
});

testServer('a kicked link and a device that took over are counted by their reason', {},
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const first = await openDevice(server, account.device);
    await openDevice(server, account.device);
    await first.closed();
    await metricReaches(server, 'switchyard_closes_total', { why: 'replaced' }, 1);
    const rows = await server.control.rows('conn list', { user: account.user.apikey });
    const { conn } = rows.find(({ kind }) => kind === 'app');
    await server.control.call('conn kick', { conn: String(conn) });
    assert.equal(await app.closed(), 1008);
    await metricReaches(server, 'switchyard_closes_total', { why: 'kicked' }, 1);
  });

testServer('/readyz says 503 while the server drains, and /livez still 200',
  { flags: ['--drain', '20s', '--workers', '1'] }, async (server) => {
    /* A client that never closes its side keeps the server waiting for linger_time. */
    const socket = tls.connect({ ...server.target, allowHalfOpen: true });
    await within(once(socket, 'secureConnect'), 'the TLS handshake');
    const held = net.connect({ port: server.adminPort, host: '127.0.0.1' });
    const heard = collect(held);
    await within(once(held, 'connect'), 'the admin connection');
    held.write('GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => heard.text.includes('{"ready":true'), 'the first answer');
    server.signal('SIGTERM');
    await server.logs(/server\.signal signal=TERM/);
    held.write('GET /readyz HTTP/1.1\r\nHost: h\r\n\r\nGET /livez HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => heard.text.includes('"draining"'), 'the second answer');
    assert.match(heard.text, /HTTP\/1\.1 503 [^]*"reasons":\["draining"/);
    await until(() => heard.text.includes('{"live":true}'), 'the third answer');
    held.destroy();
    socket.destroy();
    assert.equal((await server.end()).code, 0);
  });

/* Holds the database's one write lock until its input ends. */
const LOCKER = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
db.execute("ROLLBACK")
`;

testServer('/readyz says 503 after a commit that failed, a change is 500, and both mend by themselves',
  { flags: ['--workers', '1'] }, async (server, t) => {
    if (await run('python3', ['-c', 'import sqlite3']).then(({ code }) => code !== 0, () => true))
      return t.skip('python3 with sqlite3, which locks the database here, is not installed');
    const account = await server.control.account();
    const app = await openApp(server, account);
    await openDevice(server, account.device);
    const locker = start('python3', ['-c', LOCKER, `${server.data}/switchyard.db`]);
    const said = collect(locker.stdout);
    await until(() => said.text.includes('locked'), 'the lock');

    const { error, reason } = await app.request(appUpdate(account.device, { switch: 'on' }));
    assert.deepEqual({ error, reason }, { error: 500, reason: 'Internal Server Error' });
    const { status, body } = await server.admin('/readyz');
    assert.equal(status, 503);
    assert.deepEqual(JSON.parse(body).reasons, ["the store's last commit failed"]);
    assert.ok((await metricOf(server, 'switchyard_store_failures_total')) >= 1);
    assert.equal(await metricOf(server, ...command('failed')), 1);
    assert.match(server.log, /error store\.unhealthy/);
    assert.equal((await server.admin('/livez')).status, 200);

    locker.stdin.end();
    await until(async () => (await server.admin('/readyz')).status === 200, 'the mended store');
    assert.equal((await app.request(appUpdate(account.device, { switch: 'off' }))).error, 0);
    const query = { action: 'query', deviceid: account.device.id, apikey: account.user.apikey,
      userAgent: 'app', params: [] };
    assert.deepEqual((await app.request(query)).params, { switch: 'off' });
    return undefined;
  });
