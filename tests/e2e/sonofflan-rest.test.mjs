// A client on aiohttp that does over HTTPS what SonoffLAN does, from its login on: support/sonofflan.py.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playPython, valuesOf } from './support/clients.mjs';
import { openDevice } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ preset: 'sonofflan' }));

const play = async (server, options, calls) =>
  valuesOf(await playPython(server, 'sonofflan.py', options, calls), calls);

describe('SonoffLAN over HTTPS', { concurrency: 3 }, () => {
  testShared('from login by e-mail over homes and devices to a command', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    const { user } = account;
    const device = await openDevice(it, account.device);
    const options = { appid: app.id, secret: app.secret, region: 'us' };
    const [login, profile, homes, things, , updated] = await play(it, options, [
      ['login', user.account, user.password],
      ['profile'],
      ['homes'],
      ['devices'],
      ['connect'],
      ['update', account.device.id, { switch: 'on' }],
    ]);

    assert.deepEqual([login.error, login.region, login.data.region], [0, 'us', 'us']);
    assert.deepEqual([profile.error, profile.data.user.apikey], [0, user.apikey]);
    assert.equal(typeof profile.data.user.countryCode, 'string');
    assert.equal(homes.data.familyList.length, 1);
    assert.deepEqual(things.map(({ deviceid }) => deviceid).sort(),
      account.devices.map(({ id }) => id).sort());
    for (const { name, apikey, devicekey, online, extra, params } of things) {
      assert.deepEqual([typeof name, typeof devicekey, typeof extra.uiid, typeof params, apikey],
        ['string', 'string', 'number', 'object', user.apikey]);
      assert.equal(typeof online, 'boolean');
    }
    assert.equal(updated.error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  });

  testShared('login by phone, and what it falls back to without a socket', async (it, t, app) => {
    const account = await it.control.account({ app });
    const phone = await it.control.user({ account: '+8613512345677' });
    const device = await openDevice(it, account.device);
    const options = { appid: app.id, secret: app.secret, region: 'us' };
    const [byPhone, , posted] = await play(it, options, [
      ['login', phone.account, phone.password],
      ['login', account.user.account, account.user.password],
      ['post_status', account.device.id, { switch: 'on' }],
    ]);

    assert.deepEqual([byPhone.error, byPhone.data.user.apikey], [0, phone.apikey]);
    assert.equal(posted.error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  });

  testShared('a wrong password is refused', async (it, t, app) => {
    const user = await it.control.user();
    const [login] = await play(it, { appid: app.id, secret: app.secret, region: 'us' },
      [['login', user.account, 'no such password']]);
    assert.equal(login.error, 10001);
  });
});
