// The unmodified npm package ewelink-api 3.1.1 does dispatch and socket control. Its hosts are fixed
// (us-api.coolkit.cc, us-pconnect3.coolkit.cc), so its connections are redirected beneath it; names
// and certificate are checked as in the field. What it does over REST is not covered here.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playNode } from './support/clients.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const require = createRequire(import.meta.url);
const { APP_ID } = require('ewelink-api/src/data/constants');

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ id: APP_ID, preset: 'ewelink-api' }));

const optionsOf = ({ user, token }) => ({ at: token, apiKey: user.apikey, region: 'us' });

const play = (server, options, calls) => playNode(server, 'ewelink.cjs', options, calls);

/* The package sleeps for a second after each message: side by side. */
describe('ewelink-api', { concurrency: true }, () => {
  testShared('setWSDevicePowerState switches a device, and both ways', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device);

    device.send(report(account.device, { switch: 'off' }));
    await device.json({ error: 0 });
    assert.deepEqual(await play(it, optionsOf(account), [
      ['setWSDevicePowerState', account.device.id, 'on'],
      ['setWSDevicePowerState', account.device.id, 'toggle'],
      ['getWSDevicePowerState', account.device.id],
    ]), [
      { value: { status: 'ok', state: 'on', channel: 1 } },
      { value: { status: 'ok', state: 'off', channel: 1 } },
      { value: { status: 'ok', state: 'off', channel: 1 } },
    ]);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }, { switch: 'off' }]);
  });

  testShared('getWSDevicePowerState reads one channel, and all of them', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device);
    const switches = [{ switch: 'on', outlet: 0 }, { switch: 'off', outlet: 1 }];

    device.send(report(account.device, { switches }));
    await device.json({ error: 0 });
    assert.deepEqual(await play(it, optionsOf(account), [
      ['getWSDevicePowerState', account.device.id, { channel: 2 }],
      ['getWSDevicePowerState', account.device.id, { allChannels: true }],
      ['setWSDevicePowerState', account.device.id, 'on', { channel: 2 }],
    ]), [
      { value: { status: 'ok', state: 'off', channel: 2 } },
      { value: { status: 'ok',
        state: [{ channel: 1, state: 'on' }, { channel: 2, state: 'off' }] } },
      { value: { status: 'ok', state: 'on', channel: 2 } },
    ]);
    assert.deepEqual(device.obeyed,
      [{ switches: [{ switch: 'on', outlet: 0 }, { switch: 'on', outlet: 1 }] }]);
  });

  testShared('openWebSocket shakes hands, is pinged, and hears of changes', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device);
    const watching = play(it, optionsOf(account), [['watch']]);

    /* The device reports until the package has heard of it. */
    const timer = setInterval(() => device.send(report(account.device, { rssi: -42 })), 50);
    const [{ value: messages }] = await watching.finally(() => clearInterval(timer));
    /* A ping is answered at once, be the handshake's answer still on its way from the store. */
    assert.equal(messages.filter((message) => message === 'pong').length, 1);
    const [{ error, config }, ...changes] = messages.filter((message) => message !== 'pong');
    assert.deepEqual({ error, config }, { error: 0, config: { hb: 1, hbInterval: 145 } });
    for (const change of changes)
      assert.deepEqual([change.action, change.params], ['update', { rssi: -42 }]);
  });

  testShared('a device that is not the account\'s is refused in the package\'s words', async (it, t, app) => {
    const account = await it.control.account({ app });
    const another = await it.control.account({ app });

    assert.deepEqual(await play(it, optionsOf(account), [
      ['getWSDevicePowerState', 'invalid deviceid'],
      ['setWSDevicePowerState', 'invalid deviceid', 'on'],
      ['getWSDevicePowerState', another.device.id],
    ]), Array(3).fill({ error: 'Forbidden' }));
  });

  testShared('a bad token ends in the package\'s "Authentication failed"', async (it, t, app) => {
    const account = await it.control.account({ app });
    const options = { ...optionsOf(account), at: 'no-such-token' };

    assert.deepEqual(await play(it, options, [
      ['getWSDevicePowerState', account.device.id],
      ['setWSDevicePowerState', account.device.id, 'on'],
      ['rawPowerUsage', account.device.id],
    ]), [
      { error: 'Authentication failed' },
      { error: 'Authentication failed' },
      { value: { error: 'No power usage data found' } },
    ]);
  });

  testShared('the power usage that a device answers reaches the package', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device, { obeys: false });
    const usage = '000103000205';

    device.onJson = ({ action, params, ...order }) => {
      if (action !== 'update') return false;
      assert.deepEqual(params, { hundredDaysKwh: 'get' });
      device.send({ error: 0, userAgent: 'device', apikey: order.apikey, deviceid: order.deviceid,
        sequence: order.sequence, config: { hundredDaysKwhData: usage } });
      return true;
    };
    assert.deepEqual(await play(it, optionsOf(account), [['rawPowerUsage', account.device.id]]),
      [{ value: { status: 'ok', data: { hundredDaysKwhData: usage } } }]);
  });
});
