// HTTP/1.1 over TLS as RFC 9112 has it: every refusal by its own status in the one JSON shape, what
// keeps a connection and what ends it, and the requests that could be read in two ways.

import assert from 'node:assert/strict';

import { Connection, headerOf } from '../conformance/runner/connection.mjs';

import { formatRequest, request, takeAnswer } from './support/http.mjs';
import { metricReaches } from './support/metrics.mjs';
import { shareServer, testServer } from './support/server.mjs';
import { PATIENCE_MS } from './support/until.mjs';

const { testShared } = shareServer({
  flags: ['--workers', '1', '--limits-line-bytes', '512', '--limits-head-bytes', '2KiB',
    '--limits-body-bytes', '1KiB'],
});

/** Answered without credentials and without a look at the store. */
const SIMPLE = { path: '/dispatch/device' };

const dial = (server) => Connection.open(server.target);

/** The answer to these bytes, on a connection of their own that is returned, too. */
async function exchange(server, bytes, method = 'GET') {
  const conn = await dial(server);
  conn.write(bytes);
  return { conn, answer: await takeAnswer(conn, method) };
}

function assertRefusal({ status, json, head }, expected) {
  assert.equal(status, expected);
  assert.deepEqual(Object.keys(json), ['error', 'reason']);
  assert.equal(json.error, expected);
  assert.match(json.reason, /^[A-Z][A-Za-z -]+$/);
  assert.equal(headerOf(head, 'transfer-encoding'), undefined);
}

async function assertGoesOn(conn) {
  conn.write(formatRequest(SIMPLE));
  assert.equal((await takeAnswer(conn)).status, 200);
  conn.drop();
}

async function assertCloses(conn, { head }) {
  assert.equal(headerOf(head, 'connection'), 'close');
  assert.ok(await conn.closes(PATIENCE_MS), 'the server closes');
  assert.equal(conn.pending.length, 0, 'nothing follows the answer');
}

const post = (head, body = '') =>
  `POST /dispatch/device HTTP/1.1\r\nHost: h\r\n${head}\r\n${body}`;

const REFUSED_AND_KEPT = [
  [404, 'an unknown path', 'GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n'],
  [404, 'a path with another case', 'GET /Dispatch/App HTTP/1.1\r\nHost: h\r\n\r\n'],
  [405, 'a method that the path does not have', 'DELETE /dispatch/app HTTP/1.1\r\nHost: h\r\n\r\n'],
  [426, 'the gateway without an upgrade', 'GET /api/ws HTTP/1.1\r\nHost: h\r\n\r\n'],
];

for (const [status, what, bytes] of REFUSED_AND_KEPT) {
  testShared(`${status}: ${what}; the connection goes on`, async (server) => {
    const { conn, answer } = await exchange(server, bytes);
    assertRefusal(answer, status);
    await assertGoesOn(conn);
  });
}

