// The runner's own rules: what matches, what does not, and how transcripts are read.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Connection, decodeFrame, decodeHead, encodeFrame, headerOf } from './runner/connection.mjs';
import { calls, words } from './runner/fixtures.mjs';
import { interpolate, matchJson, parseJson, parsePattern } from './runner/pattern.mjs';
import { Player } from './runner/player.mjs';
import { bytes, duration, parseTranscript } from './runner/transcript.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

function differences(pattern, text, { ordered = false, variables = new Map() } = {}) {
  return matchJson(pattern, text, variables, { ordered });
}

const fits = (pattern, text, options) => assert.deepEqual(differences(pattern, text, options), []);
const differs = (pattern, text, options) =>
  assert.notEqual(differences(pattern, text, options).length, 0, `${pattern} matched ${text}`);

test('members match in any order, unless the order is asked for', () => {
  fits('{"a":1,"b":2}', '{"b":2,"a":1}');
  fits('{"a":1,"b":2}', '{ "a" : 1, "b" : 2 }', { ordered: true });
  differs('{"a":1,"b":2}', '{"b":2,"a":1}', { ordered: true });
  differs('{"x":{"a":1,"b":2}}', '{"x":{"b":2,"a":1}}', { ordered: true });
});

test('further members are a difference, unless the pattern is open', () => {
  differs('{"a":1}', '{"a":1,"b":2}');
  fits('{"a":1,...}', '{"a":1,"b":2}');
  fits('{...}', '{}');
  differs('{"a":1,...}', '{"b":2}');
  fits('{"a":1,...,"c":3}', '{"c":3,"b":2,"a":1}');
});

test('a member that must be absent is a difference even in an open pattern', () => {
  fits('{"a":1,!"b",...}', '{"a":1,"c":2}');
  differs('{"a":1,!"b",...}', '{"a":1,"b":null}');
});

test('a key that stands twice is a difference', () => {
  differs('{"a":1}', '{"a":1,"a":1}');
});

test('numbers are compared by their digits', () => {
  fits('{"s":15452192511234567}', '{"s":15452192511234567}');
  differs('{"s":15452192511234567}', '{"s":15452192511234568}');
  differs('{"s":1}', '{"s":"1"}');
  differs('{"s":1}', '{"s":1.0}');
});

test('literals, arrays and nesting are compared whole', () => {
  fits('[1,true,null,{"a":[]}]', '[1, true, null, {"a": []}]');
  differs('[1,2]', '[2,1]');
  differs('[1]', '[1,2]');
  differs('[1,...]', '[]');
  fits('[1,...]', '[1,2]');
  differs('{"a":true}', '{"a":"true"}');
  differs('{"a":false}', '{"a":null}');
  differs('{"a":{}}', '{"a":[]}');
});

test('strings are compared decoded', () => {
  fits('"a\\u0062"', '"ab"');
  differs('"A"', '"a"');
});

test('a name captures once and is then compared', () => {
  const variables = new Map();
  fits('{"s":"$s","n":$n}', '{"s":"17","n":{"x": 1}}', { variables });
  assert.equal(variables.get('s'), '17');
  assert.equal(variables.get('n'), '{"x": 1}');
  fits('{"s":"$s"}', '{"s":"17"}', { variables });
  differs('{"s":"$s"}', '{"s":"18"}', { variables });
  differs('{"s":"$t"}', '{"s":5}', { variables });
  fits('{"a":$k,"b":$k}', '{"a":"x","b":"x"}');
  differs('{"a":$k,"b":$k}', '{"a":"x","b":"y"}');
});

test('nothing is captured from what does not match', () => {
  const variables = new Map();
  differs('{"s":"$s","n":1}', '{"s":"17","n":2}', { variables });
  assert.equal(variables.size, 0);
});

test('known names are put into longer strings', () => {
  const variables = new Map([['ts', '15'], ['nonce', 'ab']]);
  fits('"$ts-$nonce"', '"15-ab"', { variables });
  differs('"$ts-$nonce"', '"15-ac"', { variables });
  assert.throws(() => differences('"$ts-$other"', '"15-ab"', { variables }), /other/);
  assert.equal(interpolate('x $ts', variables), 'x 15');
  assert.throws(() => interpolate('$none', variables), /none/);
});

test('an expression matches a whole string or number', () => {
  fits('{"d":/\\d{2}/}', '{"d":"12"}');
  fits('{"d":/\\d{2}/}', '{"d":12}');
  differs('{"d":/\\d{2}/}', '{"d":"123"}');
  differs('{"d":/.*/}', '{"d":{}}');
});

