// A device that its owner shares with another account: the clients of that account find it among their
// own and use it, each in its way of telling whose device it is.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playNode, playPython, valuesOf } from './support/clients.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--dispatch-anonymous', ...CLIENT_FLAGS] });

const SWITCH = { switch: 'on' };

/** Its owner's device, online and off, and an account that it is shared with. */
async function share(server, preset) {
  const { control } = server;
  const app = await control.app({ preset });
  const owner = await control.user();
  const device = await control.device({ owner });
  const link = await openDevice(server, device);
  const user = await control.user();
  await control.call('share add', { id: device.id, user: user.apikey, permit: '15' });
  link.send(report(device, { switch: 'off' }));
  await link.json({ error: 0 });
  return { app, owner, device, user, link };
}

describe('a shared device', { concurrency: 3 }, () => {
  testShared('ewelink-api shakes hands with the owner\'s apikey for it', async (it) => {
    const { app, owner, device, user, link } = await share(it, 'ewelink-api');
    const calls = [
      ['getDevices'],
      ['getWSDevicePowerState', device.id, { shared: true }],
      ['setWSDevicePowerState', device.id, 'on', { shared: true }],
      ['getDevicePowerState', device.id],
      ['toggleDevice', device.id],
    ];
    const [devices, before, set, after, toggled] = valuesOf(await playNode(it, 'ewelink.cjs', {
      region: 'us', email: user.account, password: user.password, APP_ID: app.id,
      APP_SECRET: app.secret }, calls), calls);

    assert.deepEqual(devices.map(({ deviceid, apikey }) => [deviceid, apikey]),
      [[device.id, owner.apikey]]);
    assert.deepEqual([before.state, set.state, after.state, toggled.status],
      ['off', 'on', 'on', 'ok']);
    assert.deepEqual(link.obeyed, [SWITCH, { switch: 'off' }]);
  });

  testShared('ewelink-api-next has it among its things', async (it) => {
    const { app, owner, device, user, link } = await share(it, 'ewelink-api-next');
    const calls = [
      ['user.login', { account: user.account, password: user.password, areaCode: '+1' }],
      ['device.getAllThings', {}],
      ['device.setThingStatus', { type: 1, id: device.id, params: SWITCH }],
      ['ws.create', { region: 'us' }],
      ['ws.updateState', device.id, SWITCH],
    ];
    const [, things, set, , updated] = valuesOf(await playNode(it, 'ewelink-next.cjs', {
      region: 'us', appId: app.id, appSecret: app.secret }, calls), calls);
    const [{ itemType, itemData }] = things.data.thingList;

    assert.deepEqual([itemType, itemData.deviceid, itemData.apikey, itemData.sharedBy.apikey],
      [2, device.id, owner.apikey, owner.apikey]);
    assert.deepEqual([set.error, updated.error], [0, 0]);
    assert.deepEqual(link.obeyed, [SWITCH, SWITCH]);
  });

  testShared('SonoffLAN names its owner, and itself', async (it) => {
    const { app, owner, device, user, link } = await share(it, 'sonofflan');
    const calls = [['login', user.account, user.password], ['devices'], ['connect'],
      ['update', device.id, SWITCH, owner.apikey], ['query', device.id, owner.apikey]];
    const [, devices, , updated, queried] = valuesOf(await playPython(it, 'sonofflan.py', {
      region: 'us', appid: app.id, secret: app.secret }, calls), calls);

    assert.deepEqual(devices.map(({ deviceid, apikey }) => [deviceid, apikey]),
      [[device.id, owner.apikey]]);
    assert.deepEqual([updated.error, queried.params], [0, SWITCH]);
    assert.deepEqual(link.obeyed, [SWITCH]);
  });

  testShared('homebridge-ewelink names its owner', async (it) => {
    const { app, owner, device, user, link } = await share(it, 'homebridge-ewelink');
    const calls = [['login', user.account, user.password], ['devices'], ['connect'],
      ['update', device.id, SWITCH, owner.apikey]];
    const [, found, , updated] = valuesOf(await playNode(it, 'homebridge.cjs', {
      appId: app.id, appSecret: app.secret }, calls), calls);

    assert.deepEqual(found.devices.map(({ deviceid, apikey }) => [deviceid, apikey]),
      [[device.id, owner.apikey]]);
    assert.equal(updated.error, 0);
    assert.deepEqual(link.obeyed, [SWITCH]);
  });

  testShared('ewelink-api-next shares a device, changes what is permitted, and ends it', async (it) => {
    const app = await it.control.app({ preset: 'ewelink-api-next' });
    const { user: owner, device } = await it.control.account({ app });
    const sharee = await it.control.user();
    const login = ({ account, password }) => ['user.login', { account, password, areaCode: '+1' }];
    const whose = { deviceId: device.id, apiKey: sharee.apikey };
    const calls = [
      login(owner),
      ['device.share', { deviceidList: [device.id], permit: 3, comment: 'the hall',
        user: { countryCode: '+1', email: sharee.account } }],
      ['device.setShare', { ...whose, permit: 15 }],
      login(sharee),
      ['device.getAllThings', {}],
      ['home.homePage', { getUser: {}, getFamily: {}, getThing: { num: 10 } }],
      login(owner),
      ['device.delShare', whose],
      login(sharee),
      ['device.getAllThings', {}],
    ];
    const answers = valuesOf(await playNode(it, 'ewelink-next.cjs', { region: 'us', appId: app.id,
      appSecret: app.secret }, calls), calls);
    const [, shared, changed, , during, home, , ended, , after] = answers;

    assert.deepEqual(answers.map(({ error }) => error), calls.map(() => 0));
    const permits = [shared.data.updatedThingList[0], changed.data.updatedThing]
      .map(({ itemData }) => itemData.shareTo.map(({ apikey, permit }) => [apikey, permit]));
    assert.deepEqual(permits, [[[sharee.apikey, 3]], [[sharee.apikey, 15]]]);
    const [{ itemType, itemData }] = during.data.thingList;
    assert.deepEqual([itemType, itemData.sharedBy.permit, itemData.sharedBy.comment],
      [2, 15, 'the hall']);
    assert.equal(home.data.thingInfo.total, 1);
    assert.deepEqual(ended.data.updatedThing.itemData.shareTo, []);
    assert.equal(after.data.total, 0);
  });
});
