// metrics - what /metrics says, read strictly: a line that the Prometheus text format does not know is
// an error.

import { until } from './until.mjs';

const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y;
const TYPES = ['counter', 'gauge', 'histogram'];

function parseLabels(text) {
  const labels = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const found = LABEL.exec(text);
    if (found === null) throw new Error(`labels: ${text}`);
    labels[found[1]] = found[2];
  }
  return labels;
}

/** The family that a sample belongs to: a histogram's samples have names of their own. */
const familyOf = (name, families) =>
  (families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ''));

export class Metrics {
  /** name -> { type, help } */
  families = new Map();
  /** [{ name, labels, value }] */
  samples = [];

  constructor(text) {
    if (!text.endsWith('\n')) throw new Error('the last line does not end');
    for (const line of text.trimEnd().split('\n')) this.#take(line);
    for (const [name, { type }] of this.families)
      if (!TYPES.includes(type)) throw new Error(`${name} is of type ${type}`);
  }

  #take(line) {
    const comment = COMMENT.exec(line);
    if (comment !== null) {
      const [, what, name, text] = comment;
      const family = this.families.get(name) ?? {};
      if (family[what.toLowerCase()] !== undefined) throw new Error(`said twice: ${line}`);
      this.families.set(name, { ...family, [what.toLowerCase()]: text });
      return;
    }
    const sample = SAMPLE.exec(line);
    if (sample === null) throw new Error(`not the text format: ${line}`);
    const [, name, labels = '', value] = sample;
    if (!this.families.has(familyOf(name, this.families))) throw new Error(`no TYPE: ${line}`);
    this.samples.push({ name, labels: parseLabels(labels), value: Number(value) });
  }

  /** The sample of that name with exactly these labels. */
  value(name, labels = {}) {
    const wanted = JSON.stringify(Object.entries(labels).sort());
    const found = this.samples.filter((sample) => sample.name === name
      && JSON.stringify(Object.entries(sample.labels).sort()) === wanted);
    if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${wanted}`);
    return found[0].value;
  }
}

export async function metricsOf(server) {
  const { status, body } = await server.admin('/metrics');
  if (status !== 200) throw new Error(`/metrics: ${status}`);
  return new Metrics(body);
}

export const metricOf = async (server, name, labels) =>
  (await metricsOf(server)).value(name, labels);

/** Resolves when the sample has reached `least`: what is counted shows a moment later. */
export function metricReaches(server, name, labels, least) {
  return until(async () => (await metricOf(server, name, labels)) >= least,
    `${name} ${JSON.stringify(labels)} of ${least}`);
}
