// A device's second link takes over from the first, and a device that is gone is told as gone: what
// the account's sessions hear of it.

import assert from 'node:assert/strict';

import { appQuery, appUpdate, openApp, openDevice } from './support/link.mjs';
import { shareServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2', '--command-timeout', '500ms'] });

/** The notices that a session was given so far: true for online, false for offline. */
async function notices(session) {
  await session.settle();
  return session.frames.filter(({ json }) => json?.action === 'sysmsg')
    .map(({ json }) => json.params.online);
}

const links = async (server, device) =>
  (await server.control.rows('conn list', { device: device.id })).length;

testShared('a second link takes over: the first is closed, and nobody is told twice',
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const first = await openDevice(server, account.device);
    await app.json({ action: 'sysmsg', params: { online: true } });
    const second = await openDevice(server, account.device);

    await first.closed();
    assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
    assert.deepEqual(second.obeyed, [{ switch: 'on' }]);
    assert.deepEqual(first.obeyed, []);
    assert.deepEqual(await notices(app), []);
    assert.equal(await links(server, account.device), 1);
  });

testShared('the late end of a link that was taken over does not report the device offline',
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const first = await openDevice(server, account.device);
    await app.json({ action: 'sysmsg', params: { online: true } });

    /* Dropped while the successor registers: its end may be noticed before or after. */
    const opening = openDevice(server, account.device);
    first.drop();
    const second = await opening;
    assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
    assert.deepEqual(second.obeyed, [{ switch: 'on' }]);
    const heard = await notices(app);
    assert.ok(heard.length === 0 || heard.at(-1) === true, `the last word is online: ${heard}`);
    assert.equal(await links(server, account.device), 1);
  });

testShared('ten links of one device at once leave one of them, and it obeys', async (server) => {
  const account = await server.control.account();
  const app = await openApp(server, account);
  const all = await Promise.allSettled(
    Array.from({ length: 10 }, () => openDevice(server, account.device)));
  const opened = all.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);

  await until(() => opened.filter((link) => !link.isClosed).length === 1, 'one link is left');
  await until(async () => await links(server, account.device) === 1, 'one link is listed');
  assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
  const left = opened.find((link) => !link.isClosed);
  assert.deepEqual(left.obeyed, [{ switch: 'on' }]);
  assert.deepEqual(await notices(app), [true]);
});

testShared('a device whose TCP connection drops is told as offline, once', async (server) => {
  const account = await server.control.account();
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device);
  await app.json({ action: 'sysmsg', params: { online: true } });

  device.drop();
  const notice = await app.json({ action: 'sysmsg', params: { online: false } });
  assert.equal(notice.deviceid, account.device.id);
  assert.equal(notice.apikey, account.user.apikey);
  assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 503);
  assert.deepEqual(await notices(app), []);
});

testShared('a command under way when its device drops is answered, and only once',
  async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await openDevice(server, account.device, { obeys: false });
    await app.json({ action: 'sysmsg', params: { online: true } });
    const sequence = app.nextSequence();

    app.send({ ...appUpdate(account.device, { switch: 'on' }), sequence });
    await device.json({ action: 'update' });
    device.drop();
    const { error } = await app.json({ sequence });
    assert.ok(error === 503 || error === 504, `got ${error}`);
    await app.json({ action: 'sysmsg', params: { online: false } });
    await app.settle();
    assert.deepEqual(app.frames, []);
    const { params } = await app.request(appQuery(account.device));
    assert.deepEqual(params, {}, 'what was not acknowledged is not stored');
  });
