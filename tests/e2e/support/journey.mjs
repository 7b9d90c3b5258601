// journey - the founding document's journey with any WebSocket client: dispatch, connect to where it
// tells, handshake, a command and its answer, what the other sessions hear of it.

import assert from 'node:assert/strict';
import https from 'node:https';

import { PATIENCE_MS, within } from './until.mjs';

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

const dispatchApp = (server, { app, token }) => post(server, 'localhost', '/dispatch/app',
  { Authorization: `Bearer ${token}` },
  { accept: 'ws', version: 8, appid: app.id, ts: 1795386048, nonce: 'q3k9x2m1' });

const dispatchDevice = (server, device) => post(server, '127.0.0.1', '/dispatch/device', {},
  { accept: 'ws;2', version: 8, ts: 933, deviceid: device.id, apikey: device.key,
    model: 'SIM-1', romVersion: '3.5.1' });

/**
 * The messages of one connection in their order. An adapter gives: write(text), ping(text) that
 * resolves with the pong's text, close() that resolves with the code; it calls arrived(text).
 */
export class Client {
  #messages = [];
  #wake = () => {};

  arrived(text) {
    this.#messages.push(text);
    this.#wake();
  }

  send(message) {
    this.write(JSON.stringify(message));
  }

  async text() {
    while (this.#messages.length === 0)
      await within(new Promise((resolve) => { this.#wake = resolve; }), 'a message', PATIENCE_MS);
    return this.#messages.shift();
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

async function openApp(account, url, { connect, ca }) {
  const { user, app, token } = account;
  const client = await connect(url, ca);

  client.send({ action: 'userOnline', version: 8, ts: 1795386048, at: token, userAgent: 'app',
    apikey: user.apikey, appid: app.id, nonce: 'q3k9x2m1', sequence: '1795386048000' });
  assert.deepEqual(await client.json(), { error: 0, apikey: user.apikey,
    config: { hb: 1, hbInterval: 145 }, sequence: '1795386048000' });
  return client;
}

async function openDevice(server, device, connect) {
  const where = await dispatchDevice(server, device);
  assert.deepEqual(where, { error: 0, reason: 'ok', IP: '127.0.0.1', port: server.port });

  const client = await connect(`wss://${where.IP}:${where.port}/api/ws`, server.ca);
  client.send({ userAgent: 'device', apikey: device.key, deviceid: device.id, action: 'register',
    version: 8, romVersion: '3.5.1', model: 'SIM-1', ts: 970, chipid: '0123456789ab' });
  assert.deepEqual(await client.json(), { error: 0, deviceid: device.id,
    apikey: device.owner.apikey, config: { hb: 1, hbInterval: 145 } });
  return client;
}

async function hearOnline(session, device) {
  const notice = await session.json();
  assert.equal(notice.action, 'sysmsg');
  assert.equal(notice.deviceid, device.id);
  assert.deepEqual(notice.params, { online: true });
}

/** One session commands, the device answers, the other session hears of it. */
async function command({ app, watcher, thing }, device) {
  const { apikey } = device.owner;

  app.send({ action: 'update', deviceid: device.id, apikey, userAgent: 'app',
    sequence: '1795386048001', ts: 0, params: { switch: 'on' } });
  const order = await thing.json();
  assert.equal(order.action, 'update');
  assert.deepEqual(order.params, { switch: 'on' });
  thing.send({ error: 0, userAgent: 'device', apikey: order.apikey, deviceid: device.id,
    sequence: order.sequence });
  assert.deepEqual(await app.json(),
    { error: 0, deviceid: device.id, apikey, sequence: '1795386048001' });
  const push = await watcher.json();
  assert.equal(push.action, 'update');
  assert.deepEqual(push.params, { switch: 'on' });
}

/** The device reports, both sessions hear of it, and a query tells the whole state. */
async function report({ app, watcher, thing }, device) {
  const { apikey } = device.owner;

  thing.send({ action: 'update', deviceid: device.id, apikey, userAgent: 'device',
    params: { rssi: -42 } });
  assert.equal((await thing.json()).error, 0);
  for (const session of [app, watcher])
    assert.deepEqual((await session.json()).params, { rssi: -42 });
  app.send({ action: 'query', deviceid: device.id, apikey, userAgent: 'app',
    sequence: '1795386048002', params: [] });
  assert.deepEqual((await app.json()).params, { switch: 'on', rssi: -42 });
}

/**
 * connect(url, ca): a Client. member: what of dispatch's answer the apps connect to, 'IP' or
 * 'domain'.
 */
export async function playJourney(server, { connect, member }) {
  const account = await server.control.account();
  const { device } = account;
  const where = await dispatchApp(server, account);
  assert.deepEqual(where, { error: 0, reason: 'ok', requestid: '1795386048-q3k9x2m1',
    IP: '127.0.0.1', port: server.port, domain: 'localhost' });

  const url = `wss://${where[member]}:${where.port}/api/ws`;
  const app = await openApp(account, url, { connect, ca: server.ca });
  const watcher = await openApp(account, url, { connect, ca: server.ca });
  const thing = await openDevice(server, device, connect);
  for (const session of [app, watcher]) await hearOnline(session, device);
  await command({ app, watcher, thing }, device);
  await report({ app, watcher, thing }, device);

  app.write('ping');
  assert.equal(await app.text(), 'pong');
  assert.equal(await within(app.ping('still there?'), 'a pong'), 'still there?');
  for (const client of [app, watcher, thing])
    assert.equal(await within(client.close(), 'the close'), 1000);
}
