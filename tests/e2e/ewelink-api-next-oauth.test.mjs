// The unmodified npm package ewelink-api-next 1.0.4 and OAuth: the address that it makes leads a person to
// the login page, and the code that comes back is a pair of tokens to it.

import assert from 'node:assert/strict';

import { headerOf } from '../conformance/runner/connection.mjs';

import { CLIENT_FLAGS, playNode, valuesOf } from './support/clients.mjs';
import { request } from './support/http.mjs';
import { openDevice } from './support/link.mjs';
import { testServer } from './support/server.mjs';

const RETURN = 'https://panel.example.com/done';
const ENTITIES = { '&amp;': '&', '&quot;': '"', '&#39;': '\'', '&lt;': '<', '&gt;': '>' };

const unescape = (text) => text.replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);

/** A person: follows the address, fills in the form, and is sent back: the URL that the app is told. */
async function logIn(server, url, { account, password }) {
  const { host, pathname, search } = new URL(url);
  const page = await request(server, { path: `${pathname}${search}`, headers: { Host: host } });
  assert.equal(page.status, 200, page.body);
  const [cookie] = headerOf(page.head, 'set-cookie').split(';');
  const hidden = [...page.body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  const form = new URLSearchParams([...hidden.map(([, name, value]) => [name, unescape(value)]),
    ['account', account], ['password', password]]);
  const answer = await request(server, { method: 'POST', path: '/oauth/login', body: String(form),
    headers: { Host: host, Cookie: cookie, 'Content-Type': 'application/x-www-form-urlencoded' } });

  assert.equal(answer.status, 303, answer.body);
  return new URL(headerOf(answer.head, 'location'));
}

testServer('ewelink-api-next gets tokens by a login page and uses them',
  { flags: ['--workers', '2', ...CLIENT_FLAGS] }, async (server) => {
    const { control } = server;
    const app = await control.app({ preset: 'ewelink-api-next' });
    const account = await control.account();
    const device = await openDevice(server, account.device);
    const play = async (calls) => valuesOf(await playNode(server, 'ewelink-next.cjs',
      { region: 'us', appId: app.id, appSecret: app.secret }, calls), calls);

    await control.call('redirect add', { app: app.id, url: RETURN });
    const [url] = await play([['oauth.createLoginUrl', { redirectUrl: RETURN, state: 'a state' }]]);
    const back = await logIn(server, url, account.user);
    assert.equal(back.href.split('?')[0], RETURN);
    const [code, region, state] = ['code', 'region', 'state'].map((n) => back.searchParams.get(n));
    assert.deepEqual([region, state], ['us', 'a state']);

    const [tokens, , things, set, again] = await play([
      ['oauth.getToken', { region, redirectUrl: RETURN, code }],
      ['use', { at: '$0.data.accessToken' }],
      ['device.getAllThings', {}],
      ['device.setThingStatus', { type: 1, id: account.device.id, params: { switch: 'on' } }],
      ['oauth.getToken', { region, redirectUrl: RETURN, code }],
    ]);
    assert.equal(tokens.error, 0);
    for (const name of ['accessToken', 'refreshToken']) assert.match(tokens.data[name], /^[0-9a-f]{40}$/);
    for (const name of ['atExpiredTime', 'rtExpiredTime'])
      assert.ok(tokens.data[name] > Date.now(), name);
    assert.equal(things.data.thingList[0].itemData.deviceid, account.device.id);
    assert.equal(set.error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    assert.notEqual(again.error, 0, 'a code is good for once');
  });
