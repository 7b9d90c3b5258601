// The bench's Node peer: the protocol as the small open replacements of the cloud implement it. One
// process, https and npm's `ws`, JSON.parse, maps in memory, an async handler for each action;
// nothing is authorised and nothing survives a restart. Not for use on a network.
//
//     node bench/ws_server.mjs CHAIN.pem KEY.pem        prints its port, serves until it is killed

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';

// The package comes with the clients of the e2e tests.
const require = createRequire(new URL('../tests/e2e/package.json', import.meta.url));
const { WebSocketServer } = require('ws');

const COMMAND_TIMEOUT_MS = 4000;
const CONFIG = { hb: 1, hbInterval: 145 };

const accounts = new Map(); // token -> apikey
const devices = new Map(); // deviceid -> { link, apikey, params }
const apps = new Map(); // apikey -> Set of links
const pending = new Map(); // sequence -> { app, request, timer }
let sequence = Date.now();

const send = (link, message) => link.send(JSON.stringify(message));

async function findAccount(token) {
  if (!accounts.has(token)) accounts.set(token, randomUUID());
  return accounts.get(token);
}

async function findDevice(deviceid) {
  return devices.get(deviceid);
}

async function onUserOnline(link, message) {
  const apikey = await findAccount(message.at);
  link.apikey = apikey;
  if (!apps.has(apikey)) apps.set(apikey, new Set());
  apps.get(apikey).add(link);
  send(link, { error: 0, apikey, config: CONFIG, sequence: message.sequence });
}

async function onRegister(link, message) {
  const known = (await findDevice(message.deviceid)) ?? { apikey: message.apikey, params: {} };
  link.deviceid = message.deviceid;
  devices.set(message.deviceid, { ...known, link });
  send(link, { error: 0, deviceid: message.deviceid, apikey: known.apikey, config: CONFIG });
}

async function onUpdateByApp(link, message) {
  const device = await findDevice(message.deviceid);
  const { deviceid, apikey } = message;
  if (!device?.link) {
    send(link, { error: 503, reason: 'Device Offline', deviceid, apikey, sequence: message.sequence });
    return;
  }
  device.apikey = link.apikey; // whoever commands a device owns it
  const number = String(++sequence);
  const timer = setTimeout(() => {
    pending.delete(number);
    send(link, { error: 504, reason: 'Request Timeout', deviceid, apikey, sequence: message.sequence });
  }, COMMAND_TIMEOUT_MS);
  pending.set(number, { app: link, request: message, timer });
  send(device.link, {
    action: 'update', deviceid, apikey, userAgent: 'app', sequence: number, ts: 0,
    params: message.params, from: 'app',
  });
}

async function onUpdateByDevice(link, message) {
  const device = await findDevice(message.deviceid);
  Object.assign(device.params, message.params);
  send(link, { error: 0, deviceid: message.deviceid, apikey: message.apikey });
  tellOthers(device.apikey, null, { ...message, from: 'device' });
}

function tellOthers(apikey, but, message) {
  for (const link of apps.get(apikey) ?? []) if (link !== but) send(link, message);
}

async function onAnswer(link, message) {
  const command = pending.get(message.sequence);
  if (!command) return;
  pending.delete(message.sequence);
  clearTimeout(command.timer);
  const { app, request } = command;
  const { deviceid, apikey } = request;
  if (message.error === 0) {
    const device = await findDevice(deviceid);
    Object.assign(device.params, request.params);
  }
  send(app, { error: message.error, deviceid, apikey, sequence: request.sequence });
  if (message.error === 0) tellOthers(app.apikey, app, request);
}

async function onText(link, text) {
  if (text === 'ping') {
    link.send('pong');
    return;
  }
  const message = JSON.parse(text);
  if (message.action === 'userOnline') await onUserOnline(link, message);
  else if (message.action === 'register') await onRegister(link, message);
  else if (message.action === 'update' && link.deviceid) await onUpdateByDevice(link, message);
  else if (message.action === 'update') await onUpdateByApp(link, message);
  else if (message.action === 'date') send(link, { error: 0, date: new Date().toISOString() });
  else if (message.error !== undefined) await onAnswer(link, message);
}

function onClose(link) {
  apps.get(link.apikey)?.delete(link);
  if (devices.get(link.deviceid)?.link === link) devices.get(link.deviceid).link = null;
}

function onRequest(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const asked = JSON.parse(Buffer.concat(parts).toString() || '{}');
    const body = JSON.stringify({
      port, reason: 'ok', IP: '127.0.0.1', error: 0, domain: 'localhost',
      requestid: `${asked.ts}-${asked.nonce}`,
    });
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', Buffer.byteLength(body));
    response.end(body);
  });
}

const [chain, key] = process.argv.slice(2);
const server = createServer(
  {
    cert: readFileSync(chain), key: readFileSync(key), minVersion: 'TLSv1.2',
    ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256', ecdhCurve: 'X25519',
    honorCipherOrder: true,
  },
  onRequest,
);
let port = 0;

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (link) => {
  link.on('message', (data) => onText(link, data.toString()).catch(() => link.terminate()));
  link.on('close', () => onClose(link));
  link.on('error', () => link.terminate());
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', 1024, () => {
  ({ port } = server.address());
  console.log(port);
});
