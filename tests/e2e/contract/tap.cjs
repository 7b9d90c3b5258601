// tap - overhears every connection of this process to a Switchyard under test, and of the Node programs
// that it starts: what the server says must be as docs/openapi.yaml and docs/asyncapi.yaml have it.
//
// Loaded by `node --require` or by an import. CONTRACT_PORTS tells the ports
// ("tls:4711,plain:4712,"), CONTRACT_SEEN a file that grows by a line for each part of the
// documents when a process first sees it. A complaint is taken by whoever runs the test
// (takeComplaints); what nobody takes is printed when the process ends, which then fails.
'use strict';

const { appendFileSync } = require('node:fs');
const net = require('node:net');

const COMPLAINT = Symbol.for('switchyard.complaint');
const INSTALLED = Symbol.for('switchyard.tap');
const seen = new Set();
let complaints = [];

function onKeys(keys) {
  const fresh = keys.filter((key) => !seen.has(key));
  const file = process.env.CONTRACT_SEEN;
  fresh.forEach((key) => seen.add(key));
  if (file && fresh.length > 0) appendFileSync(file, fresh.map((key) => `${key}\n`).join(''));
}

/** The kind of listener at the port, if it is one of ours whose bytes this socket can read. */
function kindOf(socket, port) {
  const kinds = socket.encrypted ? ['tls', 'tls_old'] : ['plain', 'admin'];
  const ports = `,${process.env.CONTRACT_PORTS ?? ''}`;
  return kinds.find((kind) => ports.includes(`,${kind}:${port},`));
}

function bytesOf(chunk, encoding) {
  return typeof chunk === 'string'
    ? Buffer.from(chunk, typeof encoding === 'string' ? encoding : 'utf8') : chunk;
}

/** Looks at what is written and what arrives; neither is changed, or delayed. */
function overhear(socket, port, kind) {
  const { Wire } = require('./wire.cjs'); /* most processes never need it */
  const wire = new Wire({
    isAdmin: kind === 'admin',
    onKeys,
    onProblem: (text) => {
      socket[COMPLAINT] ??= text;
      complaints.push({ port, text });
    },
  });
  for (const name of ['write', 'end']) {
    const inner = socket[name];
    socket[name] = function heard(chunk, encoding, ...rest) {
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function')
        wire.onSent(bytesOf(chunk, encoding));
      return inner.call(this, chunk, encoding, ...rest);
    };
  }
  const { push } = socket;
  socket.push = function heard(chunk, ...rest) {
    if (chunk !== null) wire.onReceived(bytesOf(chunk));
    return push.call(this, chunk, ...rest);
  };
}

/** The options of connect(), which node itself may have normalised into an array. */
function portOf(words) {
  const [first] = Array.isArray(words[0]) ? words[0] : words;
  if (typeof first === 'object' && first !== null) return first.path ? undefined : Number(first.port);
  return /^\d+$/.test(String(first)) ? Number(first) : undefined; /* else the path of a local socket */
}

function install() {
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function tapped(...words) {
    const port = portOf(words);
    const result = connect.apply(this, words); /* which puts `write` back, so that comes first */
    const kind = port === undefined ? undefined : kindOf(this, port);
    if (kind !== undefined) overhear(this, port, kind);
    return result;
  };
  process.on('exit', () => {
    if (complaints.length === 0) return;
    complaints.forEach(({ text }) => process.stderr.write(`contract: ${text}\n`));
    process.exitCode = 70;
  });
}

/** The complaints about the servers at these ports, which are taken off the list; as texts. */
function takeComplaints(ports) {
  const taken = complaints.filter(({ port }) => ports.includes(port));
  complaints = complaints.filter(({ port }) => !ports.includes(port));
  return taken.map(({ text }) => text);
}

module.exports = global[INSTALLED] ?? { takeComplaints };
if (global[INSTALLED] === undefined) {
  global[INSTALLED] = module.exports;
  install();
}
