// A client that does on the wire what homebridge-ewelink does: support/homebridge.cjs. Of dispatch's
// answer it reads the domain alone, and it always connects to port 8080.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, isOnline, playNode, valuesOf } from './support/clients.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', ...CLIENT_FLAGS] },
  (server) => server.control.app({ preset: 'homebridge-ewelink' }));

const play = async (server, options, calls) =>
  valuesOf(await playNode(server, 'homebridge.cjs', options, calls), calls);

const optionsOf = ({ app, user, token }) =>
  ({ appId: app.id, appSecret: app.secret, at: token, apikey: user.apikey });

describe('homebridge-ewelink', { concurrency: true }, () => {
  testShared('dispatch without accept, a handshake with its sequence first, update and query',
    async (it, t, app) => {
      const account = await it.control.account({ app });
      const device = await openDevice(it, account.device);
      const [where, { online, isConnected }, , updated, queried] = await play(it, optionsOf(account), [
        ['host'],
        ['connect'],
        ['ping'],
        ['update', account.device.id, { switch: 'on' }],
        ['query', account.device.id],
      ]);

      assert.equal(where.domain, 'us-pconnect1.coolkit.cc');
      assert.equal(online.error, 0);
      assert.equal(isConnected, true);
      assert.deepEqual([updated.error, updated.params], [0, undefined]);
      assert.deepEqual([queried.error, queried.params], [0, { switch: 'on' }]);
      assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    });

  testShared('each of two commands at once has its answer', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    const ids = account.devices.map(({ id }) => id);
    const devices = await Promise.all(account.devices.map((device) => openDevice(it, device)));
    const [, answers] = await play(it, optionsOf(account),
      [['connect'], ['updateBoth', ids, { switch: 'on' }]]);

    assert.deepEqual(answers.map(({ error, deviceid }) => [error, deviceid]),
      ids.map((id) => [0, id]));
    for (const { obeyed } of devices) assert.deepEqual(obeyed, [{ switch: 'on' }]);
  });

  testShared('a command always has an answer: away, silent, another\'s', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    const another = await it.control.account({ app });
    await openDevice(it, account.devices[1], { obeys: false });
    const [, away, silent, foreign] = await play(it, optionsOf(account), [
      ['connect'],
      ['update', account.device.id, { switch: 'on' }],
      ['update', account.devices[1].id, { switch: 'on' }],
      ['update', another.device.id, { switch: 'on' }, another.user.apikey],
    ]);

    assert.deepEqual([away.error, silent.error, foreign.error], [503, 504, 403]);
  });

  testShared('members beside a device\'s answer reach it', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device, { obeys: false });
    device.onJson = ({ action, apikey, deviceid, sequence }) => {
      if (action !== 'update') return false;
      device.send({ error: 0, userAgent: 'device', apikey, deviceid, sequence,
        config: { hundredDaysKwhData: '000103' } });
      return true;
    };
    const [, updated] = await play(it, optionsOf(account),
      [['connect'], ['update', account.device.id, { hundredDaysKwh: 'get' }]]);

    assert.deepEqual(updated.config, { hundredDaysKwhData: '000103' });
  });

  testShared('it hears of a device that comes, reports and goes', async (it, t, app) => {
    const account = await it.control.account({ app });
    const playing = play(it, optionsOf(account),
      [['connect'], ['hears'], ['hears'], ['hears']]);
    playing.catch(() => {}); /* told below */
    await isOnline(it, account.user);
    const device = await openDevice(it, account.device);
    device.send(report(account.device, { switch: 'off' }));
    await device.json({ error: 0 });
    device.drop();
    const [, ...heard] = await playing;

    assert.deepEqual(heard.map(({ action, params }) => [action, params]), [
      ['sysmsg', { online: true }], ['update', { switch: 'off' }], ['sysmsg', { online: false }],
    ]);
  });

  testShared('a bad token is its warning: it stays unconnected', async (it, t, app) => {
    const account = await it.control.account({ app });
    const options = { ...optionsOf(account), at: 'bad', domain: 'us-pconnect1.coolkit.cc' };
    const [{ online, isConnected }] = await play(it, options, [['connect']]);

    assert.equal(online.error, 406);
    assert.equal(isConnected, false);
  });
});
