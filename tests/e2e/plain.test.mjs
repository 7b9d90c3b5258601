// The plain listener, for a proxy on the same machine, and the PROXY protocol, versions 1 and 2.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';

import { Connection } from '../conformance/runner/connection.mjs';

import { formatRequest, takeAnswer } from './support/http.mjs';
import { Link, userOnline } from './support/link.mjs';
import { metricReaches } from './support/metrics.mjs';
import { shareServer, testServer } from './support/server.mjs';
import { PATIENCE_MS, until, within } from './support/until.mjs';

const { testShared } = shareServer({
  flags: ['--workers', '2', '--listen-plain', '127.0.0.1:0'],
});
const PROXIED = {
  flags: ['--workers', '2', '--listen-plain', '127.0.0.1:0', '--listen-proxy-protocol', 'plain',
    '--limits-tls-handshake-time', '1500ms'],
};
const { testShared: testProxied } = shareServer(PROXIED);

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const REQUEST = formatRequest({ path: '/dispatch/device' });

/** A version 2 header: PROXY over TCP and IPv4 unless told otherwise; extra: TLVs. */
function v2({ command = 0x21, family = 0x11, addresses, extra = Buffer.alloc(0) }) {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length + extra.length);
  return Buffer.concat([V2_SIGNATURE, Buffer.from([command, family]), length, addresses, extra]);
}

const V4 = Buffer.from([203, 0, 113, 7, 192, 0, 2, 1, 0x30, 0x39, 0x01, 0xbb]); /* 12345 -> 443 */
const V6 = Buffer.concat([Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('20010db8000000000000000000000001', 'hex'), Buffer.from([0x30, 0x39, 0x01, 0xbb])]);

const dial = (server) => Connection.open({ host: '127.0.0.1', port: server.plainPort });

async function assertServes(conn) {
  conn.write(REQUEST);
  const answer = await takeAnswer(conn);
  assert.equal(answer.status, 200);
  return answer.json;
}

testShared('a plain listener serves without TLS, and is told of in the log without a warning',
  async (server) => {
    const conn = await dial(server);
    await assertServes(conn);
    await assertServes(conn);
    conn.drop();
    assert.match(server.log, /listener\.open address=127\.0\.0\.1:\d+ kind=plain proxy_protocol=no/);
    assert.doesNotMatch(server.log, /listener\.weak/);
  });

/** A TLS proxy in front of the plain listener, with the server's own certificate: its port. */
async function terminator(server, header = '') {
  const pem = (name) => readFileSync(`${server.data}/${name}`);
  const proxy = tls.createServer({ cert: pem('server-ecdsa.pem'), key: pem('server-ecdsa.key') },
    (client) => {
      const upstream = net.connect(server.plainPort, '127.0.0.1');
      upstream.write(header);
      client.pipe(upstream).pipe(client);
      for (const end of [client, upstream]) end.on('error', () => {});
    });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  proxy.unref();
  return proxy.address().port;
}

testShared('the gateway is reached over the plain listener', async (server) => {
  const account = await server.control.account({ devices: 0 });
  const link = await Link.open({ target: { ...server.target, port: await terminator(server) } });
  const { error } = await link.request(userOnline(account));
  assert.equal(error, 0);
  link.drop();
});

testShared('without the option a PROXY header is a bad request', async (server) => {
  for (const header of ['PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n', v2({ addresses: V4 })]) {
    const conn = await dial(server);
    conn.write(header);
    conn.write(REQUEST);
    assert.equal((await takeAnswer(conn)).status, 400);
    assert.ok(await conn.closes(PATIENCE_MS));
  }
});

testShared('a TLS greeting on the plain listener is a bad request', async (server) => {
  const conn = await dial(server);
  conn.write(Buffer.from('16030100c8010000c40303', 'hex'));
  assert.equal((await takeAnswer(conn)).status, 400);
  assert.ok(await conn.closes(PATIENCE_MS));
});

