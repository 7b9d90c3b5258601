// An account belongs to a region. Every client that is set to another one is told so when it logs in,
// and goes where it is sent: there are two servers, one of each region.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { flagsOf, playNode, playPython, valuesOf } from './support/clients.mjs';
import { openDevice } from './support/link.mjs';
import { Server } from './support/server.mjs';

const start = (region) => Server.start({ flags: ['--workers', '1', ...flagsOf(region)] });
let us;
let eu;

before(async () => {
  us = await start('us');
  eu = await start('eu');
  us.regions = { eu: eu.port };
});

after(() => Promise.all([us.dispose(), eu.dispose()]));

/** The same application and account on both; the device where the account belongs. */
async function settle(preset) {
  const app = await us.control.app({ preset });
  await eu.control.app({ id: app.id, secret: app.secret, preset });
  const user = await eu.control.user({ region: 'eu' });
  await us.control.user({ account: user.account, password: user.password, region: 'eu' });
  const device = await eu.control.device({ owner: user });
  return { app, user, device, link: await openDevice(eu, device) };
}

describe('a client that is set to the wrong region', { concurrency: true }, () => {
  test('ewelink-api follows 301', async () => {
    const { app, user, device, link } = await settle('ewelink-api');
    const calls = [['getRegion'], ['setWSDevicePowerState', device.id, 'on']];
    const [region, set] = valuesOf(await playNode(us, 'ewelink.cjs', { region: 'us',
      email: user.account, password: user.password, APP_ID: app.id, APP_SECRET: app.secret }, calls),
    calls);

    assert.deepEqual([region, set.status], [{ email: user.account, region: 'eu' }, 'ok']);
    assert.deepEqual(link.obeyed, [{ switch: 'on' }]);
  });

  test('SonoffLAN follows 10004', async () => {
    const { app, user, device, link } = await settle('sonofflan');
    const calls = [['login', user.account, user.password], ['connect'],
      ['update', device.id, { switch: 'on' }]];
    const [login, , set] = valuesOf(await playPython(us, 'sonofflan.py',
      { appid: app.id, secret: app.secret, region: 'us' }, calls), calls);

    assert.deepEqual([login.error, login.region, set.error], [0, 'eu', 0]);
    assert.deepEqual(link.obeyed, [{ switch: 'on' }]);
  });

  test('homebridge-ewelink follows 10004', async () => {
    const { app, user, device, link } = await settle('homebridge-ewelink');
    const calls = [['login', user.account, user.password], ['connect'],
      ['update', device.id, { switch: 'on' }]];
    const [login, , set] = valuesOf(await playNode(us, 'homebridge.cjs',
      { appId: app.id, appSecret: app.secret }, calls), calls);

    assert.deepEqual([login.error, login.httpHost, set.error], [0, 'eu-apia.coolkit.cc', 0]);
    assert.deepEqual(link.obeyed, [{ switch: 'on' }]);
  });
});
