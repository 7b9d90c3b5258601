// player - plays one transcript against a server and fails at the first difference.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { Connection, encodeFrame, headerOf } from './connection.mjs';
import { words } from './fixtures.mjs';
import { interpolate, matchJson } from './pattern.mjs';
import { bytes, duration, isBody } from './transcript.mjs';

const PATIENCE_MS = 10_000;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What differs from the transcript, as lines for a person. */
class Difference extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const hex = (data) => data.toString('hex').replace(/../g, '$& ').trim();

/**
 * The lines of a head block: whole lines, `Name:` for a header of any value, `!Name` for an absent
 * one, `bytes <= N` for the head in all.
 */
function checkHead(head, block, variables) {
  for (const line of block) {
    const limit = /^bytes <= (\d+)$/.exec(line);
    if (limit !== null) {
      if (head.text.length > Number(limit[1]))
        throw new Difference(`the head has ${head.text.length} bytes`);
    } else if (line.startsWith('!')) {
      const value = headerOf(head, line.slice(1));
      if (value !== undefined) throw new Difference(`expected no ${line.slice(1)}, got ${value}`);
    } else if (line.endsWith(':')) {
      if (headerOf(head, line.slice(0, -1)) === undefined)
        throw new Difference(`expected ${line.slice(0, -1)}, got ${head.text.trimEnd()}`);
    } else {
      const expected = interpolate(line, variables);
      if (![head.first, ...head.lines].includes(expected))
        throw new Difference(`expected the line ${expected}\ngot ${head.text.trimEnd()}`);
    }
  }
}

function lengthOf(head) {
  const length = headerOf(head, 'Content-Length');
  if (length === undefined) throw new Difference(`no Content-Length in ${head.text.trimEnd()}`);
  return Number(length);
}

function checkJson(text, { pattern, ordered }, variables) {
  const differences = matchJson(pattern, text, variables, { ordered });
  if (differences.length > 0) throw new Difference([...differences, `got ${text}`].join('\n'));
}

function describe(frame) {
  const isText = frame.opcode === 'text';
  return `${frame.opcode} ${isText ? frame.payload.toString() : hex(frame.payload)}`;
}

