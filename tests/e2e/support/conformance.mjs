// conformance - starts the servers that the transcripts ask for, and plays each against the right one.
//
//   node tests/e2e/support/conformance.mjs [FILE...]
//
// What a file needs decides: the default server suits most; `needs anonymous` and `needs idle` have
// one each, started with other options.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BINARY } from './program.mjs';
import { Server } from './server.mjs';

const FOLDER = fileURLToPath(new URL('../../conformance/', import.meta.url));

/** The servers: what they offer, how they are started. Idle: the least interval and 7 s. */
const SERVERS = [
  { has: 'chipid,newest', needs: ['chipid', 'newest'],
    flags: ['--devices-require-chipid', '--sessions-policy', 'app'] },
  { has: 'chipid', needs: ['chipid'], flags: ['--devices-require-chipid'] },
  { has: 'accounts', needs: ['accounts'], flags: ['--node-region', 'eu', '--account-tell-unknown',
    '--account-unknown-apps', '--account-login-failures', '3', '--account-countries', '86=cn,+1=us'] },
  { has: 'strict', needs: ['strict', undefined], flags: [] },
  { has: 'anonymous,accepting', needs: ['anonymous', 'accepting'],
    flags: ['--dispatch-anonymous', '--shares-auto-accept'] },
  { has: 'idle=68s,impatient', needs: ['idle', 'impatient'],
    flags: ['--heartbeat-interval', '61s', '--heartbeat-slack', '0s', '--shares-answer-time', '2s',
      '--shares-retry-time', '3s', '--limits-device-shares', '2'] },
];

function needOf(file) {
  return /^needs\s+(\w+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
}

/** { output, counts: [passed, failed] } */
function play(server, has, files) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(FOLDER, 'run.mjs'), '--port', server.port,
      '--ca', server.caPath, '--has', has, '--ctl', `"${BINARY}" ctl --socket "${server.controlPath}"`,
      ...files], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('close', () => {
      const found = /^(\d+) passed, (\d+) failed$/m.exec(output);
      resolve({ output, counts: found === null ? [0, 1] : [Number(found[1]), Number(found[2])] });
    });
  });
}

/** Plays what suits one kind of server; a server that does not end in order is a failure too. */
async function playAll({ has, needs, flags }, files) {
  const chosen = files.filter((file) => needs.includes(needOf(file)));
  if (chosen.length === 0) return { output: '', counts: [0, 0] };
  const server = await Server.start({ flags });
  const result = await play(server, has, chosen);
  if (result.counts[1] > 0) result.output += `--- the server's log ---\n${server.logEnd()}\n`;
  await server.dispose().catch((error) => {
    result.output += `not ok - the server with ${has}\n    # ${error.message}\n${server.logEnd()}\n`;
    result.counts[1] += 1;
  });
  return result;
}

const named = process.argv.slice(2);
const files = named.length > 0 ? named : readdirSync(FOLDER)
  .filter((name) => name.endsWith('.wire')).sort().map((name) => join(FOLDER, name));
const unknown = files.filter((file) => !SERVERS.some(({ needs }) => needs.includes(needOf(file))));
const results = await Promise.all(SERVERS.map((server) => playAll(server, files)));
let passed = 0;
let failed = unknown.length;

unknown.forEach((file) => console.log(`not ok - ${file}: no server offers ${needOf(file)}`));
for (const { output, counts } of results) {
  process.stdout.write(output.replace(/^\d+ passed, \d+ failed$/gm, '# $&'));
  passed += counts[0];
  failed += counts[1];
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
