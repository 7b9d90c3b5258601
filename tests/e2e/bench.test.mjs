// `switchyard bench` against a live server: each scenario counts what it did. How much that is, is
// for ./dev bench to tell.

import assert from 'node:assert/strict';

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

/** Pairs of an account and a device: consecutive ids, one key, tokens that end in their index. */
async function makePairs(control, first) {
  const app = await control.app();
  const key = 'bench-factory-key';
  const token = `bench-${first}-`;
  for (let i = 0; i < PAIRS; i++) {
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
  assert.match(stdout, /^dispatch: \d+ operations, 0 errors, 3 run\(s\)/);
  assert.match(stdout, /operations a second +\d+ +\d+ +\d+/);
  assert.doesNotMatch(stdout, /CPU/);
});

testShared('bench fails where the server refuses', async (server) => {
  const { code, stderr } = await run(BINARY, ['bench', 'dispatch', '--token', 'unknown',
    '--appid', 'unknown', '--server', `127.0.0.1:${server.port}`]);

  assert.equal(code, 1);
  assert.match(stderr, /dispatch did not answer with a route/);
});
