// socket_contract - what docs/asyncapi.yaml says of a text message of the server, on one link.
'use strict';

const { load, resolve, Shape } = require('./documents.cjs');

const document = load('asyncapi.yaml');
const CATCH_ALL = '';
const PING = 'ping';

const nameOf = (ref) => ref.$ref.split('/').pop();

/** { name, action, shape } of a message that a reference within a channel leads to. */
function messageOf(ref) {
  const { payload } = resolve(document, resolve(document, ref));
  const { properties, type } = resolve(document, payload);
  const action = type === 'string' ? PING : properties?.action?.const ?? CATCH_ALL;
  return { name: nameOf(ref), action, shape: new Shape(document, payload) };
}

const operations = Object.entries(document.operations).map(([id, operation]) => ({
  id,
  direction: operation.action,
  channel: nameOf(operation.channel),
  message: messageOf(operation.messages[0]),
  replies: (operation.reply?.messages ?? []).map(messageOf),
}));

const received = operations.filter(({ direction }) => direction === 'receive');
const sent = operations.filter(({ direction }) => direction === 'send');
const HANDSHAKES = { userOnline: 'app', register: 'device' };

function parseObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

class SocketContract {
  #role;
  #hasShakenHands = false;
  #asked = new Map(); /* sequence, or '' without one: ids of operations */

  /** The client has sent a text. */
  onSent(text) {
    const value = parseObject(text);
    if (value !== undefined && 'error' in value && !('action' in value)) return; /* an answer */
    const isPing = /^\s*ping\s*$/i.test(text);
    const action = isPing ? PING : String(value?.action ?? CATCH_ALL);

    if (!this.#hasShakenHands) this.#role = HANDSHAKES[action] ?? this.#role;
    const channel = this.#role ?? 'app';
    const here = received.filter((operation) => operation.channel === channel);
    const operation = here.find(({ message }) => message.action === action)
      ?? here.find(({ message }) => message.action === CATCH_ALL);
    /* A report's answer has no sequence, whatever the device gave it. */
    this.#note(channel === 'device' ? '' : String(value?.sequence ?? ''), operation.id);
  }

  /** What the client sends from now on is not known. */
  onLost() {
    for (const { id } of received) this.#note('', id);
  }

  #note(sequence, id) {
    if (!this.#asked.has(sequence)) this.#asked.set(sequence, new Set());
    this.#asked.get(sequence).add(id);
  }

  /** Numbers of many digits were not read exactly: then any request may be meant. */
  #askedBy(sequence) {
    return this.#asked.get(sequence) ?? new Set([...this.#asked.values()].flatMap((ids) => [...ids]));
  }

  /** The server has sent a text: { keys } or { problem }. */
  onReceived(text) {
    if (text === 'pong') {
      const id = this.#role === 'device' ? 'devicePing' : 'appPing';
      return this.#askedBy('').has(id) ? { keys: [`receive ${id}`, 'message pong'] }
        : { problem: 'a pong unasked' };
    }
    const value = parseObject(text);
    if (value === undefined) return { problem: 'neither an object nor a pong' };
    return 'action' in value ? this.#judgeNotice(value) : this.#judgeAnswer(value);
  }

  #judgeNotice(value) {
    if (!this.#hasShakenHands) return { problem: 'a notice ahead of the handshake' };
    const candidates = sent.filter(({ channel, message }) =>
      channel === this.#role && message.action === value.action);
    if (candidates.length === 0) return { problem: `no ${value.action} is sent to the ${this.#role}` };
    const problems = candidates.map(({ message }) => message.shape.problem(value));
    const index = problems.indexOf(undefined);
    return index < 0 ? { problem: problems.join('; or ') } : { keys: [`send ${candidates[index].id}`] };
  }

  /** What has an error answers a request, or stands for itself. */
  #judgeAnswer(value) {
    const notice = sent.find(({ channel, message }) => this.#hasShakenHands && channel === this.#role
      && message.action === CATCH_ALL && message.shape.problem(value) === undefined);
    if (notice !== undefined) return { keys: [`send ${notice.id}`] };
    const asked = this.#askedBy(this.#role === 'device' ? '' : String(value.sequence ?? ''));
    const askers = received.filter(({ id }) => asked.has(id))
      .concat(received.filter(({ channel, message }) =>
        channel === (this.#role ?? 'app') && message.action === CATCH_ALL));
    const replies = askers.flatMap(({ id, replies: some }) => some.map((reply) => ({ id, ...reply })));
    const { id, name, shape } = replies.find((reply) => reply.shape.problem(value) === undefined) ?? {};
    if (name === undefined) {
      const near = replies.filter((reply) => reply.shape.codes.includes(String(value.error)));
      const told = (near.length > 0 ? near : replies)
        .map((reply) => `${reply.name}: ${reply.shape.problem(value)}`);
      return { problem: told.join('; or ') || 'an answer to nothing' };
    }
    if (['userOnlineDone', 'registerDone'].includes(name)) this.#onHandshake();
    return { keys: [`receive ${id}`, `message ${name} ${shape.codeOf(value)}`] };
  }

  #onHandshake() {
    this.#hasShakenHands = true;
    for (const ids of this.#asked.values())
      for (const id of Object.keys(HANDSHAKES)) ids.delete(id);
  }

  /** The server has sent a Close; code: undefined when it is empty. */
  onClose(code) {
    if (code === undefined) return { keys: ['close'] };
    const codes = document.channels[this.#role ?? 'app']['x-close-codes'];
    return code in codes ? { keys: [`close ${code}`] } : { problem: `no close code ${code} is told of` };
  }
}

/** All that can be seen, as keys of the above. */
function everything() {
  const keys = new Set(['close']);
  for (const { id, direction, replies } of operations) {
    keys.add(`${direction} ${id}`);
    if (direction === 'send') continue;
    for (const { name, shape } of replies)
      for (const code of shape.codes) keys.add(name === 'pong' ? 'message pong' : `message ${name} ${code}`);
  }
  for (const channel of Object.values(document.channels))
    for (const code of Object.keys(channel['x-close-codes'])) keys.add(`close ${code}`);
  return [...keys];
}

module.exports = { SocketContract, everything };
