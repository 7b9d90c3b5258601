// Every verb of `switchyard ctl`, by the program itself: tables and JSON, what they change in the
// running server, refusals and exit codes.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Connection } from '../conformance/runner/connection.mjs';
import { dispatchApp, dispatchRequest, formatRequest, request, takeAnswer } from './support/http.mjs';
import { Link, openApp, openDevice, register, userOnline } from './support/link.mjs';
import { shareServer, testServer } from './support/server.mjs';

const flags = ['--workers', '2', '--limits-reject-time', '100ms'];
const { testShared } = shareServer({ flags });

const OK = 0;
const REFUSED = 1;
const USAGE = 2;
const UNREACHABLE = 3;

/** The JSON of a verb that is done. */
async function ask(server, ...words) {
  const { code, stdout, stderr } = await server.ctl([...words, '--json']);
  assert.equal(code, OK, `ctl ${words.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

/** What stderr says of a verb that fails with this code; nothing is on stdout. */
async function fails(server, code, ...words) {
  const result = await server.ctl(words);
  assert.equal(result.code, code, `ctl ${words.join(' ')}: ${result.stderr}`);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^switchyard ctl: /m);
  return result.stderr;
}

/** The table on stdout: names at the left for one thing, columns for a list. */
async function table(server, ...words) {
  const { code, stdout, stderr } = await server.ctl(words);
  assert.equal(code, OK, stderr);
  return stdout.trimEnd().split('\n');
}

const mail = () => `${randomBytes(6).toString('hex')}@example.com`;

testShared('app create, list, disable and enable', async (server) => {
  const app = await ask(server, 'app', 'create', '--name', 'Hall panel', '--preset',
    'homebridge-ewelink');
  assert.match(app.id, /^\w{32}$/);
  assert.match(app.secret, /^\w{32}$/);
  assert.deepEqual([app.name, app.quirks, app.disabled],
    ['Hall panel', ['missing-parameters'], false]);

  const row = async () => (await ask(server, 'app', 'list')).find(({ id }) => id === app.id);
  assert.equal((await row()).secret, undefined, 'a secret is shown once');
  assert.equal((await ask(server, 'app', 'disable', app.id)).disabled, true);
  assert.equal((await row()).disabled, true);
  assert.equal((await ask(server, 'app', 'enable', app.id)).disabled, false);
  assert.equal((await row()).disabled, false);

  const lines = await table(server, 'app', 'list');
  assert.match(lines[0], /^ID +NAME +QUIRKS +DISABLED +CREATED$/);
  assert.ok(lines.some((line) => line.startsWith(app.id) && line.includes('Hall panel')));
  assert.match(await fails(server, REFUSED, 'app', 'create', '--id', app.id), /already/);
  assert.match(await fails(server, REFUSED, 'app', 'disable', 'nobody'), /no app 'nobody'/);
});

testShared('user create, list and passwd', async (server) => {
  const account = mail();
  const user = await ask(server, 'user', 'create', account, '--region', 'eu');
  assert.match(user.apikey, /^[0-9a-f-]{36}$/);
  assert.match(user.password, /^\w{16}$/);
  assert.deepEqual([user.account, user.region, user.has_password], [account, 'eu', true]);

  const row = (await ask(server, 'user', 'list')).find(({ apikey }) => apikey === user.apikey);
  assert.equal(row.account, account);
  assert.equal(row.password, undefined);
  const given = await ask(server, 'user', 'passwd', account, '--generate');
  assert.notEqual(given.password, user.password);
  const typed = await server.ctl(['user', 'passwd', account, '--json'], { input: 'long enough\n' });
  assert.equal(typed.code, OK, typed.stderr);
  assert.equal(typed.stdout.includes('long enough'), false, 'a chosen password is not repeated');

  const short = await server.ctl(['user', 'passwd', account], { input: 'short\n' });
  assert.equal(short.code, REFUSED, short.stderr);
  assert.match(await fails(server, REFUSED, 'user', 'create', account), /taken/);
  assert.match(await fails(server, REFUSED, 'user', 'create', account.toUpperCase()), /taken/);
  const shout = await ask(server, 'user', 'create', mail().toUpperCase());
  assert.equal(shout.account, shout.account.toLowerCase());
  assert.match(await fails(server, REFUSED, 'user', 'create', 'no address'), /account/);
  assert.match(await fails(server, REFUSED, 'user', 'passwd', mail(), '--generate'), /no /);
});

testShared('device create, list, show and assign', async (server) => {
  const owner = await server.control.user();
  const device = await ask(server, 'device', 'create', '--name', 'Lamp', '--owner', owner.account);
  assert.match(device.id, /^1000[0-9a-f]{6}$/);
  assert.match(device.key, /^[0-9a-f-]{36}$/);
  assert.equal(device.owner, owner.apikey);

  const [row, ...others] = await ask(server, 'device', 'list', '--owner', owner.apikey);
  assert.deepEqual([row.id, row.name, row.key, others], [device.id, 'Lamp', undefined, []]);
  const shown = await ask(server, 'device', 'show', device.id);
  assert.deepEqual([shown.key, shown.params], [undefined, {}]);
  assert.equal((await ask(server, 'device', 'show', device.id, '--key')).key, device.key);

  const given = await ask(server, 'device', 'assign', device.id, '--nobody');
  assert.deepEqual([given.owner, given.owner_before], ['', owner.apikey]);
  assert.deepEqual(await ask(server, 'device', 'list', '--owner', owner.account), []);
  assert.match((await table(server, 'device', 'show', device.id))[0], /^id +1000/);
  assert.match(await fails(server, REFUSED, 'device', 'create', '--id', device.id), /already/);
  assert.match(await fails(server, REFUSED, 'device', 'show', '10ffffffff'), /no device/);
  assert.match(await fails(server, REFUSED, 'device', 'assign', device.id, '--owner', mail()),
    /no /);
});

testShared('a device\'s key is never its owner\'s apikey: firmware would not accept it', async (server) => {
  const owner = await server.control.user();
  const { id } = await server.control.device({ key: owner.apikey });
  const own = /a device's key must not be its owner's apikey/;
  const path = join(server.data, 'own-key.csv');

  assert.match(await fails(server, REFUSED, 'device', 'create', '--key', owner.apikey, '--owner',
    owner.apikey), own);
  assert.match(await fails(server, REFUSED, 'device', 'assign', id, '--owner', owner.account), own);
  writeFileSync(path, `deviceid,key,owner\n1000c0ffee,${owner.apikey},${owner.account}\n`);
  assert.match(await fails(server, REFUSED, 'device', 'import', path), own);
  assert.deepEqual(await ask(server, 'device', 'list', '--owner', owner.apikey), []);
});

testShared('device import takes 5,000 devices, and each of them can register', async (server) => {
  const owner = await server.control.user();
  const path = join(server.data, 'devices.csv');
  const devices = Array.from({ length: 5000 }, (_, i) => ({
    id: `1001${i.toString(16).padStart(6, '0')}`, key: randomUUID(), owner,
  }));
  const lines = devices.map(({ id, key }, i) => `"Lamp, no. ${i}",${id},${key},${owner.account}`);

  writeFileSync(path, `name,deviceid,key,owner\n${lines.join('\n')}\n`);
  const { code, stderr } = await server.ctl(['device', 'import', path], { ms: 60_000 });
  assert.equal(code, OK, stderr);
  const rows = await ask(server, 'device', 'list', '--owner', owner.apikey);
  assert.equal(rows.length, 5000);
  assert.deepEqual(rows.map(({ id }) => id), devices.map(({ id }) => id));
  assert.equal(rows[4999].name, 'Lamp, no. 4999');
  for (const device of [devices[0], devices[4999]]) (await openDevice(server, device)).drop();

  assert.match(await fails(server, REFUSED, 'device', 'import', path), /already|exists/);
  assert.equal((await server.ctl(['device', 'import', path, '--skip-existing'])).code, OK);
  assert.equal((await ask(server, 'device', 'list', '--owner', owner.apikey)).length, 5000);
});

testShared('device import refuses a file with a wrong line, names it, and changes nothing',
  async (server) => {
    const owner = await server.control.user();
    const path = join(server.data, 'wrong.csv');
    const row = (id, key = 'k') => `${id},${key},${owner.account}`;
    const cases = [
      ['deviceid,key,owner', row('1002000001'), 'not an id,k,'],
      ['deviceid,key,owner', row('1002000001'), row('1002000002', '')],
      ['deviceid,key,owner', row('1002000001'), '1002000002,k'],
      ['deviceid,key,owner', row('1002000001'), '"1002000002,k'],
      ['deviceid,key,owner', row('1002000001'), row('1002000001')],
      ['deviceid,key,colour', row('1002000001')],
      ['key,owner', 'k,nobody'],
      ['deviceid,key,owner', row('1002000001'), `1002000002,k,${mail()}`],
    ];

    for (const lines of cases) {
      writeFileSync(path, `${lines.join('\n')}\n`);
      const { code, stderr } = await server.ctl(['device', 'import', path]);
      assert.ok(code === REFUSED || code === USAGE, `${lines.join(' / ')}: ${code} ${stderr}`);
      assert.match(stderr, /\b(?:line \d|column|header)\b/, lines.join(' / '));
    }
    assert.deepEqual(await ask(server, 'device', 'list', '--owner', owner.apikey), []);
    assert.match(await fails(server, USAGE, 'device', 'import', `${path}.gone`), /No such file/);
  });

testShared('token issue, check and revoke', async (server) => {
  const app = await server.control.app();
  const user = await server.control.user();
  const words = ['token', 'issue', '--user', user.account, '--app', app.id];
  const token = await ask(server, ...words, '--ttl', '12h');
  assert.match(token.token, /^[0-9a-f]{40}$/);
  assert.equal(Date.parse(token.expires_at) - Date.parse(token.issued_at), 12 * 3600 * 1000);
  assert.deepEqual([token.kind, token.apikey, token.app], ['access', user.apikey, app.id]);

  const check = async (text) => (await ask(server, 'token', 'check', text)).state;
  assert.equal(await check(token.token), 'valid');
  assert.notEqual((await ask(server, 'token', 'revoke', token.token)).revoked_at, null);
  assert.equal(await check(token.token), 'revoked');
  assert.equal(await check((await ask(server, ...words, '--expired')).token), 'expired');
  assert.equal((await ask(server, ...words, '--kind', 'refresh')).kind, 'refresh');
  assert.match(await fails(server, REFUSED, 'token', 'check', 'unknown'), /no such token/);
  assert.match(await fails(server, REFUSED, 'token', 'issue', '--user', user.account, '--app', 'x'),
    /no app/);
  assert.match(await fails(server, USAGE, 'token', 'issue', '--user', user.account), /--app/);
});

testShared('status counts who is there', async (server) => {
  const before = await ask(server, 'status');
  const account = await server.control.account();
  const links = [await openApp(server, account), await openDevice(server, account.device)];
  const now = await ask(server, 'status');

  assert.equal(now.ready, true);
  assert.equal(now.workers, 2);
  assert.equal(now.apps_online - before.apps_online, 1);
  assert.equal(now.devices_online - before.devices_online, 1);
  assert.ok((await table(server, 'status')).some((line) => /^ready +yes$/.test(line)));
  for (const link of links) link.drop();
});

testShared('conn list shows links, and conn kick closes them', async (server) => {
  const account = await server.control.account();
  const app = await openApp(server, account);
  const device = await openDevice(server, account.device);
  const rows = await ask(server, 'conn', 'list', '--user', account.user.account);
  const [ofApp] = rows.filter(({ kind }) => kind === 'app');
  const [ofDevice] = rows.filter(({ kind }) => kind === 'device');

  assert.equal(rows.length, 2);
  assert.match(ofApp.peer, /^127\.0\.0\.1:\d+$/);
  assert.equal(ofDevice.device, account.device.id);
  assert.deepEqual((await ask(server, 'conn', 'list', '--device', account.device.id))
    .map(({ conn }) => conn), [ofDevice.conn]);
  const [head, line] = await table(server, 'conn', 'list', '--device', account.device.id);
  assert.match(head, /^CONN +KIND +ACCOUNT +DEVICE +PEER/);
  assert.ok(line.startsWith(String(ofDevice.conn)));

  assert.equal((await ask(server, 'conn', 'kick', '--device', account.device.id)).closed, 1);
  await device.closed();
  await app.json({ action: 'sysmsg', params: { online: false } });
  assert.equal((await ask(server, 'conn', 'kick', String(ofApp.conn))).closed, 1);
  await app.closed();
  assert.match(await fails(server, REFUSED, 'conn', 'kick', String(ofApp.conn)), /no such conn/);
  assert.match(await fails(server, REFUSED, 'conn', 'kick', '--device', account.device.id),
    /no open/);
});

/** Connections enough that each worker has some, all kept alive and dispatched once. */
async function dispatchers(server, account) {
  const bytes = formatRequest(dispatchRequest(account));
  const conns = await Promise.all(
    Array.from({ length: 16 }, () => Connection.open(server.target)));
  const ask16 = () => Promise.all(conns.map(async (conn) => {
    conn.write(bytes);
    return (await takeAnswer(conn, 'POST')).json.error;
  }));

  assert.deepEqual(await ask16(), Array(16).fill(0));
  return { errors: ask16, end: () => conns.forEach((conn) => conn.drop()) };
}

testShared('token revoke ends its sessions, and dispatch says 401 at once on each worker',
  async (server) => {
    const account = await server.control.account();
    const other = { ...account, token: await server.control.token(account.user, account.app) };
    const all = await dispatchers(server, account);
    const links = [await openApp(server, account), await openApp(server, account)];
    const unharmed = await openApp(server, other);

    await ask(server, 'token', 'revoke', account.token);
    assert.deepEqual(await all.errors(), Array(16).fill(401));
    await Promise.all(links.map((link) => link.closed()));
    await unharmed.settle();
    assert.equal((await dispatchApp(server, other)).error, 0);
    const late = await Link.open(server);
    assert.equal((await late.request(userOnline(account))).error, 406);
    all.end();
    unharmed.drop();
  });

testShared('app disable makes dispatch say 403 at once on each worker, app enable 0 again',
  async (server) => {
    const account = await server.control.account();
    const all = await dispatchers(server, account);

    await ask(server, 'app', 'disable', account.app.id);
    assert.deepEqual(await all.errors(), Array(16).fill(403));
    const link = await Link.open(server);
    assert.equal((await link.request(userOnline(account))).error, 406);
    await ask(server, 'app', 'enable', account.app.id);
    assert.deepEqual(await all.errors(), Array(16).fill(0));
    (await openApp(server, account)).drop();
    all.end();
  });

testShared('device assign closes the link, and the device comes back as the new owner\'s',
  async (server) => {
    const [from, to] = [await server.control.account(), await server.control.account()];
    const { device } = from;
    const [ofFrom, ofTo] = [await openApp(server, from), await openApp(server, to)];
    const link = await openDevice(server, device);
    await ofFrom.json({ action: 'sysmsg', params: { online: true } });

    await ask(server, 'device', 'assign', device.id, '--owner', to.user.account);
    await link.closed();
    await ofFrom.json({ action: 'sysmsg', params: { online: false } });
    const again = await Link.open(server);
    again.send(register(device));
    assert.equal((await again.json({ deviceid: device.id })).apikey, to.user.apikey);
    const notice = await ofTo.json({ action: 'sysmsg', params: { online: true } });
    assert.equal(notice.deviceid, device.id);
    await ofFrom.settle();
    assert.deepEqual(ofFrom.frames, []);
    for (const one of [ofFrom, ofTo, again]) one.drop();
  });

testShared('log level shows and changes what is logged', async (server) => {
  assert.equal((await ask(server, 'log', 'level')).level, 'info');
  assert.equal((await ask(server, 'log', 'level', 'debug')).level, 'debug');
  const account = await server.control.account();
  (await openApp(server, account)).drop();
  assert.equal((await request(server, { path: '/nowhere' })).status, 404);
  await server.logs(/ debug http\.refused /);
  assert.equal(server.log.includes(account.token), false, 'no token in the log');
  assert.equal((await ask(server, 'log', 'level', 'info')).level, 'info');
  assert.match(await fails(server, REFUSED, 'log', 'level', 'loud'), /error, warn, info or debug/);
});

testShared('a wrong command line says what is wrong, and sends nothing', async (server) => {
  const sent = () => server.log.match(/control\.request/g)?.length ?? 0;
  const before = sent();

  assert.match(await fails(server, USAGE), /--help/);
  assert.match(await fails(server, USAGE, 'app', 'lst'), /did you mean 'app list'/);
  assert.match(await fails(server, USAGE, 'app', 'list', '--colour'), /--colour/);
  assert.match(await fails(server, USAGE, 'app', 'create', 'extra'), /'extra'/);
  assert.match(await fails(server, USAGE, 'app', 'disable'), /id/);
  assert.equal(sent(), before);
  const help = await server.ctl(['device', 'import', '--help']);
  assert.equal(help.code, OK);
  assert.match(help.stdout, /deviceid,key,name,model,owner/);
});

testServer('without a server, ctl says so and ends with 3', { flags }, async (server) => {
  await server.stop();
  assert.match(await fails(server, UNREACHABLE, 'status'), /switchyard serve/);
  assert.match(await fails(server, UNREACHABLE, '--socket', join(server.data, 'none'), 'status'),
    /none/);
});
