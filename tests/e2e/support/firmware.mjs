// firmware - simulated devices that speak as four families of firmware do, byte for byte, and read as
// strictly: a rule that the server breaks is an Unreadable, told to whatever the test awaits next, and
// by end() at the latest.
//
//   const device = await start(ESP, server, account.device);   dispatch, upgrade, register, boot
//   await device.report({ switch: 'on' });                      acknowledged
//   device.obeys = ({ params }) => ({ error: 0 });              undefined: it stays silent
//   await device.command();                                     the next that was received
//   device.end();
//
// Where it connects follows from the dispatch's answer; `ways` of the server: how.

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';

import { encodeFrame } from '../../conformance/runner/connection.mjs';

import { readAddress, readFrame, readMessage, readOldParams, readRegistered, readUpgrade,
  Unreadable } from './receiver.mjs';
import { within } from './until.mjs';

const NO_MASK = Buffer.alloc(4);
const OPL_MASK = Buffer.from('b23985a6', 'hex');
const PING = Buffer.from('898000000000', 'hex');

/** The answer to the bytes of one HTTP request, as text. */
function exchange(socket, request) {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (data) => {
      text += data.toString('latin1');
      try {
        if (text.includes('{') && readAddress(text) !== undefined) resolve(text);
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Unreadable(`no address in ${text}`)));
    socket.write(request);
  });
}

