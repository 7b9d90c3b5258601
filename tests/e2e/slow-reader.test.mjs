// A client that does not read: it is closed when its bound is reached, and counted; nobody else
// feels it; and a pong does not wait behind what is queued for it.

import assert from 'node:assert/strict';

import { Link, openApp, openDevice, pingFrame, report } from './support/link.mjs';
import { metricOf } from './support/metrics.mjs';
import { testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const MESSAGE_BYTES = 60_000;
const SLOW = { why: 'slow_reader' };

/** Reports once; every session of the account is sent it. Resolves when the server has it. */
async function reportOnce(device, link, number) {
  link.send({ ...report(device, { number, filling: 'x'.repeat(MESSAGE_BYTES) }), d_seq: number });
  assert.equal((await link.json({ d_seq: number })).error, 0);
}

/** The next report that a session is sent. */
const takeReport = async (session) => (await session.json({ action: 'update' })).params.number;

testServer('who does not read is closed and counted, and its neighbour has everything in order',
  { flags: ['--workers', '1', '--limits-queued-bytes', '128KiB'] }, async (server) => {
    const account = await server.control.account();
    const deaf = await openApp(server, account);
    const neighbour = await openApp(server, account);
    const device = await openDevice(server, account.device);
    const closes = () => metricOf(server, 'switchyard_closes_total', SLOW);

    assert.equal(await closes(), 0);
    deaf.pause();
    for (let number = 1; (await closes()) === 0; number++) {
      assert.ok(number < 400, 'the bound holds');
      await reportOnce(account.device, device, number);
      assert.equal(await takeReport(neighbour), number);
      await neighbour.settle();
    }
    assert.equal(await closes(), 1);
    assert.equal(await metricOf(server, 'switchyard_queue_drops_total', { queue: 'output' }), 1);
    await until(() => /info conn\.slow conn=\d+ peer=127\.0\.0\.1:\d+ queued=\d+/.test(server.log),
      'the line in the log');
    await until(async () => (await server.control.rows('conn list', { user: account.user.apikey }))
      .length === 2, 'the end of the session');
    deaf.resume();
    await deaf.closed();
    assert.equal(neighbour.isClosed || device.isClosed, false);
    await reportOnce(account.device, device, 1000);
    assert.equal(await takeReport(neighbour), 1000);
  });

testServer('a pong comes ahead of what is queued, for both kinds of ping',
  { flags: ['--workers', '1', '--limits-queued-bytes', '16MiB'] }, async (server) => {
    const account = await server.control.account();
    const slow = await openApp(server, account);
    const device = await openDevice(server, account.device);
    const count = 200; /* 12 MB: more than the system buffers, less than the bound */

    slow.pause();
    for (let number = 1; number <= count; number++)
      await reportOnce(account.device, device, number);
    slow.write(pingFrame('first'));
    slow.send('ping');
    await device.settle();
    slow.resume();
    const numbers = () => slow.frames.flatMap(({ json }) => json?.params.number ?? []);
    await until(() => numbers().length === count, 'all that was queued');

    assert.deepEqual(numbers(), Array.from({ length: count }, (_, i) => i + 1));
    const texts = slow.frames.map(({ opcode, text }) => `${opcode} ${text}`);
    const places = ['pong first', 'text pong'].map((text) => texts.indexOf(text));
    for (const place of places)
      assert.ok(place > 0 && place < count - 20, `a pong at ${places} of ${count}`);
    assert.equal(await metricOf(server, 'switchyard_closes_total', SLOW), 0);
  });

testServer('a client that pipelines requests and reads no answers is closed and counted',
  { flags: ['--workers', '1', '--limits-queued-bytes', '64KiB'] }, async (server) => {
    const conn = await Link.dial(server);
    const requests = 'GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2000);
    const closes = () => metricOf(server, 'switchyard_closes_total', SLOW);

    conn.pause();
    for (let i = 0; (await closes()) === 0; i++) {
      assert.ok(i < 200, 'the bound holds');
      conn.write(requests);
    }
    assert.equal(await closes(), 1);
    conn.drop();
    await (await openApp(server, await server.control.account({ devices: 0 }))).settle();
  });
