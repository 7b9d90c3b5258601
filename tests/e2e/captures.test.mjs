// Captures: three families of firmware, byte for byte as they were recorded or as their source writes
// it. What they send is replayed, and each rule by which they read is checked on the bytes that come
// back.

import assert from 'node:assert/strict';

import { Connection, encodeFrame } from '../conformance/runner/connection.mjs';

import { appUpdate, openApp } from './support/link.mjs';
import { shareServer } from './support/server.mjs';
import { PATIENCE_MS, within } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2',
  '--listen-tls-old', '127.0.0.1:0', '--listen-plain', '127.0.0.1:0', '--advertise-ip', '127.0.0.1'] });

const NO_MASK = Buffer.alloc(4);
const OPL_MASK = Buffer.from('b23985a6', 'hex');
const OPL_FRAME_BYTES = 768;
const DISPATCH_BODY_BYTES = 126;
const HEAD_BYTES = 768;

const oldPort = (server) => server.listeners.find(({ kind }) => kind === 'tls_old').port;

/** Where each family connects, and by which TLS; none of them checks a certificate or names a host. */
const WAYS = {
  esp: (server) => ({ host: '127.0.0.1', port: oldPort(server), ca: server.ca,
    rejectUnauthorized: false, minVersion: 'TLSv1', maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:AES256-SHA:AES128-SHA:@SECLEVEL=0' }),
  zz: (server) => ({ host: '127.0.0.1', port: server.plainPort }),
  opl: (server) => ({ host: '127.0.0.1', port: oldPort(server), ca: server.ca,
    rejectUnauthorized: false, maxVersion: 'TLSv1.2',
    ciphers: 'AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA:@SECLEVEL=0' }),
};

const hex = (bytes) => bytes.toString('hex').replace(/../g, '$& ').trim();

/** The text of the next frame, which must be one unmasked text frame. */
async function takeText(conn) {
  const { opcode, payload } = await conn.takeFrame(PATIENCE_MS);
  assert.equal(opcode, 'text');
  return payload.toString();
}

const takeJson = async (conn) => JSON.parse(await takeText(conn));

/** The next bytes are these. */
async function seesBytes(conn, expected) {
  const count = expected.replaceAll(' ', '').length / 2;
  assert.equal(hex((await conn.takeBytes(count, PATIENCE_MS)).payload), expected.toLowerCase());
}

/**
 * Reads the answer to dispatch as firmware does: a literal status line, a length behind one space,
 * the body from the first brace on.
 */
async function takeAddress(conn) {
  const head = await conn.takeHead(PATIENCE_MS);
  const length = /\r\nContent-Length: ([0-9]+)\r\n/.exec(head.text);

  assert.ok(head.text.startsWith('HTTP/1.1 200 OK\r\n'), head.text);
  assert.ok(length, head.text);
  assert.doesNotMatch(head.text, /[{]|Transfer-Encoding/i);
  for (const line of head.lines) assert.match(line, /^[^:]+: .+$/);
  const { payload } = await conn.takeBytes(Number(length[1]), PATIENCE_MS);
  assert.ok(payload.length <= DISPATCH_BODY_BYTES);
  const found = /^{"error":0,"reason":"ok","IP":"([0-9.]{7,15})","port":([0-9]+)}$/.exec(payload);
  assert.ok(found, payload.toString());
  return { host: found[1], port: Number(found[2]) };
}

/** Sends the head of an upgrade and reads the answer, which must fit the least buffer. */
async function upgrade(conn, head, accept) {
  conn.write(head);
  const answer = await conn.takeHead(PATIENCE_MS);

  assert.ok(answer.text.startsWith('HTTP/1.1 101 Switching Protocols\r\n'), answer.text);
  assert.ok(answer.text.length <= HEAD_BYTES);
  assert.ok(answer.lines.includes(`Sec-WebSocket-Accept: ${accept}`), answer.text);
  assert.doesNotMatch(answer.text, /extensions|subprotocol|sec-websocket-protocol/i);
}

const ITEAD_UPGRADE = 'GET /api/ws HTTP/1.1\r\nHost: iotgo.iteadstudio.com\r\nConnection: upgrade\r\n'
  + 'Upgrade: websocket\r\nSec-WebSocket-Key: ITEADTmobiM0x1DabcEsnw==\r\n'
  + 'Sec-WebSocket-Version: 13\r\n\r\n';
const ITEAD_ACCEPT = 'q1/L5gx6qdQ7y3UWgO/Tah/zXBA=';

const ESP = {
  dispatch: ({ id, key }) => {
    const body = `{"accept":"ws;2","version":2,"ts":933,"deviceid":"${id}","apikey":"${key}",`
      + '"model":"ITA-GZ1-GL","romVersion":"1.5.5"}';
    return 'POST /dispatch/device HTTP/1.1\r\nHost: eu-disp.coolkit.cc\r\n'
      + `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  },
  register: ({ id, key }) => `{"userAgent":"device","apikey":"${key}","deviceid":"${id}",`
    + '"action":"register","version":2,"romVersion":"1.5.5","model":"ITA-GZ1-GL","ts":970}',
  date: ({ id, owner }) =>
    `{"userAgent":"device","apikey":"${owner.apikey}","deviceid":"${id}","action":"date"}`,
  update: ({ id, owner }) => `{"userAgent":"device","apikey":"${owner.apikey}","deviceid":"${id}",`
    + '"action":"update","params":{"switch":"off","fwVersion":"1.5.5","rssi":-31,'
    + '"staMac":"5C:CF:7F:A6:FD:F6","startup":"off"}}',
  query: ({ id, owner }) => `{"userAgent":"device","apikey":"${owner.apikey}","deviceid":"${id}",`
    + '"action":"query","params":["timers"]}',
  ack: ({ id, owner }, sequence) => `{"error":0,"userAgent":"device","apikey":"${owner.apikey}",`
    + `"deviceid":"${id}","sequence":"${sequence}"}`,
};

const send = (conn, text, mask = NO_MASK) =>
  conn.write(encodeFrame('text', Buffer.from(text), mask));

/** Dispatch on a connection of its own, then one to where it told. */
async function connect(server, way, request) {
  const first = await Connection.open(way);
  first.write(request);
  const where = await takeAddress(first);
  first.drop();
  assert.deepEqual(where, { host: '127.0.0.1', port: way.port });
  return Connection.open({ ...way, ...where });
}

/** Registers as the ESP family does, with the bytes of both frames. */
async function registerEsp(conn, device) {
  const frame = encodeFrame('text', Buffer.from(ESP.register(device)), NO_MASK);
  assert.equal(hex(frame.subarray(0, 8)), '81 fe 00 b1 00 00 00 00');
  conn.write(frame);
  await seesBytes(conn, '81 76');
  const { payload } = await conn.takeBytes(118, PATIENCE_MS);
  assert.equal(payload.toString(), `{"error":0,"deviceid":"${device.id}",`
    + `"apikey":"${device.owner.apikey}","config":{"hb":1,"hbInterval":145}}`);
}

testShared('ESP 1.5.5: dispatch, register, date, report, timers and ping, by TLS 1.1',
  async (server) => {
    const { device } = await server.control.account();
    const answer = { error: 0, deviceid: device.id, apikey: device.owner.apikey };
    const conn = await connect(server, WAYS.esp(server), ESP.dispatch(device));

    await upgrade(conn, ITEAD_UPGRADE, ITEAD_ACCEPT);
    assert.ok(await conn.isSilent(200), 'nothing comes ahead of register');
    await registerEsp(conn, device);

    const date = encodeFrame('text', Buffer.from(ESP.date(device)), NO_MASK);
    assert.equal(hex(date.subarray(0, 14)), '81 ee 00 00 00 00 7b 22 75 73 65 72 41 67');
    conn.write(date);
    const told = await takeJson(conn);
    assert.deepEqual({ ...told, date: undefined }, { ...answer, date: undefined });
    assert.match(told.date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

    send(conn, ESP.update(device));
    assert.deepEqual(await takeJson(conn), answer);
    send(conn, ESP.query(device));
    assert.deepEqual(await takeJson(conn), { ...answer, params: 0 });
    conn.write(Buffer.from('898000000000', 'hex'));
    await seesBytes(conn, '8a 00');
    conn.write(Buffer.from('81840000000070696e67', 'hex'));
    await seesBytes(conn, '81 04 70 6f 6e 67');
    conn.drop();
  });

testShared('ESP 1.5.5: a command comes in one frame with its routing keys ahead of params',
  async (server) => {
    const account = await server.control.account();
    const { device } = account;
    const conn = await Connection.open(WAYS.esp(server));
    await upgrade(conn, ITEAD_UPGRADE, ITEAD_ACCEPT);
    await registerEsp(conn, device);
    const app = await openApp(server, account);
    const asked = app.request(appUpdate(device, { switch: 'on' }));

    await seesBytes(conn, '81 7e 00 b5');
    const { payload } = await conn.takeBytes(181, PATIENCE_MS);
    const found = new RegExp(`^{"action":"update","deviceid":"${device.id}",`
      + `"apikey":"${device.owner.apikey}","userAgent":"app","sequence":"(\\d{13})","ts":0,`
      + '"params":{"switch":"on"},"from":"app"}$').exec(payload);
    assert.ok(found, payload.toString());
    send(conn, ESP.ack(device, found[1]));
    assert.equal((await within(asked, 'the answer')).error, 0);
    app.drop();
    conn.drop();
  });

testShared('ESP 1.5.5: an unknown device is 404 with the key that it showed, and may try again',
  async (server) => {
    const { device } = await server.control.account();
    const unknown = { ...device, id: '10ffffffff' };
    const conn = await Connection.open(WAYS.esp(server));
    await upgrade(conn, ITEAD_UPGRADE, ITEAD_ACCEPT);

    send(conn, ESP.register(unknown));
    assert.equal(await takeText(conn), '{"error":404,"reason":"Not Found",'
      + `"deviceid":"10ffffffff","apikey":"${device.key}"}`);
    await registerEsp(conn, device);
    conn.drop();
  });

const pretty = (object) => JSON.stringify(object, null, '\t').replace(/": /g, '":\t');

testShared('ZZ: dispatch, register and control without TLS, pretty-printed JSON, an empty Close',
  async (server) => {
    const account = await server.control.account();
    const { device } = account;
    const apikey = device.owner.apikey;
    const body = pretty({ accept: 'ws;2', version: 2, ts: 933, deviceid: device.id,
      apikey: device.key, model: 'ZZ-GSM', romVersion: '1.0.0' });
    const conn = await connect(server, WAYS.zz(server), 'POST /dispatch/device HTTP/1.1\r\n'
      + 'Host: gsm-disp.coolkit.cc\r\nContent-Type: application/json\r\nConnection: close\r\n'
      + `Content-Length: ${body.length}\r\n\r\n${body}`);

    await upgrade(conn, ITEAD_UPGRADE, ITEAD_ACCEPT);
    send(conn, pretty({ userAgent: 'device', version: 2, romVersion: '1.0.0', action: 'register',
      model: 'ZZ-GSM', apikey: device.key, deviceid: device.id, ts: 970 }));
    assert.deepEqual(await takeJson(conn), { error: 0, deviceid: device.id, apikey,
      config: { hb: 1, hbInterval: 145 } });
    const app = await openApp(server, account);
    const asked = app.request(appUpdate(device, { switch: 'on' }));
    const { action, sequence, params } = await takeJson(conn);
    assert.deepEqual([action, params], ['update', { switch: 'on' }]);
    send(conn, pretty({ error: 0, userAgent: 'device', apikey, deviceid: device.id, sequence }));
    assert.equal((await within(asked, 'the answer')).error, 0);
    conn.write(Buffer.from('898000000000', 'hex'));
    await seesBytes(conn, '8a 00');
    conn.write(Buffer.from('888000000000', 'hex'));
    await seesBytes(conn, '88 00');
    assert.ok(await conn.closes(PATIENCE_MS));
    app.drop();
  });

const OPL_UPGRADE = (port) => `GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`
  + `Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://127.0.0.1:${port}\r\n`
  + 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nSec-WebSocket-Version: 13\r\n\r\n';
const OPL_ACCEPT = 'ICX+Yqv66kxgM0FcWaLWlFLwTAI=';

const OPL = {
  dispatch: 'GET /dispatch/device HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  register: ({ id, key }) => `{"userAgent":"device","apikey":"${key}","deviceid":"${id}",`
    + '"action":"register","version":"8","romVersion":"1.8.1","model":"M","ts":1660720000,'
    + '"d_seq":1660720000001,"chipid":"0123456789ab"}',
  date: ({ id, owner }) => `{"action":"date","apikey":"${owner.apikey}","deviceid":"${id}",`
    + '"d_seq":1660720000123,"userAgent":"device"}',
  ack: ({ id, owner }, sequence) => `{"error":0,"deviceid":"${id}","apikey":"${owner.apikey}",`
    + `"userAgent":"device","sequence":"${sequence}"}`,
};

/** The next message of those that fit its buffer and that it does not take for a request. */
async function takeOplAnswer(conn) {
  const text = await takeText(conn);
  assert.ok(text.length + 4 <= OPL_FRAME_BYTES);
  assert.doesNotMatch(text, /action/);
  return JSON.parse(text);
}

testShared('Opulinks: GET dispatch, a bare line feed, its mask, d_seq, by TLS with RSA keys',
  async (server) => {
    const account = await server.control.account();
    const { device } = account;
    const answer = { error: 0, deviceid: device.id, apikey: device.owner.apikey };
    const way = WAYS.opl(server);
    const conn = await connect(server, way, OPL.dispatch);

    await upgrade(conn, OPL_UPGRADE(way.port), OPL_ACCEPT);
    send(conn, OPL.register(device), OPL_MASK);
    const { d_seq: echoed, ...registered } = await takeOplAnswer(conn);
    assert.deepEqual(registered, { ...answer, config: { hb: 1, hbInterval: 145 } });
    assert.ok(echoed === undefined || echoed === 1660720000001);

    const date = encodeFrame('text', Buffer.from(OPL.date(device)), OPL_MASK);
    assert.equal(hex(date.subarray(0, 16)), '81 fe 00 84 b2 39 85 a6 c9 1b e4 c5 c6 50 ea c8');
    conn.write(date);
    const { date: now, ...rest } = await takeOplAnswer(conn);
    assert.deepEqual(rest, { ...answer, d_seq: 1660720000123 });
    assert.equal(now.length, 24);
    conn.write(Buffer.from('8184b23985a6c250ebc1', 'hex'));
    await seesBytes(conn, '81 04 70 6f 6e 67');

    const app = await openApp(server, account);
    const asked = app.request(appUpdate(device, { switch: 'on' }));
    const { action, sequence, params } = await takeJson(conn);
    assert.deepEqual([action, params], ['update', { switch: 'on' }]);
    send(conn, OPL.ack(device, sequence), OPL_MASK);
    assert.equal((await within(asked, 'the answer')).error, 0);
    app.drop();
    conn.drop();
  });

for (const cipher of ['AES256-SHA256', 'AES128-SHA256', 'AES256-SHA', 'AES128-SHA'])
  testShared(`Opulinks: dispatch by ${cipher}`, async (server) => {
    const conn = await Connection.open({ ...WAYS.opl(server), ciphers: `${cipher}:@SECLEVEL=0` });
    conn.write(OPL.dispatch);
    await takeAddress(conn);
    conn.drop();
  });
