// The founding document's journey with npm `websocket`, the package that ewelink-api is built on.

import assert from 'node:assert/strict';
import { once } from 'node:events';

import websocket from 'websocket';

import { Client, playJourney } from './support/journey.mjs';
import { shareServer } from './support/server.mjs';
import { within } from './support/until.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2'] });

class PackageClient extends Client {
  constructor(connection) {
    super();
    this.connection = connection;
    connection.on('message', (message) => {
      assert.equal(message.type, 'utf8');
      this.arrived(message.utf8Data);
    });
  }

  write(text) {
    this.connection.sendUTF(text);
  }

  async ping(text) {
    this.connection.ping(Buffer.from(text));
    return (await once(this.connection, 'pong'))[0].toString();
  }

  async close() {
    this.connection.close(1000);
    return (await once(this.connection, 'close'))[0];
  }
}

async function connect(url, ca) {
  const client = new websocket.client({ tlsOptions: { ca, family: 4 } });
  client.connect(url);
  const opened = Promise.race([
    once(client, 'connect'),
    once(client, 'connectFailed').then(([error]) => Promise.reject(error)),
  ]);
  const [connection] = await within(opened, `the connection to ${url}`);
  return new PackageClient(connection);
}

testShared('the whole journey with websocket, by the IP that dispatch tells', (server) =>
  playJourney(server, { connect, member: 'IP' }));

testShared('the whole journey with websocket, by the domain that dispatch tells', (server) =>
  playJourney(server, { connect, member: 'domain' }));

testShared('websocket\'s browser-like client hears the handshake\'s answer', async (server) => {
  const { user, app, token } = await server.control.account();
  const socket = new websocket.w3cwebsocket(`wss://127.0.0.1:${server.port}/api/ws`,
    undefined, undefined, undefined, undefined, { tlsOptions: { ca: server.ca } });
  const answer = new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error('w3cwebsocket failed'));
    socket.onmessage = ({ data }) => resolve(JSON.parse(data));
  });

  socket.onopen = () => socket.send(JSON.stringify({ action: 'userOnline', version: 8, at: token,
    userAgent: 'app', apikey: user.apikey, appid: app.id, nonce: 'n', sequence: 1795386048000 }));
  assert.deepEqual(await within(answer, 'the answer'), { error: 0, apikey: user.apikey,
    config: { hb: 1, hbInterval: 145 }, sequence: '1795386048000' });
  const closed = new Promise((resolve) => { socket.onclose = resolve; });
  socket.close(1000);
  const { code, wasClean } = await within(closed, 'the close');
  assert.deepEqual({ code, wasClean }, { code: 1000, wasClean: true });
});
