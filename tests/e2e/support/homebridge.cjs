// A client on axios and ws that does on the wire what homebridge-ewelink does: it is in no package
// registry, so this is written after what is known of its requests. Runs calls, one after another,
// and prints what came of them as JSON: [{ value } or { error }]. The words: { appId, appSecret,
// httpHost, at, apikey }, then a list of [name, ...args].
'use strict';

const { createHmac } = require('node:crypto');

const axios = require('axios');
const WebSocket = require('ws');

const WRONG_REGION = 10004;
const WRONG_PASSWORD = [10001, 10014];
const [options, calls] = process.argv.slice(2).map((word) => JSON.parse(word));
const client = { httpHost: 'us-apia.coolkit.cc', ...options };
const waiting = new Map();
const pushes = [];
let onPush = () => {};
let socket;

const nonce = () => Math.random().toString(36).slice(2, 10).padEnd(8, '0');
const sign = (text) => createHmac('sha256', client.appSecret).update(text).digest('base64');

/** The answer's body; a request is given up after six seconds. */
async function request(method, url, { data, params, authorization = `Bearer ${client.at}` } = {}) {
  const headers = { Authorization: authorization, 'Content-Type': 'application/json',
    'X-CK-Appid': client.appId, 'X-CK-Nonce': nonce() };
  return (await axios({ method, url, headers, data, params, timeout: 6000 })).data;
}

const url = (path) => `https://${client.httpHost}${path}`;

const hostOf = (region) => `${region}-apia.coolkit.${region === 'cn' ? 'cn' : 'cc'}`;

/** A refusal must have an object for its data: it is looked into before the error is. */
async function login(account, password, countryCode = '+1', tries = 2) {
  const kind = account.includes('@') ? 'email' : 'phoneNumber';
  const data = JSON.stringify({ countryCode, password, [kind]: account });
  const answer = await request('post', url('/v2/user/login'),
    { data, authorization: `Sign ${sign(data)}` });

  if (answer.error === WRONG_REGION && tries > 0) {
    client.httpHost = hostOf(answer.data.region);
    return login(account, password, countryCode, tries - 1);
  }
  if (WRONG_PASSWORD.includes(answer.error) && tries > 1) {
    const decoded = Buffer.from(password, 'base64').toString('utf8').trim();
    return login(account, decoded, countryCode, 1);
  }
  if (answer.data.at === undefined) throw new Error(`${answer.msg} [${answer.error}]`);
  Object.assign(client, { at: answer.data.at, apikey: answer.data.user.apikey });
  return { ...answer, httpHost: client.httpHost };
}

async function homes() {
  const { data } = await request('get', url('/v2/family'));
  return data.familyList.map(({ id, name }) => ({ id, name }));
}

/** What of each home it makes accessories of: things with a device's kind, and groups. */
async function devices() {
  const found = { devices: [], groups: [] };
  for (const { id: familyid } of await homes()) {
    const { data } = await request('get', url('/v2/device/thing'), { params: { num: 0, familyid } });
    for (const { itemType, itemData } of data.thingList) {
      if (itemData.extra?.uiid) found.devices.push(itemData);
      else if (itemType === 3) found.groups.push(itemData);
    }
  }
  return found;
}

async function host() {
  const answer = await request('post',
    `https://${client.httpHost.replace('-api', '-disp')}/dispatch/app`,
    { data: { appid: client.appId, nonce: nonce(), ts: Math.floor(Date.now() / 1000), version: 8 } });
  if (answer.domain === undefined) throw new Error('dispatch: no domain');
  client.domain = answer.domain;
  return answer;
}

function hear(text) {
  if (text === 'pong') return;
  const message = JSON.parse(text);
  if (waiting.has(message.sequence)) {
    waiting.get(message.sequence)(message);
    waiting.delete(message.sequence);
    return;
  }
  pushes.push(message);
  onPush();
}

/** The answer with the same sequence. It has no limit of time: there must be one. */
function ask(message) {
  let sequence = Date.now();
  while (waiting.has(String(sequence))) sequence += 1;
  const answer = new Promise((resolve) => waiting.set(String(sequence), resolve));
  socket.send(JSON.stringify({ sequence: String(sequence), ...message }));
  return answer;
}

async function connect() {
  if (client.domain === undefined) await host();
  socket = new WebSocket(`wss://${client.domain}:8080/api/ws`);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('message', (data) => hear(data.toString()));
  const online = await ask({ action: 'userOnline', apikey: client.apikey, appid: client.appId,
    at: client.at, nonce: nonce(), ts: Math.floor(Date.now() / 1000), userAgent: 'app', version: 8 });
  return { online, isConnected: Boolean(online.config?.hb && online.config.hbInterval) };
}

const update = (deviceid, params, apikey = client.apikey) =>
  ask({ apikey, deviceid, params, action: 'update', ts: 0, userAgent: 'app' });

const query = (deviceid, apikey = client.apikey) =>
  ask({ apikey, deviceid, params: [], action: 'query', ts: 0, userAgent: 'app' });

/** Two commands in the same millisecond. */
const updateBoth = (ids, params) => Promise.all(ids.map((id) => update(id, params)));

const updateGroup = (id, params) => request('post', url('/v2/device/thing/status'),
  { data: { type: 2, id, params } });

/** Its heartbeat, which comes at 152 s, at once; whatever is answered is dropped unread. */
async function ping() {
  socket.send('ping');
  return 'sent';
}

async function hears() {
  while (pushes.length === 0) await new Promise((resolve) => { onPush = resolve; });
  return pushes.shift();
}

const verbs = { login, homes, devices, host, connect, update, updateBoth, query, updateGroup, ping,
  hears };

async function play() {
  const outcomes = [];
  for (const [name, ...words] of calls) {
    try {
      outcomes.push({ value: await verbs[name](...words) });
    } catch (error) {
      outcomes.push({ error: error.message });
    }
  }
  return outcomes;
}

play().then((outcomes) => {
  process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
});
