// clients - unmodified clients of other makers, each in a process of its own: how a server has to be
// started for them, and how their calls reach it.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { run } from './program.mjs';
import { until } from './until.mjs';

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What a server is started with: certificates for the names that clients have built in. */
export const CLIENT_FLAGS = ['--tls-names', 'localhost,127.0.0.1,*.coolkit.cc,*.coolkit.cn',
  '--advertise-domain', 'us-pconnect1.coolkit.cc'];

/**
 * Runs a program of a client with the words after it and resolves with the JSON that it prints.
 * extra: further environment.
 */
async function playProgram(server, program, words, extra = {}) {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: server.caPath, SSL_CERT_FILE: server.caPath,
    SWITCHYARD_TEST_PORT: server.port, ...extra };
  const { code, stdout, stderr } = await run(program, words, { env });

  assert.equal(code, 0, `${words.join(' ')}\n${stderr}`);
  return JSON.parse(stdout);
}

/**
 * Plays a script of this folder under Node with the redirect ahead of it. The words are given as
 * JSON.
 */
export const playNode = (server, script, ...words) => playProgram(server, process.execPath,
  ['-r', pathOf('redirect.cjs'), pathOf(script), ...words.map((word) => JSON.stringify(word))]);

/* Debian's own, which finds what Debian packs; there may be another one in PATH. */
const PYTHON = '/usr/bin/python3';

/** The same for a script in Python. */
export const playPython = (server, script, ...words) => playProgram(server, PYTHON,
  ['-B', pathOf(script), ...words.map((word) => JSON.stringify(word))]);

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
