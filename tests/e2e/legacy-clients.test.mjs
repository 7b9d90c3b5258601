// Requests over HTTPS of clients that no registry has, as their sources write them: headers, order of
// members, strings for numbers, slashes. What they read of the answers is looked at the way they look.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { request } from './support/http.mjs';
import { openDevice, report } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--node-region', 'us'] });

const sign = (secret, text) => `Sign ${createHmac('sha256', secret).update(text).digest('base64')}`;

/** An account of its own with an app of that preset, and a device that is online and has reported. */
async function household(server, preset) {
  const app = await server.control.app({ preset });
  const account = await server.control.account({ app });
  account.link = await openDevice(server, account.device);
  account.link.send(report(account.device, { switch: 'off', fwVersion: '3.5.1' }));
  await account.link.json({ error: 0 });
  return account;
}

/** The answer's JSON, which comes with status 200 whatever it says. */
async function ask(server, options) {
  const { status, json } = await request(server, options);
  assert.equal(status, 200);
  return json;
}

/** v1's login, signed over these very bytes. */
const login = (server, { app }, body, headers = {}) => ask(server, { method: 'POST',
  path: '/api/user/login', body: JSON.stringify(body),
  headers: { Authorization: sign(app.secret, JSON.stringify(body)), ...headers } });

function assertLoggedIn(answer, { user }) {
  assert.equal(answer.error, undefined);
  assert.match(answer.at, /^[0-9a-f]{40}$/);
  assert.deepEqual([answer.user.apikey, answer.region], [user.apikey, 'us']);
  return `Bearer ${answer.at}`;
}

testShared('ewelink-api-java, older versions: v1 with a doubled slash, and params as a text', async (server) => {
  const account = await household(server, 'ewelink-api-java');
  const { app, device, user, link } = account;
  const headers = { 'Content-Type': 'application/json; utf-8', Accept: 'application/json' };
  headers.Authorization = assertLoggedIn(await login(server, account, { email: user.account,
    password: user.password, version: '8', ts: '1548000000123', nonce: 'a1b2c3d4', appid: app.id },
  headers), account);
  const common = `lang=en&appid=${app.id}&ts=1548000000123&version=8`;

  const list = await ask(server, { path: `/api//user/device?${common}&getTags=1`, headers });
  assert.deepEqual([list.error, list.devicelist[0].deviceid], [0, device.id]);
  const one = await ask(server,
    { path: `/api//user/device/${device.id}?deviceid=${device.id}&${common}`, headers });
  assert.deepEqual([one.error ?? 0, one.deviceid, one.online], [0, device.id, true]);
  const status = await ask(server, { headers,
    path: `/api//user/device/status?deviceid=${device.id}&${common}&params=switch|switches` });
  assert.deepEqual(status, { error: 0, params: { switch: 'off' } });
  const set = await ask(server, { method: 'POST', path: '/api/user/device/status', headers,
    body: { appid: app.id, deviceid: device.id, ts: '1548000000123', version: '8',
      params: '{"switch":"on"}' } });
  assert.deepEqual([set.error, set.deviceid], [0, device.id]);
  assert.deepEqual(link.obeyed, [{ switch: 'on' }]);
});

testShared('ewelink-api-java: v2, its own spelling of headers', async (server) => {
  const account = await household(server, 'ewelink-api-java');
  const { app, device, user, link } = account;
  const body = JSON.stringify({ email: user.account, password: user.password, countryCode: '+1',
    lang: 'en', os: 'iOS', model: 'iPhone', romVersion: '11.1.2', appVersion: '4.0' });
  const headers = { 'X-Ck-Appid': app.id, 'X-Ck-Nonce': 'a1b2c3d4', Accept: 'application/json',
    'Content-Type': 'application/json; utf-8', Authorization: sign(app.secret, body) };
  const { error, data } = await ask(server, { method: 'POST', path: '/v2/user/login', body, headers });
  assert.deepEqual([error, data.user.apikey], [0, user.apikey]);
  headers.Authorization = `Bearer ${data.at}`;

  const family = await ask(server, { path: '/v2/family', headers });
  const [{ id }] = family.data.familyList;
  const things = await ask(server, { headers,
    path: `/v2/device/thing?num=300&beginIndex=-999999&familyid=${id}` });
  assert.deepEqual(things.data.thingList.map(({ itemData }) => itemData.deviceid), [device.id]);
  const status = await ask(server, { headers,
    path: `/v2/device/thing/status?type=1&id=${device.id}&params=switch` });
  assert.deepEqual(status.data.params, { switch: 'off' });
  const set = await ask(server, { method: 'POST', path: '/v2/device/thing/status', headers,
    body: { type: 1, id: device.id, params: { switch: 'on' } } });
  assert.equal(set.error, 0);
  assert.deepEqual(link.obeyed, [{ switch: 'on' }]);
});

