// No secret leaves the server: the whole journey with marked secrets, right ones and wrong ones, at log
// level debug; none of the markers may be found in what operators and clients get to see.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { Connection } from '../conformance/runner/connection.mjs';

import { dispatchApp, dispatchDevice, dispatchRequest, formatRequest, request, takeAnswer }
  from './support/http.mjs';
import { appUpdate, Link, openApp, openDevice, register, report, userOnline } from './support/link.mjs';
import { testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const SECRETS = {
  token: 'MARKtokenGOOD', expired: 'MARKtokenEXPIRED', revoked: 'MARKtokenREVOKED',
  refresh: 'MARKtokenREFRESH', wrong: 'MARKtokenWRONG', secret: 'MARKappSECRET',
  password: 'MARKpassword1', changed: 'MARKpassword2', key: 'MARKdeviceKEY',
  wrongKey: 'MARKdeviceWRONG', imported: 'MARKdeviceIMPORTED',
};
const MARK = /MARK\w+/g;

const found = (text) => [...new Set(text.match(MARK) ?? [])];

/** Runs ctl; what it prints must hold no secret unless it is said to show it. */
async function ctl(server, words, { shows = [], ...options } = {}) {
  const { code, stdout, stderr } = await server.ctl(words, options);
  assert.deepEqual(found(stdout), shows, `ctl ${words.join(' ')}`);
  assert.deepEqual(found(stderr), [], `ctl ${words.join(' ')}`);
  return { code, stdout, stderr };
}

async function prepare(server) {
  const { control } = server;
  const app = await control.app({ secret: SECRETS.secret });
  const user = await control.user({ password: SECRETS.password });
  const device = await control.device({ owner: user, key: SECRETS.key });
  const account = { app, user, device, token: SECRETS.token };
  await control.token(user, app, { token: SECRETS.token });
  await control.token(user, app, { token: SECRETS.expired, expired: true });
  await control.token(user, app, { token: SECRETS.revoked });
  await control.token(user, app, { token: SECRETS.refresh, kind: 'refresh' });
  return account;
}

/** The answers of dispatch to what is right and to what is wrong. */
async function askDispatch(server, account) {
  const answers = [await dispatchApp(server, account), await dispatchDevice(server, account.device)];
  for (const name of ['expired', 'revoked', 'refresh', 'wrong'])
    answers.push(await dispatchApp(server, { ...account, token: SECRETS[name] }));
  answers.push(await dispatchDevice(server, { ...account.device, key: SECRETS.wrongKey }));
  const { body, headers } = dispatchRequest(account);
  answers.push((await request(server, { method: 'POST', path: '/dispatch/app', headers,
    body: { ...body, nonce: undefined } })).json);
  assert.deepEqual(answers.map(({ error }) => error), [0, 0, 402, 401, 401, 401, 401, 400]);
  return JSON.stringify(answers);
}

/** Requests that the HTTP layer refuses, with a secret in each part. */
async function askBadly(server) {
  const requests = [
    `GET /${SECRETS.token} HTTP/1.1\r\nHost: h\r\n\r\n`,
    `GET /dispatch/app?token=${SECRETS.token} HTTP/1.1\r\nHost: h\r\n\r\n`,
    `${SECRETS.token} / HTTP/1.1\r\nHost: h\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: ${SECRETS.token}@h\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: h\r\nAuthorization : Bearer ${SECRETS.token}\r\n\r\n`,
    `DELETE /dispatch/app HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${SECRETS.token}\r\n\r\n`,
    formatRequest({ method: 'POST', path: '/dispatch/app', body: `{"at":"${SECRETS.token}",` }),
  ];
  let text = '';
  for (const bytes of requests) {
    const conn = await Connection.open(server.target);
    conn.write(bytes);
    const { head, body } = await takeAnswer(conn);
    text += head.text + body;
    conn.drop();
  }
  return text;
}

/** What refused links are told, and a whole working journey. */
async function connect(server, account) {
  const frames = [];
  const keep = (link) => frames.push(...link.frames.map(({ text }) => text));
  for (const first of [userOnline({ ...account, token: SECRETS.wrong }),
    userOnline({ ...account, token: SECRETS.expired }), userOnline({ ...account, token: SECRETS.refresh }),
    register({ ...account.device, key: SECRETS.wrongKey }),
    { action: 'update', deviceid: account.device.id, apikey: account.user.apikey, at: SECRETS.token },
    `{"action":"userOnline","at":"${SECRETS.token}"`]) {
    const link = await Link.open(server);
    link.send(first);
    await link.take(({ json }) => json?.error > 0 && frames.push(JSON.stringify(json)), 'a refusal');
    link.drop();
  }
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device);
  frames.push(JSON.stringify([app.online, device.online]));
  assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
  device.send({ ...report(account.device, { switch: 'off' }), d_seq: 1 });
  frames.push(JSON.stringify(await device.json({ d_seq: 1 })));
  app.send({ action: 'update', at: SECRETS.token, params: {} });
  frames.push(JSON.stringify(await app.json({ error: 400 })));
  await app.settle();
  keep(app);
  keep(device);
  return { app, device, text: frames.join('\n') };
}

