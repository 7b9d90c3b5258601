// The simulated firmware is strict: each rule by which it reads has an input here that breaks it.

import assert from 'node:assert/strict';
import test from 'node:test';

import { readAddress, readFrame, readMessage, readOldParams, readRegistered, readUpgrade,
  Unreadable } from './support/receiver.mjs';

const breaks = (read, ...input) => assert.throws(() => read(...input), Unreadable, `${input}`);
const frame = (text) => Buffer.concat([Buffer.from([0x81, text.length]), Buffer.from(text)]);

test('a dispatch answer is found by its letters and kept in 126 bytes', () => {
  const body = '{"error":0,"reason":"ok","IP":"127.0.0.1","port":443}';
  const answer = (head, text = body) => `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
  const long = body.replace('}', `,"domain":"${'x'.repeat(80)}"}`);

  assert.deepEqual(readAddress(answer('HTTP/1.1 200 OK\r\n')), { host: '127.0.0.1', port: 443 });
  breaks(readAddress, answer('HTTP/1.0 200 OK\r\n'));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\nX: {\r\n'));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\nX:1\r\n'));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\n').replace('Content-Length', 'content-length'));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n'));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\n', long));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\n', body.replace('127.0.0.1', 'host.example')));
  breaks(readAddress, answer('HTTP/1.1 200 OK\r\n', body.replace(':0', ':"0"')));
});

test('an upgrade is one head of 768 bytes without extensions', () => {
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';

  readUpgrade(Buffer.from(head));
  breaks(readUpgrade, Buffer.from(`${head}x`));
  breaks(readUpgrade, Buffer.from(head.replace('Protocols', 'protocols')));
  breaks(readUpgrade, Buffer.from(head.replace('\r\n\r\n', `\r\nX: ${'x'.repeat(768)}\r\n\r\n`)));
  breaks(readUpgrade, Buffer.from(head.replace('Upgrade: websocket', 'Sec-WebSocket-Protocol: x')));
});

test('a read gives one whole frame that fits', () => {
  assert.equal(readFrame(frame('{}'), 768).payload.toString(), '{}');
  breaks(readFrame, Buffer.concat([frame('{}'), frame('{}')]), 768);
  breaks(readFrame, frame('{}').subarray(0, 3), 768);
  breaks(readFrame, frame('{"error":0}'), 12);
  breaks(readFrame, Buffer.from('8900', 'hex'), 768);
  breaks(readFrame, Buffer.from('8a0101', 'hex'), 768);
});

test('a scanner without depth finds the routing keys first', () => {
  const key = '"deviceid":"1"';

  assert.equal(readMessage(`{"error":0,${key},"params":{"deviceid":"2"}}`).deviceid, '1');
  breaks(readMessage, `{"params":{"deviceid":"2"},"error":0,${key}}`);
  breaks(readMessage, `{"error":0, ${key}}`);
  breaks(readMessage, `{"action":"sysmsg",${key}}`);
  breaks(readMessage, `{"error":400,"reason":"no such action",${key}}`);
  breaks(readMessage, `{"error":400,"reason":"${'x'.repeat(50)}",${key}}`);
  breaks(readMessage, `{"action":"update",${key},"sequence":17}`);
  breaks(readMessage, `{"action":"update",${key},"sequence":"${'1'.repeat(31)}"}`);
  breaks(readMessage, `{"error":0,${key},"date":"2017-09-17"}`);
});

test('a register is answered with the owner\'s key and config', () => {
  const device = { id: '1', key: 'f'.repeat(36) };
  const answer = { error: 0, deviceid: '1', apikey: 'o'.repeat(36), config: { hb: 1, hbInterval: 145 } };

  readRegistered(answer, device);
  breaks(readRegistered, { ...answer, apikey: device.key }, device);
  breaks(readRegistered, { ...answer, apikey: 'o' }, device);
  breaks(readRegistered, { ...answer, params: {} }, device);
  breaks(readRegistered, { ...answer, config: { hb: 1, hbInterval: 60 } }, device);
  breaks(readRegistered, { ...answer, config: undefined }, device);
});

test('old firmware gets numbers for what is false or empty', () => {
  readOldParams({ timers: 0, a: [{ b: 'true' }], c: '[]' });
  for (const value of [true, false, null, [], {}, [[]], { x: null }]) breaks(readOldParams, { value });
});
