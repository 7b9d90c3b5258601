// What takes a minute at its shortest, all of it on one server at once: the heartbeat (61 s told,
// 68 s waited) and the change of the key that session tickets are sealed with (60 s).

import assert from 'node:assert/strict';
import { once } from 'node:events';
import tls from 'node:tls';

import { Connection } from '../conformance/runner/connection.mjs';

import { Link, openApp, openDevice, pingFrame, register } from './support/link.mjs';
import { metricReaches } from './support/metrics.mjs';
import { testServer } from './support/server.mjs';
import { within } from './support/until.mjs';

const IDLE_MS = 68_000;
const ENOUGH_MS = IDLE_MS + 20_000;

/** Milliseconds until the link closes, and the close code. */
async function lifeOf(link) {
  const began = Date.now();
  const code = await within(new Promise((resolve) => {
    const look = setInterval(() => {
      if (!link.isClosed) return;
      clearInterval(look);
      resolve(link.closeCode);
    }, 50);
  }), 'the close of a silent link', ENOUGH_MS);
  return { code, ms: Date.now() - began };
}

/** A TLS 1.2 connection: whether the ticket was taken, and the key of the one that it has now. */
async function resume(server, session) {
  const socket = tls.connect({ ...server.target, maxVersion: 'TLSv1.2', session });
  await within(once(socket, 'secureConnect'), 'the TLS handshake');
  const key = socket.getTLSTicket().toString('hex', 0, 16); /* its name stands there in clear */
  const found = { isReused: socket.isSessionReused(), key, session: socket.getSession() };
  socket.destroy();
  return found;
}

testServer('a silent link ends in its time and its device is offline, a ping keeps a link, and '
  + 'tickets of the last key are taken and renewed',
  { flags: ['--heartbeat-interval', '61s', '--heartbeat-slack', '0',
    '--limits-keep-alive-time', '5m', '--tls-ticket-rotate', '1m'] },
  async (server) => {
    const first = await resume(server);
    const { isReused, key } = await resume(server, first.session);
    assert.deepEqual({ isReused, key }, { isReused: true, key: first.key });
    const account = await server.control.account({ devices: 2 });
    const watcher = await openApp(server, account);
    assert.deepEqual(watcher.online.config, { hb: 1, hbInterval: 61 });
    const silent = { app: await openApp(server, account),
      device: await openDevice(server, account.devices[0]) };
    const pinging = await openApp(server, account);
    const texting = await openDevice(server, account.devices[1]);
    const unknown = await Link.open(server);
    unknown.send(register({ ...account.device, key: 'wrong' }));
    assert.equal((await unknown.json({ error: 403 })).error, 403);
    const conn = await Connection.open(server.target);
    const beat = setInterval(() => {
      pinging.write(pingFrame());
      texting.send('ping');
      watcher.send('ping');
    }, 5_000);

    try {
      const [app, device, refused] = await Promise.all(
        [silent.app, silent.device, unknown].map(lifeOf));
      assert.equal(app.code, 1000);
      assert.equal(device.code, undefined, 'an empty close: firmware knows no other');
      for (const { ms } of [app, device, refused])
        assert.ok(ms >= IDLE_MS - 3_000, `not ahead of its time: ${ms}`);
    } finally {
      clearInterval(beat);
    }
    const offline = await watcher.json({ action: 'sysmsg', deviceid: account.device.id,
      params: { online: false } });
    assert.equal(offline.apikey, account.user.apikey);
    assert.equal(pinging.isClosed || texting.isClosed || watcher.isClosed || conn.ended, false);
    await metricReaches(server, 'switchyard_closes_total', { why: 'idle' }, 3);
    conn.drop();

    const second = await resume(server, first.session);
    assert.equal(second.isReused, true, 'the last key still opens');
    assert.notEqual(second.key, first.key, 'and the client is given a ticket of the new one');
    const third = await resume(server, second.session);
    assert.deepEqual([third.isReused, third.key], [true, second.key]);
  });
