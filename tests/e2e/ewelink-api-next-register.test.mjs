// The unmodified npm package ewelink-api-next 1.0.4 makes itself an account: a code by mail, which counts
// once, and a session with what the answer tells.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CLIENT_FLAGS, playNode, valuesOf } from './support/clients.mjs';
import { codeIn, startSink } from './support/mail-sink.mjs';
import { Server } from './support/server.mjs';
import { until } from './support/until.mjs';

test('ewelink-api-next registers with a code by mail', async (t) => {
  const sink = await startSink(t);
  const server = await Server.start({ flags: ['--workers', '2', '--dispatch-anonymous',
    '--account-register', '--verification-sender', 'smtp', '--verification-tls=false',
    '--verification-url', `smtp://127.0.0.1:${sink.port}`,
    '--verification-from', 'The house <house@example.org>', ...CLIENT_FLAGS] });
  t.after(() => server.dispose());
  const app = await server.control.app({ preset: 'ewelink-api-next' });
  const who = { account: 'new@example.org', password: 'a new password', areaCode: '+1' };
  const play = async (calls) => valuesOf(await playNode(server, 'ewelink-next.cjs',
    { region: 'us', appId: app.id, appSecret: app.secret }, calls), calls);

  const [asked] = await play([['user.sendCode', { type: 'register', account: who.account }]]);
  assert.equal(asked.error, 0);
  await until(() => sink.mails.length > 0, 'a mail');
  const code = codeIn(sink.mails[0]);
  const [made, marks, online, again, reset] = await play([
    ['user.register', { ...who, code }],
    ['state'],
    ['ws.create', { region: 'us' }],
    ['user.register', { ...who, code }],
    ['user.resetPwd', { account: who.account, newPassword: 'another password', code: '1' }],
  ]);

  assert.deepEqual([made.error, made.data.region, made.data.user.email], [0, 'us', who.account]);
  assert.deepEqual(marks, { at: made.data.at, rt: made.data.rt, apikey: made.data.user.apikey });
  assert.deepEqual([online.error, online.apikey], [0, made.data.user.apikey]);
  assert.notEqual(again.error, 0, 'a code counts once');
  assert.notEqual(reset.error, 0, 'the package leaves out the code that it was given');
});
