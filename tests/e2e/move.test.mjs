// A connection moves to its account's worker after the handshake. Bytes are in flight meanwhile:
// each client writes its handshake and everything behind it at once, or in tiny pieces. Every answer
// comes, exactly once, and in order; only what answers a ping may overtake.

import assert from 'node:assert/strict';

import { appQuery, appUpdate, Link, openApp, openDevice, pingFrame, register, report, textFrame,
  upgradeRequest, userOnline } from './support/link.mjs';
import { shareServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const ACCOUNTS = 40;

async function makeAccounts(server) {
  const app = await server.control.app();
  const accounts = [];
  while (accounts.length < ACCOUNTS)
    accounts.push(...await Promise.all(Array.from({ length: 8 },
      () => server.control.account({ app }))));
  return accounts;
}

const { testShared } = shareServer({ flags: ['--workers', '2', '--log-level', 'warn'] },
  makeAccounts);

/** Writes in pieces of 1 to 9 bytes, a TLS record each, and lets the loop turn in between. */
async function writeInPieces(link, bytes) {
  for (let at = 0, size = 1; at < bytes.length; at += size, size = 1 + (at % 9)) {
    link.write(bytes.subarray(at, at + size));
    if (at % 5 === 0) await new Promise(setImmediate);
  }
}

/** All frames of an app: handshake, query, both pings, a command to its device, a query again. */
function appFrames(account) {
  const { device } = account;
  return [
    textFrame(userOnline(account, { sequence: '1' })),
    textFrame({ ...appQuery(device), sequence: '2' }),
    textFrame('ping'),
    pingFrame('in flight'),
    textFrame({ ...appUpdate(device, { switch: 'on' }), sequence: '4' }),
    textFrame({ ...appQuery(device), sequence: '5' }),
  ];
}

/** The texts that tell one frame from another. */
const nameOf = ({ opcode, text, json }) => (json === undefined ? `${opcode} ${text}`
  : `answer ${json.sequence ?? json.d_seq ?? json.action} ${json.error ?? ''}`.trimEnd());

const arrived = (link, count) =>
  until(() => link.isClosed || link.frames.length >= count, `${count} frames`);

/** The frames that a link got, once one more exchange has shown that there are no further ones. */
async function framesOf(link, count) {
  await arrived(link, count);
  const frames = link.frames.splice(0);
  await link.settle();
  return [...frames, ...link.frames];
}

function checkApp(frames) {
  const names = frames.map(nameOf);
  const pings = ['text pong', 'pong in flight'];
  const answers = ['answer 1 0', 'answer 2 0', 'answer 4 0', 'answer 5 0'];

  assert.deepEqual([...names].sort(), [...answers, ...pings].sort(), 'each answer once');
  /* The command is answered when its device is heard of, maybe after the query behind it. */
  const ordered = answers.filter((name) => name !== 'answer 4 0');
  assert.deepEqual(names.filter((name) => ordered.includes(name)), ordered);
  assert.ok(names.indexOf('answer 4 0') > names.indexOf('answer 1 0'), 'the handshake comes first');
}

/** Ends the links, and waits for the server to have noticed. */
async function end(server, links) {
  for (const link of links) link.drop();
  await until(async () => (await server.control.rows('conn list')).length === 0, 'nobody is left');
}

async function playApps(server, accounts, { open, write }) {
  const devices = await Promise.all(accounts.map(({ device }) => openDevice(server, device)));
  const links = await Promise.all(accounts.map(() => open(server)));

  try {
    await Promise.all(links.map((link, i) => write(link, appFrames(accounts[i]))));
    for (const link of links) checkApp(await framesOf(link, 6));
    for (const device of devices) assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    const rows = await server.control.rows('conn list');
    const workers = new Set(rows.map(({ worker }) => worker));
    assert.deepEqual([...workers].sort(), [0, 1], 'both workers have some of them');
  } finally {
    await end(server, [...links, ...devices]);
  }
}

testShared('apps that write everything at once get every answer, once and in order',
  (server, t, accounts) => playApps(server, accounts, {
    open: (it) => Link.open(it),
    write: (link, frames) => link.write(Buffer.concat(frames)),
  }));

testShared('apps that write in tiny pieces get every answer, once and in order',
  (server, t, accounts) => playApps(server, accounts, {
    open: (it) => Link.open(it),
    write: (link, frames) => writeInPieces(link, Buffer.concat(frames)),
  }));

testShared('frames right behind the upgrade request, in the same write, are all answered',
  (server, t, accounts) => playApps(server, accounts, {
    open: (it) => Link.dial(it),
    write: (link, frames) => link.write(Buffer.concat([Buffer.from(upgradeRequest()), ...frames])),
  }));

/** A device's register and numbered reports, and a ping behind them. */
const deviceFrames = (device, numbers) => [
  textFrame(register(device)),
  ...numbers.map((n) => textFrame({ ...report(device, { count: n }), d_seq: n })),
  pingFrame('in flight'),
];

function checkDevice(frames, numbers) {
  const answers = frames.filter(({ json }) => json !== undefined).map(({ json }) => json);
  assert.deepEqual(answers.map(({ error }) => error), [0, ...numbers.map(() => 0)]);
  assert.deepEqual(answers.slice(1).map((answer) => answer.d_seq), numbers);
  assert.equal(frames.filter((frame) => nameOf(frame) === 'pong in flight').length, 1);
}

testShared('devices that write everything at once get every answer, once and in order',
  async (server, t, accounts) => {
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    const sessions = await Promise.all(accounts.map((account) => openApp(server, account)));
    const links = await Promise.all(accounts.map(() => Link.open(server)));

    try {
      links.forEach((link, i) =>
        link.write(Buffer.concat(deviceFrames(accounts[i].device, numbers))));
      for (const link of links) checkDevice(await framesOf(link, numbers.length + 2), numbers);
      for (const session of sessions) {
        const pushes = (await framesOf(session, numbers.length + 1))
          .filter(({ json }) => json !== undefined).map(({ json }) => json.params);
        assert.deepEqual(pushes, [{ online: true }, ...numbers.map((count) => ({ count }))]);
      }
    } finally {
      await end(server, [...sessions, ...links]);
    }
  });

testShared('a client that leaves in mid-move leaves nothing behind',
  async (server, t, accounts) => {
    const links = await Promise.all(accounts.map(() => Link.open(server)));

    await Promise.all(links.map(async (link, i) => {
      link.write(Buffer.concat(appFrames(accounts[i])));
      for (let turns = i % 4; turns > 0; turns--) await new Promise(setImmediate);
      link.drop();
    }));
    await end(server, []);
    assert.equal((await server.admin('/readyz')).status, 200);
  });
