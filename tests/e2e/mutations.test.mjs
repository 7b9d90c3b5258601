// What the server says is as documented whatever it is asked: each request of the two documents, with a
// member left out, twice there, or of another kind, and each call of the account API. The tap judges the
// answers (contract/tap.cjs); here nothing is expected but that every link and connection goes on.

import assert from 'node:assert/strict';

import { Connection } from '../conformance/runner/connection.mjs';

import documents from './contract/documents.cjs';
import { formatRequest, takeAnswer } from './support/http.mjs';
import { Link, openApp, openDevice, register, userOnline } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--limits-reject-time', '100ms'] });

/** JSON texts in place of a member's value. */
const VALUES = ['null', 'true', '-1', '0', '1.5', '1e3', '12345678901234567', '""', '" "', '"x"', '"1"',
  '"\\u0000"', '"\\"\\\\\\u00e9"', '"é"', '[]', '[1]', '["switch"]', '[{}]', '{}', '{"a":{"b":[]}}',
  `"${'y'.repeat(300)}"`, `[${'[],'.repeat(20)}[]]`];

/** A message as JSON text, from [key, JSON text] pairs: keys may stand twice. */
const textOf = (members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`;

/** The message itself, then each way to spoil one of its members. */
function* mutantsOf(message) {
  const members = Object.entries(message).map(([key, value]) => [key, JSON.stringify(value)]);
  yield textOf(members);
  for (const [i, [key]] of members.entries()) {
    yield textOf(members.filter((member, at) => at !== i));
    yield textOf([...members, members[i]]);
    yield textOf([[key, '"first"'], ...members]);
    for (const value of VALUES)
      yield textOf(members.map((member, at) => (at === i ? [key, value] : member)));
  }
}

async function sendAll(link, messages) {
  for (const message of messages)
    for (const text of mutantsOf(message)) link.send(text);
  await link.settle();
  assert.equal(link.isClosed, false);
}

testShared('an app\'s requests, spoiled member by member', async (server) => {
  const account = await server.control.account();
  const { id: deviceid, owner: { apikey } } = account.device;
  const app = await openApp(server, account);
  const envelope = { deviceid, apikey, userAgent: 'app', sequence: '7' };
  const share = { uid: 'nobody@example.com', deviceName: 'd', userName: 'u', permit: 15, note: 'n' };

  await sendAll(app, [
    { action: 'update', ...envelope, params: { switch: 'on' } },
    { action: 'query', ...envelope, params: ['switch'] },
    { action: 'date', ...envelope },
    { action: 'upgrade', ...envelope, params: { binList: [], model: 'm', version: '1' } },
    { action: 'nonsense', ...envelope, params: {} },
    { action: 'share', ...envelope, params: share },
    { action: 'updateShare', ...envelope, params: share },
    { action: 'cancelShare', ...envelope, params: { uid: share.uid } },
    { error: 0, ...envelope },
  ]);
});

testShared('a device\'s requests, spoiled member by member', async (server) => {
  const account = await server.control.account();
  const { id: deviceid, owner: { apikey } } = account.device;
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device);
  const envelope = { userAgent: 'device', apikey, deviceid, d_seq: 7 };

  await sendAll(device, [
    { action: 'update', ...envelope, params: { switch: 'on' }, seq: '2' },
    { action: 'query', ...envelope, params: ['timers'] },
    { action: 'date', ...envelope },
    { action: 'nonsense', ...envelope },
    { error: 0, ...envelope, sequence: '1' },
  ]);
  await app.settle();
});

testShared('handshakes, spoiled member by member', async (server) => {
  const account = await server.control.account();
  const messages = [userOnline(account, { sequence: '1' }), register(account.device, { d_seq: 1 })];

  for (const text of messages.flatMap((message) => [...mutantsOf(message)])) {
    const link = await Link.open(server);
    link.send(text);
    await link.take(({ json }) => json !== undefined, `an answer to ${text}`);
    link.drop();
  }
});

/** Every call of the clients' listeners but for the upgrade: { method, path }. */
function calls() {
  const { paths } = documents.load('openapi.yaml');
  return Object.entries(paths).filter(([path, item]) => item.servers === undefined && path !== '/api/ws')
    .flatMap(([path, item]) => Object.keys(item).map((method) => ({ method: method.toUpperCase(), path })));
}

const BODIES = [undefined, '', '{', '[]', '{"deviceid":1}', '{"id":"x","type":1,"params":{}}',
  '{"thingList":[{}]}', '{"rt":"x"}', '{"email":"a@example.com","password":"x"}', '{"name":""}'];

testShared('every call over HTTPS, with every kind of body and token', async (server) => {
  const account = await server.control.account();
  const tokens = [{}, { Authorization: 'Bearer null' }, { Authorization: 'Sign x' }, { Authorization: `Bearer ${account.token}` }];
  let conn = await Connection.open(server.target);

  for (const { method, path } of calls())
    for (const headers of tokens)
      for (const body of BODIES) {
        const target = path.replace(/\{[^}]+\}/, account.device.id);
        conn.write(formatRequest({ method, path: target, headers, body }));
        const { status, head } = await takeAnswer(conn, method);
        assert.ok(status < 500, `${status} to ${method} ${path}`);
        if (!/connection: close/i.test(head.text)) continue;
        conn.drop();
        conn = await Connection.open(server.target);
      }
  conn.drop();
});
