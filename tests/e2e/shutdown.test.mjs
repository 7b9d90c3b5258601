// Signals: an orderly stop closes every link with 1001, commits what is pending and exits with 0.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';

import { appQuery, appUpdate, ack, Link, openApp, openDevice, report } from './support/link.mjs';
import { testServer } from './support/server.mjs';

const options = { flags: ['--workers', '2'] };

for (const signal of ['SIGTERM', 'SIGINT']) {
  testServer(`${signal} closes every link with 1001 and exits with 0`, options, async (server) => {
    const links = [];
    for (let i = 0; i < 5; i++) {
      const account = await server.control.account();
      links.push(await openApp(server, account), await openDevice(server, account.device));
    }
    links.push(await Link.open(server)); /* one that has not shaken hands */

    server.signal(signal);
    assert.deepEqual(await Promise.all(links.map((link) => link.closed())), links.map(() => 1001));
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });
}

testServer('what was reported before SIGTERM is stored', options, async (server) => {
  const account = await server.control.account({ devices: 20 });
  const links = await Promise.all(
    account.devices.map((device) => openDevice(server, device)));

  /* The signal follows on the heels of the reports: answered or not, each answer must be true. */
  links.forEach((link, i) => link.send(report(account.devices[i], { round: 1 })));
  await links[0].json({ error: 0 });
  server.signal('SIGTERM');
  await Promise.all(links.map((link) => link.closed()));
  assert.deepEqual(await server.end(), { code: 0, signal: null });

  await server.again();
  const app = await openApp(server, account);
  for (const [i, link] of links.entries()) {
    const isAnswered = i === 0 || link.frames.some(({ json }) => json?.error === 0);
    const { params } = await app.request(appQuery(account.devices[i]));
    if (isAnswered) assert.deepEqual(params, { round: 1 });
  }
});

testServer('a command that waits for its device does not hold up the stop', options,
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await openDevice(server, account.device, { obeys: false });

    app.send({ ...appUpdate(account.device, { switch: 'on' }), sequence: '1' });
    await device.json({ action: 'update' });
    server.signal('SIGTERM');
    assert.deepEqual(await Promise.all([app.closed(), device.closed()]), [1001, 1001]);
    assert.deepEqual(await server.end(), { code: 0, signal: null });
  });

testServer('a client that does not answer the close is not waited for beyond the linger time',
  { flags: [...options.flags, '--limits-linger-time', '300ms', '--drain', '60s'] },
  async (server) => {
    const account = await server.control.account();
    const deaf = await openApp(server, account);

    deaf.pause();
    server.signal('SIGTERM');
    assert.deepEqual(await server.end(), { code: 0, signal: null });
    deaf.drop();
  });

testServer('connections that are no links yet end with the server', options, async (server) => {
  const sockets = [net.connect(server.port, '127.0.0.1'), net.connect(server.port, '127.0.0.1')];
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  const ends = sockets.map((socket) => once(socket.on('error', () => {}).resume(), 'close'));

  server.signal('SIGTERM');
  assert.deepEqual(await server.end(), { code: 0, signal: null });
  await Promise.all(ends);
});

testServer('a second signal ends the server at once', options, async (server) => {
  const account = await server.control.account();
  const deaf = await openApp(server, account);

  deaf.pause();
  server.signal('SIGTERM');
  await server.logs(/server\.signal/);
  server.signal('SIGTERM');
  const { code, signal } = await server.end();
  assert.ok(code !== 0, `it says that it was cut short: code ${code}, signal ${signal}`);
  deaf.drop();
});
