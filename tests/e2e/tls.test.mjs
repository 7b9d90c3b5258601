// TLS: versions, which certificate a client gets, resumption, and how a connection ends.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';

import { certificateList, certifiedData } from './support/certificates.mjs';
import { formatRequest } from './support/http.mjs';
import { appUpdate, openApp, openDevice } from './support/link.mjs';
import { metricOf, metricReaches } from './support/metrics.mjs';
import { collect, ended, run, start } from './support/program.mjs';
import { Server, shareServer, testServer } from './support/server.mjs';
import { until, within } from './support/until.mjs';

const { testShared } = shareServer({
  flags: ['--workers', '2', '--listen-tls-old', '127.0.0.1:0'],
});

const REQUEST = formatRequest({ path: '/dispatch/device', headers: { Connection: 'close' } });
const SECLEVEL_0 = 'DEFAULT:@SECLEVEL=0';
const TLS_1_2 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
const TLS_1_3 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' };
const VERSIONS = [['TLSv1.2', TLS_1_2], ['TLSv1.3', TLS_1_3]];

const oldPort = (server) => server.listeners.find(({ kind }) => kind === 'tls_old').port;

/** A TLS client that has shaken hands; its session for resumption is in `session`. */
async function connect(server, options = {}) {
  const socket = tls.connect({ ...server.target, ALPNProtocols: ['http/1.1'], ...options });
  socket.on('session', (session) => {
    socket.session = session;
  });
  await within(once(socket, 'secureConnect'), 'the TLS handshake');
  return socket;
}

/** Sends a request and reads up to the end: proves that the connection works. */
async function converse(socket) {
  const read = collect(socket);
  socket.write(REQUEST);
  await within(once(socket, 'close'), 'the end of the answer');
  assert.match(read.text, /^HTTP\/1\.1 200 OK\r\n/);
  return read.text;
}

const keyOf = (socket) => socket.getPeerX509Certificate().publicKey.asymmetricKeyType;

for (const [version, only] of VERSIONS) {
  testShared(`${version} is spoken, with the ECDSA certificate`, async (server) => {
    const socket = await connect(server, only);
    assert.equal(socket.getProtocol(), version);
    assert.equal(socket.authorized, true);
    assert.equal(keyOf(socket), 'ec');
    await converse(socket);
  });
}

