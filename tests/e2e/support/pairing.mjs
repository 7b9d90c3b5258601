// pairing - a device in pairing mode: its own strict HTTP server, and what it does once it was told
// a server: it dispatches there and registers.

import net from 'node:net';

import { dispatchDevice } from './http.mjs';
import { openDevice } from './link.mjs';

/** Firmware reads a request to the end of what its Content-Length says, and knows two of them. */
function parseRequest(text) {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [line, ...headers] = text.slice(0, end).split('\r\n');
  const lengths = headers.filter((header) => header.startsWith('Content-Length: '));
  const length = lengths.length === 0 ? 0 : Number(lengths[0].slice('Content-Length: '.length));
  const body = text.slice(end + 4);
  if (Buffer.byteLength(body) < length) return undefined;
  return { line, hosts: headers.filter((header) => header.startsWith('Host: ')), lengths, body };
}

/** The members that a device reads from POST /ap, by the name it knows the network by. */
function readNetwork(body, spelling) {
  const wanted = ['port', 'serverName', 'password', spelling].sort();
  const told = JSON.parse(body);
  return JSON.stringify(Object.keys(told).sort()) === JSON.stringify(wanted) ? told : undefined;
}

export class PairingDevice {
  #server;
  #sockets = new Set();

  /** What it was told, once it has taken it. */
  told = undefined;
  requests = [];
  faults = [];

  /**
   * spelling: "ssid" or "SSID"; lengthless: it sends no Content-Length; deaf: it takes POST /ap and
   * goes without an answer; refuses: it answers POST /ap with that error.
   */
  static async start(device, options = {}) {
    const it = new PairingDevice();
    it.device = device;
    it.options = { spelling: 'ssid', ...options };
    it.#server = net.createServer((socket) => it.#serve(socket));
    await new Promise((resolve) => it.#server.listen(0, '127.0.0.1', resolve));
    return it;
  }

  get address() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  #serve(socket) {
    let text = '';
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data;
      const request = parseRequest(text);
      if (request === undefined) return;
      text = '';
      this.#answer(socket, request);
    });
  }

  #send(socket, object) {
    const body = JSON.stringify(object);
    const length = this.options.lengthless ? '' : `Content-Length: ${body.length}\r\n`;
    socket.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${length}\r\n${body}`);
  }

  #answer(socket, { line, hosts, lengths, body }) {
    this.requests.push(line);
    if (hosts.length !== 1) this.faults.push(`${hosts.length} Host headers`);
    if (line === 'GET /device HTTP/1.1' && body === '') {
      this.#send(socket, { deviceid: this.device.id, apikey: this.device.key, accept: 'post' });
      return;
    }
    if (line !== 'POST /ap HTTP/1.1' || lengths.length !== 1) {
      this.faults.push(`${line} with ${lengths.length} lengths`);
      socket.destroy();
      return;
    }
    const told = readNetwork(body, this.options.spelling);
    if (told === undefined || this.options.refuses) {
      this.#send(socket, { error: this.options.refuses ?? 10 });
      return;
    }
    this.told = told;
    if (this.options.deaf) socket.destroy();
    else this.#send(socket, { error: 0 });
  }

  /** Does as it was told: asks the server it was given where to connect, and registers there. */
  async join(server) {
    const target = { ...server.target, host: this.told.serverName, port: this.told.port };
    const there = { target };
    const route = await dispatchDevice(there, this.device);
    if (route.error !== 0) throw new Error(`dispatch: ${JSON.stringify(route)}`);
    const options = { host: route.IP, port: route.port };
    return openDevice(server, this.device, { options });
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}
