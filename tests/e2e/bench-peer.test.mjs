// The bench's Node peer does what its figures are compared for: handshakes, commands, dispatch.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { certifiedData } from './support/certificates.mjs';
import { appUpdate, Link, openApp, openDevice } from './support/link.mjs';
import { collect, start } from './support/program.mjs';
import { until } from './support/until.mjs';

const SERVER = fileURLToPath(new URL('../../bench/ws_server.mjs', import.meta.url));
const ACCOUNT = { user: { apikey: '' }, app: { id: 'app' }, token: 'token' };
const DEVICE = { id: '1000000001', key: 'factory-key', owner: { apikey: 'owner' } };

async function startPeer(t) {
  const data = await certifiedData(t, { tls: ['localhost'] });
  const child = start(process.execPath, [SERVER, `${data}/tls/server-ecdsa.pem`,
    `${data}/tls/server-ecdsa.key`]);
  t.after(() => child.kill());
  const output = collect(child.stdout);
  const port = Number(await until(() => output.text.match(/^\d+(?=\n)/)?.[0], 'the port'));
  const ca = readFileSync(`${data}/ca.pem`);
  return { target: { host: '127.0.0.1', servername: 'localhost', port, ca } };
}

function post(target, body) {
  return new Promise((resolve, reject) => {
    const request = https.request({ ...target, path: '/dispatch/app', method: 'POST' }, (response) => {
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve(JSON.parse(text)));
    });
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

test('the peer carries a command to the device and its answer back', async (t) => {
  const peer = await startPeer(t);
  const app = await openApp(peer, ACCOUNT);
  const other = await openApp(peer, ACCOUNT);
  const device = await openDevice(peer, DEVICE);
  t.after(() => [app, other, device].forEach((link) => link.drop()));

  assert.equal((await app.request(appUpdate(DEVICE, { switch: 'on' }))).error, 0);
  assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
  await other.json({ action: 'update', params: { switch: 'on' } });
  await app.settle();
  assert.equal((await app.request(appUpdate({ ...DEVICE, id: 'none' }, {}))).error, 503);
});

test('the peer answers dispatch with its own address', async (t) => {
  const { target } = await startPeer(t);
  const answer = await post(target, { ts: 17, nonce: 'abc' });

  assert.deepEqual([answer.error, answer.port, answer.requestid], [0, target.port, '17-abc']);
});
