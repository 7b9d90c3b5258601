// certificates - files for tls.certificates, made by `switchyard cert init`.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { BINARY, run } from './program.mjs';

/** Makes a CA, unless there is one, and a pair of server certificates in the directory. */
export async function makeCertificates(directory, names, days = 90) {
  const words = names.flatMap((name) => ['--name', name]);
  const { code, stderr } = await run(BINARY,
    ['cert', 'init', '--dir', directory, '--days', String(days), ...words]);
  assert.equal(code, 0, stderr);
}

/** The value of tls.certificates for the pairs in these directories. */
export const certificateList = (...directories) => directories.flatMap((directory) =>
  ['ecdsa', 'rsa'].map((kind) => `${directory}/server-${kind}.pem:${directory}/server-${kind}.key`))
  .join(',');

/**
 * A data directory whose folders hold certificates of one CA: { one: ['one.example'], ... }. It is
 * removed at the end of the test.
 */
export async function certifiedData(t, folders) {
  const data = mkdtempSync(join(tmpdir(), 'switchyard-e2e-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  for (const [folder, names] of Object.entries(folders)) {
    mkdirSync(join(data, folder));
    if (folder !== Object.keys(folders)[0])
      for (const file of ['ca.pem', 'ca.key']) copyFileSync(join(data, file), join(data, folder, file));
    await makeCertificates(join(data, folder), names);
    for (const file of ['ca.pem', 'ca.key']) copyFileSync(join(data, folder, file), join(data, file));
  }
  return data;
}
