// A household as a whole: devices of four families of firmware, and four clients of other makers that
// control them side by side, all in one account.

import assert from 'node:assert/strict';

import { CLIENT_FLAGS, playNode, playPython } from './support/clients.mjs';
import { ESP, Modern, OPL, start, ZZ } from './support/firmware.mjs';
import { CLIENTS, SWITCH } from './support/four-clients.mjs';
import { testServer } from './support/server.mjs';

const FAMILIES = [ESP, ZZ, OPL, Modern];

/* Firmware's own TLS, for the two families that need it. */
const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers:
  'AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA:@SECLEVEL=0' };

/** The same server as firmware reaches it. */
function seenBy(Family, server) {
  if (Family !== ESP && Family !== OPL) return server;
  const { port } = server.listeners.find(({ kind }) => kind === 'tls_old');
  return { ...server, plainPort: server.plainPort, target: { ...server.target, ...OLD_TLS, port } };
}

const flags = ['--workers', '2', '--dispatch-anonymous', '--listen-plain', '127.0.0.1:0',
  '--listen-tls-old', '127.0.0.1:0', ...CLIENT_FLAGS];

testServer('four clients log in and switch the devices of four families at once', { flags }, async (server) => {
  const { control } = server;
  const account = await control.account({ devices: FAMILIES.length });
  const ids = account.devices.map(({ id }) => id);
  const devices = await Promise.all(FAMILIES.map((Family, i) =>
    start(Family, seenBy(Family, server), account.devices[i])));

  const results = await Promise.all(CLIENTS.map(async ({ preset, play }) => {
    const app = await control.app({ preset });
    /* The package sleeps for seconds with each device: one will do. */
    const its = preset === 'ewelink-api' ? ids.slice(0, 1) : ids;
    return { preset, errors: await play({ node: playNode, python: playPython }, server, app,
      account.user, its) };
  }));
  for (const device of devices) device.end(); /* tells what a device could not read */
  for (const { preset, errors } of results)
    assert.deepEqual([preset, ...errors], [preset, ...errors.map(() => 0)]);
  for (const [i, { received }] of devices.entries()) {
    assert.equal(received.length, i === 0 ? CLIENTS.length : CLIENTS.length - 1);
    for (const { params } of received) assert.deepEqual(params, SWITCH);
  }
});
