// The documents docs/openapi.yaml and docs/asyncapi.yaml are what their makers call valid, the tap finds
// what breaks them, and a whole run has seen all that they tell of.
//
// CONTRACT_SEEN names the files that the suites conformance and e2e have written, with blanks between.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import asyncapi from '@asyncapi/specs';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv from 'ajv';
import { parse } from 'yaml';

import { encodeFrame } from '../../conformance/runner/connection.mjs';
import { run } from '../support/program.mjs';

import documents from './documents.cjs';
import http from './http_contract.cjs';
import socket from './socket_contract.cjs';
import wires from './wire.cjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Every node of a document, with the way to it. */
function* nodes(node, at = '') {
  if (typeof node !== 'object' || node === null) return;
  yield { node, at };
  for (const [key, child] of Object.entries(node)) yield* nodes(child, `${at}/${key}`);
}

test('the OpenAPI document is one', async () => {
  const { valid, errors } = await new Validator().validate(documents.load('openapi.yaml'));
  assert.ok(valid, JSON.stringify(errors, null, 1));
});

test('the AsyncAPI document is one', () => {
  const check = new Ajv({ strict: false, validateFormats: false })
    .compile(asyncapi.schemasWithoutId['3.0.0']);
  assert.ok(check(documents.load('asyncapi.yaml')), JSON.stringify(check.errors, null, 1));
});

for (const name of ['openapi.yaml', 'asyncapi.yaml']) {
  const document = documents.load(name);

  test(`${name}: every reference leads somewhere, and no schema is there for nothing`, () => {
    const used = new Set();
    for (const { node } of nodes(document)) {
      if (node.$ref === undefined) continue;
      documents.resolve(document, node);
      used.add(node.$ref);
    }
    for (const [kind, items] of Object.entries(document.components))
      for (const item of Object.keys(items))
        assert.ok(kind === 'securitySchemes' || used.has(`#/components/${kind}/${item}`), `nothing leads to ${item}`);
  });

  test(`${name}: what has an order is closed, or says what more there may be`, () => {
    for (const { node, at } of nodes(document))
      if (node['x-ordered']) assert.notEqual(node.additionalProperties, undefined, at);
  });
}

test('each operation has a name of its own', () => {
  const { paths } = documents.load('openapi.yaml');
  const names = Object.values(paths).flatMap((item) => Object.values(item))
    .map(({ operationId }) => operationId).filter(Boolean);
  assert.deepEqual(names, [...new Set(names)]);
});

/** What a tap says of a connection: said by the client and by the server, in turn. */
function overheard(turns, isAdmin = false) {
  const keys = [];
  const problems = [];
  const wire = new wires.Wire({ isAdmin, onKeys: (some) => keys.push(...some),
    onProblem: (text) => problems.push(text) });
  turns.forEach((turn, i) => {
    const bytes = Buffer.from(turn, 'latin1');
    /* Byte by byte: nothing may depend on how it was cut. */
    for (const byte of bytes) wire[i % 2 === 0 ? 'onSent' : 'onReceived'](Buffer.from([byte]));
  });
  return { keys, problems };
}

