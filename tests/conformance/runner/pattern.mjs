// pattern - JSON kept as it was written (order, digits), and patterns that JSON is compared with.
//
// A pattern is JSON in which also stand: `...` (further members or items are allowed), `!"key"`
// (the member is absent), `$name` (any value: captured, or equal to what was captured),
// `"$name"` (likewise, a string), `/expression/` (a string or a number that it matches whole), and
// the words `string`, `number`, `boolean`, `object` and `array` (any value of that kind).

const KIND = /string|number|boolean|object|array/y;
const NAME = /\$([A-Za-z][A-Za-z0-9_]*)/g;

class Parser {
  constructor(text, isPattern) {
    this.text = text;
    this.at = 0;
    this.isPattern = isPattern;
  }

  fail(what) {
    throw new Error(`${what} at byte ${this.at} of ${JSON.stringify(this.text)}`);
  }

  space() {
    while (' \t\r\n'.includes(this.text[this.at] ?? '-')) this.at++;
  }

  take(token) {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  need(token) {
    if (!this.take(token)) this.fail(`no ${JSON.stringify(token)}`);
  }

  scan(expression, what) {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text);
    if (found === null) this.fail(`no ${what}`);
    this.at += found[0].length;
    return found;
  }

  string() {
    this.space();
    return JSON.parse(this.scan(/"(?:[^"\\\u0000-\u001f]|\\.)*"/y, 'string')[0]);
  }

  value() {
    this.space();
    const start = this.at;
    const node = this.node();
    node.raw = this.text.slice(start, this.at);
    return node;
  }

  node() {
    const first = this.text[this.at];
    if (first === '{') return this.object();
    if (first === '[') return this.array();
    if (first === '"') return { type: 'string', value: this.string() };
    if (this.isPattern && first === '$')
      return { type: 'any', name: this.scan(/\$([A-Za-z][A-Za-z0-9_]*)/y, 'name')[1] };
    if (this.isPattern && first === '/') {
      const body = this.scan(/\/((?:[^/\\]|\\.)+)\//y, 'expression')[1];
      return { type: 'expression', expression: new RegExp(`^(?:${body})$`) };
    }
    if (this.isPattern && /[a-z]/.test(first) && !/true|false|null/y.test(this.text.slice(this.at)))
      return { type: 'kind', kind: this.scan(KIND, 'value')[0] };
    const plain = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    return { type: 'plain', value: this.scan(plain, 'value')[0] };
  }

  object() {
    const node = { type: 'object', members: [], absent: [], open: false };
    this.need('{');
    if (this.take('}')) return node;
    do {
      if (this.isPattern && this.take('...')) node.open = true;
      else if (this.isPattern && this.take('!')) node.absent.push(this.string());
      else this.member(node);
    } while (this.take(','));
    this.need('}');
    return node;
  }

  member(node) {
    const key = this.string();
    this.need(':');
    node.members.push({ key, value: this.value() });
  }

  array() {
    const node = { type: 'array', items: [], open: false };
    this.need('[');
    if (this.take(']')) return node;
    do {
      if (this.isPattern && this.take('...')) node.open = true;
      else node.items.push(this.value());
    } while (this.take(','));
    this.need(']');
    return node;
  }
}

function parse(text, isPattern) {
  const parser = new Parser(text, isPattern);
  const node = parser.value();
  parser.space();
  if (parser.at !== text.length) parser.fail('something follows the value');
  return node;
}

export const parseJson = (text) => parse(text, false);
export const parsePattern = (text) => parse(text, true);

/** Puts the variables' values for their names; an unknown name is an error in the transcript. */
export function interpolate(text, variables) {
  return text.replace(NAME, (whole, name) => {
    if (!variables.has(name)) throw new Error(`${whole} has no value yet`);
    return variables.get(name);
  });
}

function kindOf({ type, value }) {
  if (type !== 'plain') return type;
  return /^[-\d]/.test(value) ? 'number' : value === 'null' ? 'null' : 'boolean';
}

class Matcher {
  constructor(variables, ordered) {
    this.variables = variables;
    this.ordered = ordered;
    this.differences = [];
  }

  differ(path, expected, got) {
    this.differences.push(`${path}: expected ${expected}, got ${got}`);
  }

  capture(name, value, path) {
    if (!this.variables.has(name)) this.variables.set(name, value);
    else if (this.variables.get(name) !== value)
      this.differ(path, `$${name} = ${this.variables.get(name)}`, value);
  }

  match(pattern, got, path) {
    if (pattern.type === 'any') return this.capture(pattern.name, got.raw, path);
    if (pattern.type === 'expression') return this.expression(pattern, got, path);
    if (pattern.type === 'kind' && pattern.kind === kindOf(got)) return;
    if (pattern.type !== got.type) return this.differ(path, pattern.raw, got.raw);
    if (pattern.type === 'object') return this.object(pattern, got, path);
    if (pattern.type === 'array') return this.array(pattern, got, path);
    if (pattern.type === 'string') return this.string(pattern, got, path);
    if (pattern.value !== got.value) this.differ(path, pattern.value, got.value);
  }

  expression(pattern, got, path) {
    if (got.value === undefined || !pattern.expression.test(got.value))
      this.differ(path, pattern.raw, got.raw);
  }

  string(pattern, got, path) {
    const name = /^\$([A-Za-z][A-Za-z0-9_]*)$/.exec(pattern.value);
    if (name !== null) return this.capture(name[1], got.value, path);
    const expected = interpolate(pattern.value, this.variables);
    if (expected !== got.value) this.differ(path, JSON.stringify(expected), got.raw);
  }

  object(pattern, got, path) {
    const left = new Map(got.members.map(({ key, value }) => [key, value]));
    if (left.size !== got.members.length) this.differ(path, 'each key once', got.raw);
    for (const key of pattern.absent)
      if (left.has(key)) this.differ(`${path}.${key}`, 'no such member', left.get(key).raw);
    for (const { key, value } of pattern.members) {
      if (!left.has(key)) this.differ(`${path}.${key}`, value.raw, 'no such member');
      else this.match(value, left.get(key), `${path}.${key}`);
      left.delete(key);
    }
    if (!pattern.open)
      for (const [key, value] of left) this.differ(`${path}.${key}`, 'no such member', value.raw);
    if (this.ordered) this.order(pattern, got, path);
  }

  order(pattern, got, path) {
    const expected = pattern.members.map(({ key }) => key);
    const keys = got.members.map(({ key }) => key).filter((key) => expected.includes(key));
    if (keys.join() !== expected.join()) this.differ(path, `keys in order ${expected}`, keys);
  }

  array(pattern, got, path) {
    const { items } = pattern;
    if (got.items.length < items.length || (got.items.length > items.length && !pattern.open))
      return this.differ(path, pattern.raw, got.raw);
    items.forEach((item, i) => this.match(item, got.items[i], `${path}[${i}]`));
  }
}

/**
 * Compares the text with the pattern; returns a list of differences, empty when it matches. New
 * captures reach `variables` only then.
 */
export function matchJson(pattern, text, variables, { ordered = false } = {}) {
  let got;
  try {
    got = parseJson(text);
  } catch (error) {
    return [`not JSON: ${error.message}`];
  }
  const trial = new Map(variables);
  const matcher = new Matcher(trial, ordered);
  matcher.match(parsePattern(pattern), got, '$');
  if (matcher.differences.length === 0)
    for (const [name, value] of trial) variables.set(name, value);
  return matcher.differences;
}
