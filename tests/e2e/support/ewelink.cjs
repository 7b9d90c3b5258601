// Runs calls on the unmodified npm package ewelink-api, one after another, and prints what came of
// them as JSON: [{ value } or { error }]. The words: its options, then a list of [name, ...args].
'use strict';

const eWeLink = require('ewelink-api');
const PowerUsage = require('ewelink-api/src/classes/DevicePowerUsageRaw');

const [options, calls] = process.argv.slice(2).map((word) => JSON.parse(word));
const connection = new eWeLink(options);

/** openWebSocket() and a text ping on it: what the callback was given up to a pong and a change. */
async function watch() {
  const messages = [];
  let wake;
  const complete = new Promise((resolve) => { wake = resolve; });
  const socket = await connection.openWebSocket((message) => {
    messages.push(message);
    if (messages.includes('pong') && messages.some(({ action }) => action === 'update')) wake();
  });

  await socket.send('ping');
  await complete;
  await socket.close();
  return messages;
}

/** getDevicePowerUsageRaw() without the REST call ahead of it. */
const rawPowerUsage = (deviceId) => PowerUsage.get({
  apiUrl: connection.getApiWebSocket(), at: connection.at, apiKey: connection.apiKey, deviceId,
});

async function play() {
  const extra = { watch, rawPowerUsage };
  const outcomes = [];
  for (const [name, ...words] of calls) {
    const call = extra[name] ?? connection[name].bind(connection);
    try {
      outcomes.push({ value: await call(...words) });
    } catch (error) {
      outcomes.push({ error: error.message });
    }
  }
  return outcomes;
}

play().then((outcomes) => {
  process.stdout.write(JSON.stringify(outcomes));
  process.exit(0); /* openWebSocket's timer would keep the process alive */
});
