// Runs in a network of its own where names and ports lead to the server as docs/clients.md tells an
// owner to lead them; nothing is redirected. Prints, as JSON, what each client came to.
//
//   node found.mjs CONFIG

import { findNode, findPython, valuesOf } from './clients.mjs';
import { openDevice } from './link.mjs';
import { Server } from './server.mjs';

const NAME = 'us-pconnect1.coolkit.cc';
const SWITCH = { switch: 'on' };

/** Each client's calls, of which the last one switches the device; its answer's error or status. */
const CLIENTS = {
  'ewelink-api': async (server, { app, user, token, device }) => {
    const calls = [['setWSDevicePowerState', device.id, 'on']];
    return valuesOf(await findNode(server, 'ewelink.cjs', { at: token, apiKey: user.apikey,
      region: 'us', APP_ID: app.id }, calls), calls).at(-1).status;
  },
  'ewelink-api-next': async (server, { app, user, token, device }) => {
    const calls = [['use', { at: token, userApiKey: user.apikey }], ['ws.create', { region: 'us' }],
      ['ws.updateState', device.id, SWITCH]];
    return valuesOf(await findNode(server, 'ewelink-next.cjs', { appId: app.id, region: 'us' },
      calls), calls).at(-1).error;
  },
  sonofflan: async (server, { app, user, token, device }) => {
    const calls = [['connect'], ['update', device.id, SWITCH]];
    return valuesOf(await findPython(server, 'sonofflan.py', { appid: app.id, region: 'us',
      at: token, apikey: user.apikey }, calls), calls).at(-1).error;
  },
  'homebridge-ewelink': async (server, { app, user, token, device }) => {
    const calls = [['connect'], ['update', device.id, SWITCH]];
    return valuesOf(await findNode(server, 'homebridge.cjs', { appId: app.id, at: token,
      apikey: user.apikey }, calls), calls).at(-1).error;
  },
};

async function playAll(server) {
  const outcomes = {};
  await Promise.all(Object.entries(CLIENTS).map(async ([preset, play]) => {
    const app = await server.control.app({ preset });
    const account = await server.control.account({ app });
    const device = await openDevice(server, account.device, { options: { servername: NAME } });
    outcomes[preset] = [await play(server, account), device.obeyed];
  }));
  return outcomes;
}

const server = await Server.start({ listen: [],
  flags: ['--config', process.argv[2], '--dispatch-anonymous', '--workers', '1'] });
try {
  const ports = server.listeners.filter(({ kind }) => kind === 'tls').map(({ port }) => port);
  process.stdout.write(JSON.stringify({ ports, outcomes: await playAll(server) }));
} finally {
  await server.dispose();
}
