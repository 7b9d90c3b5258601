// Records under clients of four makers: every AEAD in both versions of TLS, keys that change, records
// of the least size; with the record layer of our own, and with OpenSSL's.

import assert from 'node:assert/strict';

import { encodeFrame } from '../conformance/runner/connection.mjs';

import { formatRequest } from './support/http.mjs';
import { register, report, textFrame, upgradeRequest } from './support/link.mjs';
import { shareServer } from './support/server.mjs';
import { MAKERS, SUITES } from './support/tls-makers.mjs';

const LAYERS = [['records of our own', []], ['OpenSSL\'s records', ['--tls-record-layer=false']]];
const UPDATES = 3;
const REQUESTS = 40;
const REQUEST = { path: '/dispatch/device' };
const SMALL = 512;

const CLOSE = encodeFrame('close', Buffer.from([0x03, 0xe8]));

async function settle(client) {
  client.write(textFrame('ping'));
  await client.sees(/pong/);
}

async function changeKeys(client, input) {
  for (let n = 0; n < UPDATES; n++) {
    client.write(input);
    await client.sees(/KEYUPDATE/);
    await settle(client);
  }
}

/** A device's link: upgrade, register, new keys where the client can, a report of many bytes. */
async function live(server, client, update) {
  const { device } = await server.control.account();

  client.write(upgradeRequest());
  await client.sees(/HTTP\/1\.1 101 /);
  client.write(textFrame(register(device)));
  await client.sees(new RegExp(`"error":0,"deviceid":"${device.id}"`));
  await settle(client);
  if (update !== undefined) await changeKeys(client, update);
  client.write(textFrame(report(device, { text: 'x'.repeat(3000) })));
  await client.sees(new RegExp(`"error":0,[^}]*"deviceid":"${device.id}"`));
  client.write(CLOSE);
}

/** Requests one behind the other in one write, so that the answers fill records. */
async function ask(client) {
  const last = formatRequest({ ...REQUEST, headers: { Connection: 'close' } });

  client.write(formatRequest(REQUEST).repeat(REQUESTS - 1) + last);
  for (let n = 0; n < REQUESTS; n++) await client.sees(/HTTP\/1\.1 200 OK/);
}

/** Plays with a fresh client, which must end well and must have agreed on the suite. */
async function play(client, negotiated, body) {
  try {
    await body(client);
    assert.equal(await client.end(), 0, client.text);
    assert.match(client.text, negotiated);
  } finally {
    client.kill();
  }
}

const updateOf = (maker, { version }) => (version === '1.3' ? maker.update : undefined);

for (const [layer, flags] of LAYERS) {
  const { testShared } = shareServer({ flags: ['--workers', '2', ...flags] });

  for (const maker of MAKERS) {
    const isThere = maker.isThere();
    const testMaker = (what, suite, more, body) =>
      testShared(`${maker.name}, ${layer}: ${what}`, async (server, t) => {
        if (!(await isThere)) return t.skip(`${maker.name} is not installed`);
        const kit = await maker.prepare?.(server, t);
        const client = maker.open(server, suite, { ...more, ...kit });
        return play(client, maker.negotiated(suite), () => body(client, server));
      });

    for (const suite of SUITES) {
      testMaker(`a device lives with ${suite.openssl}`, suite, { updates: true },
        (client, server) => live(server, client, updateOf(maker, suite)));
    }
    for (const suite of [SUITES[0], SUITES[3]]) {
      testMaker(`TLS ${suite.version}, many answers in one turn`, suite, {}, ask);
      if (maker.canBeSmall)
        testMaker(`TLS ${suite.version}, records of at most ${SMALL} bytes`, suite,
          { isSmall: true }, ask);
    }
  }
}
