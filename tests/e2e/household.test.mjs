// A household as a whole: devices of four families of firmware, and four clients of other makers that
// control them side by side, all in one account.

import assert from 'node:assert/strict';

import { CLIENT_FLAGS, playNode, playPython, valuesOf } from './support/clients.mjs';
import { ESP, Modern, OPL, start, ZZ } from './support/firmware.mjs';
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

/** Each client: how it switches devices on, and the commands that a device is given by it. */
const CLIENTS = [
  {
    preset: 'ewelink-api',
    async play(server, { app, user, token }, ids) {
      const calls = ids.map((id) => ['setWSDevicePowerState', id, 'on']);
      return valuesOf(await playNode(server, 'ewelink.cjs',
        { at: token, apiKey: user.apikey, region: 'us', APP_ID: app.id }, calls), calls)
        .map(({ status }) => (status === 'ok' ? 0 : status));
    },
  },
  {
    preset: 'ewelink-api-next',
    async play(server, { app, user, token }, ids) {
      const calls = [['use', { at: token, userApiKey: user.apikey }], ['ws.create', { region: 'us' }],
        ...ids.map((id) => ['ws.updateState', id, { switch: 'on' }])];
      return valuesOf(await playNode(server, 'ewelink-next.cjs', { appId: app.id, region: 'us' },
        calls), calls).slice(2).map(({ error }) => error);
    },
  },
  {
    preset: 'sonofflan',
    async play(server, { app, user, token }, ids) {
      const calls = [['connect'], ...ids.map((id) => ['update', id, { switch: 'on' }])];
      return valuesOf(await playPython(server, 'sonofflan.py',
        { appid: app.id, region: 'us', at: token, apikey: user.apikey }, calls), calls)
        .slice(1).map(({ error }) => error);
    },
  },
  {
    preset: 'homebridge-ewelink',
    async play(server, { app, user, token }, ids) {
      const calls = [['connect'], ['updateBoth', ids, { switch: 'on' }]];
      return valuesOf(await playNode(server, 'homebridge.cjs',
        { appId: app.id, at: token, apikey: user.apikey }, calls), calls)[1].map(({ error }) => error);
    },
  },
];

testServer('four clients switch the devices of four families at once', { flags: ['--workers', '2',
  '--dispatch-anonymous', '--listen-plain', '127.0.0.1:0', '--listen-tls-old', '127.0.0.1:0',
  ...CLIENT_FLAGS] }, async (server) => {
  const { control } = server;
  const account = await control.account({ devices: FAMILIES.length });
  const ids = account.devices.map(({ id }) => id);
  const devices = await Promise.all(FAMILIES.map((Family, i) =>
    start(Family, seenBy(Family, server), account.devices[i])));

  const results = await Promise.all(CLIENTS.map(async ({ preset, play }) => {
    const app = await control.app({ preset });
    const token = await control.token(account.user, app);
    /* The package sleeps for seconds with each device: one will do. */
    const its = preset === 'ewelink-api' ? ids.slice(0, 1) : ids;
    return { preset, errors: await play(server, { ...account, app, token }, its) };
  }));
  for (const device of devices) device.end(); /* tells what a device could not read */
  for (const { preset, errors } of results)
    assert.deepEqual([preset, ...errors], [preset, ...errors.map(() => 0)]);
  for (const [i, { received }] of devices.entries()) {
    assert.equal(received.length, i === 0 ? CLIENTS.length : CLIENTS.length - 1);
    for (const { params } of received) assert.deepEqual(params, { switch: 'on' });
  }
});
