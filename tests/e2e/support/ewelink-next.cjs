// Runs calls on the unmodified npm package ewelink-api-next, one after another, and prints what came
// of them as JSON: [{ value } or { error }]. The words: options of WebAPI and Ws, then a list of
// [name, ...args]. A text "$2.data.at" in args is a member of the third call's value.
'use strict';

const { WebAPI, Ws } = require('ewelink-api-next').default;

const PATIENCE_MS = 15_000;
const [options, calls] = process.argv.slice(2).map((word) => JSON.parse(word));
const api = new WebAPI(options);
const wss = new Ws(options);
const heard = [];
let wake = () => {};
let socket;

if (options.baseURL !== undefined) api.request.defaults.baseURL = options.baseURL;

/** The first message that holds `test`, taken away; it may have come before. */
async function take(test, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const index = heard.findIndex(test);
    if (index >= 0) return heard.splice(index, 1)[0];
    if (Date.now() > end) throw new Error(`${what} not heard; there is ${JSON.stringify(heard)}`);
    await new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, 500).unref();
    });
  }
}

const hear = (_, { data }) => {
  const text = data.toString();
  heard.push(text.startsWith('{') ? JSON.parse(text) : text);
  wake();
};

async function create(words) {
  const { at, userApiKey } = api;
  const nothing = () => {};
  socket = await wss.Connect.create({ at, userApiKey, ...words }, nothing, nothing, nothing, hear);
}

/**
 * Calls each method that the package has for the account API, with members that any of them might
 * read: what of them is no API here, as "group.method". Those that end the session come last.
 */
async function survey(words) {
  const groups = ['home', 'device', 'message', 'oauth', 'user'];
  const missing = [];
  for (const group of groups)
    for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(api[group]))) {
      if (method === 'constructor' || method === 'createLoginUrl') continue;
      const { at } = api;
      const { msg } = await api[group][method]({ ...words });
      if (msg === 'no such API') missing.push(`${group}.${method}`);
      Object.assign(api, { at });
    }
  return missing;
}

const extra = {
  /** Connect.create(): the answer to its userOnline. */
  'ws.create': async (words) => {
    await create(words);
    return take(({ config }) => config !== undefined, 'the answer to userOnline');
  },
  /** The same where it is refused. */
  'ws.refused': async (words) => {
    await create(words);
    return take(({ error }) => error !== 0, 'a refusal of userOnline');
  },
  /** Connect.updateState(): the answer to it. */
  'ws.updateState': async (device, params, action) => {
    wss.Connect.updateState(device, params, action, 'app', api.userApiKey);
    return take(({ error, deviceid }) => error !== undefined && deviceid === device,
      'the answer to an update');
  },
  'ws.dispatch': (words) => wss.Connect.getDispatch(words),
  /** Its heartbeat, at once instead of in two minutes. */
  'ws.ping': async () => {
    socket.send('ping');
    return take((message) => message === 'pong', 'a pong');
  },
  /** The next message with these members. */
  'ws.hears': (members) => take((message) => Object.entries(members)
    .every(([key, value]) => message[key] === value), JSON.stringify(members)),
  survey,
  /** The package's own marks of a login. */
  state: () => ({ at: api.at, rt: api.rt, apikey: api.userApiKey }),
  use: (marks) => { Object.assign(api, marks); },
};

const memberOf = (value, path) => path.split('.').reduce((at, key) => at?.[key], value);

/** The same with each "$N.path" replaced by what call N came to. */
function resolve(word, outcomes) {
  if (typeof word === 'string') {
    const found = /^\$(\d+)\.(.+)$/.exec(word);
    return found === null ? word : memberOf(outcomes[found[1]].value, found[2]);
  }
  if (Array.isArray(word)) return word.map((item) => resolve(item, outcomes));
  if (word === null || typeof word !== 'object') return word;
  return Object.fromEntries(Object.entries(word).map(([key, at]) => [key, resolve(at, outcomes)]));
}

async function call(name, words) {
  if (extra[name] !== undefined) return extra[name](...words);
  const [group, method] = name.split('.');
  return api[group][method](...words);
}

async function play() {
  const outcomes = [];
  for (const [name, ...words] of calls) {
    try {
      outcomes.push({ value: await call(name, resolve(words, outcomes)) });
    } catch (error) {
      outcomes.push({ error: error.message });
    }
  }
  return outcomes;
}

play().then((outcomes) => {
  process.stdout.write(JSON.stringify(outcomes), () => process.exit(0)); /* a heartbeat is set */
});