const REFUSED_AND_CLOSED = [
  [400, 'no request at all', 'nonsense\r\n\r\n'],
  [400, 'HTTP/1.1 without Host', 'GET / HTTP/1.1\r\n\r\n'],
  [400, 'two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
  [400, 'a target without a slash', 'GET dispatch HTTP/1.1\r\nHost: h\r\n\r\n'],
  [400, 'a header without a colon', 'GET / HTTP/1.1\r\nHost: h\r\nNonsense\r\n\r\n'],
  [400, 'a NUL in a header', 'GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n'],
  [411, 'an announced body without a length', post('Expect: 100-continue\r\n')],
  [411, 'an HTTP/1.0 POST without a length', 'POST /dispatch/device HTTP/1.0\r\n\r\n'],
  [413, 'a length above the limit', post('Content-Length: 1025\r\n')],
  [413, 'a length that no number holds', post(`Content-Length: ${'9'.repeat(30)}\r\n`)],
  [413, 'chunks that grow above the limit',
    post('Transfer-Encoding: chunked\r\n', `400\r\n${'x'.repeat(1024)}\r\n1\r\ny\r\n`)],
  [414, 'a line above the limit', `GET /${'a'.repeat(600)} HTTP/1.1\r\nHost: h\r\n\r\n`],
  [414, 'a line that has not ended at the limit', `GET /${'a'.repeat(600)}`],
  [415, 'a compressed body', post('Content-Encoding: gzip\r\nContent-Length: 1\r\n', 'x')],
  [417, 'an expectation that is not known', post('Expect: the-impossible\r\n')],
  [431, 'a head above the limit', `GET / HTTP/1.1\r\nHost: h\r\nA: ${'a'.repeat(2048)}\r\n\r\n`],
  [431, 'a head that has not ended at the limit', `GET / HTTP/1.1\r\nA: ${'a'.repeat(2048)}`],
  [431, 'too many headers', `GET / HTTP/1.1\r\nHost: h\r\n${'a:b\r\n'.repeat(200)}\r\n`],
  [501, 'a method of another protocol', 'BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n'],
  [501, 'a coding that is not known', post('Transfer-Encoding: gzip, chunked\r\n')],
  [505, 'HTTP/2 in the request line', 'GET / HTTP/2.0\r\nHost: h\r\n\r\n'],
];

for (const [status, what, bytes] of REFUSED_AND_CLOSED) {
  testShared(`${status}: ${what}; the connection closes`, async (server) => {
    const { conn, answer } = await exchange(server, bytes);
    assertRefusal(answer, status);
    await assertCloses(conn, answer);
  });
}

/* Each hides a second request behind a body whose length two readers could see differently. */
const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n';
const SMUGGLED = [
  [400, 'a length and a coding', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  [400, 'a coding and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'],
  [400, 'two lengths that differ', 'Content-Length: 0\r\nContent-Length: 5\r\n', 'abcde'],
  [400, 'two lengths that agree', 'Content-Length: 5\r\nContent-Length: 5\r\n', 'abcde'],
  [400, 'a list of lengths', 'Content-Length: 5, 5\r\n', 'abcde'],
  [400, 'a length with a sign', 'Content-Length: +5\r\n', 'abcde'],
  [400, 'a length in hexadecimal', 'Content-Length: 0x5\r\n', 'abcde'],
  [400, 'a negative length', 'Content-Length: -1\r\n', ''],
  [400, 'an empty length', 'Content-Length:\r\n', ''],
  [400, 'a coding twice', 'Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'],
  [400, 'a coding in two lines',
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  [501, 'a coding that looks like chunked', 'Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'],
  [400, 'a list of codings that ends in a comma', 'Transfer-Encoding: chunked,\r\n', ''],
  [501, 'a coding of old that says nothing', 'Transfer-Encoding: identity\r\n', '0\r\n\r\n'],
  [400, 'a vertical tab ahead of chunked', 'Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'],
  [400, 'a space ahead of the colon', 'Transfer-Encoding : chunked\r\n', '0\r\n\r\n'],
  [400, 'a length with a space ahead of the colon', 'Content-Length : 5\r\n', 'abcde'],
  [400, 'a folded header', 'Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'],
  [400, 'a first header that is folded', ' Content-Length: 5\r\n', 'abcde'],
  [400, 'a CR in a header', 'A: b\rTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
  [400, 'a chunk size with a sign', 'Transfer-Encoding: chunked\r\n', '+0\r\n\r\n'],
  [400, 'a chunk size with 0x', 'Transfer-Encoding: chunked\r\n', '0x0\r\n\r\n'],
  [413, 'a chunk size that wraps', 'Transfer-Encoding: chunked\r\n', '10000000000000000\r\n\r\n'],
  [400, 'a chunk that is longer than said', 'Transfer-Encoding: chunked\r\n', '1\r\nab\r\n0\r\n\r\n'],
  [400, 'a chunk size that ends in a bare LF', 'Transfer-Encoding: chunked\r\n', '0\n\r\n'],
];

for (const [status, what, head, body] of SMUGGLED) {
  testShared(`${what}: refused, and what is hidden behind it is not read`, async (server) => {
    const { conn, answer } = await exchange(server, post(head, body) + HIDDEN);
    assertRefusal(answer, status);
    await assertCloses(conn, answer);
  });
}

testShared('a coding from before codings, in HTTP/1.0, is refused', async (server) => {
  const bytes = 'POST /dispatch/device HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  const { conn, answer } = await exchange(server, bytes + HIDDEN);
  assertRefusal(answer, 400);
  await assertCloses(conn, answer);
});

testShared('405 says which methods there are', async (server) => {
  const allowOf = async (path) => headerOf((await request(server, { method: 'PUT', path })).head, 'allow');
  assert.deepEqual((await allowOf('/dispatch/app')).split(', ').sort(), ['GET', 'HEAD', 'POST']);
  assert.deepEqual((await allowOf('/api/ws')).split(', ').sort(), ['GET', 'HEAD']);
});

testShared('426 says what to upgrade to', async (server) => {
  const { head } = await request(server, { path: '/api/ws' });
  assert.equal(headerOf(head, 'upgrade'), 'websocket');
  assert.equal(headerOf(head, 'sec-websocket-version'), '13');
});

testShared('HEAD is answered as GET is, without the body', async (server) => {
  const get = await request(server, SIMPLE);
  const { conn, answer } = await exchange(server, formatRequest({ ...SIMPLE, method: 'HEAD' }), 'HEAD');
  assert.equal(answer.status, 200);
  assert.equal(headerOf(answer.head, 'content-length'), String(get.body.length));
  await assertGoesOn(conn); /* a body would stand ahead of this answer */
});

testShared('HEAD of an unknown path is refused without a body', async (server) => {
  const { conn, answer } = await exchange(server, 'HEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\n', 'HEAD');
  assert.equal(answer.status, 404);
  assert.notEqual(headerOf(answer.head, 'content-length'), '0');
  await assertGoesOn(conn);
});

testShared('a connection is kept, and closed when the client says so', async (server) => {
  const conn = await dial(server);
  for (let i = 0; i < 5; i++) {
    conn.write(formatRequest(SIMPLE));
    const { head } = await takeAnswer(conn);
    assert.equal(headerOf(head, 'connection'), undefined);
  }
  conn.write(formatRequest({ ...SIMPLE, headers: { Connection: 'close' } }));
  await assertCloses(conn, await takeAnswer(conn));
});

testShared('an HTTP/1.0 connection is closed, unless the client asks to keep it', async (server) => {
  const get = (headers) => `GET /dispatch/device HTTP/1.0\r\n${headers}\r\n`;
  const closed = await exchange(server, get(''));
  assert.equal(closed.answer.status, 200);
  await assertCloses(closed.conn, closed.answer);

  const { conn, answer } = await exchange(server, get('Connection: Keep-Alive\r\n'));
  assert.equal(headerOf(answer.head, 'connection'), 'keep-alive');
  await assertGoesOn(conn);
});

testShared('a hundred pipelined requests are answered in their order', async (server) => {
  const conn = await dial(server);
  const paths = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? '/nothing' : '/dispatch/device'));
  conn.write(paths.map((path) => formatRequest({ path })).join(''));
  for (const path of paths)
    assert.equal((await takeAnswer(conn)).status, path === '/nothing' ? 404 : 200);
  conn.drop();
});

testShared('a request behind one that has to wait for the store keeps its place', async (server) => {
  const conn = await dial(server);
  const unknown = { method: 'POST', path: '/dispatch/device',
    body: { accept: 'ws', ts: 1, deviceid: '10000000ff', apikey: 'none' } };
  conn.write(formatRequest(unknown) + formatRequest({ path: '/nothing' }));
  assert.equal((await takeAnswer(conn)).json.error, 401);
  assert.equal((await takeAnswer(conn)).status, 404);
  conn.drop();
});

testShared('a request that comes byte by byte is one request', async (server) => {
  const conn = await dial(server);
  const bytes = Buffer.from(formatRequest({ ...SIMPLE, method: 'POST', body: { deviceid: '1' } }));
  for (const byte of bytes) conn.write(Buffer.from([byte]));
  assert.equal((await takeAnswer(conn)).json.error, 400);
  await assertGoesOn(conn);
});

testShared('100 Continue comes ahead of the body, once, and the answer behind it', async (server) => {
  const conn = await dial(server);
  const body = JSON.stringify({ deviceid: '10000000ff' });
  conn.write(post(`Expect: 100-continue\r\nContent-Length: ${body.length}\r\n`));
  const first = await conn.takeHead(PATIENCE_MS);
  assert.equal(first.status, 100);
  conn.write(body.slice(0, 5));
  conn.write(body.slice(5));
  assert.equal((await takeAnswer(conn)).json.error, 400);
  await assertGoesOn(conn);
});

testShared('a body that came with its expectation needs no 100 Continue', async (server) => {
  const { conn, answer } = await exchange(server,
    post('Expect: 100-continue\r\nContent-Length: 2\r\n', '{}'));
  assert.equal(answer.status, 200);
  await assertGoesOn(conn);
});

testShared('a body for an unknown path is refused instead of asked for', async (server) => {
  const { conn, answer } = await exchange(server,
    'POST /nothing HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  assertRefusal(answer, 404);
  await assertCloses(conn, answer);
});

testShared('a chunked body with extensions and trailers is read, and what follows it', async (server) => {
  const body = '{"deviceid":"10000000ff","apikey":"k","accept":"ws","ts":1}';
  const chunks = `5;name=value\r\n${body.slice(0, 5)}\r\n`
    + `${(body.length - 5).toString(16).toUpperCase()}\r\n${body.slice(5)}\r\n`
    + '0\r\nTrailer: x\r\n\r\n';
  const { conn, answer } = await exchange(server, post('Transfer-Encoding: Chunked\r\n', chunks));
  assert.equal(answer.json.error, 401);
  await assertGoesOn(conn);
});

testShared('header lines may end in a bare LF, the request line may not', async (server) => {
  const good = await exchange(server, 'GET /dispatch/device HTTP/1.1\r\nHost: h\nAccept: */*\n\r\n');
  assert.equal(good.answer.status, 200);
  await assertGoesOn(good.conn);
  const bad = await exchange(server, 'GET /dispatch/device HTTP/1.1\nHost: h\r\n\r\n');
  assertRefusal(bad.answer, 400);
  await assertCloses(bad.conn, bad.answer);
});

testShared('what is exactly as long as a limit is accepted', async (server) => {
  const line = `GET /dispatch/device?${'q'.repeat(512 - 30)} HTTP/1.1`;
  assert.equal(line.length, 512);
  const lined = await exchange(server, `${line}\r\nHost: h\r\n\r\n`);
  assert.equal(lined.answer.status, 200);
  lined.conn.drop();

  const headless = 'GET /dispatch/device HTTP/1.1\r\nHost: h\r\nA: \r\n\r\n';
  const head = headless.replace('A: ', `A: ${'a'.repeat(2048 - headless.length)}`);
  const headed = await exchange(server, head);
  assert.equal(headed.answer.status, 200);
  headed.conn.drop();

  const bodied = await exchange(server, post('Content-Length: 1024\r\n', 'x'.repeat(1024)));
  assert.equal(bodied.answer.status, 200);
  assert.equal(bodied.answer.json.error, 400);
  bodied.conn.drop();
});

testServer('a client that is slow with its request is told 408, each part of it in turn',
  { flags: ['--limits-request-time', '300ms'] }, async (server) => {
    const parts = ['G', 'GET /dispatch/app HTTP/1.1\r\nHo', post('Content-Length: 5\r\n', 'abc'),
      post('Transfer-Encoding: chunked\r\n', '5\r\nab')];
    await Promise.all(parts.map(async (part) => {
      const { conn, answer } = await exchange(server, part);
      assertRefusal(answer, 408);
      await assertCloses(conn, answer);
    }));
    await metricReaches(server, 'switchyard_http_refused_total', {}, parts.length);
  });

testServer('bytes that trickle in do not make a request last longer',
  { flags: ['--limits-request-time', '400ms'] }, async (server) => {
    const conn = await dial(server);
    const began = Date.now();
    const trickle = setInterval(() => conn.write('a'), 20);
    conn.write('GET /dispatch/app HTTP/1.1\r\nHost: h\r\nA: ');
    const answer = await takeAnswer(conn).finally(() => clearInterval(trickle));
    assertRefusal(answer, 408);
    assert.ok(Date.now() - began >= 350, 'not ahead of its time');
  });

testServer('an idle connection is closed without a word, ahead of the first request and between two',
  { flags: ['--limits-keep-alive-time', '1s'] }, async (server) => {
    const fresh = await dial(server);
    const used = await dial(server);
    used.write(formatRequest(SIMPLE));
    assert.equal((await takeAnswer(used)).status, 200);
    for (const conn of [fresh, used]) {
      assert.ok(await conn.closes(PATIENCE_MS));
      assert.equal(conn.pending.length, 0);
    }
    await metricReaches(server, 'switchyard_closes_total', { why: 'idle' }, 2);
  });
