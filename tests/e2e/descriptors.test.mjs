// A process that may open few descriptors: clients never take those of the store and the operators.

import assert from 'node:assert/strict';
import net from 'node:net';

import { dispatchApp } from './support/http.mjs';
import { metricOf, metricReaches } from './support/metrics.mjs';
import { testServer } from './support/server.mjs';
import { until } from './support/until.mjs';

const FILES = 160;
const CLIENTS = 2 * FILES;

/** Resolves when the connection stands; `isOpen` turns false when the server has closed it. */
function dial(port) {
  return new Promise((resolve, reject) => {
    const client = { isOpen: true, socket: net.connect(port, '127.0.0.1') };
    client.socket.on('close', () => { client.isOpen = false; });
    client.socket.on('error', reject); /* later ones come to nobody */
    client.socket.once('connect', () => resolve(client));
    client.socket.resume();
  });
}

testServer('more clients than descriptors: those that do not fit are refused and counted, the rest works',
  { files: FILES, flags: ['--workers', '1'] }, async (server) => {
    const [, fitting] = server.log.match(/warn limits\.files files=160 connections=(\d+) wanted=65536/);
    assert.ok(fitting >= 1 && fitting < FILES);
    const account = await server.control.account({ devices: 0 });
    const clients = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(await dial(server.port));

    await metricReaches(server, 'switchyard_connections_refused_total', {}, CLIENTS - fitting);
    assert.equal(await metricOf(server, 'switchyard_connections', { state: 'open' }), Number(fitting));
    await until(() => clients.filter(({ isOpen }) => isOpen).length === Number(fitting), 'the refused');
    assert.equal((await server.ctl(['status'])).code, 0);
    assert.equal((await server.admin('/readyz')).status, 200);
    await server.control.user(); /* the store can write */
    assert.doesNotMatch(server.log, /listener\.accept_failed/);

    clients.forEach(({ socket }) => socket.destroy());
    await until(async () => (await dispatchApp(server, account).catch(() => ({}))).error === 0,
      'a free place');
  });

testServer('fewer descriptors than the server keeps for itself: a client at a time is served',
  { files: 70, flags: ['--workers', '1'] }, async (server) => {
    assert.match(server.log, /warn limits\.files files=70 connections=1 wanted=65536/);
    const account = await server.control.account({ devices: 0 });
    const clients = [];
    for (let i = 0; i < 150; i++) clients.push(await dial(server.port));
    await metricReaches(server, 'switchyard_connections_refused_total', {}, 149);
    assert.equal((await server.ctl(['status'])).code, 0);
    assert.equal((await server.admin('/readyz')).status, 200);
    clients.forEach(({ socket }) => socket.destroy());
    await until(async () => (await dispatchApp(server, account).catch(() => ({}))).error === 0,
      'a free place');
  });
