// A client on Python's aiohttp that does what Home Assistant's SonoffLAN does: support/sonofflan.py.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, isOnline, playPython, valuesOf } from './support/clients.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ preset: 'sonofflan' }));

const play = async (server, options, calls) =>
  valuesOf(await playPython(server, 'sonofflan.py', options, calls), calls);

const optionsOf = ({ app, user, token }) =>
  ({ appid: app.id, secret: app.secret, region: 'us', at: token, apikey: user.apikey });

describe('SonoffLAN', { concurrency: true }, () => {
  testShared('dispatch by GET, handshake, update, query, and pings of both kinds',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const device = await openDevice(it, account.device);
      const [{ where, online }, updated, queried, pong] = await play(it, optionsOf(account), [
        ['connect'],
        ['update', account.device.id, { switch: 'on' }],
        ['query', account.device.id],
        ['ping'],
      ]);

      assert.deepEqual(where, { port: it.port, reason: 'ok', IP: '127.0.0.1', error: 0,
        domain: 'us-pconnect1.coolkit.cc' });
      assert.deepEqual([online.error, online.config], [0, { hb: 1, hbInterval: 145 }]);
      assert.deepEqual([updated.error, updated.action, updated.params], [0, undefined, undefined]);
      assert.deepEqual([queried.error, queried.params], [0, { switch: 'on' }]);
      assert.equal(pong, 'pong');
      assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    });

  testShared('another account\'s device is refused, one that is away is told to be',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const another = await it.control.account({ app });
      const [, foreign, bad, away] = await play(it, optionsOf(account), [
        ['connect'],
        ['update', another.device.id, { switch: 'on' }, another.user.apikey],
        ['query', 'no such device'],
        ['update', account.device.id, { switch: 'on' }],
      ]);

      assert.deepEqual([foreign.error, foreign.reason], [403, 'Forbidden']);
      assert.equal(bad.error, 403);
      assert.deepEqual([away.error, away.reason], [503, 'Device Offline']);
    });

  testShared('a device that does not answer is 504 ahead of the client\'s own five seconds',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      await openDevice(it, account.device, { obeys: false });
      const [, updated] = await play(it, optionsOf(account),
        [['connect'], ['update', account.device.id, { switch: 'on' }]]);

      assert.deepEqual([updated.error, updated.reason], [504, 'Request Timeout']);
    });

  testShared('it hears that a device comes, and what it reports', async (it, t, app) => {
    const account = await it.control.account({ app });
    const playing = play(it, optionsOf(account), [['connect'], ['hears'], ['hears']]);
    playing.catch(() => {}); /* told below */
    await isOnline(it, account.user);
    const device = await openDevice(it, account.device);

    device.send(report(account.device, { switch: 'off' }));
    const [, online, reported] = await playing;
    assert.deepEqual([online.action, online.params], ['sysmsg', { online: true }]);
    assert.deepEqual([reported.userAgent, reported.params], ['device', { switch: 'off' }]);
  });

  testShared('a bad token stops it at dispatch', async (it, t, app) => {
    const account = await it.control.account({ app });
    const [dispatch, connect] = await playPython(it, 'sonofflan.py', { ...optionsOf(account), at: 'bad' },
      [['dispatch'], ['connect']]);

    assert.equal(dispatch.value.error, 401);
    assert.match(connect.error, /KeyError: 'domain'/);
  });
});