testServer('a plain listener that others can reach is warned of',
  { flags: ['--listen-plain', '0.0.0.0:0'] }, async (server) => {
    assert.match(server.log, /warn listener\.weak address=0\.0\.0\.0:\d+ reason="no TLS/);
  });

const ACCEPTED = [
  ['version 1, IPv4', 'PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n', '203.0.113.7:12345'],
  ['version 1, IPv6', 'PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n', '[2001:db8::7]:12345'],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n', /^127\.0\.0\.1:\d+$/],
  ['version 2, IPv4', v2({ addresses: V4 }), '203.0.113.7:12345'],
  ['version 2, IPv6', v2({ family: 0x21, addresses: V6 }), '[2001:db8::7]:12345'],
  ['version 2 with more than it needs', v2({ addresses: V4, extra: Buffer.from([4, 0, 2, 0, 0]) }),
    '203.0.113.7:12345'],
  ['version 2, a check of the proxy itself', v2({ command: 0x20, family: 0, addresses: Buffer.alloc(0) }),
    /^127\.0\.0\.1:\d+$/],
];

for (const [what, header, peer] of ACCEPTED) {
  testProxied(`PROXY ${what}: the client is who the header says`, async (server) => {
    const account = await server.control.account({ devices: 0 });
    const link = await Link.open({ target: { ...server.target, port: await terminator(server, header) } });
    assert.equal((await link.request(userOnline(account))).error, 0);
    const [row, ...others] = await server.control.rows('conn list', { user: account.user.apikey });
    assert.equal(others.length, 0);
    if (peer instanceof RegExp) assert.match(row.peer, peer);
    else assert.equal(row.peer, peer);
    link.drop();
  });
}

testProxied('the address that the header names is what dispatch derives its answer from', async (server) => {
  const conn = await dial(server);
  conn.write('PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n');
  const { IP, port } = await assertServes(conn);
  assert.deepEqual({ IP, port }, { IP: '192.0.2.1', port: 443 });
  conn.drop();
});

testProxied('a header that comes byte by byte, and a request with it, are read', async (server) => {
  for (const header of [Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 12345 443\r\n'),
    v2({ addresses: V4 })]) {
    const conn = await dial(server);
    for (const byte of header) conn.write(Buffer.from([byte]));
    await assertServes(conn);
    conn.drop();
    const joined = await dial(server);
    joined.write(Buffer.concat([header, Buffer.from(REQUEST)]));
    assert.equal((await takeAnswer(joined)).status, 200);
    joined.drop();
  }
});

const BAD = [
  ['no header but a request', REQUEST],
  ['an address that is none', 'PROXY TCP4 203.0.113.777 192.0.2.1 12345 443\r\n'],
  ['a port that is none', 'PROXY TCP4 203.0.113.7 192.0.2.1 123456 443\r\n'],
  ['an address of the other family', 'PROXY TCP6 203.0.113.7 192.0.2.1 12345 443\r\n'],
  ['a line that is too long', `PROXY UNKNOWN ${'x'.repeat(120)}\r\n`],
  ['a version that is not known', v2({ command: 0x31, addresses: V4 })],
  ['fewer addresses than its family has', v2({ addresses: V4.subarray(0, 8) })],
  ['a length above the bound', v2({ addresses: V4, extra: Buffer.alloc(5000) })],
];

for (const [what, bytes] of BAD) {
  testProxied(`PROXY expected, ${what}: closed without an answer, logged and counted`, async (server) => {
    const before = server.log.split('conn.proxy_header').length;
    const conn = await dial(server);
    conn.write(bytes);
    assert.ok(await conn.closes(PATIENCE_MS));
    assert.equal(conn.pending.length, 0);
    await until(() => server.log.split('conn.proxy_header').length > before, 'the line in the log');
    await metricReaches(server, 'switchyard_closes_total', { why: 'protocol' }, 1);
  });
}

testProxied('PROXY expected, and nothing comes: closed in its time, and counted', async (server) => {
  const began = Date.now();
  const silent = await dial(server);
  const halting = await dial(server);
  halting.write('PROXY TCP4 203.0');
  for (const conn of [silent, halting]) assert.ok(await conn.closes(PATIENCE_MS));
  assert.ok(Date.now() - began >= 1400, 'not ahead of its time');
  await metricReaches(server, 'switchyard_closes_total', { why: 'handshake_timeout' }, 2);
});

testServer('PROXY on all listeners: the header comes ahead of TLS',
  { flags: ['--listen-proxy-protocol', 'all', '--workers', '1'] }, async (server) => {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.write(v2({ addresses: V4 }));
    const client = tls.connect({ socket, ca: server.ca, servername: 'localhost' });
    await within(once(client, 'secureConnect'), 'the TLS handshake');
    const conn = new Connection(client);
    await assertServes(conn);
    conn.drop();
    const without = tls.connect(server.target);
    await within(new Promise((resolve) => { without.once('error', resolve); }), 'the refusal');
    await server.logs(/warn conn\.proxy_header/);
  });
