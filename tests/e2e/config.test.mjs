// The configuration through the command line: its verbs, its mistakes, what comes before what, and a
// server that is started with a file, with certificates made ahead, and with nothing at all.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';

import { certificateList, makeCertificates } from './support/certificates.mjs';
import { request } from './support/http.mjs';
import { BINARY, collect, ended, run, start } from './support/program.mjs';
import { Server } from './support/server.mjs';
import { until, within } from './support/until.mjs';

/** Without what the caller's own shell may have set. */
const CLEAN = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('SWITCHYARD_')));

function directory(t) {
  const path = mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function yaml(t, text) {
  const path = join(directory(t), 'switchyard.yaml');
  writeFileSync(path, text);
  return path;
}

const config = (words, env = {}) => run(BINARY, ['config', ...words], { env: { ...CLEAN, ...env } });

/** The line of `config show` for an option: [value, origin]. */
async function shown(option, words, env) {
  const { code, stdout, stderr } = await config(['show', ...words], env);
  assert.equal(code, 0, stderr);
  const line = stdout.split('\n').find((text) => text.startsWith(`${option}: `));
  assert.notEqual(line, undefined, `${option} is shown`);
  return line.slice(option.length + 2).split('#').map((part) => part.trim());
}

const WRONG = [
  ['an unknown key', 'listen:\n  tls: 127.0.0.1:0\nlimits:\n  conections: 5\n', 4,
    /limits\.conections: no such option; did you mean limits\.connections\?/],
  ['an unknown section', 'drain: 1s\nlimit:\n  connections: 5\n', 2, /limit: .*limits/],
  ['a duration without a unit', 'drain: 10\n', 1, /drain: "10" is not a duration such as/],
  ['a duration above its bound', 'drain: 1h\n', 1, /drain: "1h" .* 0 to 10m/],
  ['a heartbeat that breaks firmware', 'heartbeat:\n  interval: 60s\n', 2, /61s to 1h/],
  ['a size with a unit of its own', 'limits:\n  body_bytes: 1MB\n', 2, /limits\.body_bytes: "1MB"/],
  ['a number that is a word', 'workers: many\n', 1, /workers: "many" is not/],
  ['a word that is none of them', 'log:\n  level: debgu\n', 2,
    /log\.level: "debgu" is not error, warn, info or debug/],
  ['an address without a port', 'listen:\n  tls: [127.0.0.1]\n', 2, /listen\.tls: "127\.0\.0\.1"/],
  ['a list where one value belongs', 'drain: [1s, 2s]\n', 1, /drain: expected one value/],
  ['an option given twice', 'drain: 1s\nworkers: 1\ndrain: 2s\n', 3, /drain: given twice, first on line 1/],
  ['an option without a value', 'log:\n  level:\n', 2, /log\.level: has no value/],
  ['the kernel\'s records without our own', 'tls:\n  record_layer: false\n  kernel: true\n', 3,
    /tls\.kernel: needs tls\.record_layer: true/],
  ['what is not YAML', 'listen:\n  tls: [1\n', undefined, /not YAML/],
];

for (const [what, text, line, reason] of WRONG) {
  test(`config check tells ${what}, with its line; serve does not start with it`, async (t) => {
    const file = yaml(t, text);
    for (const words of [['config', 'check'], ['serve', '--data', join(directory(t), 'data')]]) {
      const { code, stdout, stderr } = await run(BINARY, [...words, '--config', file], { env: CLEAN });
      assert.equal(code, 1);
      assert.equal(stdout, '');
      assert.match(stderr, reason);
      if (line !== undefined) assert.ok(stderr.startsWith(`${file}:${line}: `), stderr);
      assert.equal(stderr.trimEnd().split('\n').length, 1, 'one line says it');
    }
  });
}

test('flags and variables are checked alike, and a flag\'s nearest name is told', async () => {
  const flag = await config(['check', '--limits-reject-tim', '1s']);
  assert.equal(flag.code, 2);
  assert.match(flag.stderr, /--limits-reject-tim: no such flag; did you mean --limits-reject-time\?/);
  const value = await config(['check', '--drain', 'soon']);
  assert.equal(value.code, 1);
  assert.match(value.stderr, /--drain: "soon" is not a duration/);
  const variable = await config(['check'], { SWITCHYARD_DRAIN: 'soon' });
  assert.equal(variable.code, 1);
  assert.match(variable.stderr, /SWITCHYARD_DRAIN: "soon" is not a duration/);
  const unknown = await config(['check'], { SWITCHYARD_LOG_LEVL: 'debug' });
  assert.equal(unknown.code, 0);
  assert.match(unknown.stderr, /SWITCHYARD_LOG_LEVL: no such option; did you mean SWITCHYARD_LOG_LEVEL\?/);
});

test('a file that is missing is told', async () => {
  const { code, stderr } = await config(['check', '--config', '/nonexistent/switchyard.yaml']);
  assert.equal(code, 1);
  assert.match(stderr, /\/nonexistent\/switchyard\.yaml: .*No such file/);
});

test('a flag comes before a variable, a variable before the file, the file before the default', async (t) => {
  const file = yaml(t, 'drain: 1s\n');
  const named = ['--config', file];
  const env = { SWITCHYARD_DRAIN: '2s' };
  assert.deepEqual((await shown('drain', []))[0], '10s');
  const [fromFile, fileOrigin] = await shown('drain', named);
  assert.equal(fromFile, '1s');
  assert.match(fileOrigin, /switchyard\.yaml.*1/);
  assert.deepEqual(await shown('drain', named, env), ['2s', 'SWITCHYARD_DRAIN']);
  assert.deepEqual(await shown('drain', [...named, '--drain', '3s'], env), ['3s', '--drain']);
  assert.equal((await shown('drain', [], { SWITCHYARD_CONFIG: file }))[0], '1s');
});

test('durations and sizes are read in all their forms, up to their bounds', async () => {
  const cases = [
    ['--drain', ['0', '250ms', '90s', '1m30s', '10m', '600s', '600000ms', '9m60s'],
      ['600001ms', '10m1s', '1h', '-1s', '1.5s', '1 s', 's', '', '99999999999999999999s']],
    ['--tls-ticket-rotate', ['1m', '1h30m', '7d', '168h'], ['59s', '8d', '7d1ms']],
    ['--limits-body-bytes', ['1024', '1KiB', '1MiB', '1024KiB'], ['1023', '1MB', '2MiB', '1 KiB', 'K']],
  ];
  for (const [flag, good, bad] of cases) {
    for (const text of good) assert.equal((await config(['check', flag, text])).code, 0, text);
    for (const text of bad) {
      const { code, stderr } = await config(['check', flag, text]);
      assert.equal(code, 1, `${flag} ${text}`);
      assert.match(stderr, new RegExp(`^switchyard: ${flag}: `));
    }
  }
});

test('config defaults is a file that says what is so anyway, and etc/switchyard.yaml is it', async (t) => {
  const { stdout } = await config(['defaults']);
  const file = yaml(t, stdout);
  const { code, stdout: said } = await config(['check', '--config', file]);
  assert.equal(code, 0);
  assert.match(said, /no mistakes/);
  const valuesOf = (text) => text.split('\n').map((line) => line.split('#')[0].trim());
  const bare = await config(['show']);
  const filled = await config(['show', '--config', file]);
  assert.deepEqual(valuesOf(filled.stdout), valuesOf(bare.stdout));
  assert.ok(bare.stdout.split('\n').length > 40);
  const sample = new URL('../../etc/switchyard.yaml', import.meta.url);
  assert.equal(stdout, readFileSync(sample, 'utf8'));
});

test('config manual is docs/options.md', async () => {
  const { stdout } = await config(['manual']);
  assert.equal(stdout, readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8'));
});

test('serve --config serves what the file says; SIGTERM ends it with 0', async (t) => {
  const data = directory(t);
  const file = yaml(t, 'node:\n  id: from-the-file\nworkers: 1\nadvertise:\n  ip: 192.0.2.44\n'
    + '  port: 4443\nlog:\n  form: json\n');
  const server = await Server.start({ data, flags: ['--config', file] });
  try {
    const { json } = await request(server, { path: '/dispatch/device' });
    assert.deepEqual([json.IP, json.port], ['192.0.2.44', 4443]);
    const lines = server.log.trimEnd().split('\n').map((line) => JSON.parse(line));
    const ready = lines.find(({ event }) => event === 'server.ready');
    assert.deepEqual([ready.level, ready.node, ready.workers], ['info', 'from-the-file', '1']);
    await server.stop();
  } finally {
    await server.dispose();
  }
});

test('cert init makes what serve then uses, good for each of its names', async (t) => {
  const data = directory(t);
  const certificates = join(data, 'tls');
  await makeCertificates(certificates, ['iot.example', '127.0.0.1', 'localhost', '::1']);
  writeFileSync(join(data, 'ca.pem'), readFileSync(join(certificates, 'ca.pem')));
  for (const name of ['ca.key', 'server-ecdsa.key', 'server-rsa.key'])
    assert.equal(statSync(join(certificates, name)).mode & 0o077, 0, `${name} is private`);
  const server = await Server.start(
    { data, flags: ['--tls-certificates', certificateList(certificates)] });
  try {
    assert.equal(existsSync(join(data, 'server-ecdsa.pem')), false, 'none are made');
    assert.doesNotMatch(server.log, /certificate\.made/);
    for (const servername of ['iot.example', 'localhost']) {
      const socket = tls.connect({ ...server.target, servername });
      await within(once(socket, 'secureConnect'), servername);
      assert.equal(socket.authorized, true);
      socket.destroy();
    }
    /* By the IP, as most clients connect after dispatch. */
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
    await within(once(socket, 'secureConnect'), 'the IP');
    assert.equal(socket.authorized, true);
    socket.destroy();
  } finally {
    await server.dispose();
  }
});

test('cert init without its words made wrong tells what is wrong', async () => {
  const refused = async (words) => {
    const { code, stderr } = await run(BINARY, ['cert', ...words], { env: CLEAN });
    assert.notEqual(code, 0);
    return stderr;
  };
  assert.match(await refused(['int']), /init/);
  assert.match(await refused(['init', '--nmae', 'a']), /--name/);
  assert.match(await refused(['init', '--days', '0']), /1 to 36500/);
});

test('a bare serve in an empty directory makes what it needs and says so; again, it keeps it', async (t) => {
  const cwd = directory(t);
  const env = { ...CLEAN, SWITCHYARD_LISTEN_TLS: '127.0.0.1:0', SWITCHYARD_ADMIN_LISTEN: '' };
  const serve = async () => {
    const child = start(BINARY, ['serve'], { cwd, env });
    const log = collect(child.stdout, child.stderr);
    const end = ended(child);
    await until(() => log.text.includes('server.ready'), 'readiness');
    child.kill('SIGTERM');
    assert.deepEqual(await within(end, 'the end'), { code: 0, signal: null });
    return log.text;
  };
  const first = await serve();
  assert.match(first, /info certificate\.made directory=data names=\d+ ca=data\/ca\.pem/);
  assert.match(first, /info certificate\.private ca=data\/ca\.pem hint="clients must trust this file"/);
  assert.equal(statSync(join(cwd, 'data')).mode & 0o777, 0o700);
  const made = readFileSync(join(cwd, 'data', 'server-ecdsa.pem'), 'utf8');
  const second = await serve();
  assert.doesNotMatch(second, /certificate\.made/);
  assert.match(second, /certificate\.private/);
  assert.equal(readFileSync(join(cwd, 'data', 'server-ecdsa.pem'), 'utf8'), made);
});

test('two servers do not share a data directory', async (t) => {
  const data = directory(t);
  const server = await Server.start({ data });
  try {
    const { code, stderr } = await run(BINARY,
      ['serve', '--data', data, '--listen-tls', '127.0.0.1:0', '--admin-listen', ''], { env: CLEAN });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(data));
    assert.equal((await server.admin('/readyz')).status, 200);
  } finally {
    await server.dispose();
  }
});

test('a port that is in use is told, and the server does not start', async (t) => {
  const server = await Server.start();
  try {
    const { code, stderr } = await run(BINARY, ['serve', '--data', join(directory(t), 'data'),
      '--listen-tls', `127.0.0.1:${server.port}`, '--admin-listen', ''], { env: CLEAN });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${server.port}: the port is in use`));
  } finally {
    await server.dispose();
  }
});
