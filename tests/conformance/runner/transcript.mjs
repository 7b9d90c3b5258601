// transcript - the text of a conformance file to a list of statements. Knows no socket.

const UNITS = { ms: 1, s: 1000, m: 60_000 };

/** "250ms", "3s", "idle", "idle - 4s": milliseconds; `idle` is what the server was started with. */
export function duration(text, idleMs) {
  const found = /^(?:(idle)(?:\s*([+-])\s*)?)?(?:(\d+)(ms|s|m))?$/.exec(text.trim());
  if (found === null || found[0] === '') throw new Error(`no duration: ${text}`);
  const [, idle, sign, count, unit] = found;
  const part = count === undefined ? 0 : Number(count) * UNITS[unit];
  if (idle === undefined) return part;
  if (idleMs === undefined) throw new Error('the server\'s idle time is not known');
  return idleMs + (sign === '-' ? -part : part);
}

/** `81 84 00000000 "ping\r\n"`: hexadecimal digits in pairs, and quoted texts. */
export function bytes(text) {
  const parts = [];
  const token = /\s*(?:"((?:[^"\\]|\\.)*)"|((?:[0-9A-Fa-f]{2})+)(?=\s|$|"))/y;
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Error(`no bytes: ${text.slice(at)}`);
    parts.push(found[2] === undefined ? Buffer.from(JSON.parse(`"${found[1]}"`))
      : Buffer.from(found[2], 'hex'));
  }
  return Buffer.concat(parts);
}

const GIVEN = {
  app: /^(?<name>\$\w+)(?<quirks>(?:\s+quirk\s+[\w-]+)*)(?<disabled>\s+disabled)?$/,
  user: /^(?<name>\$\w+)(?:\s+region\s+(?<region>\w+))?$/,
  token: /^(?<name>\$\w+)\s+user\s+(?<user>\$\w+)\s+app\s+(?<app>\$\w+)(?:\s+(?<state>expired|revoked))?$/,
  device: /^(?<name>\$\w+)\s+key\s+(?<key>\$\w+)\s+owner\s+(?<owner>\$\w+|nobody)$/,
};

function parseGiven(rest) {
  const [, kind, words] = /^(\w+)\s+(.*)$/.exec(rest) ?? [];
  const found = GIVEN[kind]?.exec(words.trim());
  if (!found) throw new Error('no such fixture');
  return { verb: 'given', kind, ...found.groups };
}

function parseReceived(conn, rest) {
  let found;
  if ((found = /^(\d{3})(?:\s+(\S.*))?$/s.exec(rest)))
    return { verb: 'head', conn, status: Number(found[1]), pattern: found[2] };
  if (rest === 'closed') return { verb: 'closed', conn };
  if ((found = /^frame\s+(close|ping|pong)(?:\s+(.*))?$/.exec(rest)))
    return { verb: 'control', conn, opcode: found[1], rest: found[2] ?? '' };
  if ((found = /^(ordered\s+)?([{[].*)$/s.exec(rest)))
    return { verb: 'json', conn, ordered: found[1] !== undefined, pattern: found[2] };
  return { verb: 'text', conn, text: rest };
}

function parseSent(conn, rest) {
  let found;
  if ((found = /^frame\s+(close|ping|pong|binary)(?:\s+(.*))?$/.exec(rest)))
    return { verb: 'sendControl', conn, opcode: found[1], rest: found[2] ?? '' };
  if ((found = /^frame\s+text\s+of\s+(\d+)\s+bytes$/.exec(rest)))
    return { verb: 'sendLong', conn, count: Number(found[1]) };
  return { verb: 'send', conn, text: rest };
}

const FORMS = [
  [/^needs\s+(\w+)$/, (what) => ({ verb: 'needs', what })],
  [/^wait\s+(.+)$/, (time) => ({ verb: 'wait', time })],
  [/^given\s+(.+)$/s, parseGiven],
  [/^ctl\s+(.+)$/, (words) => ({ verb: 'ctl', words })],
  [/^let\s+(\$\w+)\s+be\s+(md5|sha256)\s+of\s+(\S+)$/, (name, algorithm, text) =>
    ({ verb: 'digest', name, algorithm, text })],
  [/^http\s+([A-Z]+)\s+(\S+)$/, (method, path) => ({ verb: 'http', method, path })],
  [/^<\s+(\d{3})(?:\s+(ordered))?(?:\s+(\S.*))?$/s, (status, ordered, pattern) =>
    ({ verb: 'answer', status: Number(status), ordered: ordered !== undefined, pattern })],
  [/^(\w+)\s+connects\s+(\S+)$/, (conn, path) => ({ verb: 'connects', conn, path })],
  [/^(\w+)\s+dials$/, (conn) => ({ verb: 'dials', conn })],
  [/^(\w+)\s+online\s+(\$\w+)\s+token\s+(\$\w+)\s+app\s+(\$\w+)$/, (conn, apikey, token, app) =>
    ({ verb: 'appOnline', conn, apikey, token, app })],
  [/^(\w+)\s+online\s+(\$\w+)\s+key\s+(\$\w+)(?:\s+version\s+(\d+))?$/, (conn, device, key, version = '8') =>
    ({ verb: 'deviceOnline', conn, device, key, version })],
  [/^(\w+)\s+drops$/, (conn) => ({ verb: 'drops', conn })],
  [/^(\w+)\s+silent\s+(.+)$/, (conn, time) => ({ verb: 'silent', conn, time })],
  [/^(\w+)\s+<<\s+(.+)$/s, (conn, text) => ({ verb: 'bytes', conn, text })],
  [/^(\w+)\s+>>\s+(.+)$/s, (conn, text) => ({ verb: 'sendBytes', conn, text })],
  [/^(\w+)\s+<\s+(.+)$/s, parseReceived],
  [/^(\w+)\s+>\s+(.+)$/s, parseSent],
];

/** Verbs whose indented lines continue their text; those of the others are kept as a block. */
const CONTINUED = /^(?:given\s|\w+\s+(?:<|>|<<|>>)\s)/;

/** A line of a body: of a request, or of the pattern of an answer. */
export const isBody = (line) => line.startsWith('|');

function parseStatement(text) {
  for (const [form, make] of FORMS) {
    const found = form.exec(text);
    if (found !== null) return make(...found.slice(1));
  }
  throw new Error('no such statement');
}

/** Lines to { line, text, block }: a statement and the indented lines below it. */
function gather(source) {
  const statements = [];
  source.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    if (!/^\s/.test(line))
      statements.push({ line: index + 1, text: line.trim(), block: [] });
    else if (statements.length === 0)
      throw new Error(`line ${index + 1}: indented, but nothing stands above`);
    else statements.at(-1).block.push(line.trim());
  });
  return statements;
}

/** The statements of a file: { line, text, block, verb, ... }, and the rule of its first line. */
export function parseTranscript(source) {
  const rule = /^# (.+)$/.exec(source.split('\n')[0]);
  if (rule === null) throw new Error('line 1: a comment that states the rule');
  const statements = gather(source).map((statement) => {
    let { text, block } = statement;
    if (/^(?:\w+\s+)?<\s+\d{3}\b/.test(text)) {
      text = [text, ...block.filter(isBody).map((line) => line.slice(2))].join(' ');
      block = block.filter((line) => !isBody(line));
    } else if (CONTINUED.test(text)) {
      text = [text, ...block].join(' ');
      block = [];
    }
    try {
      return { line: statement.line, text, block, ...parseStatement(text) };
    } catch (error) {
      throw new Error(`line ${statement.line}: ${error.message}: ${text}`);
    }
  });
  return { rule: rule[1].trim(), statements };
}
