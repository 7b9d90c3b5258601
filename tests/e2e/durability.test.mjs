// What was acknowledged is there after `kill -9`: app commands and device reports, killed in the
// middle of their stream, several times on the same data, with a journal that only grows and with
// one that is folded all the time.

import assert from 'node:assert/strict';

import { appQuery, appUpdate, openApp, openDevice, report } from './support/link.mjs';
import { testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const DEVICES = 8;
const ROUNDS = 4;

/**
 * Sends changes as long as the link holds, several at a time; `sent` and `acknowledged` are the
 * highest numbers.
 */
class Stream {
  sent = 0;
  acknowledged = 0;

  constructor(link, send, from) {
    this.link = link;
    this.sent = from;
    this.acknowledged = from;
    this.done = this.#play(send);
  }

  async #play(send) {
    try {
      while (!this.link.isClosed) {
        this.sent += 1;
        const { error } = await send(this.link, this.sent);
        assert.equal(error, 0);
        this.acknowledged = this.sent;
      }
    } catch (error) {
      if (!this.link.isClosed) throw error;
    }
  }
}

/** A device's reports have no sequence; d_seq is echoed. */
async function sendReport(device, link, number) {
  link.send({ ...report(device, { report: number }), d_seq: number });
  return link.json({ d_seq: number });
}

async function openStreams(server, account, counts) {
  const app = await openApp(server, account);
  const streams = [];

  for (const [i, device] of account.devices.entries()) {
    const { commands, reports } = counts[i];
    const link = await openDevice(server, device);
    const session = await openApp(server, account);
    session.onJson = ({ action }) => action !== undefined; /* pushes are not looked at here */
    streams.push({
      commands: new Stream(session,
        (it, number) => it.request(appUpdate(device, { command: number })), commands),
      reports: new Stream(link, (it, number) => sendReport(device, it, number), reports),
    });
  }
  return { app, streams };
}

/** What is stored is at least what was acknowledged, and nothing that was never sent. */
function checkStored(stored, { sent, acknowledged }, what) {
  assert.ok(stored >= acknowledged, `${what}: acknowledged ${acknowledged}, stored ${stored}`);
  assert.ok(stored <= sent, `${what}: sent ${sent}, stored ${stored}`);
}

async function checkAll(server, account, streams) {
  const app = await openApp(server, account);
  const counts = [];

  for (const [i, device] of account.devices.entries()) {
    const { error, params } = await app.request(appQuery(device));
    assert.equal(error, 0);
    checkStored(params.command ?? 0, streams[i].commands, `commands of device ${i}`);
    checkStored(params.report ?? 0, streams[i].reports, `reports of device ${i}`);
    counts.push({ commands: params.command ?? 0, reports: params.report ?? 0 });
  }
  app.drop();
  return counts;
}

for (const journal of ['64KiB', '8MiB']) {
  testServer(`every acknowledged change survives kill -9 in mid-stream: a journal of ${journal}`, {
    flags: ['--workers', '2', '--log-level', 'warn', '--store-journal', journal],
  }, async (server) => {
    const account = await server.control.account({ devices: DEVICES });
    let counts = Array(DEVICES).fill({ commands: 0, reports: 0 });

    for (let round = 0; round < ROUNDS; round++) {
      const { streams } = await openStreams(server, account, counts);
      const all = streams.flatMap(({ commands, reports }) => [commands, reports]);
      const base = counts.map(({ commands, reports }) => Math.max(commands, reports));

      /* Each stream has got somewhere, and all of them are in full flow when the blow falls. */
      await until(() => streams.every(({ commands, reports }, i) =>
        Math.min(commands.acknowledged, reports.acknowledged) > base[i] + 10), 'a stream of changes');
      await server.kill();
      await Promise.all(all.map(({ done }) => done));
      await server.again();
      counts = await checkAll(server, account, streams);
    }
  });
}

testServer('what operators made survives kill -9', {}, async (server) => {
  const { app, user, device, token } = await server.control.account();
  const gone = await server.control.token(user, app);
  await server.control.call('token revoke', { token: gone });

  await server.kill();
  await server.again();
  assert.equal((await server.control.call('token check', { token })).state, 'valid');
  assert.equal((await server.control.call('token check', { token: gone })).state, 'revoked');
  const { key } = await server.control.call('device show', { id: device.id, key: true });
  assert.equal(key, device.key);
});