const post = (host, body) => 'POST /dispatch/device HTTP/1.1\r\n'
  + `Host: ${host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** What all families share. The rest of them are the static and the format functions below. */
class Firmware {
  #socket;
  #answers = []; /* of requests under way, in their order */
  #waiting = [];
  #queue = Promise.resolve();
  #failure;
  #isUp = false;
  isClosed = false;
  received = [];
  obeys = () => ({ error: 0 });

  constructor(server, device) {
    this.server = server;
    this.device = device;
    this.apikey = device.key; /* the owner's, once registered */
    this.closed = new Promise((resolve) => {
      this.onClosed = resolve;
    });
  }

  /** TLS as Node has it; tests that want old TLS have those of tls.test.mjs. */
  open(where) {
    return tls.connect({ ...this.server.target, ...where, rejectUnauthorized: false });
  }

  async dispatch() {
    const socket = this.open({});
    try {
      return readAddress(await within(exchange(socket, this.dispatchRequest()), 'dispatch'));
    } finally {
      socket.destroy();
    }
  }

  async connect(where) {
    this.#socket = this.open(where);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => {}); /* 'close' follows */
    this.#socket.on('close', () => this.#onClose());
    const head = new Promise((resolve, reject) => {
      this.#socket.once('data', resolve);
      this.#socket.once('close', () => reject(new Unreadable('closed instead of an upgrade')));
    });
    this.#socket.write(this.upgradeRequest(where));
    readUpgrade(await within(head, 'the upgrade'));
    this.#isUp = true;
    this.#socket.on('data', (chunk) => this.#take(chunk));
  }

  async register() {
    const answer = await this.request(this.registration());
    readRegistered(answer, this.device);
    this.apikey = answer.apikey;
    return answer;
  }

  #onClose() {
    this.isClosed = true;
    this.#tellAll(new Error(`${this.constructor.name}: the link was closed`));
    this.onClosed();
  }

  #tellAll(error) {
    for (const { reject } of [...this.#answers.splice(0), ...this.#waiting.splice(0)]) reject(error);
  }

  #fail(error) {
    this.#failure ??= error;
    this.#socket.destroy();
    this.#tellAll(error);
  }

  #take(chunk) {
    try {
      for (const part of this.split(chunk)) {
        const { opcode, payload } = readFrame(part, this.constructor.maxFrame);
        if (opcode === 'pong') this.#answered({ pong: true });
        if (opcode === 'close') this.onCloseFrame();
        if (opcode === 'text') this.#onText(payload.toString());
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A record is a read; what has none is a stream (see ZZ). */
  split(chunk) {
    return [chunk];
  }

  onCloseFrame() {}

  #onText(text) {
    const message = readMessage(text);
    if (message.deviceid !== this.device.id) throw new Unreadable(`another device's: ${text}`);
    if (message.error !== undefined) return this.#answered(message);
    if (message.apikey !== this.apikey) throw new Unreadable(`not the session's key: ${text}`);
    this.readCommand(message, this.#answers.length > 0);
    return this.#obey(message);
  }

  #answered(message) {
    const waiting = this.#answers.shift();
    if (waiting === undefined) throw new Unreadable(`nobody asked: ${JSON.stringify(message)}`);
    return waiting.resolve(message);
  }

  /** A family's own rules for what it is told to do. */
  readCommand() {}

  #obey(command) {
    const answer = this.obeys(command);
    if (answer !== undefined) this.send(this.ack(command, answer));
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.received.push(command);
    else waiting.resolve(command);
  }

  /** The next command that was received and not taken yet. */
  command() {
    if (this.received.length > 0) return Promise.resolve(this.received.shift());
    return within(this.#promise(this.#waiting), `a command for ${this.constructor.name}`);
  }

  #promise(list) {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      list.push({ resolve, reject });
    });
  }

  send(object) {
    this.#socket.write(encodeFrame('text', Buffer.from(this.format(object)), this.mask()));
  }

  format(object) {
    return JSON.stringify(object);
  }

  /** Firmware has one request under way at a time. */
  async #inTurn(write, what) {
    const before = this.#queue;
    let done;
    this.#queue = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    try {
      const answer = within(this.#promise(this.#answers), what);
      if (!this.isClosed) write();
      return await answer;
    } finally {
      done();
    }
  }

  request(object) {
    return this.#inTurn(() => this.send(object), `an answer to ${object.action}`);
  }

  ping() {
    return this.#inTurn(() => this.#socket.write(PING), 'a Pong');
  }

  about(action, more) {
    return { userAgent: 'device', apikey: this.apikey, deviceid: this.device.id, action, ...more };
  }

  ack({ sequence }, { error, ...more }) {
    return { error, userAgent: 'device', apikey: this.apikey, deviceid: this.device.id, sequence,
      ...more };
  }

  report(params) {
    return this.request(this.about('update', { params }));
  }

  date() {
    return this.request(this.about('date'));
  }

  query(names) {
    return this.request(this.about('query', { params: names }));
  }

  /** What it does by itself once it is registered. */
  async boot() {
    await this.date();
    await this.report({ switch: 'off', fwVersion: this.constructor.romVersion, rssi: -31 });
    await this.query(['timers']);
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  drop() {
    this.#socket.destroy();
  }

  /** The end of a test: what was broken is told, if nothing has told it yet. */
  end() {
    this.drop();
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#isUp) throw new Error(`${this.constructor.name} was never connected`);
  }
}

const UPGRADE = 'GET /api/ws HTTP/1.1\r\nHost: iotgo.iteadstudio.com\r\nConnection: upgrade\r\n'
  + 'Upgrade: websocket\r\nSec-WebSocket-Key: ITEADTmobiM0x1DabcEsnw==\r\n'
  + 'Sec-WebSocket-Version: 13\r\n\r\n';

/** Stock ESP8266 firmware of protocol version 2: no mask to speak of, a scanner, 2 KiB. */
export class ESP extends Firmware {
  static maxFrame = 2048;
  static romVersion = '1.5.5';

  mask() {
    return NO_MASK;
  }

  dispatchRequest() {
    return post('eu-disp.coolkit.cc', this.format({ accept: 'ws;2', version: 2, ts: 933,
      deviceid: this.device.id, apikey: this.device.key, model: 'ITA-GZ1-GL', romVersion: '1.5.5' }));
  }

  upgradeRequest() {
    return UPGRADE;
  }

