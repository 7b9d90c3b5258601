// The unmodified npm package ewelink-api-next 1.0.4: what it does over HTTPS, from its own login on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';

import { CLIENT_FLAGS, playNode, valuesOf } from './support/clients.mjs';
import { openApp, openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--dispatch-anonymous', ...CLIENT_FLAGS] },
(server) => server.control.app({ preset: 'ewelink-api-next' }));

const PAGE = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const HEX = /^[0-9a-f]{40}$/;

/** What came of each call; a call that failed fails the test. */
async function play(server, app, calls, more = {}) {
  const options = { appId: app.id, appSecret: app.secret, region: 'us', ...more };
  return valuesOf(await playNode(server, 'ewelink-next.cjs', options, calls), calls);
}

const login = ({ account, password }) => ['user.login', { account, password, areaCode: '+1' }];

/** The same with what its interceptor adds taken away. */
const bare = ({ status, responseTime, ...answer }) => answer;

describe('ewelink-api-next over HTTPS', { concurrency: 3 }, () => {
  testShared('login by e-mail and by phone, and its marks', async (it, t, app) => {
    const mail = await it.control.user();
    const phone = await it.control.user({ account: '+8613512345679' });
    const [byMail, marks, byPhone] = await play(it, app, [login(mail), ['state'], login(phone)]);

    for (const [{ error, data }, { apikey, account }] of [[byMail, mail], [byPhone, phone]]) {
      assert.equal(error, 0);
      assert.match(data.at, HEX);
      assert.match(data.rt, HEX);
      assert.deepEqual([data.region, data.user.apikey], ['us', apikey]);
      assert.equal(data.user.email ?? data.user.phoneNumber, account);
    }
    assert.deepEqual(marks, { at: byMail.data.at, rt: byMail.data.rt, apikey: mail.apikey });
  });

  testShared('a wrong password is 10001, and so is an account that is not there', async (it, t, app) => {
    const { account } = await it.control.user();
    const answers = await play(it, app, [
      login({ account, password: 'no such password' }),
      login({ account: 'nobody@example.com', password: 'no such password' }),
    ]);

    assert.deepEqual(answers.map(({ error }) => error), [10001, 10001]);
    for (const { msg, data } of answers) assert.deepEqual([typeof msg, typeof data], ['string', 'object']);
  });

  testShared('the account of another region is told where to go', async (it, t, app) => {
    const user = await it.control.user({ region: 'eu' });
    const [answer] = await play(it, app, [login(user)]);

    assert.deepEqual([answer.error, answer.data], [10004, { region: 'eu' }]);
  });

  testShared('a token is refreshed, and the profile read', async (it, t, app) => {
    const user = await it.control.user();
    const [before, refreshed, marks, profile] = await play(it, app,
      [login(user), ['user.refreshToken', {}], ['state'], ['user.getUserInfo']]);

    assert.equal(refreshed.error, 0);
    assert.notEqual(refreshed.data.at, before.data.at);
    assert.deepEqual(marks,
      { at: refreshed.data.at, rt: refreshed.data.rt, apikey: user.apikey });
    assert.deepEqual([profile.error, profile.data.user.apikey, profile.data.region],
      [0, user.apikey, 'us']);
  });

  testShared('the password is changed, and a logout ends the token', async (it, t, app) => {
    const user = await it.control.user();
    const answers = await play(it, app, [
      login(user),
      ['user.changePwd', { oldPassword: user.password, newPassword: 'another password' }],
      login({ ...user, password: 'another password' }),
      ['user.logout'],
      ['user.getUserInfo'],
    ]);

    assert.deepEqual(answers.map(({ error }) => error), [0, 0, 0, 0, 401]);
  });

  testShared('getRegion', async (it, t, app) => {
    const [answer] = await play(it, app, [['user.getRegion', { areaCode: '+1' }]]);
    assert.deepEqual([answer.error, answer.data.region], [0, 'us']);
  });

  testShared('the home and its things', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    await openDevice(it, account.device);
    const ids = account.devices.map(({ id }) => id).sort();
    const [, family, all, paged, one] = await play(it, app, [
      login(account.user),
      ['home.getFamily', {}],
      ['device.getAllThings', {}],
      ['device.getAllThingsAllPages', {}],
      ['device.getThings', { thingList: [{ itemType: 1, id: account.device.id }] }],
    ]);

    assert.equal(typeof family.data.currentFamilyId, 'string');
    assert.equal(family.data.familyList[0].id, family.data.currentFamilyId);
    for (const { data } of [all, paged]) {
      assert.equal(data.total, 2);
      assert.deepEqual(data.thingList.map(({ itemData }) => itemData.deviceid).sort(), ids);
    }
    const [{ itemType, itemData }] = one.data.thingList;
    assert.deepEqual([itemType, itemData.deviceid, itemData.apikey, itemData.devicekey, itemData.online],
      [1, account.device.id, account.user.apikey, account.device.key, true]);
    assert.equal(typeof itemData.extra.uiid, 'number');
    assert.equal(typeof itemData.params, 'object');
  });

  testShared('the status of things: read, set, and set many at once', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 2 });
    const [first, second] = await Promise.all(account.devices.map((device) => openDevice(it, device)));
    const session = await openApp(it, account);
    const [one, two] = account.devices.map(({ id }) => id);
    first.send(report(account.device, { switch: 'off', fwVersion: '3.5.1' }));
    await first.json({ error: 0 });
    const [, before, set, after, many] = await play(it, app, [
      login(account.user),
      ['device.getThingStatus', { type: 1, id: one, params: 'switch|switches' }],
      ['device.setThingStatus', { type: 1, id: one, params: { switch: 'on' } }],
      ['device.getThingStatus', { type: 1, id: one, params: 'switch|switches' }],
      ['device.setAllThingStatus', { timeout: 4000, thingList: [
        { type: 1, id: one, params: { switch: 'off' } },
        { type: 1, id: two, params: { switch: 'off' } },
      ] }],
    ]);

    assert.deepEqual(bare(before), { error: 0, msg: '', data: { params: { switch: 'off' } } });
    assert.deepEqual(bare(set), { error: 0, msg: '', data: {} });
    assert.deepEqual(after.data, { params: { switch: 'on' } });
    assert.deepEqual(many.data.respList.map(({ id, error }) => [id, error]), [[one, 0], [two, 0]]);
    assert.deepEqual(first.obeyed, [{ switch: 'on' }, { switch: 'off' }]);
    assert.deepEqual(second.obeyed, [{ switch: 'off' }]);
    await session.json({ action: 'update', deviceid: one, userAgent: 'app', params: { switch: 'on' } });
    session.drop();
  });

  testShared('a device that is away is 4002, another\'s is not found', async (it, t, app) => {
    const account = await it.control.account({ app });
    const another = await it.control.account({ app });
    const answers = await play(it, app, [
      login(account.user),
      ['device.setThingStatus', { type: 1, id: account.device.id, params: { switch: 'on' } }],
      ['device.getThingStatus', { type: 1, id: another.device.id, params: 'switch' }],
    ]);

    assert.equal(answers[1].error, 4002);
    assert.ok([403, 405, 406].includes(answers[2].error), `${answers[2].error}`);
  });

  testShared('a device is added, renamed and deleted', async (it, t, app) => {
    const account = await it.control.account({ app, devices: 0 });
    const device = await it.control.device();
    const answers = await play(it, app, [
      login(account.user),
      ['device.addDevice', { deviceId: device.id, deviceKey: device.key, name: 'Lamp',
        chipId: '0123456789ab', sort: 1 }],
      ['device.setDeviceInfo', { deviceId: device.id, newName: 'Hall lamp' }],
      ['device.getThings', { thingList: [{ itemType: 1, id: device.id }] }],
      ['device.delDevice', { id: device.id }],
      ['device.getAllThings', {}],
    ]);

    assert.deepEqual(answers.map(({ error }) => error), Array(6).fill(0));
    assert.equal(answers[3].data.thingList[0].itemData.name, 'Hall lamp');
    assert.equal(answers[5].data.total, 0);
  });

  testShared('no updates of firmware are offered', async (it, t, app) => {
    const account = await it.control.account({ app });
    const [, answer] = await play(it, app, [
      login(account.user),
      ['device.getOTAInfo', { deviceInfoList: [
        { deviceId: account.device.id, model: 'SIM-1', version: '3.5.1' }] }],
    ]);

    assert.equal(answer.error, 0);
  });

  testShared('from login to a command by socket with nothing but its own marks', async (it, t, app) => {
    const account = await it.control.account({ app });
    const device = await openDevice(it, account.device);
    const [, online, ack] = await play(it, app, [
      login(account.user),
      ['ws.create', { region: 'us' }],
      ['ws.updateState', account.device.id, { switch: 'on' }],
    ]);

    assert.deepEqual([online.error, online.apikey, ack.error], [0, account.user.apikey, 0]);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  });

  testShared('login at a full address, which is its baseURL', async (it, t, app) => {
    const user = await it.control.user();
    const [answer] = await play(it, app, [login(user)], { baseURL: `https://localhost:${it.port}` });
    assert.deepEqual([answer.error, answer.data.user.apikey], [0, user.apikey]);
  });

  testShared('what it asks that is no API here is named on the page', async (it, t, app) => {
    const { user, device } = await it.control.account({ app });
    const [page] = /`no such API`[^#]*/.exec(PAGE);
    const [, missing] = await play(it, app, [login(user), ['survey', { account: user.account,
      password: 'no such password', areaCode: '+1', phoneNumber: '+8613512345670', code: '000000',
      oldPassword: 'no such password', newPassword: 'another password', region: 'us', type: 1,
      redirectUrl: 'https://panel.example/', name: 'Hall', id: 'none', deviceId: '10ffffffff',
      deviceKey: 'none', deviceidList: [device.id], coverDeviceidList: [device.id],
      deviceInfoList: [], thingList: [{ itemType: 1, type: 1, id: device.id, params: {} }],
      oldThingList: [], newThingList: [], idList: [], params: { switch: 'on' }, permit: 15,
      user: { email: user.account }, tags: {}, mainDeviceId: device.id }]]);

    for (const name of missing) assert.ok(page.includes(`\`${name}\``), name);
    assert.ok(!missing.includes('device.getAllThings'));
  });
});
