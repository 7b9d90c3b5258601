// OAuth 2.0: an app sends somebody to the login page, gets a code back, and exchanges it for tokens.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

import { headerOf } from '../conformance/runner/connection.mjs';

import { request } from './support/http.mjs';
import { openApp } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const require = createRequire(import.meta.url);
const eWeLink = require('ewelink-api-next').default;

const { testShared } = shareServer({
  flags: ['--account-login-failures', '3', '--node-region', 'as'],
});
const { testShared: testHasty } = shareServer({ flags: ['--account-code-time', '1s'] });
const URL_OF_APP = 'https://panel.example.com/done';

const sign = ({ secret }, text) => createHmac('sha256', secret).update(text).digest('base64');
const unescape = (text) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>')
  .replaceAll('&quot;', '"').replaceAll('&#39;', '\'').replaceAll('&amp;', '&');

/** The link that an app shows, as its documents make it. */
function linkOf(app, { url = URL_OF_APP, state = 's1', authorization, ...more } = {}) {
  const seq = '1700000000000';
  return `/oauth/index.html?${new URLSearchParams({ clientId: app.id, redirectUrl: url, state, seq,
    grantType: 'authorization_code', nonce: 'abcd1234',
    authorization: authorization ?? sign(app, `${app.id}_${seq}`), ...more })}`;
}

/** The answer, what its form holds, and its cookie. */
function pageOf(answer) {
  const fields = Object.fromEntries([...answer.body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)]
    .map(([, name, value]) => [name, unescape(value)]));
  return { ...answer, fields, cookie: headerOf(answer.head, 'set-cookie')?.split(';')[0] };
}

const open = async (server, path, headers = {}) =>
  pageOf(await request(server, { path, headers }));

async function send(server, { fields, cookie }, more) {
  const body = new URLSearchParams({ ...fields, ...more }).toString();
  return pageOf(await request(server, { method: 'POST', path: '/oauth/login', body,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...(cookie && { Cookie: cookie }) } }));
}

/** The parameters that the browser is sent back with. */
function codeOf(answer, url = URL_OF_APP) {
  const location = headerOf(answer.head, 'location');
  assert.equal(answer.status, 303, answer.body);
  assert.ok(location.startsWith(url), location);
  return Object.fromEntries(new URL(location).searchParams);
}

async function exchange(server, app, { code, url = URL_OF_APP, ...more }) {
  const body = JSON.stringify({ code, redirectUrl: url, grantType: 'authorization_code', ...more });
  return (await request(server, { method: 'POST', path: '/v2/user/oauth/token', body,
    headers: { 'X-CK-Appid': app.id, Authorization: `Sign ${sign(app, body)}` } })).json;
}

async function accountOf(server, url = URL_OF_APP) {
  const account = await server.control.account();
  await server.control.call('redirect add', { app: account.app.id, url });
  account.typed = { account: account.user.account, password: account.user.password };
  return account;
}

testShared('a login on the page becomes a code, and the code tokens that open doors', async (server) => {
  const account = await accountOf(server);
  const page = await open(server, linkOf(account.app, { state: 'a b&c"<' }));
  assert.equal(page.status, 200);
  const { code, state, region } = codeOf(await send(server, page, account.typed));
  assert.equal(state, 'a b&c"<');
  assert.equal(region, 'as');
  const before = Date.now();
  const { error, data } = await exchange(server, account.app, { code });
  assert.equal(error, 0);
  assert.deepEqual(Object.keys(data), ['accessToken', 'atExpiredTime', 'refreshToken', 'rtExpiredTime']);
  assert.ok(data.atExpiredTime > before + 29 * 86_400_000 && data.rtExpiredTime > data.atExpiredTime);
  const session = await openApp(server, { ...account, token: data.accessToken });
  session.drop();
  const body = JSON.stringify({ rt: data.refreshToken });
  const refreshed = await request(server, { method: 'POST', path: '/v2/user/refresh', body,
    headers: { 'X-CK-Appid': account.app.id, Authorization: `Sign ${sign(account.app, body)}` } });
  assert.equal(refreshed.json.error, 0);
});

testShared('a code works once, for its own app and for the URL it was sent to', async (server) => {
  const account = await accountOf(server);
  const other = await server.control.app();
  const take = async () =>
    codeOf(await send(server, await open(server, linkOf(account.app)), account.typed)).code;
  const code = await take();
  assert.equal((await exchange(server, account.app, { code })).error, 0);
  assert.equal((await exchange(server, account.app, { code })).error, 405);
  assert.equal((await exchange(server, other, { code: await take() })).error, 405);
  assert.equal((await exchange(server, account.app, { code: await take(), url: `${URL_OF_APP}/` })).error, 405);
  assert.equal((await exchange(server, account.app, { code: 'nothing' })).error, 405);
  assert.equal((await exchange(server, account.app, { code: '' })).error, 400);
  assert.equal((await exchange(server, account.app, { code, grantType: 'password' })).error, 400);
  assert.equal((await exchange(server, { ...account.app, secret: 'x' }, { code })).error, 401);
  assert.equal((await exchange(server, { id: 'nobody', secret: 'x' }, { code })).error, 407);
});

