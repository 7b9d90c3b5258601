// A client that does over HTTPS what homebridge-ewelink does, from its login on: support/homebridge.cjs.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playNode, valuesOf } from './support/clients.mjs';
import { openDevice } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ preset: 'homebridge-ewelink' }));

const play = async (server, options, calls) =>
  valuesOf(await playNode(server, 'homebridge.cjs', options, calls), calls);

describe('homebridge-ewelink over HTTPS', { concurrency: 3 }, () => {
  testShared('from login over homes and devices to a command', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    const { user } = account;
    const device = await openDevice(it, account.device);
    const [login, homes, found, , updated] = await play(it, { appId: app.id, appSecret: app.secret }, [
      ['login', user.account, user.password],
      ['homes'],
      ['devices'],
      ['connect'],
      ['update', account.device.id, { switch: 'on' }],
    ]);

    assert.deepEqual([login.error, login.data.user.apikey], [0, user.apikey]);
    assert.deepEqual(homes.map(({ id, name }) => [typeof id, typeof name]), [['string', 'string']]);
    assert.deepEqual(found.devices.map(({ deviceid }) => deviceid).sort(),
      account.devices.map(({ id }) => id).sort());
    for (const { name, apikey, params, extra, brandName, productModel } of found.devices) {
      assert.deepEqual([name, params, extra.model, brandName, productModel].map((it) => typeof it),
        ['string', 'object', 'string', 'string', 'string']);
      assert.equal(apikey, user.apikey);
    }
    assert.equal(updated.error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  });

  testShared('a password that was written in base64, and one that is wrong', async (it, t, app) => {
    const user = await it.control.user();
    const encoded = Buffer.from(user.password).toString('base64');
    const [good, bad] = await playNode(it, 'homebridge.cjs', { appId: app.id, appSecret: app.secret },
      [['login', user.account, encoded], ['login', user.account, 'no such password']]);

    assert.equal(good.value.data.user.apikey, user.apikey);
    assert.match(bad.error, /\[10001\]$/);
  });
});
