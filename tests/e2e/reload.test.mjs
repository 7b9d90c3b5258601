// SIGHUP: certificates and what can be reloaded are taken over, links stay, and what is broken or
// can not be reloaded is named in the log and changes nothing.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';

import { Connection } from '../conformance/runner/connection.mjs';

import { certificateList, certifiedData, makeCertificates } from './support/certificates.mjs';
import { formatRequest, takeAnswer } from './support/http.mjs';
import { appUpdate, openApp, openDevice } from './support/link.mjs';
import { metricOf } from './support/metrics.mjs';
import { Server } from './support/server.mjs';
import { until, within } from './support/until.mjs';

const NAMES = ['localhost', '127.0.0.1'];

/** A test with a server that has a configuration file and certificates of its own. */
function testReload(name, body) {
  test(name, async (t) => {
    const data = await certifiedData(t, { certificates: NAMES });
    const directory = join(data, 'certificates');
    const file = join(data, 'switchyard.yaml');
    const configure = (text) => writeFileSync(file,
      `tls:\n  certificates: [${certificateList(directory)}]\n${text}`);
    configure('');
    const server = await Server.start({ data, flags: ['--config', file, '--workers', '2'] });
    try {
      await body(server, { directory, file, configure });
    } catch (error) {
      error.stack += `\n${server.logEnd()}`;
      throw error;
    } finally {
      await server.dispose();
    }
  });
}

/** Sends SIGHUP and resolves with what the log says until the reload is over. */
async function reload(server) {
  const before = server.log.length;
  server.signal('SIGHUP');
  const news = () => server.log.slice(before);
  await until(() => /certificate\.(reloaded|failed)/.test(news()), 'the end of the reload');
  return news();
}

async function serialNow(server) {
  const socket = tls.connect(server.target);
  await within(once(socket, 'secureConnect'), 'the TLS handshake');
  assert.equal(socket.authorized, true);
  const { serialNumber } = socket.getPeerX509Certificate();
  socket.destroy();
  return serialNumber;
}

async function serves(conn) {
  conn.write(formatRequest({ path: '/dispatch/device' }));
  assert.equal((await takeAnswer(conn)).status, 200);
}

testReload('new connections see the new certificate; old ones stay and work',
  async (server, { directory }) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await openDevice(server, account.device);
    const conn = await Connection.open(server.target);
    const old = await serialNow(server);
    const expiry = await metricOf(server, 'switchyard_certificate_expiry_seconds');

    await makeCertificates(directory, NAMES, 200);
    assert.equal(await serialNow(server), old, 'nothing changes before the signal');
    assert.match(await reload(server), /info certificate\.reloaded/);

    const fresh = await serialNow(server);
    assert.notEqual(fresh, old);
    assert.equal(await serialNow(server), fresh);
    assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 0);
    assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
    await serves(conn);
    conn.drop();
    const later = await metricOf(server, 'switchyard_certificate_expiry_seconds');
    assert.ok(later - expiry >= 100 * 24 * 3600, 'the metric knows the new certificate');
    assert.equal(app.isClosed || device.isClosed, false);
  });

const BROKEN = [
  ['a chain that is no PEM', 'server-ecdsa.pem', () => 'nonsense\n'],
  ['a key that is missing', 'server-rsa.key', undefined],
  ['a key of another certificate', 'server-ecdsa.key',
    (directory) => readFileSync(join(directory, 'server-rsa.key'), 'utf8')],
];

for (const [what, name, textOf] of BROKEN) {
  testReload(`${what}: the old certificates are kept, and the log says why`,
    async (server, { directory }) => {
      const account = await server.control.account({ devices: 0 });
      const app = await openApp(server, account);
      const old = await serialNow(server);
      const path = join(directory, name);
      const good = `${path}.good`;

      await makeCertificates(directory, NAMES);
      copyFileSync(path, good);
      if (textOf === undefined) renameSync(path, `${path}.away`);
      else writeFileSync(path, textOf(directory));
      const news = await reload(server);
      const [stem] = name.split('.');
      assert.match(news,
        new RegExp(`error certificate\\.failed reason=".*${stem}.*" kept=old`));
      assert.doesNotMatch(news, /certificate\.reloaded/);
      assert.equal(await serialNow(server), old);
      assert.equal((await server.admin('/readyz')).status, 200);
      await app.settle();

      renameSync(good, path);
      assert.match(await reload(server), /info certificate\.reloaded/);
      assert.notEqual(await serialNow(server), old);
    });
}

testReload('what can be reloaded changes, what can not is named, and the rest is not touched',
  async (server, { configure }) => {
    configure('log:\n  level: debug\nlimits:\n  connections: 5\nworkers: 3\n');
    const news = await reload(server);
    assert.match(news, /info config\.changed option=log\.level/);
    assert.deepEqual([...news.matchAll(/config\.changed option=(\S+)/g)].map(([, name]) => name),
      ['log.level']);
    assert.deepEqual(
      [...news.matchAll(/warn config\.needs_restart option=(\S+) kept=old/g)].map(([, name]) => name)
        .sort(),
      ['limits.connections']); /* the flag --workers comes before the file */
    assert.equal((await server.control.call('log level')).level, 'debug');

    configure('');
    assert.match(await reload(server), /config\.changed option=log\.level/);
    assert.equal((await server.control.call('log level')).level, 'info');
  });

testReload('another certificate in the configuration is taken over', async (server, it) => {
  const old = await serialNow(server);
  const other = join(server.data, 'other');
  await makeCertificates(other, NAMES);
  writeFileSync(it.file, `tls:\n  certificates: [${certificateList(other)}]\n`);
  const news = await reload(server);
  assert.match(news, /config\.changed option=tls\.certificates/);
  assert.match(news, /certificate\.reloaded/);
  const socket = tls.connect({ ...server.target, ca: readFileSync(join(other, 'ca.pem')) });
  await within(once(socket, 'secureConnect'), 'the TLS handshake');
  assert.equal(socket.authorized, true);
  assert.notEqual(socket.getPeerX509Certificate().serialNumber, old);
  socket.destroy();
});

testReload('a broken configuration is told with its line and changes nothing',
  async (server, { configure, file }) => {
    configure('log:\n  level: debug\n  levle: info\n');
    const news = await reload(server);
    assert.match(news, new RegExp(`error config\\.failed file=${file} line=5 reason="log\\.levle.*kept=old`));
    assert.match(news, /did you mean log\.level/);
    assert.doesNotMatch(news, /config\.changed/);
    assert.equal((await server.control.call('log level')).level, 'info');
  });
