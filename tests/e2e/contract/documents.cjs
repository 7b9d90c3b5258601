// documents - docs/openapi.yaml and docs/asyncapi.yaml, and what is asked of their schemas.
'use strict';

const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const Ajv = require('ajv/dist/2020');

const FOLDER = join(__dirname, '../../../docs');
const CACHE = join(__dirname, '../node_modules/.cache');
const ajv = new Ajv({ strict: false, validateFormats: false });

/** A document; parsing YAML takes longer than all else a client's process does, so it is kept as JSON. */
function load(name) {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const kept = join(CACHE, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const document = require('yaml').parse(text);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, JSON.stringify(document));
  renameSync(`${kept}.${process.pid}`, kept);
  return document;
}

/** The node that a `$ref` within the document leads to, or the node itself. */
function resolve(document, node) {
  let found = node;
  while (found !== undefined && found.$ref !== undefined) {
    const path = found.$ref.replace(/^#\//, '').split('/');
    found = path.reduce((at, key) =>
      at?.[decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')], document);
  }
  if (found === undefined) throw new Error(`${node.$ref} leads nowhere`);
  return found;
}

/** A schema's own node and those of its allOf, all resolved. */
function partsOf(document, schema) {
  const node = resolve(document, schema);
  return [node, ...(node.allOf ?? []).flatMap((part) => partsOf(document, part))];
}

/** The values that a member may have; ['-'] without one, ['other'] where it may be any. A part of an allOf may narrow. */
function valuesOf(document, schema, name) {
  const errors = partsOf(document, schema).map(({ properties }) => properties?.[name])
    .filter((error) => error !== undefined);
  if (errors.length === 0) return ['-'];
  const told = errors.filter((error) => 'const' in error || 'enum' in error)
    .map((error) => (error.enum ?? [error.const]).map(String));
  return told.sort((a, b) => a.length - b.length)[0] ?? ['other'];
}

/** What an answer may say: its `error`, and behind a slash its `result` where it has one. */
function codesOf(document, schema) {
  const results = valuesOf(document, schema, 'result').filter((result) => result !== '-');
  const errors = valuesOf(document, schema, 'error');
  return results.length === 0 ? errors
    : errors.flatMap((error) => results.map((result) => `${error}/${result}`));
}

/** What is wrong with the order of an object's members, where the schema says that it has one. */
function misordered(document, schema, value) {
  for (const part of partsOf(document, schema)) {
    if (part['x-ordered'] !== true) continue;
    const order = Object.keys(part.properties);
    const found = Object.keys(value).filter((key) => order.includes(key));
    const due = order.filter((key) => found.includes(key));
    if (found.join() !== due.join()) return `the order is ${found}, not ${due}`;
  }
  return undefined;
}

/** One shape: problem(value) tells what does not fit, or undefined; `codes` as of codesOf(). */
class Shape {
  #document;
  #schema;
  #check;

  constructor(document, schema) {
    this.#document = document;
    this.#schema = schema;
    this.codes = codesOf(document, schema);
    /** The name of a schema that many answers share: it is seen when one of them has it. */
    this.shared = resolve(document, schema)['x-shared'] ? schema.$ref.split('/').pop() : undefined;
  }

  problem(value) {
    this.#check ??= ajv.compile({ ...this.#schema, components: this.#document.components });
    if (!this.#check(value)) return ajv.errorsText(this.#check.errors, { dataVar: '' });
    return typeof value === 'object' && value !== null
      ? misordered(this.#document, this.#schema, value) : undefined;
  }

  /** Which of the codes a value has that fits. */
  codeOf(value) {
    const code = String(value?.error);
    return this.codes.find((each) => each === code || each === `${code}/${value.result}`) ?? this.codes[0];
  }
}

/** The alternatives of a schema as shapes: its oneOf, or itself. */
function shapesOf(document, schema) {
  const node = resolve(document, schema);
  return (node.oneOf ?? [schema]).map((each) => new Shape(document, each));
}

module.exports = { load, resolve, Shape, shapesOf };
