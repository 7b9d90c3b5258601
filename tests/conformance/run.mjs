// Plays the conformance transcripts of this folder against a live server.
//
//   node run.mjs --port 8080 --ca ca.pem --ctl "switchyard ctl --socket control.sock" [FILE...]
//
// Every flag may come from the environment instead: SWITCHYARD_TEST_PORT, _CA, _CTL, _HOST, _NAME
// (the name in the certificate), _HAS (what files may need: "strict,idle=68s"), _JOBS. Without --ca
// the listener is taken for a plain one.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Connection } from './runner/connection.mjs';
import { Fixtures } from './runner/fixtures.mjs';
import { Player } from './runner/player.mjs';
import { duration, parseTranscript } from './runner/transcript.mjs';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

function setting(values, name, fallback) {
  const value = values[name] ?? process.env[`SWITCHYARD_TEST_${name.toUpperCase()}`] ?? fallback;
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function settings() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { host: text, port: text, name: text, ca: text, ctl: text, has: text, jobs: text },
  });
  const has = Object.fromEntries(setting(values, 'has', '').split(',').filter(Boolean)
    .map((word) => word.split('=')).map(([name, value]) => [name, value ?? '']));
  const server = {
    host: setting(values, 'host', '127.0.0.1'),
    port: Number(setting(values, 'port')),
    servername: setting(values, 'name', 'localhost'),
    ca: setting(values, 'ca', '') === '' ? undefined : readFileSync(setting(values, 'ca')),
  };
  const files = positionals.length > 0 ? positionals : readdirSync(FOLDER)
    .filter((name) => name.endsWith('.wire')).sort().map((name) => join(FOLDER, name));
  return { server, files, has, ctl: setting(values, 'ctl'), jobs: Number(setting(values, 'jobs', '8')) };
}

/** { file, rule, skip?, error? } */
async function playFile(file, { server, has, ctl }) {
  const name = basename(file, '.wire');
  try {
    const { rule, statements } = parseTranscript(readFileSync(file, 'utf8'));
    const missing = statements.find(({ verb, what }) => verb === 'needs' && !(what in has));
    if (missing !== undefined) return { name, rule, skip: `needs ${missing.what}` };
    const idleMs = has.idle === undefined ? undefined : duration(has.idle);
    await new Player(server, new Fixtures(ctl), { has, idleMs }).play(statements);
    return { name, rule };
  } catch (error) {
    return { name, error };
  }
}

function report(number, { name, rule, skip, error }) {
  const what = `${number} - ${name}${rule === undefined ? '' : `: ${rule.replaceAll('#', '\\#')}`}`;
  if (error === undefined) {
    console.log(`ok ${what}${skip === undefined ? '' : ` # SKIP ${skip}`}`);
    return;
  }
  console.log(`not ok ${what}`);
  console.log(`${error.message}`.replace(/^/gm, '    # '));
}

const chosen = settings();
const waiting = chosen.files.entries();
const counts = { passed: 0, failed: 0, skipped: 0 };
let number = 0;

async function worker() {
  for (const [, file] of waiting) {
    const result = await playFile(file, chosen);
    counts[result.error ? 'failed' : result.skip ? 'skipped' : 'passed'] += 1;
    report(++number, result);
  }
}

try {
  (await Connection.open(chosen.server)).drop();
} catch (error) {
  console.error(`no server at ${chosen.server.host}:${chosen.server.port}: ${error.message}`);
  process.exit(2);
}
console.log('TAP version 14');
await Promise.all(Array.from({ length: chosen.jobs }, worker));
console.log(`1..${number}`);
if (counts.skipped > 0) console.log(`# ${counts.skipped} skipped`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