  registration() {
    return this.about('register', { version: 2, romVersion: '1.5.5', model: 'ITA-GZ1-GL', ts: 970 });
  }

  readCommand({ action, params }) {
    if (action === 'update') readOldParams(params);
  }
}

/** The GSM variant: no TLS, pretty-printed JSON, and an empty Close that it answers. */
export class ZZ extends ESP {
  #rest = Buffer.alloc(0);

  open() {
    return net.connect(this.server.plainPort, '127.0.0.1');
  }

  format(object) {
    return JSON.stringify(object, null, '\t').replace(/": /g, '":\t');
  }

  /** TCP has no records: frames are cut out of the stream. */
  * split(chunk) {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 2) {
      const isLong = this.#rest[1] === 126;
      if (isLong && this.#rest.length < 4) return;
      const size = isLong ? 4 + this.#rest.readUInt16BE(2) : 2 + this.#rest[1];
      if (this.#rest.length < size) return;
      const frame = this.#rest.subarray(0, size);
      this.#rest = this.#rest.subarray(size);
      yield frame;
    }
  }

  onCloseFrame() {
    this.write(Buffer.from('888000000000', 'hex'));
  }
}

/** The Opulinks SDK: a fixed mask, 768 bytes, JSON in place of Pings, one exchange at a time. */
export class OPL extends Firmware {
  static maxFrame = 768;
  static romVersion = '1.8.1';
  #number = 1660720000000;
  wasOvertaken = false;

  mask() {
    return OPL_MASK;
  }

  dispatchRequest() {
    return 'GET /dispatch/device HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
  }

  upgradeRequest({ host, port }) {
    return `GET /api/ws HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n`
      + `Connection: Upgrade\r\nOrigin: http://${host}:${port}\r\n`
      + 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nSec-WebSocket-Version: 13\r\n\r\n';
  }

  registration() {
    return { ...this.about('register'), version: '8', romVersion: '1.8.1', model: 'M', ts: 1660720000,
      d_seq: this.#next(), chipid: '0123456789ab' };
  }

  #next() {
    this.#number += 1;
    return this.#number;
  }

  async request(object) {
    const asked = { ...object, d_seq: object.d_seq ?? this.#next() };
    const answer = await super.request(asked);
    if (answer.d_seq !== asked.d_seq) throw new Unreadable(`d_seq: ${JSON.stringify(answer)}`);
    return answer;
  }

  /**
   * Its one message number is overwritten by a command's, so that it misses the answer it awaits. The
   * two may cross on the way; a test that knows they did not looks here.
   */
  readCommand(command, isWaiting) {
    this.wasOvertaken ||= isWaiting;
  }

  ping() {
    return this.date();
  }

  async boot() {
    await this.report({ switch: 'off', fwVersion: '1.8.1', battery: 100 });
    await this.date();
  }
}

/** Protocol version 8 by the book: masks of its own, chipid, d_seq; no small buffer. */
export class Modern extends Firmware {
  static maxFrame = 65535 + 4;
  static romVersion = '3.5.1';

  mask() {
    return randomBytes(4);
  }

  dispatchRequest() {
    return post('127.0.0.1', this.format({ accept: 'ws;2', version: 8, ts: 970,
      deviceid: this.device.id, apikey: this.device.key, model: 'SIM-1', romVersion: '3.5.1' }));
  }

  upgradeRequest({ host, port }) {
    return `GET /api/ws HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\n`
      + 'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
      + `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
  }

  registration() {
    return this.about('register', { version: 8, romVersion: '3.5.1', model: 'SIM-1', ts: 970,
      chipid: '0123456789ab' });
  }

  report(params) {
    return this.request(this.about('update', { d_seq: String(Date.now()), params }));
  }
}

/** A device of this family, registered and booted. */
export async function start(Family, server, device) {
  const firmware = new Family(server, device);
  await firmware.connect(await firmware.dispatch());
  await firmware.register();
  await firmware.boot();
  return firmware;
}