testShared('a client that knows no ECDSA gets the RSA certificate', async (server) => {
  for (const options of [{ ...TLS_1_2, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
    { ...TLS_1_3, sigalgs: 'RSA-PSS+SHA256:RSA+SHA256' }]) {
    const socket = await connect(server, options);
    assert.equal(socket.authorized, true);
    assert.equal(keyOf(socket), 'rsa');
    await converse(socket);
  }
});

testShared('http/1.1 is chosen where it is offered; other offers are passed over', async (server) => {
  const chosen = async (ALPNProtocols) => {
    const socket = await connect(server, { ALPNProtocols });
    await converse(socket);
    return socket.alpnProtocol;
  };
  assert.equal(await chosen(['h2', 'http/1.1']), 'http/1.1');
  assert.equal(await chosen(['h2']), false);
  assert.equal(await chosen(undefined), false);
});

testShared('any server name is served, and none', async (server) => {
  for (const servername of ['nobody.example', '']) {
    const socket = await connect(server, { servername, checkServerIdentity: () => undefined });
    assert.equal(keyOf(socket), 'ec');
    await converse(socket);
  }
});

/** Skips the test, and says so, where a program is missing. */
async function needs(t, program, words) {
  const found = await run(program, words).catch(() => undefined);
  if (found === undefined) t.skip(`${program} is not installed`);
  return found !== undefined;
}

/** Runs a TLS client of another maker, which sends the request: its whole output. */
async function runClient(program, words) {
  const child = start(program, words);
  const output = collect(child.stdout, child.stderr);
  child.stdin.write(REQUEST);
  const { code } = await within(ended(child), program);
  return { code, text: output.text };
}

const openssl = (server, port, words) => runClient('openssl', ['s_client', '-ign_eof', '-connect',
  `127.0.0.1:${port}`, '-CAfile', server.caPath, '-verify_return_error', '-verify_hostname',
  'localhost', '-servername', 'localhost', ...words]);

testShared('openssl s_client speaks TLS 1.2 and 1.3', async (server, t) => {
  if (!(await needs(t, 'openssl', ['version']))) return;
  for (const [flag, name] of [['-tls1_2', 'TLSv1.2'], ['-tls1_3', 'TLSv1.3']]) {
    const { text } = await openssl(server, server.port, [flag]);
    assert.match(text, new RegExp(`New, ${name.replace('.', '\\.')}, Cipher is`));
    assert.match(text, /Verification: OK/);
    assert.match(text, /HTTP\/1\.1 200 OK/);
  }
});

testShared('gnutls-cli speaks TLS 1.2 and 1.3', async (server, t) => {
  if (!(await needs(t, 'gnutls-cli', ['--version']))) return;
  for (const version of ['1.2', '1.3']) {
    const { text } = await runClient('gnutls-cli', ['--x509cafile', server.caPath, '-p',
      String(server.port), '--priority', `NORMAL:-VERS-ALL:+VERS-TLS${version}`, 'localhost']);
    assert.match(text, /The certificate is trusted/);
    assert.match(text, new RegExp(`Description: \\(TLS${version.replace('.', '\\.')}`));
    assert.match(text, /HTTP\/1\.1 200 OK/);
  }
});

testShared('TLS 1.0 and 1.1 are refused by default', async (server) => {
  for (const version of ['TLSv1', 'TLSv1.1']) {
    await assert.rejects(
      connect(server, { minVersion: version, maxVersion: version, ciphers: SECLEVEL_0 }),
      { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
  }
});

testShared('ciphers without forward secrecy are refused by default', async (server) => {
  await assert.rejects(connect(server, { ...TLS_1_2, ciphers: 'AES128-SHA:AES128-GCM-SHA256' }),
    { code: 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE' });
});

testShared('listen.tls_old takes what old firmware speaks, and modern clients', async (server) => {
  const port = oldPort(server);
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']) {
    const socket = await connect(server,
      { port, minVersion: version, maxVersion: version, ciphers: SECLEVEL_0 });
    assert.equal(socket.getProtocol(), version);
    await converse(socket);
  }
  const socket = await connect(server,
    { port, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:@SECLEVEL=0' });
  assert.equal(keyOf(socket), 'rsa');
  await converse(socket);
});

testShared('openssl s_client with TLS 1.0 is let in on the old listener alone', async (server, t) => {
  if (!(await needs(t, 'openssl', ['version']))) return;
  const words = ['-tls1', '-cipher', SECLEVEL_0];
  const modern = await openssl(server, server.port, words);
  assert.notEqual(modern.code, 0);
  assert.doesNotMatch(modern.text, /HTTP\/1\.1/);
  assert.match((await openssl(server, oldPort(server), words)).text, /HTTP\/1\.1 200 OK/);
});

testShared('the log warns of the old listener and of nothing else', async (server) => {
  const warnings = server.log.split('\n').filter((line) => line.includes(' warn '));
  assert.equal(warnings.filter((line) => line.includes('listener.weak')).length, 1);
  assert.match(warnings.join('\n'),
    new RegExp(`listener\\.weak address=127\\.0\\.0\\.1:${oldPort(server)} .*TLS 1\\.0`));
});

const resumed = { resumed: 'yes' };

/** So often that either worker has seen a ticket of the other, most likely. */
async function resumeOften(server, only, first) {
  let { session } = first;
  for (let i = 0; i < 12; i++) {
    const socket = await connect(server, { ...only, session });
    assert.equal(socket.isSessionReused(), true, `connection ${i}`);
    await converse(socket);
    if (only === TLS_1_3)
      assert.ok(socket.session, 'a resumed connection has a ticket for the next');
    session = socket.session ?? session;
  }
}

for (const [version, only] of VERSIONS) {
  testShared(`${version}: a ticket is good on every worker, and counted`, async (server) => {
    const name = 'switchyard_tls_handshakes_total';
    const before = await metricOf(server, name, resumed);
    const first = await connect(server, only);
    assert.equal(first.isSessionReused(), false);
    await converse(first);
    await resumeOften(server, only, first);
    await metricReaches(server, name, resumed, before + 12);
  });

  testShared(`${version}: a ticket survives a reload`, async (server) => {
    const first = await connect(server, only);
    await converse(first);
    const reloads = () => server.log.split('certificate.reloaded').length;
    const before = reloads();
    server.signal('SIGHUP');
    await until(() => reloads() > before, 'the reload');
    const second = await connect(server, { ...only, session: first.session });
    assert.equal(second.isSessionReused(), true);
    await converse(second);
  });
}

// tests/kernel runs the other half, under a kernel that has it.
testServer('with tls.kernel links go to the kernel; one that has no TLS is told of, and does no harm',
  { flags: ['--tls-kernel'] }, async (server) => {
    const has = readFileSync('/proc/sys/net/ipv4/tcp_available_ulp', 'utf8').split(/\s/).includes('tls');
    for (const [, only] of VERSIONS) await converse(await connect(server, only));
    assert.equal(/warn tls\.no_kernel .*records=ours .*modprobe tls/.test(server.log), !has);
  });

/** A device of a fleet comes back `times` times, its link cut each time; it is commanded each time. */
async function comeBack(server, only, account, times) {
  const { device } = account;
  const app = await openApp(server, account);
  const first = await connect(server, only);
  await converse(first);
  let { session } = first;
  for (let i = 0; i < times; i++) {
    const link = await openDevice(server, device, { options: { ...only, session } });
    assert.equal(link.wasResumed, true, `link ${i}`);
    session = link.session ?? session;
    const answer = await app.request(appUpdate(device, { brightness: i }));
    assert.equal(answer.error, 0);
    assert.deepEqual(link.obeyed, [{ brightness: i }]);
    link.drop();
    await app.json({ action: 'sysmsg', params: { online: false } });
  }
  app.drop();
}

for (const [version, only] of VERSIONS) {
  testShared(`${version}: a device's resumed links register and obey, whatever worker they land on`,
    async (server) => {
      const before = await metricOf(server, 'switchyard_tls_handshakes_total', resumed);
      await comeBack(server, only, await server.control.account(), 8);
      await metricReaches(server, 'switchyard_tls_handshakes_total', resumed, before + 8);
    });
}

for (const [version, only] of VERSIONS) {
  testServer(`${version}: a ticket of a server that has ended is no use, and does no harm`, {},
    async (server) => {
      const first = await connect(server, only);
      await converse(first);
      await server.stop();
      await server.again();
      const second = await connect(server, { ...only, session: first.session });
      assert.equal(second.isSessionReused(), false);
      await converse(second);
    });
}

/** The content types of the TLS records in these bytes, which end with a whole one. */
function recordTypes(bytes) {
  const types = [];
  let at = 0;
  while (at < bytes.length) {
    types.push(bytes[at]);
    at += 5 + bytes.readUInt16BE(at + 3);
  }
  assert.equal(at, bytes.length, 'the last record is whole');
  return types;
}

const ALERT = 21;

/** A port that passes everything on to the server and keeps what the server says. */
async function tap(server, t) {
  const heard = { bytes: Buffer.alloc(0), hasEnded: false };
  const proxy = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    client.pipe(upstream);
    upstream.pipe(client);
    upstream.on('data', (data) => {
      heard.bytes = Buffer.concat([heard.bytes, data]);
    });
    upstream.on('end', () => {
      heard.hasEnded = true;
    });
    upstream.on('error', (error) => {
      heard.error = error;
    });
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(() => proxy.close());
  heard.port = proxy.address().port;
  return heard;
}

testShared('the server says close_notify when it closes', async (server, t) => {
  const heard = await tap(server, t);
  const socket = await connect(server, { ...TLS_1_2, port: heard.port });
  await converse(socket);
  await until(() => heard.hasEnded, 'the end');
  const types = recordTypes(heard.bytes);
  assert.equal(types.at(-1), ALERT);
  assert.equal(types.filter((type) => type === ALERT).length, 1);
  assert.equal(heard.error, undefined);
});

testShared('the server answers close_notify with its own', async (server, t) => {
  const heard = await tap(server, t);
  const socket = await connect(server, { ...TLS_1_2, port: heard.port });
  socket.end();
  await until(() => heard.hasEnded, 'the end');
  assert.equal(recordTypes(heard.bytes).at(-1), ALERT);
  assert.equal(heard.error, undefined);
});

testShared('plain HTTP on the TLS port is no HTTP, is closed in order and counted', async (server) => {
  const name = 'switchyard_tls_handshake_failures_total';
  const before = await metricOf(server, name);
  const socket = net.connect(server.port, '127.0.0.1');
  const read = collect(socket);
  socket.write(REQUEST);
  const [hadError] = await within(once(socket, 'close'), 'the close');
  assert.equal(hadError, false);
  assert.doesNotMatch(read.text, /HTTP/);
  await metricReaches(server, name, {}, before + 1);
  await converse(await connect(server));
});

testServer('who does not shake hands is closed and counted',
  { flags: ['--limits-tls-handshake-time', '1s'] }, async (server) => {
    const silent = net.connect(server.port, '127.0.0.1');
    const halting = net.connect(server.port, '127.0.0.1');
    halting.write(Buffer.from([22, 3, 1, 2, 0, 1]));
    await Promise.all([silent, halting].map((socket) => {
      socket.resume();
      return within(once(socket, 'close'), 'the close');
    }));
    await metricReaches(server, 'switchyard_closes_total', { why: 'handshake_timeout' }, 2);
    await converse(await connect(server));
  });

test('the server name chooses between two certificates, in either kind of key', async (t) => {
  const data = await certifiedData(t, {
    one: ['one.example', 'localhost', '127.0.0.1'], two: ['two.example', '*.two.example'],
  });
  const list = certificateList(join(data, 'one'), join(data, 'two'));
  const server = await Server.start({ data, flags: ['--tls-certificates', list] });
  try {
    const namesFor = async (servername, options = {}) => {
      const socket = await connect(server,
        { servername, checkServerIdentity: () => undefined, ...options });
      assert.equal(socket.authorized, true);
      const { publicKey, subjectAltName } = socket.getPeerX509Certificate();
      await converse(socket);
      return `${publicKey.asymmetricKeyType} ${subjectAltName}`;
    };
    const rsa = { ...TLS_1_2, ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' };
    assert.match(await namesFor('one.example'), /^ec .*DNS:one\.example/);
    assert.match(await namesFor('two.example'), /^ec .*DNS:two\.example/);
    assert.match(await namesFor('a.two.example'), /^ec .*DNS:two\.example/);
    assert.match(await namesFor('two.example', rsa), /^rsa .*DNS:two\.example/);
    assert.match(await namesFor('nobody.example'), /^ec .*DNS:one\.example/);
    assert.match(await namesFor(''), /^ec .*DNS:one\.example/);
  } finally {
    await server.dispose();
  }
});
