// Verification codes, and what they are for: registration and a new password, in both dialects, with a
// real mail server and a real web hook at the other end. docs/protocol.md, "Verification codes"

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { certifiedData } from './support/certificates.mjs';
import { request } from './support/http.mjs';
import { openApp } from './support/link.mjs';
import { codeIn, startSink } from './support/mail-sink.mjs';
import { Server } from './support/server.mjs';
import { until } from './support/until.mjs';

/** The two dialects: paths, names and codes of the same things. */
const V1 = {
  name: 'v1', code: '/api/sms', type: 'sendType', register: '/api/user/register',
  reset: '/api/user/password/reset', login: '/api/user/login', open: (answer) => answer,
  wrong: 498, exists: 409, unknown: 401, elsewhere: 301, often: 160038, unsent: 504, closed: 403,
};
const V2 = {
  name: 'v2', code: '/v2/user/verification-code', type: 'type', register: '/v2/user/register',
  reset: '/v2/user/reset-pwd', login: '/v2/user/login', open: ({ error, data }) => ({ error, ...data }),
  wrong: 10002, exists: 10009, unknown: 10003, elsewhere: 10004, often: 10010, unsent: 500,
  closed: 406,
};

/** A signed call of an app; a success of v1 has no error. */
async function call(server, app, dialect, path, body) {
  const text = JSON.stringify({ appid: app.id, ...body });
  const sign = createHmac('sha256', app.secret).update(text).digest('base64');
  const { status, json } = await request(server, {
    method: 'POST', path, body: text,
    headers: { 'X-CK-Appid': app.id, Authorization: `Sign ${sign}` },
  });
  assert.equal(status, 200);
  return { error: 0, ...dialect.open(json) };
}

const ask = (server, app, dialect, type, email) =>
  call(server, app, dialect, dialect.code, { [dialect.type]: type, email });

/** Starts a server whose codes go to a mail sink; both end with the test. */
async function startWithMail(t, flags = []) {
  const sink = await startSink(t);
  const server = await Server.start({ flags: [
    '--account-register', '--verification-sender', 'smtp', '--verification-tls=false',
    '--verification-url', `smtp://127.0.0.1:${sink.port}`,
    '--verification-from', 'The house <house@example.org>', ...flags] });
  t.after(() => server.dispose());
  return { sink, server, app: await server.control.app() };
}

/** The code of the mail that comes next. */
async function nextCode(sink, count) {
  await until(() => sink.mails.length > count, 'a mail');
  return codeIn(sink.mails[count]);
}

