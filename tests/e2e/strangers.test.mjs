// What an account may not do to a device of somebody else, over all of the API: the stranger's answer
// never is a success, and the sharee's none to what is the owner's alone.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { request } from './support/http.mjs';
import { openDevice } from './support/link.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2'] });

/** What the owner alone may do: [method, path, body]. */
const owners = (id, sharee) => [
  ['POST', `/api/user/device/${id}`, { name: 'mine' }],
  ['DELETE', `/api/user/device/${id}`],
  ['POST', '/v2/device/update-info', { deviceid: id, name: 'mine' }],
  ['POST', '/v2/device/tags', { deviceid: id, type: 'merge', tags: { a: 1 } }],
  ['GET', `/v2/device/history?deviceid=${id}`],
  ['DELETE', `/v2/device/history?deviceid=${id}`],
  ['POST', '/v2/device/share', { deviceidList: [id], user: { email: sharee.account }, permit: 15 }],
  ['POST', '/v2/device/share/permit', { deviceid: id, apikey: sharee.apikey, permit: 15 }],
  ['DELETE', `/v2/device/share?deviceid=${id}&apikey=${sharee.apikey}`],
  ['POST', '/api/group/addDevice', { deviceid: id, groupId: 'x' }],
];

/** What a sharee may do, too. */
const users = (id) => [
  ['GET', `/api/user/device/${id}`],
  ['GET', `/api/user/device/status?deviceid=${id}`],
  ['POST', '/api/user/device/status', { deviceid: id, params: { switch: 'on' } }],
  ['GET', `/v2/device/thing/status?type=1&id=${id}`],
  ['POST', '/v2/device/thing/status', { type: 1, id, params: { switch: 'on' } }],
];

async function call(server, { app, token }, [method, path, body]) {
  const { status, body: text, json } = await request(server, { method, path, body,
    headers: { 'X-CK-Appid': app.id, Authorization: `Bearer ${token}` } });

  assert.equal(status, 200, `${method} ${path}`);
  return { error: json.error ?? json.code, text };
}

async function refused(server, who, calls, key) {
  for (const it of calls) {
    const { error, text } = await call(server, who, it);
    assert.notEqual(error, 0, `${it[0]} ${it[1]}: ${text}`);
    assert.ok(!text.includes(key), 'nobody else is told the key');
  }
}

testShared('a stranger, an ended token and a sharee do nothing to a device', async (server) => {
  const { control } = server;
  const owner = await control.account();
  const { device, app } = owner;
  const sharee = await control.account({ app });
  const stranger = await control.account({ app });
  const link = await openDevice(server, device);
  const all = [...users(device.id), ...owners(device.id, sharee.user)];
  const refresh = await control.token(owner.user, app, { kind: 'refresh' });

  await control.call('share add', { id: device.id, user: sharee.user.apikey, permit: '0' });
  await refused(server, stranger, all, device.key);
  await refused(server, { app, token: refresh }, all, device.key);
  await refused(server, { app: await control.app(), token: owner.token }, all, device.key);
  await refused(server, sharee, owners(device.id, sharee.user), device.key);
  assert.deepEqual(link.obeyed, []);
  const [kept] = await control.rows('share list', { device: device.id });
  assert.equal(kept.permit, 0);
  const { name, owner: his } = (await control.rows('device list'))
    .find(({ id }) => id === device.id);
  assert.deepEqual([name, his], ['', owner.user.apikey]);
});

testShared('of many who exchange one refresh token at once, one succeeds', async (server) => {
  const { app, user } = await server.control.account();
  const rt = await server.control.token(user, app, { kind: 'refresh' });
  const body = JSON.stringify({ rt });
  const sign = createHmac('sha256', app.secret).update(body).digest('base64');
  const answers = await Promise.all(Array.from({ length: 16 }, () =>
    request(server, { method: 'POST', path: '/v2/user/refresh', body,
      headers: { 'X-CK-Appid': app.id, Authorization: `Sign ${sign}` } })));
  const errors = answers.map(({ json }) => json.error).sort();

  assert.deepEqual(errors, [0, ...Array(15).fill(401)]);
});