test('a kind stands for any value of it', () => {
  fits('{"a":number,"b":string,"c":boolean,"d":object,"e":array}',
    '{"a":-1.5,"b":"","c":false,"d":{"x":1},"e":[1]}');
  differs('{"a":number}', '{"a":"1"}');
  differs('{"a":string}', '{"a":1}');
  differs('{"a":boolean}', '{"a":null}');
  differs('{"a":object}', '{"a":[]}');
});

test('what is not JSON is a difference', () => {
  differs('{...}', 'pong');
  differs('{...}', '{"a":1}x');
  differs('{...}', '{"a":1,}');
  differs('{...}', '');
  differs('{"a":1}', '{"a":01}');
  assert.throws(() => parseJson('{...}'), /no string/);
});

test('a transcript needs a rule in its first line', () => {
  assert.throws(() => parseTranscript('a1 dials\n'), /rule/);
  assert.equal(parseTranscript('# It works.   here\n').rule, 'It works.   here');
});

test('an unknown statement names its line', () => {
  assert.throws(() => parseTranscript('# r\n\na1 jumps\n'), /line 3: no such statement/);
  assert.throws(() => parseTranscript('# r\ngiven cat $C\n'), /line 2: no such fixture/);
  assert.throws(() => parseTranscript('# r\n  x\n'), /line 2: indented/);
});

test('indented lines continue a message and belong to a request', () => {
  const { statements } = parseTranscript([
    '# r', 'a1 > {"a":1,', '      "b":2}', 'http POST /x', '  A: b', '  | {}', '< 200 {...,',
    '  C: d', '  | "e":1}', 'a1 < 101', '  !E',
  ].join('\n'));
  assert.equal(statements[0].text, '{"a":1, "b":2}');
  assert.deepEqual(statements[1].block, ['A: b', '| {}']);
  assert.deepEqual([statements[2].pattern, statements[2].block], ['{..., "e":1}', ['C: d']]);
  assert.deepEqual([statements[3].verb, statements[3].block], ['head', ['!E']]);
});

test('every transcript here can be read', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.wire'));
  assert.ok(files.length > 0);
  for (const name of files) {
    const { statements } = parseTranscript(readFileSync(`${FOLDER}/${name}`, 'utf8'));
    for (const { pattern } of statements)
      if (pattern !== undefined) assert.doesNotThrow(() => parsePattern(pattern), name);
  }
});

/** The anchor that a heading gets on the page. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-');

/** A page of docs: the anchors of its headings, and the transcripts that it names. */
function readPage(name) {
  const text = readFileSync(`${FOLDER}/../../docs/${name}.md`, 'utf8');
  return { anchors: [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading)),
    named: [...text.matchAll(/\(\.\.\/tests\/conformance\/([\w-]+\.wire)\)/g)]
      .map(([, file]) => file) };
}

test('every rule names a section of its page, and the page every transcript of it', () => {
  const pages = { protocol: readPage('protocol'), clients: readPage('clients') };
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.wire'));
  for (const name of files) {
    const { rule } = parseTranscript(readFileSync(`${FOLDER}/${name}`, 'utf8'));
    const source = /   docs\/(protocol|clients)\.md#([\w-]+)$/.exec(rule);
    assert.ok(source !== null && pages[source[1]].anchors.includes(source[2]), `${name}: ${rule}`);
    assert.ok(pages[source[1]].named.includes(name), `the page does not name ${name}`);
  }
  for (const { named } of Object.values(pages))
    for (const name of named) assert.ok(files.includes(name), `a page names ${name}`);
});

test('text, JSON, frames and bytes are told apart', () => {
  const verbs = (line) => parseTranscript(`# r\n${line}\n`).statements[0];
  assert.equal(verbs('a1 < pong').verb, 'text');
  assert.equal(verbs('a1 < {"a":1}').verb, 'json');
  assert.equal(verbs('a1 < ordered {"a":1}').ordered, true);
  assert.equal(verbs('a1 < frame pong').verb, 'control');
  assert.equal(verbs('a1 < frame close 1008').rest, '1008');
  assert.equal(verbs('a1 < closed').verb, 'closed');
  assert.equal(verbs('a1 << 8A 00').verb, 'bytes');
  assert.equal(verbs('a1 > ping').verb, 'send');
  assert.equal(verbs('a1 > frame ping 00').verb, 'sendControl');
  assert.equal(verbs('a1 > frame text of 70000 bytes').count, 70000);
  assert.equal(verbs('a1 >> 8980').verb, 'sendBytes');
  assert.equal(verbs('ctl token revoke $AT').words, 'token revoke $AT');
});

test('durations know units and the idle time', () => {
  assert.equal(duration('250ms'), 250);
  assert.equal(duration('3s'), 3000);
  assert.equal(duration('idle - 4s', 68000), 64000);
  assert.equal(duration('idle + 1m', 68000), 128000);
  assert.equal(duration('idle', 68000), 68000);
  assert.throws(() => duration('idle'), /not known/);
  for (const text of ['', '3', 's', '- 4s', '3 s s']) assert.throws(() => duration(text, 1), /dura/);
});