/* What HASS-sonoff-ewelink, coolkit-client and the first homebridge-ewelink have in common. */
const PHONE = { os: 'iOS', model: 'iPhone10,6', romVersion: '11.1.2', appVersion: '3.5.3',
  imei: '01234567-89AB-CDEF-0123-456789ABCDEF' };

for (const { name, preset, misspelt } of [
  { name: 'HASS-sonoff-ewelink', preset: 'hass-sonoff-ewelink', misspelt: { apkVersion: '1.8' } },
  { name: 'coolkit-client', preset: 'coolkit-client', misspelt: { apkVesrion: '1.8' } },
  { name: 'the first homebridge-ewelink', preset: 'homebridge-ewelink-legacy',
    misspelt: { apkVesrion: '1.8' } },
]) {
  testShared(`${name}: login with what describes a phone, and the list of devices`, async (server) => {
    const account = await household(server, preset);
    const { app, device, user } = account;
    const common = { version: '6', ts: '1545219251', nonce: '154521925112345', appid: app.id,
      ...PHONE, ...misspelt };
    const headers = { 'Content-Type': 'application/json;charset=UTF-8' };
    headers.Authorization = assertLoggedIn(await login(server, account,
      { password: user.password, ...common, email: user.account }, headers), account);
    const query = new URLSearchParams({ lang: 'en', apiKey: user.apikey, getTags: '1', ...common });
    const answer = await ask(server, { path: `/api/user/device?${query}`, headers });

    assert.equal(answer.error, 0);
    const [{ deviceid, name: label, online, params, extra }] = answer.devicelist;
    assert.deepEqual([deviceid, online, params.switch], [device.id, true, 'off']);
    assert.deepEqual([label, extra.extra.model, extra.extra.mac].map((it) => typeof it),
      ['string', 'string', 'string']);
  });
}

testShared('the first homebridge-ewelink asks for the region of a country', async (server) => {
  const app = await server.control.app({ preset: 'homebridge-ewelink-legacy' });
  const query = `country_code=1&nonce=a1b2c3d4&ts=1545219251&version=8`;
  const sorted = `appid=${app.id}&${query}`;
  const answer = await ask(server, { path: `/api/user/region?${sorted}`,
    headers: { Authorization: sign(app.secret, sorted) } });

  assert.deepEqual([answer.error, answer.region, answer.requestid], [0, 'us', '1545219251-a1b2c3d4']);
});

testShared('SonoffLAN 2.4.7: login, and devices by list', async (server) => {
  const account = await household(server, 'sonofflan');
  const { app, device, user } = account;
  const authorization = assertLoggedIn(await login(server, account, { email: user.account,
    password: user.password, version: 8, ts: 1545219251, nonce: '1545219251', appid: app.id,
    os: 'android', model: '', romVersion: '', imei: '', appVersion: '3.14.1' }), account);
  const answer = await ask(server, { path: '/api/user/device?lang=en&version=8&ts=1545219251'
    + `&nonce=1545219251&appid=${app.id}&getTags=1`, headers: { Authorization: authorization } });

  assert.deepEqual(answer.devicelist.map(({ deviceid }) => deviceid), [device.id]);
});

testShared('a token that means nothing sends each of them back to its login', async (server) => {
  for (const [path, error] of [['/api/user/device', 406], ['/api/user/device/1000000001', 406],
    ['/api/user/device/status?deviceid=1000000001&params=switch', 401], ['/v2/family', 401]])
    assert.equal((await ask(server, { path, headers: { Authorization: 'Bearer null' } })).error, error);
});
