// connection - one connection that is read on demand: bytes, an HTTP head, WebSocket frames.

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';

const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 };
const MAX_HEAD_BYTES = 65536;

export function encodeFrame(opcode, payload, mask = randomBytes(4)) {
  const head = [0x80 | OPCODES[opcode]];
  if (payload.length < 126) head.push(0x80 | payload.length);
  else if (payload.length < 65536) head.push(0xfe, payload.length >> 8, payload.length & 255);
  else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(payload.length));
    head.push(0xff, ...length);
  }
  const masked = Buffer.from(payload.map((byte, i) => byte ^ mask[i & 3]));
  return Buffer.concat([Buffer.from(head), mask, masked]);
}

/** { opcode, payload, size } of the frame at the front, or undefined while it is incomplete. */
export function decodeFrame(buffer) {
  if (buffer.length < 2) return undefined;
  if ((buffer[0] & 0xf0) !== 0x80) throw new Error('a frame that is fragmented or has RSV bits');
  if (buffer[1] & 0x80) throw new Error('a masked frame from the server');
  const opcode = Object.keys(OPCODES).find((name) => OPCODES[name] === (buffer[0] & 15));
  if (opcode === undefined) throw new Error(`opcode ${buffer[0] & 15}`);
  let length = buffer[1];
  let start = 2;
  if (length === 126) {
    if (buffer.length < 4) return undefined;
    length = buffer.readUInt16BE(2);
    start = 4;
  } else if (length === 127) throw new Error('a frame of 64 bits of length');
  if (buffer.length - start < length) return undefined;
  return { opcode, payload: buffer.subarray(start, start + length), size: start + length };
}

/** { status, lines, text, size } of the HTTP head at the front, or undefined. */
export function decodeHead(buffer) {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0 && buffer.length > MAX_HEAD_BYTES) throw new Error('an endless HTTP head');
  if (end < 0) return undefined;
  const text = buffer.subarray(0, end + 4).toString('latin1');
  const [first, ...lines] = text.trimEnd().split('\r\n');
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(first);
  if (status === null) throw new Error(`no status line: ${first}`);
  return { status: Number(status[1]), first, lines, text, size: end + 4 };
}

/** The value of a header, its name's case ignored; undefined when absent. */
export function headerOf(head, name) {
  const start = `${name.toLowerCase()}:`;
  const line = head.lines.find((candidate) => candidate.toLowerCase().startsWith(start));
  return line?.slice(start.length).trim();
}

export class Connection {
  #socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  /**
   * server: { host, port, servername, ca }; without `ca` the listener is a plain one. Resolves when
   * the TLS handshake is done.
   */
  static open(server) {
    return new Promise((resolve, reject) => {
      const isPlain = server.ca === undefined;
      const socket = isPlain ? net.connect(server)
        : tls.connect({ ...server, ALPNProtocols: ['http/1.1'] });
      const conn = new Connection(socket);
      socket.once(isPlain ? 'connect' : 'secureConnect', () => resolve(conn));
      socket.once('error', reject);
    });
  }

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (data) => {
      this.#buffer = Buffer.concat([this.#buffer, data]);
      this.#wake();
    });
    const onEnd = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', onEnd);
    socket.on('close', onEnd);
    socket.on('error', onEnd);
  }

  write(data) {
    this.#socket.write(data);
  }

  drop() {
    this.#socket.destroy();
  }

  /** What has arrived and was not taken. */
  get pending() {
    return this.#buffer;
  }

  get ended() {
    return this.#ended;
  }

  /** What a tap of this process has found wrong with what came, see tests/e2e/contract. */
  get complaint() {
    return this.#socket[Symbol.for('switchyard.complaint')];
  }

  #changed(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  /** Takes what `decode` finds at the front, as soon as it is there. */
  async #take(decode, what, ms) {
    const end = Date.now() + ms;
    for (;;) {
      const found = decode(this.#buffer);
      if (found !== undefined) {
        this.#buffer = this.#buffer.subarray(found.size);
        return found;
      }
      if (this.#ended) throw new Error(`the server closed the connection instead of ${what}`);
      if (!(await this.#changed(Math.max(end - Date.now(), 0))))
        throw new Error(`${what} has not come in ${ms} ms`);
    }
  }

  takeHead(ms) {
    return this.#take(decodeHead, 'an HTTP head', ms);
  }

  takeFrame(ms) {
    return this.#take(decodeFrame, 'a frame', ms);
  }

  takeBytes(count, ms) {
    const decode = (buffer) =>
      buffer.length < count ? undefined : { payload: buffer.subarray(0, count), size: count };
    return this.#take(decode, `${count} bytes`, ms);
  }

  /** Resolves when the server has closed; true unless it took longer. */
  async closes(ms) {
    const end = Date.now() + ms;
    while (!this.#ended) if (!(await this.#changed(Math.max(end - Date.now(), 0)))) return false;
    return true;
  }

  /** True when nothing arrives, and nothing closes, for that long. */
  async isSilent(ms) {
    if (this.#buffer.length > 0 || this.#ended) return false;
    return !(await this.#changed(ms));
  }
}
