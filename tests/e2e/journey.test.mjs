// The founding document's journey with npm `ws`, a client nobody here wrote. It verifies the
// certificate whether it connects by the IP or by the domain that dispatch told.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import WebSocket from 'ws';

import { Client, playJourney } from './support/journey.mjs';
import { shareServer } from './support/server.mjs';
import { within } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2'] });

class WsClient extends Client {
  constructor(socket) {
    super();
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      assert.equal(isBinary, false);
      this.arrived(data.toString());
    });
  }

  write(text) {
    this.socket.send(text);
  }

  async ping(text) {
    this.socket.ping(text);
    return (await once(this.socket, 'pong'))[0].toString();
  }

  async close() {
    this.socket.close(1000);
    return (await once(this.socket, 'close'))[0];
  }
}

async function connect(url, ca) {
  const socket = new WebSocket(url, { ca, family: 4 });
  const client = new WsClient(socket);
  await within(once(socket, 'open'), `the connection to ${url}`);
  return client;
}

testShared('the whole journey with ws, by the IP that dispatch tells', (server) =>
  playJourney(server, { connect, member: 'IP' }));

testShared('the whole journey with ws, by the domain that dispatch tells', (server) =>
  playJourney(server, { connect, member: 'domain' }));

testShared('ws does not connect without the server\'s root', async (server) => {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/api/ws`);
  const [error] = await within(once(socket, 'error'), 'the refusal');
  assert.match(error.code, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
});
