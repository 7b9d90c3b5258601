// The unmodified npm package ewelink-api 3.1.1: what it does over HTTPS, from its own login on.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playNode } from './support/clients.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const require = createRequire(import.meta.url);
const { APP_ID, APP_SECRET } = require('ewelink-api/src/data/constants');

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ id: APP_ID, secret: APP_SECRET, preset: 'ewelink-api' }));

const play = (server, options, calls) =>
  playNode(server, 'ewelink.cjs', { region: 'us', ...options }, calls);

const loginOf = ({ user }) => ({ email: user.account, password: user.password });

const REFUSED = { error: 406, msg: 'Authentication failed' };

/** A device that is online and has reported what firmware reports first. */
async function openReported(server, device, params) {
  const link = await openDevice(server, device);
  link.send(report(device, { fwVersion: '3.5.1', ...params }));
  await link.json({ error: 0 });
  return link;
}

describe('ewelink-api over HTTPS', { concurrency: 3 }, () => {
  testShared('login by e-mail and by phone', async (it, t, app) => {
    const user = await it.control.user();
    const phone = await it.control.user({ account: '+8613512345678' });
    const [[byMail], [byPhone]] = await Promise.all([
      play(it, { email: user.account, password: user.password }, [['getCredentials']]),
      play(it, { phoneNumber: phone.account, password: phone.password }, [['getCredentials']]),
    ]);

    for (const [{ value }, { apikey, account }] of [[byMail, user], [byPhone, phone]]) {
      assert.match(value.at, /^[0-9a-f]{40}$/);
      assert.match(value.rt, /^[0-9a-f]{40}$/);
      assert.deepEqual([value.error, value.region, value.user.apikey], [undefined, 'us', apikey]);
      assert.equal(value.user.email ?? value.user.phoneNumber, account);
    }
    assert.ok(app);
  });

  testShared('getDevices and getDevice give what its own tests expect', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    await openReported(it, account.device, { switch: 'off' });
    const [{ value: all }, { value: one }] = await play(it, loginOf(account),
      [['getDevices'], ['getDevice', account.device.id]]);

    assert.deepEqual(all.map(({ deviceid }) => deviceid).sort(),
      account.devices.map(({ id }) => id).sort());
    for (const device of [...all, one]) {
      assert.deepEqual(['name', 'deviceid', 'apikey', 'params', 'showBrand', 'online']
        .map((key) => typeof device[key]),
      ['string', 'string', 'string', 'object', 'boolean', 'boolean']);
      assert.equal(typeof device.extra.extra.model, 'string');
      assert.equal(device.apikey, account.user.apikey);
    }
    assert.deepEqual([one.deviceid, one.online, one.params.switch], [account.device.id, true, 'off']);
  });

  testShared('getDevicePowerState, setDevicePowerState and toggleDevice', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openReported(it, account.device, { switch: 'off' });
    const { id } = account.device;

    assert.deepEqual(await play(it, loginOf(account), [
      ['getDevicePowerState', id],
      ['setDevicePowerState', id, 'on'],
      ['getDevicePowerState', id],
      ['toggleDevice', id],
      ['getDevicePowerState', id],
    ]), [
      { value: { status: 'ok', state: 'off', channel: 1 } },
      { value: { status: 'ok', state: 'on', channel: 1 } },
      { value: { status: 'ok', state: 'on', channel: 1 } },
      { value: { status: 'ok', state: 'toggle', channel: 1 } },
      { value: { status: 'ok', state: 'off', channel: 1 } },
    ]);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }, { switch: 'off' }]);
  });

  testShared('one channel of several', async (it, t, app) => {
    const account = await it.control.account({ app });
    const switches = [{ switch: 'off', outlet: 0 }, { switch: 'off', outlet: 1 }];
    const device = await openReported(it, account.device, { switches });
    const { id } = account.device;

    assert.deepEqual(await play(it, loginOf(account), [
      ['setDevicePowerState', id, 'on', 2],
      ['getDevicePowerState', id, 2],
      ['getDevicePowerState', id, 1],
      ['getDevicePowerState', id, 3],
    ]), [
      { value: { status: 'ok', state: 'on', channel: 2 } },
      { value: { status: 'ok', state: 'on', channel: 2 } },
      { value: { status: 'ok', state: 'off', channel: 1 } },
      { value: { error: 404, msg: 'Device channel does not exist' } },
    ]);
    assert.deepEqual(device.obeyed,
      [{ switches: [{ switch: 'off', outlet: 0 }, { switch: 'on', outlet: 1 }] }]);
  });

  testShared('a device that is away is its 503', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openReported(it, account.device, { switch: 'off' });
    device.drop();

    assert.deepEqual((await play(it, loginOf(account),
      [['setDevicePowerState', account.device.id, 'on']]))[0].value,
    { error: 503, msg: 'Service Temporarily Unavailable or Device is offline' });
  });

  testShared('firmware, updates of it, temperature and humidity, channels', async (it, t, app) => {
    const account = await it.control.account({ app });
    await openReported(it, account.device,
      { switch: 'off', currentTemperature: '23.5', currentHumidity: '41' });
    const { id } = account.device;

    assert.deepEqual(await play(it, loginOf(account), [
      ['getFirmwareVersion', id],
      ['checkDeviceUpdate', id],
      ['checkDevicesUpdates'],
      ['getDeviceCurrentTH', id],
      ['getDeviceChannelCount', id],
    ]), [
      { value: { status: 'ok', fwVersion: '3.5.1' } },
      { value: { status: 'ok', msg: 'No update available' } },
      { value: [] },
      { value: { status: 'ok', temperature: '23.5', humidity: '41' } },
      { value: { status: 'ok', switchesAmount: 1 } },
    ]);
  });

  testShared('getDevicePowerUsage from its login to the days of a month', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device, { obeys: false });
    device.onJson = ({ action, apikey, deviceid, sequence }) => {
      if (action !== 'update') return false;
      device.send({ error: 0, userAgent: 'device', apikey, deviceid, sequence,
        config: { hundredDaysKwhData: '000103'.repeat(100) } });
      return true;
    };
    const [{ value }] = await play(it, loginOf(account), [['getDevicePowerUsage', account.device.id]]);

    assert.equal(value.status, 'ok');
    assert.equal(value.daily.length, new Date().getDate());
    for (const { usage } of value.daily) assert.equal(usage, 0.13);
  });

  testShared('getRegion, and the account of another region is not served here', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 0 });
    const european = await it.control.user({ region: 'eu' });

    assert.deepEqual(await play(it, loginOf(account), [['getRegion']]),
      [{ value: { email: account.user.account, region: 'us' } }]);
    const [{ value }] = await play(it, loginOf({ user: european }), [['getCredentials']]);
    assert.deepEqual([value.error, value.msg], [301, 'Region does not exist']);
  });

  testShared('a wrong password ends each call as its own tests expect', async (it, t, app) => {
    const account = await it.control.account({ app });
    const { id } = account.device;

    assert.deepEqual(await play(it, { email: account.user.account, password: 'no such password' }, [
      ['getCredentials'],
      ['getRegion'],
      ['getDevices'],
      ['getDevice', id],
      ['getDevicePowerState', id],
      ['setDevicePowerState', id, 'on'],
      ['toggleDevice', id],
      ['getDevicePowerUsage', id],
      ['getDeviceCurrentTH', id],
      ['getFirmwareVersion', id],
      ['checkDeviceUpdate', id],
      ['checkDevicesUpdates'],
      ['getDeviceChannelCount', id],
      ['getWSDevicePowerState', id],
    ]), [
      { value: REFUSED },
      { value: REFUSED },
      { value: REFUSED },
      { value: REFUSED },
      { value: { error: 401, msg: 'Wrong account or password' } },
      { value: REFUSED },
      { value: REFUSED },
      { value: { error: 'No power usage data found' } },
      { value: REFUSED },
      { value: REFUSED },
      { value: REFUSED },
      { value: REFUSED },
      { value: REFUSED },
      { error: 'Authentication failed' },
    ]);
  });

  testShared('a device that is not the account\'s ends each call as its own tests expect',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const missing = { error: 404, msg: 'Device does not exist' };

      assert.deepEqual(await play(it, loginOf(account), [
        ['getDevice', 'no-such-device'],
        ['getDevicePowerState', 'no-such-device'],
        ['setDevicePowerState', 'no-such-device', 'on'],
        ['toggleDevice', 'no-such-device'],
        ['getDeviceCurrentTH', 'no-such-device'],
        ['getFirmwareVersion', 'no-such-device'],
        ['checkDeviceUpdate', 'no-such-device'],
        ['getDeviceChannelCount', 'no-such-device'],
        ['getDevicePowerUsage', 'no-such-device'],
      ]), [...Array(8).fill({ value: missing }), { value: { error: 403, msg: 'Forbidden' } }]);
    });
});
