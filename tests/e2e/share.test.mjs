// Accounts that share devices while each is at home on a worker of its own: which worker it is makes
// no difference, and neither does a restart.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { appQuery, appUpdate, openApp, openDevice, report } from './support/link.mjs';
import { Server, shareServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const WORKERS = 4;
const FLAGS = ['--workers', `${WORKERS}`];
const SHAREES = 8;

const { testShared } = shareServer({ flags: FLAGS });

/** The worker that a session of this account is on: its account's home. */
async function homeOf(server, account) {
  const rows = await server.control.rows('conn list', { user: account.user.apikey });
  const homes = new Set(rows.map(({ worker }) => worker));
  assert.equal(homes.size, 1, 'all links of an account are on one worker');
  return [...homes][0];
}

/** An apikey whose home this should be; that it is, is for `conn list` to say. */
function apikeyOf(home) {
  for (;;) {
    const apikey = randomUUID();
    const hash = [...Buffer.from(apikey)].reduce((sum, byte) =>
      BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
    if (hash % BigInt(WORKERS) === BigInt(home)) return apikey;
  }
}

/** An account with that home, and a session of it. */
async function settle(server, app, home, devices = 0) {
  const account = { app, user: await server.control.user({ apikey: apikeyOf(home) }) };
  account.token = await server.control.token(account.user, app);
  if (devices > 0) account.device = await server.control.device({ owner: account.user });
  return { account, link: await openApp(server, account) };
}

/** An owner and a sharee with a session each, on different workers. */
async function neighbours(server) {
  const client = await server.control.app();
  const { account: owner, link: app } = await settle(server, client, 0, 1);
  const { account: sharee, link: guest } = await settle(server, client, WORKERS - 1);
  assert.notEqual(await homeOf(server, owner), await homeOf(server, sharee));
  return { owner, app, sharee, guest };
}

const shareRequest = (owner, sharee, more = {}) => ({
  action: 'share', apikey: owner.user.apikey, deviceid: owner.device.id, userAgent: 'app',
  params: { uid: sharee.user.account, deviceName: 'lamp', userName: 'Ann', ...more },
});

/** The offer is made, accepted, and answered. */
async function share({ owner, app, sharee, guest }) {
  const answer = app.request(shareRequest(owner, sharee));
  const { deviceid, sequence } = await guest.json({ action: 'share' });
  guest.send({ error: 0, result: 2, deviceid, sequence });
  assert.equal((await answer).result, 2);
}

testShared('an owner and a sharee on different workers share, control and cancel', async (server) => {
  const all = await neighbours(server);
  const { owner, app, sharee, guest } = all;
  const device = await openDevice(server, owner.device);

  await app.json({ action: 'sysmsg', params: { online: true } });
  assert.equal((await guest.request(appUpdate(owner.device, { switch: 'on' }))).error, 403);
  await share(all);
  assert.equal((await guest.request(appUpdate(owner.device, { switch: 'on' }))).error, 0);
  assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  assert.deepEqual((await app.json({ action: 'update' })).params, { switch: 'on' });
  assert.deepEqual((await guest.request(appQuery(owner.device))).params, { switch: 'on' });
  device.send(report(owner.device, { rssi: -40 }));
  assert.equal((await guest.json({ action: 'update' })).apikey, owner.user.apikey);
  assert.equal((await app.request({ ...shareRequest(owner, sharee), action: 'cancelShare' })).error, 0);
  assert.equal((await guest.request(appUpdate(owner.device, { switch: 'off' }))).error, 403);
  device.drop();
  await app.json({ action: 'sysmsg', params: { online: false } });
  await guest.settle();
  assert.ok(!guest.frames.some(({ json }) => json?.action === 'sysmsg'), 'the sharee hears no more');
});

testShared('many sharees of all workers command one device at once, and all are answered',
  async (server) => {
    const owner = await server.control.account();
    const device = await openDevice(server, owner.device);
    const guests = [];
    for (let number = 0; number < SHAREES; number++) {
      const { account, link } = await settle(server, owner.app, number % WORKERS);
      await server.control.call('share add', { id: owner.device.id, user: account.user.apikey });
      guests.push({ link, home: await homeOf(server, account) });
    }
    assert.equal(new Set(guests.map(({ home }) => home)).size, WORKERS, 'on all workers');
    const answers = await Promise.all(guests.map(({ link }, number) =>
      link.request(appUpdate(owner.device, { [`n${number}`]: number }))));
    assert.deepEqual(answers.map(({ error }) => error), answers.map(() => 0));
    assert.equal(device.obeyed.length, SHAREES);
    const { params } = await guests[0].link.request(appQuery(owner.device));
    assert.equal(Object.keys(params).length, SHAREES);
  });

testShared('a sharee who breaks off amid a command harms nobody', async (server) => {
  const all = await neighbours(server);
  const { owner, app, guest } = all;
  const device = await openDevice(server, owner.device, { obeys: false });

  await app.json({ action: 'sysmsg', params: { online: true } });
  await share(all);
  guest.send(appUpdate(owner.device, { switch: 'on' }));
  const command = await device.json({ action: 'update' });
  guest.drop();
  await until(async () => (await server.control.rows('conn list',
    { user: all.sharee.user.apikey })).length === 0, 'the sharee has gone');
  device.send({ error: 0, userAgent: 'device', apikey: owner.user.apikey,
    deviceid: owner.device.id, sequence: command.sequence });
  assert.deepEqual((await app.json({ action: 'update' })).params, { switch: 'on' });
});

testShared('a share that was acknowledged is there after the server was killed', async () => {
  const server = await Server.start({ flags: FLAGS });
  try {
    const all = await neighbours(server);
    await share(all);
    await server.kill();
    await server.again();
    const guest = await openApp(server, all.sharee);
    assert.equal((await guest.request(appUpdate(all.owner.device, { switch: 'on' }))).error, 503);
    assert.equal((await guest.request(appQuery(all.owner.device))).error, 0);
    const device = await openDevice(server, all.owner.device);
    await guest.json({ action: 'sysmsg', params: { online: true } });
    assert.equal((await guest.request(appUpdate(all.owner.device, { switch: 'on' }))).error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  } finally {
    await server.dispose();
  }
});