/** Of the body as it is, or of the query's parameters in order. */
function signature(secret, path, body) {
  const query = [...new URL(path, 'https://localhost').searchParams];
  const text = body !== '' ? body
    : query.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`).join('&');
  return createHmac('sha256', secret).update(text).digest('base64');
}

export class Player {
  #server;
  #fixtures;
  #options;
  #variables = new Map();
  #connections = new Map();
  #heads = new Map();
  #next;
  #call;
  #answer;

  /** options: { has, idleMs }; fixtures: see fixtures.mjs. */
  constructor(server, fixtures, options = {}) {
    this.#server = server;
    this.#fixtures = fixtures;
    this.#options = options;
  }

  /** Plays all statements; a failure is an Error that names the line. */
  async play(statements) {
    try {
      for (let i = 0; i < statements.length; i++) {
        this.#next = statements[i + 1];
        await this.#step(statements[i]);
      }
      await this.#endCall();
      this.#checkLeftovers();
    } finally {
      this.#call?.conn.drop();
      for (const conn of this.#connections.values()) conn.drop();
    }
  }

  async #step(statement) {
    try {
      await this[statement.verb](statement);
      this.#checkComplaints();
    } catch (error) {
      error.message = `line ${statement.line}: ${statement.text}\n${error.message}`;
      throw error;
    }
  }

  #checkComplaints() {
    for (const { complaint } of this.#connections.values())
      if (complaint !== undefined) throw new Difference(`not as documented: ${complaint}`);
  }

  #checkLeftovers() {
    for (const [name, conn] of this.#connections)
      if (conn.pending.length > 0)
        throw new Difference(`${name} got more than the transcript has: ${conn.pending}`);
  }

  #conn(name) {
    const conn = this.#connections.get(name);
    if (conn === undefined) throw new Error(`${name} has not connected`);
    return conn;
  }

  #text(text) {
    return interpolate(text, this.#variables);
  }

  #ms(text) {
    return duration(text, this.#options.idleMs);
  }

  needs({ what }) {
    if (!(what in this.#options.has)) throw new Error(`the server was started without ${what}`);
  }

  async given(statement) {
    await this.#fixtures.make(statement, this.#variables);
  }

  async ctl({ words: line }) {
    await this.#fixtures.run(words(this.#text(line)));
  }

  wait({ time }) {
    return sleep(this.#ms(time));
  }

  async #open(name) {
    this.#connections.get(name)?.drop();
    const conn = await Connection.open(this.#server);
    this.#connections.set(name, conn);
    this.#heads.delete(name);
    return conn;
  }

  async dials({ conn }) {
    await this.#open(conn);
  }

  /** Asks for the upgrade; 101 is demanded unless the next statement speaks of the head itself. */
  async connects({ conn: name, path, block }) {
    const conn = await this.#open(name);
    const key = randomBytes(16).toString('base64');
    const given = block.map((line) => this.#text(line));
    const has = (header) => given.some((line) => line.toLowerCase().startsWith(`${header}:`));
    const defaults = [
      `Host: ${this.#server.servername}:${this.#server.port}`, 'Upgrade: websocket',
      'Connection: Upgrade', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`,
    ].filter((line) => !has(line.split(':')[0].toLowerCase()));
    conn.write([`GET ${path} HTTP/1.1`, ...defaults, ...given, '', ''].join('\r\n'));
    const head = await conn.takeHead(PATIENCE_MS);
    this.#heads.set(name, head);
    if (this.#next?.verb === 'head' && this.#next.conn === name) return;
    if (head.status !== 101) throw new Difference(`expected 101, got ${head.text.trimEnd()}`);
    const accept = createHash('sha1').update(key + GUID).digest('base64');
    if (!has('sec-websocket-key') && headerOf(head, 'Sec-WebSocket-Accept') !== accept)
      throw new Difference(`expected Sec-WebSocket-Accept ${accept}, got ${head.text.trimEnd()}`);
  }

  /** The head of the answer to `connects`, or the next one; with a pattern also its body. */
  async head({ conn: name, status, pattern, block }) {
    const conn = this.#conn(name);
    const head = this.#heads.get(name) ?? (await conn.takeHead(PATIENCE_MS));
    this.#heads.delete(name);
    if (head.status !== status) throw new Difference(`got ${head.text.trimEnd()}`);
    checkHead(head, block, this.#variables);
    if (pattern === undefined) return;
    const { payload } = await conn.takeBytes(lengthOf(head), PATIENCE_MS);
    checkJson(utf8.decode(payload), { pattern }, this.#variables);
  }

  /** Connects and shakes hands: for transcripts whose rule is another one. */
  async appOnline({ conn, apikey, token, app }) {
    await this.connects({ conn, path: '/api/ws', block: [] });
    this.send({ conn, text: `{"action":"userOnline","version":8,"ts":1545219251,"at":"${token}",`
      + `"userAgent":"app","apikey":"${apikey}","appid":"${app}","nonce":"asbsedwq","sequence":"1"}` });
    await this.json({ conn, pattern: '{"error":0,...}' });
  }

  async deviceOnline({ conn, device, key, version }) {
    await this.connects({ conn, path: '/api/ws', block: [] });
    this.send({ conn, text: `{"userAgent":"device","apikey":"${key}","deviceid":"${device}",`
      + `"action":"register","version":${version},"romVersion":"1.5.5","model":"ITA-GZ1-GL",`
      + `"ts":970,"chipid":"0123456789ab"}` });
    await this.json({ conn, pattern: '{"error":0,...}' });
  }

  send({ conn, text }) {
    this.#conn(conn).write(encodeFrame('text', Buffer.from(this.#text(text))));
  }

  sendLong({ conn, count }) {
    this.#conn(conn).write(encodeFrame('text', Buffer.alloc(count, 'x')));
  }

  sendControl({ conn, opcode, rest }) {
    let payload = bytes(rest);
    if (opcode === 'close' && /^\d{4}$/.test(rest)) {
      payload = Buffer.alloc(2);
      payload.writeUInt16BE(Number(rest));
    }
    this.#conn(conn).write(encodeFrame(opcode, payload));
  }

  sendBytes({ conn, text }) {
    this.#conn(conn).write(bytes(this.#text(text)));
  }

  async bytes({ conn, text }) {
    const expected = bytes(this.#text(text));
    const { payload } = await this.#conn(conn).takeBytes(expected.length, PATIENCE_MS);
    if (!payload.equals(expected))
      throw new Difference(`expected ${hex(expected)}\ngot ${hex(payload)}`);
  }

  async #takeText(conn) {
    const frame = await this.#conn(conn).takeFrame(PATIENCE_MS);
    if (frame.opcode !== 'text') throw new Difference(`got ${describe(frame)}`);
    return utf8.decode(frame.payload);
  }

  async json(statement) {
    checkJson(await this.#takeText(statement.conn), statement, this.#variables);
  }

  async text({ conn, text }) {
    const got = await this.#takeText(conn);
    if (got !== this.#text(text)) throw new Difference(`got ${got}`);
  }

  /** A Close is answered, as every client does, so that the server need not linger. */
  async control({ conn: name, opcode, rest }) {
    const conn = this.#conn(name);
    const frame = await conn.takeFrame(PATIENCE_MS);
    if (frame.opcode !== opcode) throw new Difference(`got ${describe(frame)}`);
    if (opcode !== 'close') {
      if (!frame.payload.equals(bytes(rest))) throw new Difference(`got ${describe(frame)}`);
      return;
    }
    const code = frame.payload.length < 2 ? '' : String(frame.payload.readUInt16BE(0));
    if (rest !== '' && code !== rest) throw new Difference(`got close ${code}`);
    conn.write(encodeFrame('close', frame.payload.subarray(0, 2)));
  }

  async closed({ conn: name }) {
    const conn = this.#conn(name);
    if (!(await conn.closes(PATIENCE_MS))) throw new Difference('the server keeps it open');
    if (conn.pending.length > 0) throw new Difference(`got ${conn.pending} ahead of the end`);
  }

  drops({ conn }) {
    this.#conn(conn).drop();
    this.#connections.delete(conn);
  }

  async silent({ conn: name, time }) {
    const conn = this.#conn(name);
    if (await conn.isSilent(this.#ms(time))) return;
    throw new Difference(conn.pending.length > 0 ? `got ${conn.pending}` : 'it was closed');
  }

  /** A name of its own for a digest of what the server is shown. */
  digest({ name, algorithm, text }) {
    const value = createHash(algorithm).update(this.#text(text)).digest('hex');
    this.#variables.set(name.slice(1), value);
  }

  /** Headers first, then lines with `| ` that are the body. Its answer is taken when it is asked for. */
  async http({ method, path, block }) {
    await this.#endCall();
    const conn = await Connection.open(this.#server);
    this.#call = { conn, method };
    const lines = block.map((line) => this.#text(line));
    const body = lines.filter(isBody).map((line) => line.slice(2)).join('\n');
    const target = this.#text(path);
    const headers = lines.filter((line) => !isBody(line))
      .map((line) => line.replace(/(?<=^Authorization: Sign )with (\S+)$/,
        (_, secret) => signature(secret, target, body)));
    const has = (name) => headers.some((line) => line.toLowerCase().startsWith(`${name}:`));
    if (!has('host')) headers.unshift(`Host: ${this.#server.servername}:${this.#server.port}`);
    if (body !== '' && !has('content-length') && !has('transfer-encoding'))
      headers.push(`Content-Length: ${Buffer.byteLength(body)}`);
    conn.write(`${[`${method} ${target} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n${body}`);
  }

  /** Takes the answer of the call under way, if there is one. */
  async #endCall() {
    if (this.#call === undefined) return;
    const { conn, method } = this.#call;
    this.#call = undefined;
    try {
      this.#answer = await this.#takeAnswer(conn, method);
      if (conn.complaint !== undefined) throw new Difference(`not as documented: ${conn.complaint}`);
    } finally {
      conn.drop();
    }
  }

  async #takeAnswer(conn, method) {
    const head = await conn.takeHead(PATIENCE_MS);
    const length = method === 'HEAD' ? 0 : lengthOf(head);
    const { payload } = await conn.takeBytes(length, PATIENCE_MS);
    if (conn.pending.length > 0) throw new Difference(`${conn.pending} follows the body`);
    return { head, body: utf8.decode(payload) };
  }

  async answer({ status, ordered, pattern, block }) {
    await this.#endCall();
    const { head, body } = this.#answer;
    if (head.status !== status) throw new Difference(`got ${head.text}${body}`);
    checkHead(head, block.filter((line) => !line.startsWith('body ')), this.#variables);
    for (const line of block.filter((candidate) => candidate.startsWith('body '))) {
      const limit = /^body bytes <= (\d+)$/.exec(line);
      if (limit === null) throw new Error(`no such check: ${line}`);
      if (Buffer.byteLength(body) > Number(limit[1]))
        throw new Difference(`the body has ${Buffer.byteLength(body)} bytes: ${body}`);
    }
    if (pattern !== undefined) checkJson(body, { pattern, ordered }, this.#variables);
  }
}