test('bytes are hexadecimal pairs and quoted texts', () => {
  assert.deepEqual([...bytes('89 80 00000000')], [0x89, 0x80, 0, 0, 0, 0]);
  assert.equal(bytes('"a\\r\\n" 41').toString(), 'a\r\nA');
  assert.equal(bytes('').length, 0);
  for (const text of ['8', 'zz', '"x', '89 8']) assert.throws(() => bytes(text), /bytes/);
});

test('frames are read as a strict client reads them', () => {
  assert.equal(decodeFrame(Buffer.from([0x81])), undefined);
  assert.equal(decodeFrame(Buffer.from([0x81, 2, 0x61])), undefined);
  assert.equal(decodeFrame(Buffer.from([0x81, 1, 0x61, 0x81])).size, 3);
  assert.equal(decodeFrame(Buffer.concat([Buffer.from([0x81, 126, 1, 0]), Buffer.alloc(256)])).size, 260);
  assert.throws(() => decodeFrame(Buffer.from([0x81, 0x80])), /masked/);
  assert.throws(() => decodeFrame(Buffer.from([0x01, 0])), /fragmented/);
  assert.throws(() => decodeFrame(Buffer.from([0xc1, 0])), /RSV/);
  assert.throws(() => decodeFrame(Buffer.from([0x83, 0])), /opcode/);
});

test('frames are masked, with every form of length', () => {
  const mask = Buffer.from([0xb2, 0x39, 0x85, 0xa6]);
  assert.equal(encodeFrame('text', Buffer.from('ping'), mask).toString('hex'), '8184b23985a6c250ebc1');
  assert.equal(encodeFrame('text', Buffer.alloc(200)).length, 208);
  assert.equal(encodeFrame('text', Buffer.alloc(70000)).length, 70014);
});

