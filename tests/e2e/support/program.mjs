// program - the binary under test, and other programs, run to their end.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { PATIENCE_MS } from './until.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export const BINARY = process.env.SWITCHYARD_BIN ?? `${root}build/src/server/switchyard`;

const children = new Set();

/* Ahead of the test runner's own, which may fail when nobody reads what it writes. */
process.prependListener('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143]])
  process.once(signal, () => process.exit(status));
/* Nobody reads the report any more: without this the runner fails in its own error handler, upon
   which node ends without an exit event. */
process.stdout.on('error', () => process.exit(1));

/** spawn() of a child that does not outlive this process. */
export function start(program, words, options = {}) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  children.add(child);
  child.once('close', () => children.delete(child));
  child.stdin?.on('error', () => {});
  return child;
}

/** Collects what a child writes: { text } grows. */
export function collect(...streams) {
  const output = { text: '' };
  for (const stream of streams) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output.text += text;
    });
  }
  return output;
}

/** Resolves with { code, signal } when the child has ended and its output has been read. */
export function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Runs a program to its end: { code, signal, stdout, stderr }. */
export async function run(program, words, { input = '', ms = PATIENCE_MS, ...options } = {}) {
  const child = start(program, words, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const timer = setTimeout(() => child.kill('SIGKILL'), ms);

  child.stdin.end(input);
  const { code, signal } = await ended(child).finally(() => clearTimeout(timer));
  return { code, signal, stdout: stdout.text, stderr: stderr.text };
}
