// link - a raw WebSocket client over TLS: every frame that arrives is kept until a test takes it,
// and a test writes the very bytes it wants. Also: apps and devices that have shaken hands.

import { randomBytes } from 'node:crypto';
import tls from 'node:tls';

import { decodeFrame, decodeHead, encodeFrame } from '../../conformance/runner/connection.mjs';

import { within } from './until.mjs';

/** The bytes of a masked text frame; what is no string is sent as JSON. */
export const textFrame = (text) =>
  encodeFrame('text', Buffer.from(typeof text === 'string' ? text : JSON.stringify(text)));

export const pingFrame = (text = '') => encodeFrame('ping', Buffer.from(text));

export const upgradeRequest = (host = 'localhost') =>
  `GET /api/ws HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
  + `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`;

function frameOf({ opcode, payload }) {
  const frame = { opcode, text: payload.toString('utf8') };
  if (opcode === 'close') frame.code = payload.length < 2 ? undefined : payload.readUInt16BE(0);
  if (opcode === 'text' && frame.text.startsWith('{')) frame.json = JSON.parse(frame.text);
  return frame;
}

/** Whether an object has these members (compared as JSON). */
const has = (object, members) => object !== undefined && Object.entries(members).every(
  ([key, value]) => JSON.stringify(object[key]) === JSON.stringify(value));

export class Link {
  #socket;
  #buffer = Buffer.alloc(0);
  #waiting = new Set();
  #isClosed = false;
  #sequence = Date.now();

  /** What has arrived and was not taken yet. */
  frames = [];
  /** Called with each JSON object before it is kept; true: it is not kept. */
  onJson = () => false;
  /** The newest session of TLS that can be resumed, once there was one. */
  session = undefined;
  /** The code of the server's Close frame, once there was one. */
  closeCode = undefined;

  /** options: port (another one of the same server). Resolves after the 101. */
  static async open(server, options = {}) {
    const link = new Link();
    await link.#connect({ ...server.target, ...options });
    link.write(upgradeRequest());
    await within(link.upgraded, 'the upgrade');
    return link;
  }

  /** Connected, but nothing is sent yet; `upgraded` resolves with the 101's head. */
  static async dial(server, options = {}) {
    const link = new Link();
    await link.#connect({ ...server.target, ...options });
    return link;
  }

  #connect(target) {
    const socket = tls.connect({ ...target, ALPNProtocols: ['http/1.1'] });
    this.#socket = socket;
    socket.on('session', (session) => {
      this.session = session;
    });
    socket.setNoDelay(true);
    this.upgraded = new Promise((resolve, reject) => {
      this.onHead = (head) => (head.status === 101 ? resolve(head)
        : reject(new Error(`no upgrade: ${head.text}`)));
      socket.once('close', () => reject(new Error('closed instead of an upgrade')));
    });
    this.upgraded.catch(() => {}); /* told to whoever waits for it */
    this.isUpgraded = false;
    socket.on('data', (data) => this.#take(data));
    socket.on('error', () => {}); /* 'close' follows */
    socket.on('close', () => {
      this.#isClosed = true;
      this.#look();
    });
    return within(new Promise((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    }), 'the TLS handshake');
  }

  #take(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    try {
      if (!this.isUpgraded) this.#takeHead();
      while (this.isUpgraded && this.#takeFrame());
    } catch (error) {
      this.failure = error;
      this.#socket.destroy();
    }
    this.#look();
  }

  #takeHead() {
    const head = decodeHead(this.#buffer);
    if (head === undefined) return;
    this.#buffer = this.#buffer.subarray(head.size);
    this.isUpgraded = head.status === 101;
    this.onHead(head);
  }

  #takeFrame() {
    const found = decodeFrame(this.#buffer);
    if (found === undefined) return false;
    this.#buffer = this.#buffer.subarray(found.size);
    const frame = frameOf(found);
    if (frame.opcode === 'close') {
      this.closeCode = frame.code;
      this.write(encodeFrame('close', found.payload.subarray(0, 2)));
      this.#socket.end();
    }
    if (frame.json === undefined || !this.onJson(frame.json)) this.frames.push(frame);
    return true;
  }

  #look() {
    for (const look of [...this.#waiting]) look();
  }

  write(bytes) {
    this.#socket.write(bytes);
  }

  send(text) {
    this.write(textFrame(text));
  }

  /** Takes the first frame for which `test` holds; the others stay. */
  take(test, what) {
    const found = new Promise((resolve, reject) => {
      const look = () => {
        const index = this.frames.findIndex(test);
        if (index < 0 && !this.#isClosed) return;
        this.#waiting.delete(look);
        if (index >= 0) resolve(this.frames.splice(index, 1)[0]);
        else reject(this.failure ?? new Error(`closed (${this.closeCode}) instead of ${what}`));
      };
      this.#waiting.add(look);
      look();
    });
    return within(found, `${what}; there is ${JSON.stringify(this.frames.map(({ text }) => text))}`);
  }

  /** Takes the first JSON object that has these members. */
  async json(members) {
    return (await this.take(({ json }) => has(json, members), JSON.stringify(members))).json;
  }

  /** Takes the first text frame that is exactly this. */
  async text(text) {
    return this.take((frame) => frame.text === text, text);
  }

  /** A sequence that this link has not used. */
  nextSequence() {
    this.#sequence += 1;
    return String(this.#sequence);
  }

  /** Sends a request and takes its answer. */
  async request(message) {
    const sequence = this.nextSequence();
    this.send({ ...message, sequence });
    return this.json({ sequence });
  }

  /** All that was sent to this link before now has arrived: the server answers in order. */
  async settle() {
    this.send('ping');
    await this.text('pong');
  }

  /** The TLS handshake was a resumption. */
  get wasResumed() {
    return this.#socket.isSessionReused();
  }

  get isClosed() {
    return this.#isClosed;
  }

  /** Resolves with the code of the Close frame (undefined: there was none) once it is closed. */
  closed() {
    return within(new Promise((resolve) => {
      const look = () => {
        if (!this.#isClosed) return;
        this.#waiting.delete(look);
        resolve(this.closeCode);
      };
      this.#waiting.add(look);
      look();
    }), 'the close of a link');
  }

  /** Reads nothing more until resume(). */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Ends the TCP connection without a word. */
  drop() {
    this.#socket.destroy();
  }
}

export const userOnline = ({ user, app, token }, more = {}) => ({
  action: 'userOnline', version: 8, ts: Math.floor(Date.now() / 1000), at: token,
  userAgent: 'app', apikey: user.apikey, appid: app.id, nonce: 'a1b2c3d4', ...more,
});

export const register = (device, more = {}) => ({
  userAgent: 'device', apikey: device.key, deviceid: device.id, action: 'register', version: 8,
  romVersion: '3.5.1', model: 'SIM-1', ts: 970, chipid: '0123456789ab', ...more,
});

/** An app's request to a device. */
export const appUpdate = (device, params) => ({
  action: 'update', deviceid: device.id, apikey: device.owner.apikey, userAgent: 'app', ts: 0,
  params,
});

export const appQuery = (device, params = []) => ({
  action: 'query', deviceid: device.id, apikey: device.owner.apikey, userAgent: 'app', ts: 0,
  params,
});

/** A device's report about itself; apikey: the owner's. */
export const report = (device, params) => ({
  action: 'update', deviceid: device.id, apikey: device.owner.apikey, userAgent: 'device', params,
});

/** The answer of a device to a command. */
export const ack = ({ apikey, deviceid, sequence }, error = 0) =>
  ({ error, userAgent: 'device', apikey, deviceid, sequence });

/** A session of the account of Control.account(); its `online` is the answer. */
export async function openApp(server, account) {
  const link = await Link.open(server);
  link.online = await link.request(userOnline(account));
  if (link.online.error !== 0) throw new Error(`userOnline: ${JSON.stringify(link.online)}`);
  return link;
}

/** A registered device. It obeys: every command is answered with 0 and kept in `obeyed`. */
export async function openDevice(server, device, { obeys = true, options = {} } = {}) {
  const link = await Link.open(server, options);
  link.obeyed = [];
  if (obeys) {
    link.onJson = (message) => {
      if (message.action !== 'update') return false;
      link.obeyed.push(message.params);
      link.send(ack(message));
      return true;
    };
  }
  link.send(register(device));
  link.online = await link.json({ deviceid: device.id });
  if (link.online.error !== 0) throw new Error(`register: ${JSON.stringify(link.online)}`);
  return link;
}