for (const dialect of [V1, V2]) {
  test(`${dialect.name}: an account is made with a code, which counts once`, async (t) => {
    const { sink, server, app } = await startWithMail(t);
    const email = 'new@example.org';
    const form = { email, password: 'a new password' };
    const register = (verificationCode, more) =>
      call(server, app, dialect, dialect.register, { ...form, verificationCode, ...more });

    assert.equal((await ask(server, app, dialect, 0, email)).error, 0);
    const code = await nextCode(sink, 0);
    assert.equal(sink.mails[0].from, '<house@example.org>');
    assert.equal(sink.mails[0].to, `<${email}>`);
    assert.match(sink.mails[0].text, /^To: new@example\.org$/m);

    assert.equal((await register(code === '000000' ? '1' : '000000')).error, dialect.wrong);
    assert.equal((await register(code, { password: 'short' })).error, 400);
    assert.equal((await register(code, { email: 'no address' })).error, 400);
    const made = await register(Number(code) < 100000 ? code : Number(code));
    assert.equal(made.error, 0);
    assert.equal(made.user.email, email);
    assert.match(made.at, /^[0-9a-f]{40}$/);
    (await openApp(server, { app, user: made.user, token: made.at })).drop();
    assert.equal((await register(code)).error, dialect.wrong);

    await server.kill();
    await server.again();
    const { error } = await call(server, app, dialect, dialect.login, form);
    assert.equal(error, 0);
  });

  test(`${dialect.name}: a code sets a new password, and ends what came by the old one`, async (t) => {
    const { sink, server, app } = await startWithMail(t);
    const account = await server.control.account({ app });
    const email = account.user.account;
    const session = await openApp(server, account);

    assert.equal((await ask(server, app, dialect, 1, email)).error, 0);
    const code = await nextCode(sink, 0);
    const reset = (verificationCode) => call(server, app, dialect, dialect.reset,
      { email, password: 'another password', verificationCode });
    assert.equal((await reset('12345')).error, dialect.wrong);
    const renewed = await reset(code);
    assert.equal(renewed.user.apikey, account.user.apikey);
    await until(() => session.isClosed, 'the end of the session');
    await assert.rejects(server.control.call('token check', { token: account.token }),
      { code: 'not_found' });
    (await openApp(server, { ...account, token: renewed.at })).drop();
    assert.equal((await reset(code)).error, dialect.wrong);
  });

  test(`${dialect.name}: nobody learns who has an account, and nobody is flooded`, async (t) => {
    const { sink, server, app } = await startWithMail(t);
    const { user } = await server.control.account({ app });

    for (let i = 0; i < 3; i++) {
      assert.equal((await ask(server, app, dialect, 1, 'nobody@example.org')).error, 0);
      assert.equal((await ask(server, app, dialect, 0, user.account)).error, 0);
    }
    assert.equal((await ask(server, app, dialect, 1, 'nobody@example.org')).error, dialect.often);
    assert.equal((await ask(server, app, dialect, 1, user.account)).error, dialect.often);
    assert.equal((await ask(server, app, dialect, 0, 'sentinel@example.org')).error, 0);
    await nextCode(sink, 0);
    assert.deepEqual(sink.mails.map(({ to }) => to), ['<sentinel@example.org>']);
  });

  test(`${dialect.name}: clients are told who has an account where that is wanted`, async (t) => {
    const { server, app } = await startWithMail(t, ['--account-tell-unknown',
      '--node-region', 'eu']);
    const here = await server.control.user({ region: 'eu' });
    const there = await server.control.user({ region: 'us' });

    assert.equal((await ask(server, app, dialect, 1, 'nobody@example.org')).error, dialect.unknown);
    assert.equal((await ask(server, app, dialect, 0, here.account)).error, dialect.exists);
    const elsewhere = await ask(server, app, dialect, 1, there.account);
    assert.equal(elsewhere.error, dialect.elsewhere);
    assert.equal(elsewhere.region, 'us');
  });

  test(`${dialect.name}: an account that was made meanwhile is not made again`, async (t) => {
    const { sink, server, app } = await startWithMail(t);
    const email = 'late@example.org';

    assert.equal((await ask(server, app, dialect, 0, email)).error, 0);
    const verificationCode = await nextCode(sink, 0);
    await server.control.user({ account: email });
    const { error } = await call(server, app, dialect, dialect.register,
      { email, password: 'a new password', verificationCode });
    assert.equal(error, dialect.exists);
  });

  test(`${dialect.name}: guessing uses a code up`, async (t) => {
    const { sink, server, app } = await startWithMail(t, ['--verification-attempts', '2']);
    const email = 'guessed@example.org';
    const register = (verificationCode) => call(server, app, dialect, dialect.register,
      { email, password: 'a new password', verificationCode });

    assert.equal((await ask(server, app, dialect, 0, email)).error, 0);
    const code = await nextCode(sink, 0);
    const wrong = code === '111111' ? '222222' : '111111';
    assert.equal((await register(wrong)).error, dialect.wrong);
    assert.equal((await register(wrong)).error, dialect.wrong);
    assert.equal((await register(code)).error, dialect.wrong);
  });

  test(`${dialect.name}: what is not offered is refused`, async (t) => {
    const server = await Server.start({});
    t.after(() => server.dispose());
    const app = await server.control.app();
    const email = 'new@example.org';

    assert.equal((await ask(server, app, dialect, 0, email)).error, dialect.closed);
    assert.equal((await ask(server, app, dialect, 1, email)).error, dialect.unsent);
    assert.equal((await ask(server, app, dialect, 7, email)).error, 400);
    assert.equal((await ask(server, app, dialect, 1, 'no address')).error, 400);
    assert.equal((await call(server, app, dialect, dialect.register,
      { email, password: 'a new password', verificationCode: '123456' })).error, dialect.closed);
    assert.equal((await call(server, app, dialect, dialect.reset,
      { email, password: 'short', verificationCode: '123456' })).error, 400);
    assert.equal((await call(server, { ...app, secret: 'other' }, dialect, dialect.code,
      { [dialect.type]: 1, email })).error, dialect === V1 ? 406 : 401);
  });
}

