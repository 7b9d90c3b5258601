// relay - stands between a server under test and a client that is no Node program, so that what the
// server tells that client is overheard as well: TLS ends here, with the server's own certificate, and
// a connection of this process goes on to the server.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const keyPair = ({ data }, kind) => ({
  cert: readFileSync(join(data, `server-${kind}.pem`)),
  key: readFileSync(join(data, `server-${kind}.key`)),
});

/** Joins two sockets for as long as both live. */
function weld(client, server) {
  for (const [from, to] of [[client, server], [server, client]]) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}

/** Calls body(port) with the port of a relay to the server, and resolves with what it resolves with. */
export async function withRelay(server, body) {
  const relay = tls.createServer({ ...keyPair(server, 'ecdsa'), ALPNProtocols: ['http/1.1'] },
    (client) => weld(client, tls.connect({ ...server.target, ALPNProtocols: ['http/1.1'] })));
  relay.on('tlsClientError', () => {}); /* the client tells of it */
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  try {
    return await body(relay.address().port);
  } finally {
    relay.close();
  }
}
