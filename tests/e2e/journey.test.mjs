// The founding document's journey with npm `ws`, a client nobody here wrote: dispatch, connect by
// the IP and by the domain that dispatch told (the certificate is verified each time), handshake,
// a command and its answer, what the other sessions hear of it.

import assert from 'node:assert/strict';
import https from 'node:https';
import { once } from 'node:events';

import WebSocket from 'ws';

import { shareServer } from './support/server.mjs';
import { within } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2'] });

function post(server, host, path, headers, body) {
  return within(new Promise((resolve, reject) => {
    const options = { method: 'POST', host, port: server.port, path, family: 4, ca: server.ca,
      agent: false, headers: { 'Content-Type': 'application/json', ...headers } };
    const request = https.request(options, async (response) => {
      let text = '';
      for await (const data of response) text += data;
      resolve(JSON.parse(text));
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  }), path);
}

const dispatch = (server, host, { app, token }) => post(server, host, '/dispatch/app',
  { Authorization: `Bearer ${token}` },
  { accept: 'ws', version: 8, appid: app.id, ts: 1795386048, nonce: 'q3k9x2m1' });

/** A WebSocket of the package and its messages in their order. */
class Client {
  #messages = [];
  #wake = () => {};

  static async connect(url, ca) {
    const client = new Client();
    client.socket = new WebSocket(url, { ca, family: 4 });
    client.socket.on('message', (data, isBinary) => {
      assert.equal(isBinary, false);
      client.#messages.push(data.toString());
      client.#wake();
    });
    await within(once(client.socket, 'open'), `the connection to ${url}`);
    return client;
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  async text() {
    while (this.#messages.length === 0)
      await within(new Promise((resolve) => { this.#wake = resolve; }), 'a message');
    return this.#messages.shift();
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

const online = ({ user, app, token }) => ({ action: 'userOnline', version: 8, ts: 1795386048,
  at: token, userAgent: 'app', apikey: user.apikey, appid: app.id, nonce: 'q3k9x2m1',
  sequence: '1795386048000' });

async function connectDevice(server, device) {
  const where = await post(server, '127.0.0.1', '/dispatch/device', {}, { accept: 'ws;2', version: 8, ts: 933,
    deviceid: device.id, apikey: device.key, model: 'SIM-1', romVersion: '3.5.1' });
  assert.deepEqual(where, { error: 0, reason: 'ok', IP: '127.0.0.1', port: server.port });
  const client = await Client.connect(`wss://${where.IP}:${where.port}/api/ws`, server.ca);
  client.send({ userAgent: 'device', apikey: device.key, deviceid: device.id, action: 'register',
    version: 8, romVersion: '3.5.1', model: 'SIM-1', ts: 970, chipid: '0123456789ab' });
  assert.deepEqual(await client.json(), { error: 0, deviceid: device.id,
    apikey: device.owner.apikey, config: { hb: 1, hbInterval: 145 } });
  return client;
}

/** member: which member of dispatch's answer the clients connect to. */
async function play(server, member) {
  const account = await server.control.account();
  const { user, device } = account;
  const where = await dispatch(server, 'localhost', account);
  assert.deepEqual(where, { error: 0, reason: 'ok', requestid: '1795386048-q3k9x2m1',
    IP: '127.0.0.1', port: server.port, domain: 'localhost' });

  const url = `wss://${where[member]}:${where.port}/api/ws`;
  const app = await Client.connect(url, server.ca);
  app.send(online(account));
  assert.deepEqual(await app.json(), { error: 0, apikey: user.apikey,
    config: { hb: 1, hbInterval: 145 }, sequence: '1795386048000' });
  const watcher = await Client.connect(url, server.ca);
  watcher.send(online(account));
  assert.equal((await watcher.json()).error, 0);

  const thing = await connectDevice(server, device);
  for (const session of [app, watcher]) {
    const notice = await session.json();
    assert.equal(notice.action, 'sysmsg');
    assert.equal(notice.deviceid, device.id);
    assert.deepEqual(notice.params, { online: true });
  }

  app.send({ action: 'update', deviceid: device.id, apikey: user.apikey, userAgent: 'app',
    sequence: '1795386048001', ts: 0, params: { switch: 'on' } });
  const command = await thing.json();
  assert.equal(command.action, 'update');
  assert.deepEqual(command.params, { switch: 'on' });
  thing.send({ error: 0, userAgent: 'device', apikey: command.apikey, deviceid: device.id,
    sequence: command.sequence });
  assert.deepEqual(await app.json(), { error: 0, deviceid: device.id, apikey: user.apikey,
    sequence: '1795386048001' });
  const push = await watcher.json();
  assert.equal(push.action, 'update');
  assert.deepEqual(push.params, { switch: 'on' });

  thing.send({ action: 'update', deviceid: device.id, apikey: user.apikey, userAgent: 'device',
    params: { rssi: -42 } });
  assert.equal((await thing.json()).error, 0);
  for (const session of [app, watcher])
    assert.deepEqual((await session.json()).params, { rssi: -42 });

  app.send({ action: 'query', deviceid: device.id, apikey: user.apikey, userAgent: 'app',
    sequence: '1795386048002', params: [] });
  assert.deepEqual((await app.json()).params, { switch: 'on', rssi: -42 });

  app.send('ping');
  assert.equal(await app.text(), 'pong');
  app.socket.ping('still there?');
  const [payload] = await within(once(app.socket, 'pong'), 'a pong');
  assert.equal(payload.toString(), 'still there?');

  for (const { socket } of [app, watcher, thing]) {
    socket.close(1000);
    assert.equal((await within(once(socket, 'close'), 'the close'))[0], 1000);
  }
}

testShared('the whole journey with ws, by the IP that dispatch tells', (server) =>
  play(server, 'IP'));

testShared('the whole journey with ws, by the domain that dispatch tells', (server) =>
  play(server, 'domain'));

testShared('ws does not connect without the server\'s root', async (server) => {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/api/ws`);
  const [error] = await within(once(socket, 'error'), 'the refusal');
  assert.match(error.code, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
});
