// Runs in a network of its own where names and ports lead to the server as docs/clients.md tells an
// owner to lead them; nothing is redirected. Prints, as JSON, what each client came to.
//
//   node found.mjs CONFIG

import { findNode, findPython } from './clients.mjs';
import { CLIENTS } from './four-clients.mjs';
import { openDevice } from './link.mjs';
import { Server } from './server.mjs';

const NAME = 'us-pconnect1.coolkit.cc';

/** What each client came to: the errors of its answers, and what its device was told. */
async function playAll(server) {
  const outcomes = {};
  await Promise.all(CLIENTS.map(async ({ preset, play }) => {
    const app = await server.control.app({ preset });
    const { user, device } = await server.control.account({ app });
    const link = await openDevice(server, device, { options: { servername: NAME } });
    const ways = { node: findNode, python: findPython };
    outcomes[preset] = [...await play(ways, server, app, user, [device.id]), ...link.obeyed];
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
