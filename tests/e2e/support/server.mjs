// server - a Switchyard of a test's own: its process, its ports and its data directory.
//
//   testServer('what holds', { flags: ['--workers', '2'] }, async (server, t) => { ... });
//   const { testShared } = shareServer({ flags });
//   testShared('what holds', async (server, t) => { ... });
//
// A test that fails shows the end of the server's log; a server that does not exit with 0 when it
// is asked to stop fails the test, too (so does one that a sanitizer complains about).

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { overhear, takeComplaints, forget } from './contract.mjs';
import { Control } from './control.mjs';
import { BINARY, collect, ended, run, start } from './program.mjs';
import { until, within } from './until.mjs';

const LOG_LINES_SHOWN = 40;

function readPorts(data, pid) {
  try {
    const ports = JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8'));
    return ports.pid === pid ? ports : undefined;
  } catch {
    return undefined; /* not there yet, or half written */
  }
}

/** { status, body } of a GET on the admin listener. */
function getAdmin(port, path) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      const body = collect(response);
      response.on('end', () => resolve({ status: response.statusCode, body: body.text }));
    });
    request.on('error', reject);
  });
}

/* Keys take a second to make: the second server of a file gets those of the first. */
const MADE = ['ca.pem', 'ca.key', 'server-names',
  ...['ecdsa', 'rsa'].flatMap((kind) => [`server-${kind}.pem`, `server-${kind}.key`])];
const made = new Map();

function giveCertificates(data) {
  for (const [name, bytes] of made) writeFileSync(join(data, name), bytes, { mode: 0o600 });
}

function keepCertificates(data) {
  if (made.size === 0) for (const name of MADE) made.set(name, readFileSync(join(data, name)));
}

/** The words ahead of a program that lower how many descriptors it may open; it keeps the pid. */
const limitFiles = (files) =>
  (files === undefined ? [] : ['sh', '-c', `ulimit -n ${files} && exec "$0" "$@"`]);

export class Server {
  #child;
  #end;
  #log;
  #options;
  #isGone = false;

  /**
   * flags: further words for `serve`; env: further environment; data: a directory to use (and to
   * keep); files: how many descriptors it may open; listen: words that say where, in place of a free
   * port. Resolves when the server is ready.
   */
  static async start(options = {}) {
    const server = new Server();
    server.#options = options;
    server.data = options.data ?? mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
    if (options.data === undefined) giveCertificates(server.data);
    await server.#begin(options.listen ?? ['--listen-tls', '127.0.0.1:0']);
    if (options.data === undefined) keepCertificates(server.data);
    return server;
  }

  async #begin(listen) {
    const { flags = [], env = {}, files } = this.#options;
    const [program, ...words] = [...limitFiles(files), BINARY];
    this.#child = start(program, [...words, 'serve', '--data', this.data, ...listen,
      '--admin-listen', '127.0.0.1:0', ...flags], { env: { ...process.env, ...env } });
    this.#log = collect(this.#child.stdout, this.#child.stderr);
    this.#isGone = false;
    this.#end = ended(this.#child).finally(() => {
      this.#isGone = true;
    });
    this.#end.catch(() => {}); /* told to whoever waits for it */
    try {
      await this.#becomeReady();
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw new Error(`${error.message}\n${this.logEnd()}`);
    }
  }

  async #becomeReady() {
    const check = (answer) => {
      if (this.#isGone) throw new Error('the server ended instead of becoming ready');
      return answer;
    };
    const ports = await until(() => check(readPorts(this.data, this.pid)), 'ports.json');
    const portOf = (kind) => ports.listeners.find((listener) => listener.kind === kind)?.port;
    this.listeners = ports.listeners;
    this.port = portOf('tls');
    this.plainPort = portOf('plain');
    this.adminPort = portOf('admin');
    this.ca = readFileSync(join(this.data, 'ca.pem'));
    this.caPath = join(this.data, 'ca.pem');
    this.control = new Control(ports.control);
    this.controlPath = ports.control;
    overhear(ports.listeners);
    await until(async () => check((await this.admin('/readyz')).status === 200), 'readiness');
  }

  get pid() {
    return this.#child.pid;
  }

  get isRunning() {
    return !this.#isGone;
  }

  /** What tls.connect and the conformance runner's Connection take. */
  get target() {
    return { host: '127.0.0.1', port: this.port, servername: 'localhost', ca: this.ca };
  }

  get url() {
    return `https://127.0.0.1:${this.port}`;
  }

  get log() {
    return this.#log.text;
  }

  logEnd() {
    return this.log.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).map((line) => `| ${line}`)
      .join('\n');
  }

  /** Resolves when the log has a line that matches. */
  logs(pattern) {
    return until(() => this.log.match(pattern), `${pattern} in the log`);
  }

  admin(path) {
    return getAdmin(this.adminPort, path);
  }

  /** `switchyard ctl WORDS...`: { code, stdout, stderr }. */
  ctl(words, options = {}) {
    return run(BINARY, ['ctl', ...words], {
      env: { ...process.env, SWITCHYARD_CONTROL: this.controlPath }, ...options,
    });
  }

  /** Sends a signal to this server and nothing else. */
  signal(name) {
    this.#child.kill(name);
  }

  /** Resolves with { code, signal } when the process has ended. */
  end() {
    return within(this.#end, 'the end of the server');
  }

  async stop() {
    if (this.isRunning) this.signal('SIGTERM');
    const { code, signal } = await this.end();
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, 'the server stops in good order');
  }

  /** kill -9, and its end. */
  async kill() {
    this.signal('SIGKILL');
    await this.end();
  }

  /** The next server on the same data and the same port; the former one has ended. */
  async again() {
    await this.#begin(['--listen-tls', `127.0.0.1:${this.port}`]);
  }

  /** Fails when the server has said what the documents do not know. */
  checkContract() {
    assert.deepEqual(takeComplaints(this.listeners), [], 'what the server says is as documented');
  }

  /** Ends what still runs and removes what was made; for the end of a test. */
  async dispose() {
    try {
      if (this.isRunning) await this.stop();
      this.checkContract();
    } finally {
      forget(this.listeners);
      if (this.isRunning) await this.kill();
      if (this.#options.data === undefined) rmSync(this.data, { recursive: true, force: true });
    }
  }
}

/** Runs the body; an error of it carries the end of the server's log. */
async function playOn(server, t, body) {
  try {
    await body(server, t);
    server.checkContract();
  } catch (error) {
    error.message += `\n${server.logEnd()}`;
    error.stack = `${error.stack}\n${server.logEnd()}`;
    throw error;
  }
}

/** A test with a server that nobody else uses. */
export function testServer(name, options, body) {
  test(name, async (t) => {
    const server = await Server.start(options);
    try {
      await playOn(server, t, body);
    } finally {
      await server.dispose();
    }
  });
}

/**
 * One server for several tests of a file: { testShared }. prepare(server): done once, ahead of the
 * first; what it resolves with is the third argument of each body.
 */
export function shareServer(options, prepare = () => undefined) {
  let server;
  const begin = async () => {
    server = await Server.start(options);
    return prepare(server);
  };
  let prepared;

  after(() => server?.dispose());
  return {
    testShared: (name, body) => test(name, async (t) => {
      prepared ??= begin();
      const made = await prepared;
      await playOn(server, t, (it) => body(it, t, made));
    }),
  };
}
