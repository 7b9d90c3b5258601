// receiver - the rules by which firmware reads: what no firmware, or not all of it, would understand
// is an Unreadable. A `chunk` is what one read gives a device: one TLS record.

import { decodeFrame } from '../../conformance/runner/connection.mjs';

/** The server has sent what the device can not read. */
export class Unreadable extends Error {}

function demand(holds, rule, text) {
  if (!holds) throw new Unreadable(`${rule}: ${text}`);
}

/** { host, port } of the answer to a dispatch, read as the tightest firmware of all reads it. */
export function readAddress(text) {
  const [head, body] = [text.slice(0, text.indexOf('{')), text.slice(text.indexOf('{'))];
  const length = /\r\nContent-Length: (\d+)\r\n/.exec(head);
  demand(head.startsWith('HTTP/1.1 200 OK\r\n'), 'the status line is read by the letter', text);
  demand(head.endsWith('\r\n\r\n'), 'the body begins with the first brace', text);
  demand(length !== null, 'Content-Length is found by its case and one space', text);
  if (body.length < Number(length[1])) return undefined;
  demand(!/transfer-encoding/i.test(head), 'chunks are not understood', text);
  for (const line of head.trimEnd().split('\r\n').slice(1))
    demand(line.includes(': ') && line.length < 512, 'a header has a colon and a space', text);
  demand(body.length === Number(length[1]) && body.length <= 126, 'a body has 126 bytes', text);
  const { error, reason, IP: host, port } = JSON.parse(body);
  demand(error === 0 && reason !== undefined, 'error is a number, and a reason is there', text);
  demand(/^\d+\.\d+\.\d+\.\d+$/.test(host) && host.length <= 19, 'IP is an IPv4 address', text);
  demand(Number.isInteger(port), 'port is a number', text);
  return { host, port };
}

/** The answer to the upgrade, which one read of 768 bytes must give whole and alone. */
export function readUpgrade(chunk) {
  const text = chunk.toString('latin1');
  demand(text.startsWith('HTTP/1.1 101 Switching Protocols\r\n'), 'the status line is searched for', text);
  demand(text.indexOf('\r\n\r\n') === text.length - 4, 'nothing comes ahead of register', text);
  demand(chunk.length <= 768, 'a head has 768 bytes', text);
  demand(!/^sec-websocket-(protocol|extensions):/im.test(text), 'nothing is negotiated', text);
}

/** { opcode, payload } of the one frame in a chunk. */
export function readFrame(chunk, maxBytes) {
  const frame = decodeFrame(chunk);
  const shown = chunk.subarray(0, 200).toString('latin1');
  demand(frame !== undefined && frame.size === chunk.length, 'a read gives one whole frame', shown);
  demand(chunk.length <= maxBytes, `a frame has ${maxBytes} bytes`, shown);
  demand(['text', 'pong', 'close'].includes(frame.opcode), 'it knows text, Pong and Close', shown);
  if (frame.opcode !== 'text')
    demand(frame.payload.length === 0, 'a control frame is empty', shown);
  return frame;
}

/** The value behind the first place where a key stands, at any depth: how a scanner finds it. */
function scan(text, key) {
  const at = text.indexOf(`"${key}":`);
  if (at < 0) return undefined;
  const rest = text.slice(at + key.length + 3);
  const found = /^(?:"((?:[^"\\]|\\.)*)"|(-?[\d.eE+]+))/.exec(rest);
  return found === null ? null : found[1] ?? Number(found[2]);
}

const SCANNED = ['error', 'action', 'deviceid', 'apikey', 'sequence', 'date'];
const ACTIONS = ['update', 'upgrade', 'restart', 'redirect', 'notify'];

/** A text frame's JSON, when a scanner without any notion of depth reads the same in it. */
export function readMessage(text) {
  const message = JSON.parse(text);
  const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
  demand(!/\s/.test(bare), 'there is no white space', text);
  for (const key of SCANNED) {
    const found = scan(text, key);
    demand(message[key] === undefined || message[key] === found, `${key} stands first`, text);
  }
  if (message.error === undefined)
    demand(ACTIONS.includes(message.action), 'an unknown request ends the link', text);
  else
    demand(!text.includes('action'), 'an answer is told by having no action', text);
  demand((message.reason ?? '').length < 50, 'a reason has 49 bytes', text);
  demand(message.sequence === undefined || (typeof message.sequence === 'string'
    && message.sequence.length <= 30), 'a sequence is a string of 30', text);
  demand(message.date === undefined || message.date.length === 24, 'a date has 24 characters', text);
  return message;
}

/** The answer to register: what each family must find in it. */
export function readRegistered(answer, { id, key }) {
  const text = JSON.stringify(answer);
  demand(answer.error === 0 && answer.deviceid === id, 'it is registered', text);
  demand(answer.apikey.length === 36 && answer.apikey !== key, 'the key is the owner\'s', text);
  demand(answer.params === undefined, 'params are no part of it', text);
  demand(answer.config?.hb === 1 && answer.config.hbInterval > 60, 'config is there', text);
}

/** Params for firmware before version 7: nothing that is false, null or empty. */
export function readOldParams(params) {
  const text = JSON.stringify(params);
  demand(!/(?:true|false|null|\[\]|\{\})(?=[,\]}]|$)/.test(text.replace(/"[^"]*"/g, '""')),
    'old firmware knows numbers, texts and what holds them', text);
}