testServer('no secret is in the log, the metrics, the lists or any text of an error',
  { flags: ['--workers', '2', '--log-level', 'debug', '--log-rate', '0', '--limits-reject-time', '0'] },
  async (server) => {
    const account = await prepare(server);
    const { id } = account.device;
    assert.equal((await ctl(server, ['token', 'revoke', SECRETS.revoked])).code, 0);

    assert.deepEqual(found(await askDispatch(server, account)), []);
    assert.deepEqual(found(await askBadly(server)), []);
    const { app, device, text } = await connect(server, account);
    /* A refused register says again what this very device sent: firmware looks for it. */
    assert.deepEqual(found(text), [SECRETS.wrongKey]);

    for (const words of [['app', 'list'], ['user', 'list'], ['device', 'list'], ['conn', 'list'],
      ['status'], ['device', 'show', id], ['token', 'check', SECRETS.token],
      ['token', 'check', SECRETS.expired], ['token', 'check', SECRETS.wrong]]) {
      await ctl(server, words);
      await ctl(server, [...words, '--json']);
    }
    await ctl(server, ['device', 'show', id, '--key'], { shows: [SECRETS.key] });
    await ctl(server, ['user', 'passwd', account.user.account, '--password', SECRETS.changed]);
    const taken = await ctl(server, ['device', 'create', '--id', id, '--key', SECRETS.wrongKey]);
    assert.notEqual(taken.code, 0);
    const invalid = await ctl(server,
      ['user', 'create', 'nobody', '--password', SECRETS.password]);
    assert.notEqual(invalid.code, 0);
    const short = await ctl(server, ['token', 'issue', '--user', 'nobody@example.com', '--app',
      account.app.id, '--token', SECRETS.wrong]);
    assert.notEqual(short.code, 0);
    await ctl(server, ['device', 'import', '-'],
      { input: `deviceid,key\n${id},${SECRETS.imported}\n` });

    assert.equal((await ctl(server, ['token', 'revoke', SECRETS.token])).code, 0);
    assert.equal(await app.closed(), 1008);
    device.drop();
    assert.deepEqual(found((await server.admin('/metrics')).body), []);
    assert.deepEqual(found((await server.admin(`/${SECRETS.token}`)).body), []);
    await server.stop();
    await until(() => server.log.includes('server.end'), 'the end of the log');
    assert.match(server.log, / debug /, 'the level is debug');
    assert.deepEqual(found(server.log), []);
  });

testServer('tokens and passwords are stored as hashes alone', {}, async (server) => {
  const { token, password } = SECRETS;
  await prepare(server);
  await server.stop();
  for (const name of ['switchyard.db', 'switchyard.db-wal']) {
    let bytes = '';
    try {
      bytes = readFileSync(`${server.data}/${name}`, 'latin1');
    } catch {
      continue; /* the write-ahead log goes with the last connection */
    }
    for (const secret of [token, password, SECRETS.expired, SECRETS.refresh])
      assert.equal(bytes.includes(secret), false, `${secret} in ${name}`);
  }
});
