// tls-makers - TLS clients of four other makers, each as a child process: what is written to it is
// sealed, and what it opens is looked for in what it prints.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { BINARY, collect, ended, run, start } from './program.mjs';
import { until, within } from './until.mjs';

/** The AEAD suites of both versions, and what each maker calls them. */
export const SUITES = [
  { version: '1.3', openssl: 'TLS_AES_128_GCM_SHA256', gnutls: 'AES-128-GCM', nss: ':1301',
    wolfssl: 'TLS13-AES128-GCM-SHA256' },
  { version: '1.3', openssl: 'TLS_AES_256_GCM_SHA384', gnutls: 'AES-256-GCM', nss: ':1302',
    wolfssl: 'TLS13-AES256-GCM-SHA384' },
  { version: '1.3', openssl: 'TLS_CHACHA20_POLY1305_SHA256', gnutls: 'CHACHA20-POLY1305',
    nss: ':1303', wolfssl: 'TLS13-CHACHA20-POLY1305-SHA256' },
  { version: '1.2', openssl: 'ECDHE-ECDSA-AES128-GCM-SHA256', gnutls: 'AES-128-GCM', nss: ':C02B',
    wolfssl: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  { version: '1.2', openssl: 'ECDHE-ECDSA-AES256-GCM-SHA384', gnutls: 'AES-256-GCM', nss: ':C02C',
    wolfssl: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
  { version: '1.2', openssl: 'ECDHE-ECDSA-CHACHA20-POLY1305', gnutls: 'CHACHA20-POLY1305',
    nss: ':CCA9', wolfssl: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
];

/** A client that has been started. */
class Pipe {
  #child;
  #output;
  #end;
  #isGone = false;
  #from = 0;

  constructor(program, words) {
    this.#child = start(program, words);
    this.#output = collect(this.#child.stdout, this.#child.stderr);
    this.#end = ended(this.#child).finally(() => {
      this.#isGone = true;
    });
    this.#end.catch(() => {}); /* told to whoever waits for it */
  }

  get text() {
    return this.#output.text;
  }

  write(bytes) {
    this.#child.stdin.write(bytes);
  }

  /** Resolves once it has printed this, behind what was seen before. */
  sees(pattern) {
    return until(() => {
      const found = pattern.exec(this.text.slice(this.#from));
      if (found === null && this.#isGone)
        throw new Error(`the client ended instead of printing ${pattern}:\n${this.text}`);
      if (found !== null) this.#from += found.index + found[0].length;
      return found;
    }, `${pattern} from the client`);
  }

  /** Ends its input; resolves with its exit code. */
  async end() {
    this.#child.stdin.end();
    return (await within(this.#end, 'the end of the client')).code;
  }

  kill() {
    this.#child.kill('SIGKILL');
  }
}

/** Whether the program can be started, whatever it then says. */
const isProgram = (program, ...words) => run(program, words).then(() => true, () => false);

/** A directory of NSS with the server's CA in it, for the length of a test. */
async function makeNssDirectory(server, t) {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-nss-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const words = [['-N', '--empty-password'], ['-A', '-n', 'ca', '-t', 'C,,', '-i', server.caPath]];
  for (const more of words)
    assert.equal((await run('certutil', [...more, '-d', `sql:${directory}`])).code, 0);
  return { directory };
}

const WOLFSSL = join(dirname(BINARY), '../../tests/e2e/wolfssl_client');

/**
 * isThere(): whether it is installed. prepare(server, t): what open() needs in `more` besides.
 * open(server, suite, more): a Pipe; more.updates: it asks for new keys at once, where it can;
 * more.isSmall: for records of at most 512 bytes, where canBeSmall. update: input that makes it
 * change its keys, after which it prints KEYUPDATE. negotiated(suite): what it prints of that.
 */
export const MAKERS = [
  {
    name: 'openssl s_client',
    isThere: () => isProgram('openssl', 'version'),
    canBeSmall: true,
    open: (server, { version, openssl }, { isSmall }) => new Pipe('openssl', ['s_client',
      '-connect', `127.0.0.1:${server.port}`, '-servername', 'localhost', '-CAfile', server.caPath,
      '-verify_return_error', '-verify_hostname', 'localhost',
      ...(version === '1.3' ? ['-tls1_3', '-ciphersuites', openssl] : ['-tls1_2', '-cipher', openssl]),
      ...(isSmall ? ['-maxfraglen', '512'] : [])]),
    update: 'K\n',
    negotiated: ({ version, openssl }) => new RegExp(`TLSv${version}, Cipher is ${openssl}`),
  },
  {
    name: 'gnutls-cli',
    isThere: () => isProgram('gnutls-cli', '--version'),
    open: (server, { version, gnutls }, { updates }) => new Pipe('gnutls-cli',
      ['localhost', '--port', String(server.port), '--x509cafile', server.caPath, '--priority',
        `NORMAL:-VERS-ALL:+VERS-TLS${version}:-CIPHER-ALL:+${gnutls}`,
        ...(updates && version === '1.3' ? ['--rehandshake'] : [])]), /* a KeyUpdate, in TLS 1.3 */
    negotiated: ({ version, gnutls }) =>
      new RegExp(`The certificate is trusted[^]*\\(TLS${version}[^\\n]*-\\(${gnutls}\\)`),
  },
  {
    name: 'NSS tstclnt',
    isThere: async () => (await isProgram('certutil', '-H')) && isProgram('tstclnt'),
    prepare: makeNssDirectory,
    open: (server, { version, nss }, { directory }) => new Pipe('tstclnt', ['-4', '-h', 'localhost', '-p',
      String(server.port), '-d', `sql:${directory}`, '-V', `tls${version}:tls${version}`,
      '-c', nss, '-v']),
    negotiated: ({ version }) => new RegExp(`SSL version 3\\.${version === '1.3' ? 4 : 3}`),
  },
  {
    name: 'wolfSSL',
    isThere: async () => existsSync(WOLFSSL),
    canBeSmall: true,
    open: (server, { version, wolfssl }, { isSmall }) => new Pipe(WOLFSSL,
      [String(server.port), server.caPath, version, wolfssl, ...(isSmall ? ['1'] : [])]),
    update: 'K\n',
    negotiated: ({ version }) => new RegExp(`^TLSv${version} `),
  },
];