test('a head is read to its empty line', () => {
  assert.equal(decodeHead(Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n')), undefined);
  const head = decodeHead(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
  assert.deepEqual([head.status, headerOf(head, 'content-length'), head.size], [200, '2', 38]);
  assert.throws(() => decodeHead(Buffer.from('x\r\n\r\n')), /status/);
});

test('a connection hands out what came, then says that it ended', async () => {
  const { PassThrough } = await import('node:stream');
  const stream = Object.assign(new PassThrough(), { setNoDelay() {} });
  const conn = new Connection(stream);
  const frame = conn.takeFrame(1000);
  stream.push(Buffer.from([0x81]));
  stream.push(Buffer.from([1, 0x61]));
  assert.equal((await frame).payload.toString(), 'a');
  assert.equal(await conn.isSilent(1), true);
  stream.push(null);
  await once(stream, 'end');
  await assert.rejects(conn.takeFrame(1000), /closed/);
  assert.equal(await conn.closes(1000), true);
});

/**
 * A server of little talent: it upgrades, answers text by `answers`, and closes on "bye"; any other
 * request gets 200 and {"error":0}.
 */
async function withServer(answers, use) {
  const server = net.createServer((socket) => {
    const conn = new Connection(socket);
    const serve = async () => {
      const { first, lines, text } = await takeRequest(conn);
      if (!first.includes('/api/ws')) {
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 11\r\n\r\n{"error":0}');
        return;
      }
      const key = headerOf({ lines }, 'Sec-WebSocket-Key') ?? text;
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
      for (;;) {
        const said = await takeMasked(conn);
        if (said === 'bye') socket.end(Buffer.from([0x88, 2, 1000 >> 8, 1000 & 255]));
        socket.write(Buffer.concat((answers[said] ?? []).map((answer) =>
          Buffer.concat([Buffer.from([0x81, answer.length]), Buffer.from(answer)]))));
      }
    };
    serve().catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await use({ host: '127.0.0.1', servername: 'localhost', port: server.address().port });
  } finally {
    server.close();
  }
}

async function takeRequest(conn) {
  let text = '';
  while (!text.includes('\r\n\r\n')) text += (await conn.takeBytes(1, 1000)).payload.toString('latin1');
  const [first, ...lines] = text.trimEnd().split('\r\n');
  return { first, lines, text };
}

async function takeMasked(conn) {
  const head = (await conn.takeBytes(6, 1000)).payload;
  const body = (await conn.takeBytes(head[1] & 127, 1000)).payload;
  return Buffer.from(body.map((byte, i) => byte ^ head[2 + (i & 3)])).toString();
}

const play = (server, lines) =>
  new Player(server, null, { has: {} }).play(parseTranscript(`# r\n${lines.join('\n')}`).statements);

test('a transcript is played to its end', () =>
  withServer({ hello: ['{"n":1}', 'pong'] }, (server) => play(server, [
    'a1 connects /api/ws', 'a1 > hello', 'a1 < {"n":$n}', 'a1 < pong', 'a1 silent 20ms',
    'a1 > bye', 'a1 < frame close 1000', 'a1 < closed',
    'b1 dials', 'b1 >> "GET /api/ws HTTP/1.1\\r\\nSec-WebSocket-Key: ITEADTmobiM0x1DabcEsnw==\\r\\n\\r\\n"',
    'b1 < 101', '  Sec-WebSocket-Accept: q1/L5gx6qdQ7y3UWgO/Tah/zXBA=', '  !Upgrade', '  bytes <= 200',
    'b1 > hello', 'b1 << 81 07 "{\\"n\\":1}"', 'b1 < pong',
    'http POST /x', '  | {"a":1}', '< 200 ordered {"error":0}', '  Content-Type: a/b', '  Content-Length:',
  ])));

test('every kind of difference is found, with its line', () =>
  withServer({ hello: ['{"n":1}'], twice: ['a', 'b'] }, async (server) => {
    const fails = (lines, expected) =>
      assert.rejects(play(server, ['a1 connects /api/ws', ...lines]), { message: expected });
    await fails(['a1 > hello', 'a1 < {"n":2}'], /line 4: .*\n\$\.n: expected 2, got 1/s);
    await fails(['a1 > hello', 'a1 < pong'], /line 4/);
    await fails(['a1 > hello', 'a1 < frame pong'], /line 4.*\ngot text/s);
    await fails(['a1 > hello', 'a1 << 81 00'], /expected 81 00\ngot 81 07/);
    await fails(['a1 > hello', 'a1 silent 500ms'], /line 4.*\ngot/s);
    await fails(['a1 > bye', 'a1 < frame close 1001'], /got close 1000/);
    await fails(['a1 > bye', 'a1 < closed'], /ahead of the end/);
    await fails(['a1 > bye', 'a1 silent 500ms'], /line 4/);
    await fails(['a1 > twice', 'a1 < a'], /more than the transcript/);
    await fails(['a2 > hello'], /a2 has not connected/);
    await fails(['b1 dials', 'b1 >> "GET /x\\r\\n\\r\\n"', 'b1 < 200 {"error":2}'], /expected 2, got 0/);
    await fails(['http GET /x', '< 404'], /line 4/);
    await fails(['http GET /x', '< 200', '  Allow:'], /expected Allow/);
    await fails(['http GET /x', '< 200', '  !Content-Type'], /no Content-Type, got a.b/);
    await fails(['http GET /x', '< 200', '  content-type: a/b'], /expected the line/);
    await fails(['http GET /x', '< 200 {"error":1}'], /expected 1, got 0/);
    await fails(['http GET /x', '< 200', '  body bytes <= 10'], /11 bytes/);
    await fails(['a1 connects /api/ws', 'a1 < 200'], /line 4/);
  }));

test('fixtures become calls of ctl with values of their own', () => {
  const variables = new Map();
  const given = (line) => calls(parseTranscript(`# r\ngiven ${line}\n`).statements[0], variables);
  const [app, disable] = given('app $APP quirk missing-parameters quirk dispatch-unauthorized disabled');
  assert.deepEqual(app.slice(4, 6), ['--secret', variables.get('APP_SECRET')]);
  assert.deepEqual(app.slice(6), ['--quirk', 'missing-parameters', '--quirk', 'dispatch-unauthorized']);
  assert.deepEqual(disable, ['app', 'disable', variables.get('APP')]);
  const [user] = given('user $O region us');
  assert.ok(user.includes(variables.get('O_ACCOUNT')) && user.includes(variables.get('O_PASSWORD')));
  assert.deepEqual(user.slice(-2), ['--region', 'us']);
  assert.match(variables.get('O'), /^[0-9a-f-]{36}$/);
  const [issue, revoke] = given('token $AT user $O app $APP revoked');
  assert.ok(issue.includes(variables.get('O')) && issue.includes(variables.get('AT')));
  assert.deepEqual(revoke, ['token', 'revoke', variables.get('AT')]);
  assert.ok(given('token $OLD user $O app $APP expired')[0].includes('--expired'));
  given('device $D key $F owner $O');
  assert.match(variables.get('D'), /^10[0-9a-f]{8}$/);
  assert.throws(() => given('device $D2 key $F2 owner $NOBODY'), /NOBODY/);
});

test('a command line is split at blanks outside quotes', () => {
  assert.deepEqual(words('sw ctl --socket "a b"'), ['sw', 'ctl', '--socket', 'a b']);
});
