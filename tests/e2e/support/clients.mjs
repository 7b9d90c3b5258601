// clients - unmodified clients of other makers, each in a process of its own: how a server has to be
// started for them, and how their calls reach it.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { run } from './program.mjs';
import { withRelay } from './relay.mjs';
import { until } from './until.mjs';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What a server of a region is started with: certificates for the names that clients have built in. */
export const flagsOf = (region) => ['--node-region', region,
  '--tls-names', 'localhost,127.0.0.1,*.coolkit.cc,*.coolkit.cn',
  '--advertise-domain', `${region}-pconnect1.coolkit.cc`];

export const CLIENT_FLAGS = flagsOf('us');

/* A client may log in a dozen times, each of which costs the server a hash by design. */
const ENOUGH_MS = 120_000;

/** Runs a program of a client and resolves with the JSON that it prints; env: beside our own. */
async function playProgram(program, words, env) {
  const { code, stdout, stderr } = await run(program, words,
    { env: { ...process.env, ...env }, ms: ENOUGH_MS });
  assert.equal(code, 0, `${words.join(' ')}\n${stderr}`);
  return JSON.parse(stdout);
}

/** How a client is told of our authority, as docs/clients.md has it. */
const trust = ({ caPath }) => ({ NODE_EXTRA_CA_CERTS: caPath, SSL_CERT_FILE: caPath });

/**
 * Where the scripts lead the names that a client has built in. server.regions: the ports of servers
 * for other regions, { eu: 4711 }; none unless set.
 */
const lead = ({ port, regions = {} }) =>
  ({ SWITCHYARD_TEST_PORT: port, SWITCHYARD_TEST_PORTS: JSON.stringify(regions) });

/* Debian's own, which finds what Debian packs; there may be another one in PATH. */
const PYTHON = '/usr/bin/python3';

const wordsOf = (script, words) => [pathOf(script), ...words.map((word) => JSON.stringify(word))];

/** Plays a script of this folder under Node, led to the server. The words are given as JSON. */
export const playNode = (server, script, ...words) => playProgram(process.execPath,
  ['-r', pathOf('redirect.cjs'), ...wordsOf(script, words)], { ...trust(server), ...lead(server) });

/** The same for a script in Python. */
export const playPython = (server, script, ...words) => withRelay(server, (port) =>
  playProgram(PYTHON, ['-B', ...wordsOf(script, words)], { ...trust(server), ...lead({ port, regions: server.regions }) }));

/** The same, where the machine's own hosts and ports lead to the server. */
export const findNode = (server, script, ...words) =>
  playProgram(process.execPath, wordsOf(script, words), trust(server));

export const findPython = (server, script, ...words) =>
  playProgram(PYTHON, ['-B', ...wordsOf(script, words)], trust(server));

/** Resolves when the account has so many sessions: a client elsewhere has shaken hands. */
export const isOnline = (server, user, sessions = 1) => until(async () => {
  const rows = await server.control.rows('conn list', { user: user.apikey });
  return rows.filter(({ kind }) => kind === 'app').length === sessions;
}, 'a session of the client');

/** What each call came to; a call that failed fails the test. */
export function valuesOf(outcomes, calls) {
  for (const [i, { error }] of outcomes.entries())
    assert.equal(error, undefined, `${calls[i][0]}: ${error}`);
  return outcomes.map(({ value }) => value);
}