const request = (method, target, body = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const answer = (status, body, headers = 'Content-Type: application/json') =>
  `HTTP/1.1 ${status} Text\r\nContent-Length: ${body.length}\r\n${headers}\r\n\r\n${body}`;
const DISPATCHED = '{"error":0,"reason":"ok","IP":"192.0.2.1","port":443}';

test('an answer that is as documented is seen', () => {
  const { keys, problems } = overheard([request('POST', '/dispatch/device', '{}'), answer(200, DISPATCHED),
    request('GET', '/dispatch/device'), answer(200, '{"error":500,"reason":"server error"}'),
    request('GET', '/nothing'), answer(404, '{"error":404,"reason":"Not Found"}'),
    request('GET', '/livez'), answer(404, '{"error":404,"reason":"Not Found"}')]);
  assert.deepEqual(problems, []);
  assert.deepEqual(keys, ['dispatchDevice 200 0', 'dispatchDeviceByGet 200 500', 'refusal  404', 'refusal  404']);
  assert.deepEqual(overheard([request('GET', '/livez'), answer(200, '{"live":true}')], true).keys, ['live 200 -']);
});

test('each way to break the document of HTTPS is found', () => {
  const finds = (response, expected, target = '/dispatch/device') => {
    const { problems } = overheard([request('POST', target), response]);
    assert.equal(problems.length, 1, response);
    assert.match(problems[0], expected);
  };
  finds(answer(200, '{"error":0,"reason":"ok","IP":"192.0.2.1","port":443,"domain":"d"}'), /additional/);
  finds(answer(200, '{"error":0,"reason":"ok","IP":"192.0.2.1"}'), /port/);
  finds(answer(200, '{"error":0,"reason":"ok","port":443,"IP":"192.0.2.1"}'), /order/);
  finds(answer(200, '{"error":402,"reason":"expired"}'), /must be equal/);
  finds(answer(200, 'x'), /no JSON/);
  finds(answer(200, DISPATCHED, 'Content-Type: text/html'), /text.html/);
  finds(`HTTP/1.1 200 OK\r\n\r\n${DISPATCHED}`, /Content-Length/);
  finds(answer(404, '{"error":404,"reason":"Not Found"}'), /404/);
  finds(answer(500, '{"error":500,"reason":"Internal Server Error"}'), /must be equal/);
  finds(answer(200, '{"error":0}'), /no such operation/, '/nothing');
  finds(answer(405, '{"error":405,"reason":"Method Not Allowed"}'), /405/, '/nothing');
  finds(answer(200, '{"error":404,"msg":"no such API","data":{}}'), /no such operation/, '/v2/nothing');
  finds(answer(404, '{"error":404,"reason":"Not Found"}'), /info/, '/api/nothing');
  finds(answer(413, '{"error":414,"reason":"x"}'), /error 414/);
});

const UPGRADE = 'GET /api/ws HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: a\r\n\r\n';
const said = (...texts) =>
  texts.map((text) => encodeFrame('text', Buffer.from(text)).toString('latin1')).join('');
const told = (...texts) =>
  texts.map((text) => `\x81${String.fromCharCode(text.length)}${text}`).join('');
const KEY = 'a4e77f7e-2116-4215-b961-6f3fc5982667';
const ONLINE = said('{"action":"userOnline","sequence":1}');
const WELCOME = `{"error":0,"apikey":"${KEY}","config":{"hb":1,"hbInterval":145},"sequence":"1"}`;
const GONE = `{"action":"sysmsg","deviceid":"1","apikey":"${KEY}","ts":0,"params":{"online":false}}`;

test('messages that are as documented are seen', () => {
  const { keys, problems } = overheard([UPGRADE + said('ping'), SWITCHED + told('pong'), ONLINE, told(WELCOME) + told(GONE),
    said('{"action":"query","deviceid":"1","sequence":"2"}'), told('{"error":403,"reason":"Forbidden","sequence":"2"}'),
    '', '\x88\x02\x03\xe8']);
  assert.deepEqual(problems, []);
  assert.deepEqual(keys, ['upgrade 101', 'receive appPing', 'message pong', 'receive userOnline',
    'message userOnlineDone 0', 'send presence', 'receive appQuery', 'message commandRefused 403', 'close 1000']);
});

test('each way to break the document of the socket is found', () => {
  const finds = (turns, expected) => {
    const { problems } = overheard([UPGRADE, SWITCHED, ...turns]);
    assert.equal(problems.length, 1);
    assert.match(problems[0], expected);
  };
  const QUERY = said('{"action":"query","deviceid":"1","sequence":"2"}');
  finds(['', told('pong')], /unasked/);
  finds(['', told(GONE)], /ahead of the handshake/);
  finds([ONLINE, told(WELCOME.replace('}}', '}').replace('145', '145}'))], /apikey|config|userOnlineDone/);
  finds([ONLINE, told(WELCOME.replace(',"sequence":"1"', ',"socketid":"1"'))], /additional/);
  finds([ONLINE, told(WELCOME.replace('"sequence":"1"', '"sequence":1'))], /string/);
  finds([ONLINE, told(WELCOME) + told(GONE.replace('false', '"false"'))], /boolean/);
  finds([ONLINE, told(WELCOME) + told(GONE.replace('sysmsg', 'upgrade'))], /no upgrade is sent to the app/);
  finds([ONLINE, told(WELCOME), QUERY, told('{"error":0,"deviceid":"1","sequence":"2"}')], /params/);
  finds([ONLINE, told(WELCOME), QUERY, told('{"error":0,"params":{},"deviceid":"1","sequence":"2"}')], /order/);
  finds([ONLINE, told(WELCOME), QUERY, told('{"error":404,"reason":"Not Found","sequence":"2"}')], /allowed/);
  finds([ONLINE, told('hello')], /neither/);
  finds([ONLINE, '\x01\x01x'], /fragmented/);
  finds([ONLINE, '\x88\x02\x03\xf2'], /close code 1010/);
  finds([ONLINE, '\x89\x00'], /opcode 9/);
});

test('a program that hears what is not documented ends with 70', async () => {
  const server = net.createServer((conn) => conn.on('error', () => {})
    .once('data', () => conn.end(answer(200, '{"error":0}'))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const script = `require('node:http').get('http://127.0.0.1:${port}/dispatch/device', (it) => it.resume())`;
  const play = (ports) => run(process.execPath, ['--require', path('tap.cjs'), '--eval', script],
    { env: { ...process.env, CONTRACT_PORTS: ports, CONTRACT_SEEN: '' } });
  const [heard, unheard] = await Promise.all([play(`plain:${port},`), play(`plain:${port}0,`)]);
  server.close();
  assert.deepEqual([heard.code, unheard.code], [70, 0]);
  assert.match(heard.stderr, /^contract: .*reason/);
});

const files = (process.env.CONTRACT_SEEN ?? '').split(' ').filter((file) => file !== '' && existsSync(file));

test('a whole run has seen all that the documents tell of', {
  skip: files.length < 2 && 'the suites conformance and e2e have not run',
}, () => {
  const seen = new Set(files.flatMap((file) => readFileSync(file, 'utf8').split('\n')));
  const all = [...http.everything(), ...socket.everything()];
  const excuses = Object.keys(parse(readFileSync(path('unseen.yaml'), 'utf8')));
  const isUnder = (key, excuse) => key === excuse || key.startsWith(`${excuse} `);
  const excused = (key) => excuses.some((excuse) => isUnder(key, excuse));
  assert.deepEqual(all.filter((key) => !seen.has(key) && !excused(key)), [], 'never seen');
  assert.deepEqual(excuses.filter((excuse) => !all.some((key) => isUnder(key, excuse))), [],
    'unseen.yaml has what no document has');
});
