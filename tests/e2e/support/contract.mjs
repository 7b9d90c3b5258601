// contract - has every connection to the servers of a test overheard and judged by docs/openapi.yaml
// and docs/asyncapi.yaml: see ../contract/tap.cjs.

import { fileURLToPath } from 'node:url';

import tap from '../contract/tap.cjs';

const TAP = fileURLToPath(new URL('../contract/tap.cjs', import.meta.url));
const PORTS = 'CONTRACT_PORTS';

/* Programs that a test starts inherit both. */
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --require "${TAP}"`.trim();
process.env[PORTS] ??= '';

const wordsOf = (listeners) => listeners.map(({ kind, port }) => `${kind}:${port},`);

/** listeners: [{ kind, port }] */
export function overhear(listeners) {
  const fresh = wordsOf(listeners).filter((word) => !`,${process.env[PORTS]}`.includes(`,${word}`));
  process.env[PORTS] += fresh.join('');
}

/** The ports may belong to others from now on. */
export function forget(listeners = []) {
  for (const word of wordsOf(listeners))
    process.env[PORTS] = `,${process.env[PORTS]}`.replace(`,${word}`, ',').slice(1);
}

/** What was found wrong with what these listeners said, as texts; told once. */
export const takeComplaints = (listeners = []) =>
  tap.takeComplaints(listeners.map(({ port }) => port));
