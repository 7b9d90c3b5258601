// `switchyard bench` against a live server: each scenario counts what it did. How much that is, is
// for ./dev bench to tell.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';

import { WebSocketServer } from 'ws';

import { serveMqtt } from './support/mqtt.mjs';
import { BINARY, run } from './support/program.mjs';
import { shareServer } from './support/server.mjs';

const PAIRS = 2;
const { testShared } = shareServer({ flags: ['--workers', '1'] });

async function bench(server, scenario, ...words) {
  const { code, stdout, stderr } = await run(BINARY, ['bench', scenario,
    '--server', `127.0.0.1:${server.port}`, '--pid', `${server.pid}`,
    '--warm', '50ms', '--for', '200ms', '--json', ...words]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

function counts(figure, scenario) {
  assert.equal(figure.scenario, scenario);
  assert.equal(figure.errors, 0);
  assert.ok(figure.operations > 0);
  for (const key of ['per_second', 'cpu_us', 'user_us', 'system_us', 'busy']) {
    const { median, low, high } = figure[key];
    assert.ok(low <= median && median <= high, key);
  }
  assert.ok(figure.cpu_us.low > 0);
  assert.ok(figure.per_second.low > 0);
}

function latencies({ p50, p99, p999, max }) {
  assert.ok(p50 <= p99 && p99 <= p999 && p999 <= max);
}

/** Another WebSocket server with the certificate of this one; `serve` is called for each link. */
async function withPeer(server, serve, use) {
  const peer = https.createServer({
    cert: readFileSync(join(server.data, 'server-ecdsa.pem')),
    key: readFileSync(join(server.data, 'server-ecdsa.key')),
  });
  const sockets = new WebSocketServer({ server: peer });

  sockets.on('connection', serve);
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  try {
    return await use({ port: peer.address().port, pid: process.pid });
  } finally {
    sockets.clients.forEach((socket) => socket.terminate());
    peer.close();
  }
}

function serveEcho(socket) {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

/** Pairs of an account and a device: consecutive ids, one key, tokens that end in their index. */
async function makePairs(control, first, count = PAIRS) {
  const app = await control.app();
  const key = 'bench-factory-key';
  const token = `bench-${first}-`;
  for (let i = 0; i < count; i++) {
    const user = await control.user();
    await control.token(user, app, { token: `${token}${i}` });
    await control.device({ id: (first + i).toString(16), key, owner: user });
  }
  return { appid: ['--appid', app.id], token, device: ['--id', first.toString(16), '--key', key] };
}

testShared('bench dispatch counts answers over kept connections and new ones', async (server) => {
  const { appid, token } = await makePairs(server.control, 0x1000000000);
  const words = ['--token', `${token}0`, ...appid, '--connections', '4'];

  counts(await bench(server, 'dispatch', ...words), 'dispatch');
  counts(await bench(server, 'dispatch', '--connect-each', ...words), 'dispatch');
});

testShared('bench commands counts commands that a device has acked', async (server) => {
  const { appid, token, device } = await makePairs(server.control, 0x1000001000);

  counts(await bench(server, 'commands', '--connections', `${PAIRS}`, '--token', token, ...appid,
    ...device), 'commands');
});

testShared('bench commands deals several devices out to each app', async (server) => {
  const { control } = server;
  const users = [await control.user(), await control.user()];
  const app = await control.app();
  for (const [i, user] of users.entries()) await control.token(user, app, { token: `deal-${i}` });
  for (let i = 0; i < 5; i++) {
    const id = (0x100000f000 + i).toString(16);
    await control.device({ id, key: 'bench-factory-key', owner: users[i % 2] });
  }
  const figure = await bench(server, 'commands', '--connections', '2', '--devices', '5',
    '--token', 'deal-', '--appid', app.id, '--id', '100000f000', '--key', 'bench-factory-key');

  counts(figure, 'commands');
  assert.equal(figure.links, 7);
});

testShared('bench idle counts devices that registered and the memory of each', async (server) => {
  const { device } = await makePairs(server.control, 0x1000002000);
  const figure = await bench(server, 'idle', '--connections', `${PAIRS}`, ...device);

  counts(figure, 'idle');
  assert.equal(figure.operations, PAIRS);
  assert.equal(figure.links, PAIRS);
  assert.equal(typeof figure.rss_kb_each, 'number');
});

testShared('bench measures several runs and tells a person too', async (server) => {
  const { appid, token } = await makePairs(server.control, 0x1000003000);
  const words = ['--token', `${token}0`, ...appid, '--runs', '3'];

  assert.equal((await bench(server, 'dispatch', ...words)).runs, 3);

  const { code, stdout } = await run(BINARY, ['bench', 'dispatch', '--server',
    `127.0.0.1:${server.port}`, '--warm', '1ms', '--for', '50ms', ...words]);
  assert.equal(code, 0);
  assert.match(stdout, /^dispatch: \d+ operations, 0 errors, 3 runs/);
  assert.match(stdout, /operations a second +[\d.]+ +[\d.]+ +[\d.]+\n/);
  assert.doesNotMatch(stdout, /CPU/);
});

testShared('bench connect resumes sessions when it is told to', async (server) => {
  const { device } = await makePairs(server.control, 0x1000004000);
  const words = ['--connections', `${PAIRS}`, ...device];
  const full = await bench(server, 'connect', ...words);
  const resumed = await bench(server, 'connect', '--resume', '--tls', '1.2', ...words);

  counts(full, 'connect');
  assert.equal(full.resumed, undefined);
  assert.match(full.tls, /^TLSv1\.3 /);
  counts(resumed, 'connect');
  assert.ok(resumed.resumed > 0);
  assert.match(resumed.tls, /^TLSv1\.2 /);
});

testShared('bench storm has all links back, from several processes', async (server) => {
  const { device } = await makePairs(server.control, 0x1000005000);
  const figure = await bench(server, 'storm', '--connections', `${PAIRS}`, '--runs', '2',
    '--processes', '2', '--resume', ...device);

  counts(figure, 'storm');
  assert.equal(figure.operations, 2 * PAIRS);
  assert.equal(figure.resumed, 2 * PAIRS);
  assert.equal(figure.links, PAIRS);
  latencies(figure.latency_us);
});

testShared('bench idle --apps counts apps', async (server) => {
  const { appid, token } = await makePairs(server.control, 0x1000006000);
  const figure = await bench(server, 'idle', '--apps', '--connections', '3', '--tokens',
    `${PAIRS}`, '--token', token, ...appid);

  counts(figure, 'idle');
  assert.equal(figure.operations, 3);
});

testShared('bench pong-under-load tells of pings apart from the load', async (server) => {
  const { appid, token, device } = await makePairs(server.control, 0x1000007000, 3 * PAIRS);
  const figure = await bench(server, 'pong-under-load', '--connections', `${PAIRS}`, '--quiet',
    `${PAIRS}`, '--storm', `${PAIRS}`, '--garbage', '3', '--for', '1s', '--token', token, ...appid,
    ...device);

  assert.equal(figure.scenario, 'pong-under-load');
  assert.equal(figure.cpu_us, undefined);
  assert.equal(figure.operations, figure.parts.ping.operations);
  for (const part of ['ping', 'commands', 'storm', 'garbage'])
    assert.ok(figure.parts[part].operations > 0, part);
  latencies(figure.latency_us);
  latencies(figure.late_us);
});

testShared('bench mixed does all that a fleet does', async (server) => {
  const { appid, token, device } = await makePairs(server.control, 0x1000008000, 2 * PAIRS + 16);
  const figure = await bench(server, 'mixed', '--connections', `${PAIRS}`, '--quiet', `${PAIRS}`,
    '--rate', '1030', '--for', '1s', '--token', token, ...appid, ...device);

  counts(figure, 'mixed');
  assert.equal(figure.latency_us, undefined);
  const parts = Object.values(figure.parts);
  assert.deepEqual(Object.keys(figure.parts).sort(), ['commands', 'connect', 'dispatch', 'ping']);
  assert.ok(parts.reduce((sum, part) => sum + part.operations, 0) >= figure.operations);
});

testShared('bench commands carries params of the size that it is told', async (server) => {
  const { appid, token, device } = await makePairs(server.control, 0x1000009000);

  counts(await bench(server, 'commands', '--size', '16384', '--connections', `${PAIRS}`, '--token',
    token, ...appid, ...device), 'commands');
  const shown = await server.control.call('device show', { id: '1000009000' });
  assert.equal(JSON.stringify(shown.params).length, 16384);
});

const nobody = ['--token', 't', '--appid', 'a', '--id', '1000', '--key', 'k'];

testShared('bench measures an echo server by the same frames', (server) =>
  withPeer(server, serveEcho, async (peer) => {
    const words = ['--speaks', 'echo', '--connections', '3', ...nobody];

    for (const scenario of ['commands', 'connect', 'storm', 'idle'])
      counts(await bench(peer, scenario, ...words), scenario);
  }));

testShared('bench measures a broker by requests and responses', (server) =>
  withPeer(server, serveMqtt(), async (peer) => {
    const words = ['--speaks', 'mqtt', '--connections', '3', ...nobody];

    for (const scenario of ['commands', 'connect', 'storm', 'idle'])
      counts(await bench(peer, scenario, ...words), scenario);

    const pong = await bench(peer, 'pong-under-load', '--quiet', '2', '--storm', '2', '--garbage',
      '2', '--for', '1s', ...words);
    assert.ok(pong.parts.ping.operations > 0);
  }));

testShared('bench says what a peer of another language is', (server) =>
  withPeer(server, serveEcho, async (peer) => {
    const { code, stderr } = await run(BINARY, ['bench', 'idle', '--server',
      `127.0.0.1:${peer.port}`, '--speaks', 'mqtt', ...nobody]);

    assert.equal(code, 1);
    assert.match(stderr, /a connection was not upgraded|a link was lost/);
  }));

testShared('bench fails where the server refuses', async (server) => {
  const { code, stderr } = await run(BINARY, ['bench', 'dispatch', '--token', 'unknown',
    '--appid', 'unknown', '--server', `127.0.0.1:${server.port}`]);

  assert.equal(code, 1);
  assert.match(stderr, /dispatch did not answer with a route/);
});