test('a mail server is spoken to over TLS, and logged in to', async (t) => {
  const folder = join(await certifiedData(t, { mail: ['localhost'] }), 'mail');
  const sink = await startSink(t, {
    cert: readFileSync(join(folder, 'server-ecdsa.pem')),
    key: readFileSync(join(folder, 'server-ecdsa.key')),
  });
  const credentials = join(folder, 'credentials');
  writeFileSync(credentials, 'house:s3cret\n', { mode: 0o600 });
  const server = await Server.start({ flags: ['--verification-sender', 'smtp',
    '--verification-url', `smtps://localhost:${sink.port}`, '--outbox-ca', join(folder, 'ca.pem'),
    '--verification-credentials', credentials, '--verification-from', 'house@example.org'] });
  t.after(() => server.dispose());
  const { app, user } = await server.control.account();

  assert.equal((await ask(server, app, V2, 1, user.account)).error, 0);
  const code = await nextCode(sink, 0);
  assert.deepEqual(sink.logins, ['house:s3cret']);
  assert.ok(!server.log.includes(code));
  assert.ok(!server.log.includes('s3cret'));
});

test('a web hook is handed codes for phone numbers too', async (t) => {
  const posts = [];
  const hook = http.createServer((asked, response) => {
    let text = '';
    asked.on('data', (data) => { text += data; });
    asked.on('end', () => {
      posts.push({ authorization: asked.headers.authorization, ...JSON.parse(text) });
      response.writeHead(204).end();
    });
  });
  await new Promise((resolve) => hook.listen(0, '127.0.0.1', resolve));
  t.after(() => hook.close());
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-hook-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'token'), 't0ken\n', { mode: 0o600 });
  const server = await Server.start({ flags: ['--verification-sender', 'webhook',
    '--verification-url', `http://127.0.0.1:${hook.address().port}/code`,
    '--verification-credentials', join(directory, 'token')] });
  t.after(() => server.dispose());
  const app = await server.control.app();
  const user = await server.control.user({ account: '+8613512345678' });

  assert.equal((await call(server, app, V1, V1.code, { sendType: '1', to: user.account })).error, 0);
  await until(() => posts.length > 0, 'a post');
  const { code, ...rest } = posts[0];
  assert.deepEqual(rest, { authorization: 'Bearer t0ken', purpose: 'reset', to: user.account });
  const renewed = await call(server, app, V1, V1.reset,
    { phoneNumber: user.account, password: 'another password', verificationCode: code });
  assert.equal(renewed.user.phoneNumber, user.account);
});

test('a log tells codes where it is the way, and a warning says so', async (t) => {
  const server = await Server.start({ flags: ['--verification-sender', 'log'] });
  t.after(() => server.dispose());
  const { app, user } = await server.control.account();

  assert.match(server.log, /warn code\.log /);
  assert.equal((await ask(server, app, V2, 1, user.account)).error, 0);
  await server.logs(/code\.sent purpose=reset account=\S+ code=\d{6}/);
});
