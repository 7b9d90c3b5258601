// What docs/clients.md tells an owner to set up leads clients here by itself: its configuration and its
// hosts, word for word, in a network of the test's own, where ports 443 and 8080 are free.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { run } from './support/program.mjs';

const PAGE = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const FOUND = fileURLToPath(new URL('support/found.mjs', import.meta.url));
const ENOUGH_MS = 150_000;

/* A user who is root in there alone; loopback up; our hosts over the system's. */
const INSIDE = 'ip link set lo up && mount --bind "$1" /etc/hosts && shift && exec "$@"';
const ALONE = ['--map-root-user', '--net', '--mount', 'sh', '-c', INSIDE, 'sh'];

/** The indented lines of the page whose block begins with this one. */
function block(first) {
  const lines = PAGE.split('\n');
  const start = lines.indexOf(`    ${first}`);
  assert.ok(start >= 0, first);
  const end = lines.findIndex((line, i) => i > start && line !== '' && !line.startsWith('    '));
  return lines.slice(start, end).map((line) => line.slice(4)).join('\n');
}

const HOSTS = /^ {4}192\.0\.2\.1 .*$/gm;

test('four clients find it by the hosts, ports and certificate of the page', async (t) => {
  if ((await run('unshare', [...ALONE, '/dev/null', 'true'])).code !== 0)
    return t.skip('this machine grants no network of one\'s own');
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [config, hosts] = ['switchyard.yaml', 'hosts'].map((name) => join(folder, name));
  writeFileSync(config, block('listen:'));
  writeFileSync(hosts, ['127.0.0.1 localhost', ...PAGE.match(HOSTS)].join('\n')
    .replaceAll('192.0.2.1', '127.0.0.1'));

  const { code, stdout, stderr } = await run('unshare',
    [...ALONE, hosts, process.execPath, FOUND, config], { ms: ENOUGH_MS });
  assert.equal(code, 0, stderr);
  const done = [0, { switch: 'on' }];
  assert.deepEqual(JSON.parse(stdout), { ports: [443, 8080], outcomes: { 'ewelink-api': done,
    'ewelink-api-next': done, sonofflan: done, 'homebridge-ewelink': done } });
});