testHasty('a code that has expired is 402', async (server) => {
  const account = await accountOf(server);
  const { code } = codeOf(await send(server, await open(server, linkOf(account.app)), account.typed));
  const issued = Date.now();
  while (Date.now() - issued < 1100) await new Promise((resolve) => { setTimeout(resolve, 100); });
  assert.equal((await exchange(server, account.app, { code })).error, 402);
});

testShared('the link that opens the page is the own one of the app, to a registered URL', async (server) => {
  const account = await accountOf(server);
  const { app } = account;
  const refused = async (status, link) => {
    const page = await open(server, link);
    assert.equal(page.status, status);
    assert.deepEqual(page.fields, {});
    assert.equal(headerOf(page.head, 'location'), undefined);
  };
  await refused(403, linkOf(app, { authorization: 'nonsense' }));
  await refused(403, linkOf({ id: 'nobody', secret: 'x' }));
  await refused(400, linkOf(app, { url: `${URL_OF_APP}?more` }));
  await refused(400, linkOf(app, { url: 'javascript:alert(1)' }));
  await refused(400, linkOf(app, { grantType: 'implicit' }));
  await refused(400, linkOf(app, { state: 'x'.repeat(1025) }));
  await server.control.call('redirect remove', { app: app.id, url: URL_OF_APP });
  await refused(400, linkOf(app));
  await server.control.call('app disable', { id: app.id });
  await refused(403, linkOf(app));
});

testShared('the quirk unverified-sign lets a link go unsigned', async (server) => {
  const app = await server.control.app({ quirk: ['unverified-sign'] });
  await server.control.call('redirect add', { app: app.id, url: URL_OF_APP });
  assert.equal((await open(server, linkOf(app, { authorization: '' }))).status, 200);
});

testShared('a form counts only from the browser that it was made for, unchanged', async (server) => {
  const account = await accountOf(server);
  const page = await open(server, linkOf(account.app));
  const strange = await open(server, linkOf(account.app));
  const refused = async (form, more) => {
    const answer = await send(server, form, { ...account.typed, ...more });
    assert.equal(answer.status, 403);
    assert.equal(headerOf(answer.head, 'location'), undefined);
  };
  await refused({ ...page, cookie: undefined });
  await refused({ ...page, cookie: strange.cookie });
  await refused(page, { redirectUrl: 'https://evil.example.com/done' });
  await refused(page, { state: 's2' });
  await refused(page, { made: String(Number(page.fields.made) + 1) });
  await refused(page, { seal: '' });
  codeOf(await send(server, page, account.typed));
});

testShared('a browser that has a cookie keeps it, so that two pages may stand open', async (server) => {
  const account = await accountOf(server);
  const first = await open(server, linkOf(account.app, { state: 'first' }));
  const second = await open(server, linkOf(account.app), { Cookie: `a=b; ${first.cookie}; c=d` });
  assert.equal(second.cookie, first.cookie);
  assert.equal(codeOf(await send(server, first, account.typed)).state, 'first');
});

testShared('a wrong password shows the form again, and too many shut the right one out', async (server) => {
  const account = await accountOf(server);
  let page = await open(server, linkOf(account.app));
  for (let i = 0; i < 3; i++) {
    page = await send(server, page, { ...account.typed, password: 'wrong password' });
    assert.equal(page.status, 401);
    assert.match(page.body, /role="alert">Wrong account or password/);
    assert.ok(!page.body.includes('wrong password'));
  }
  assert.equal((await send(server, page, account.typed)).status, 429);
});

testShared('an account of another region gets no code', async (server) => {
  const account = await accountOf(server);
  const user = await server.control.user({ region: 'eu' });
  const answer = await send(server, await open(server, linkOf(account.app)),
    { account: user.account, password: user.password });
  assert.equal(answer.status, 403);
  assert.match(answer.body, /another region/);
});

testShared('the page fetches and runs nothing, stands in no frame, and is not kept', async (server) => {
  const account = await accountOf(server);
  const page = await open(server, linkOf(account.app, { state: '"><script>' }));
  const policy = headerOf(page.head, 'content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /form-action 'self' https:\/\/panel\.example\.com$/);
  assert.ok(!/<script|<img|<link|url\(|https?:/.test(page.body.replace(/value="[^"]*"/g, '')));
  assert.ok(!page.body.includes('"><script>'));
  assert.equal(headerOf(page.head, 'cache-control'), 'no-store');
  assert.match(headerOf(page.head, 'set-cookie'), /^__Host-.*; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
});

testShared('ewelink-api-next makes a link that leads to the page', async (server) => {
  const account = await accountOf(server);
  const client = new eWeLink.WebAPI({ appId: account.app.id, appSecret: account.app.secret, region: 'as', logObj: console });
  const link = client.oauth.createLoginUrl({ redirectUrl: URL_OF_APP, state: 's1' });
  const { pathname, search } = new URL(link);
  const page = await open(server, pathname + search);
  assert.equal(page.status, 200, page.body);
  codeOf(await send(server, page, account.typed));
});
