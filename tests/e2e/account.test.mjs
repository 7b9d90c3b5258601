// Accounts over HTTPS: what a login gives lasts over kill -9, and what has ended stays ended.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { request } from './support/http.mjs';
import { openApp } from './support/link.mjs';
import { shareServer, testServer } from './support/server.mjs';

/** A call of the second API, signed by an app or with a token. */
async function call(server, { method = 'POST', path, body, app, token }) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const sign = () => `Sign ${createHmac('sha256', app.secret).update(text).digest('base64')}`;
  const { status, json } = await request(server, {
    method, path, body: text,
    headers: { 'X-CK-Appid': app.id, Authorization: token ? `Bearer ${token}` : sign() },
  });
  assert.equal(status, 200);
  return json;
}

const login = (server, { app, user, password = user.password }) => call(server, {
  path: '/v2/user/login', app, body: { email: user.account, password } });
const refresh = (server, { app }, rt) =>
  call(server, { path: '/v2/user/refresh', app, body: { rt } });
const profile = (server, { app }, token) =>
  call(server, { method: 'GET', path: '/v2/user/profile', app, token });

testServer('tokens last over kill -9, and what has ended stays ended', {}, async (server) => {
  const account = await server.control.account();
  const first = (await login(server, account)).data;
  const second = (await login(server, account)).data;
  const rotated = (await refresh(server, account, first.rt)).data;
  const logout = await call(server, {
    method: 'DELETE', path: '/v2/user/logout', app: account.app, token: second.at });
  assert.equal(logout.error, 0);

  await server.kill();
  await server.again();

  assert.equal((await profile(server, account, rotated.at)).error, 0);
  for (const gone of [first.at, second.at])
    assert.equal((await profile(server, account, gone)).error, 401);
  for (const gone of [first.rt, second.rt])
    assert.equal((await refresh(server, account, gone)).error, 401);
  assert.equal((await refresh(server, account, rotated.rt)).error, 0);
});

testServer('a new password lasts over kill -9', {}, async (server) => {
  const account = await server.control.account();
  const { at } = (await login(server, account)).data;
  const changed = await call(server, {
    path: '/v2/user/change-pwd', app: account.app, token: at,
    body: { oldPassword: account.user.password, newPassword: 'another password' } });
  assert.equal(changed.error, 0);

  await server.kill();
  await server.again();

  assert.equal((await login(server, account)).error, 10001);
  assert.equal((await login(server, { ...account, password: 'another password' })).error, 0);
  assert.equal((await profile(server, account, at)).error, 401);
});

testServer('where the newest login wins, older tokens and sessions end on every worker',
  { flags: ['--workers', '2', '--account-sign-ins', 'app'] }, async (server) => {
    const account = await server.control.account();
    const elsewhere = { ...account, app: await server.control.app() };
    const other = (await login(server, elsewhere)).data;
    const older = (await login(server, account)).data;
    const sessions = await Promise.all(Array.from({ length: 4 }, () =>
      openApp(server, { ...account, token: older.at })));
    const newer = (await login(server, account)).data;

    await Promise.all(sessions.map((session) => session.closed()));
    assert.equal((await profile(server, account, older.at)).error, 401);
    assert.equal((await refresh(server, account, older.rt)).error, 401);
    assert.equal((await profile(server, account, newer.at)).error, 0);
    assert.equal((await profile(server, elsewhere, other.at)).error, 0);
  });

const { testShared } = shareServer({ flags: ['--account-max-tokens', '2'] });

testShared('past account.max_tokens the oldest pair ends', async (server) => {
  const account = await server.control.account();
  const pairs = [];
  for (let i = 0; i < 3; i++) pairs.push((await login(server, account)).data);
  assert.equal((await profile(server, account, pairs[0].at)).error, 401);
  for (const { at } of pairs.slice(1)) assert.equal((await profile(server, account, at)).error, 0);
});

testShared('neither passwords nor tokens reach the log', async (server) => {
  const account = await server.control.account();
  const { at, rt } = (await login(server, account)).data;
  await login(server, { ...account, password: 'a wrong password' });
  await refresh(server, account, rt);
  for (const secret of [account.user.password, 'a wrong password', at, rt, account.app.secret])
    assert.ok(!server.log.includes(secret));
});
