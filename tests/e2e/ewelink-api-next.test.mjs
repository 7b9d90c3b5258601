// The unmodified npm package ewelink-api-next 1.0.4. It is pointed here in both ways that there are:
// its own hosts redirected beneath it, and the full addresses that its calls take.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, isOnline, playNode, valuesOf } from './support/clients.mjs';
import { appUpdate, openApp, openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const flags = ['--workers', '2', '--dispatch-anonymous', ...CLIENT_FLAGS];
const { testShared } = shareServer({ flags },
  (server) => server.control.app({ preset: 'ewelink-api-next' }));

const HEARTBEAT = { hb: 1, hbInterval: 145 };

async function play(server, app, calls, more = {}) {
  const options = { appId: app.id, appSecret: app.secret, region: 'us', ...more };
  return valuesOf(await playNode(server, 'ewelink-next.cjs', options, calls), calls);
}

const marksOf = ({ user, token }) => ({ at: token, userApiKey: user.apikey });

describe('ewelink-api-next', { concurrency: true }, () => {
  testShared('getDispatch, create, updateState and its ping, at the package\'s own hosts',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const device = await openDevice(it, account.device);
      const [, url, online, ack, pong] = await play(it, app, [
        ['use', marksOf(account)],
        ['ws.dispatch', { region: 'us' }],
        ['ws.create', { region: 'us' }],
        ['ws.updateState', account.device.id, { switch: 'on' }],
        ['ws.ping'],
      ]);

      assert.equal(url, `wss://us-pconnect1.coolkit.cc:${it.port}/api/ws`);
      assert.deepEqual({ ...online, sequence: typeof online.sequence },
        { error: 0, apikey: account.user.apikey, config: HEARTBEAT, sequence: 'string' });
      assert.deepEqual([ack.error, ack.action, ack.params], [0, undefined, undefined]);
      assert.equal(pong, 'pong');
      assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    });

  testShared('the same at full addresses that it is given', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device);
    const [, online, ack] = await play(it, app, [
      ['ws.dispatch', { fullUrl: `https://localhost:${it.port}/dispatch/app` }],
      ['ws.create', { fullUrl: `wss://localhost:${it.port}/api/ws`, ...marksOf(account), appId: '' }],
      ['ws.updateState', account.device.id, { switches: [{ switch: 'on', outlet: 0 }] }],
    ]);

    assert.deepEqual([online.error, online.config], [0, HEARTBEAT]);
    assert.equal(ack.error, 0);
    assert.deepEqual(device.obeyed, [{ switches: [{ switch: 'on', outlet: 0 }] }]);
  });

  testShared('what a device reports, and another session commands, reaches its onMessage',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const device = await openDevice(it, account.device);
      const another = await openApp(it, account);
      const playing = play(it, app, [
        ['use', marksOf(account)],
        ['ws.create', { region: 'us' }],
        ['ws.hears', { action: 'update', userAgent: 'device' }],
        ['ws.hears', { action: 'update', userAgent: 'app' }],
      ]);
      playing.catch(() => {}); /* told below */
      await isOnline(it, account.user, 2);
      device.send(report(account.device, { rssi: -42 }));
      await another.request(appUpdate(account.device, { switch: 'on' }));
      const [, , reported, commanded] = await playing;

      assert.deepEqual([reported.from, reported.params], ['device', { rssi: -42 }]);
      assert.deepEqual([commanded.tempRec, commanded.params],
        [account.device.id, { switch: 'on' }]);
    });

  testShared('a bad token is told to its onMessage as 406', async (it, t, app) => {
    const account = await it.control.account({ app });
    const options = { appId: app.id, region: 'us' };
    const [, { value, error }] = await playNode(it, 'ewelink-next.cjs', options, [
      ['use', { at: 'no-such-token', userApiKey: account.user.apikey }],
      ['ws.refused', { region: 'us' }],
    ]);

    assert.equal(error, undefined);
    assert.deepEqual([value.error, value.reason, value.actionName, value.config],
      [406, 'Authentication Failed', 'userOnline', undefined]);
  });
});
