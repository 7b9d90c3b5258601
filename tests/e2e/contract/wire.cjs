// wire - one connection of a client, overheard: every answer and every message of the server is judged
// by the documents.
'use strict';

const { ClientTexts, FrameStream } = require('./frame_stream.cjs');
const { judge } = require('./http_contract.cjs');
const { AnswerStream, RequestStream } = require('./http_stream.cjs');
const { SocketContract } = require('./socket_contract.cjs');

const SHOWN = 600;
const OPCODES = { TEXT: 1, CLOSE: 8, PING: 9, PONG: 10 };

class Wire {
  #requests = new RequestStream();
  #answers = new AnswerStream();
  #queue = [];
  #socket; /* the contract of the socket, once upgraded */
  #texts;
  #frames;
  #isAdmin;
  #onKeys;
  #onProblem;

  /** isAdmin: on the listener for operators; onKeys(keys): parts of the documents that were seen; onProblem(text): what breaks them. */
  constructor({ isAdmin, onKeys, onProblem }) {
    this.#isAdmin = isAdmin;
    this.#onKeys = onKeys;
    this.#onProblem = onProblem;
  }

  onSent(data) {
    if (this.#socket === undefined) this.#queue.push(...this.#requests.push(data));
    else this.#onClientData(data);
  }

  onReceived(data) {
    if (this.#socket !== undefined) {
      this.#onServerData(data);
      return;
    }
    this.#answers.push(data);
    for (let answer; (answer = this.#takeAnswer()) !== undefined; ) this.#onAnswer(answer);
  }

  #takeAnswer() {
    return this.#socket === undefined ? this.#answers.take(this.#queue[0]?.method === 'HEAD') : undefined;
  }

  #onAnswer(answer) {
    if (answer.status === 100) return;
    const request = this.#queue.shift();
    const { keys, problem } = this.#judgeAnswer(request, answer);
    const what = request === undefined ? 'no request' : `${request.method} ${request.target}`;
    this.#tell(keys, problem, `${answer.status} ${answer.body} to ${what}`);
    if (answer.status === 101) this.#upgrade();
    else if (this.#requests.isUpgrading) this.#queue.push(...this.#requests.goOn());
  }

  #judgeAnswer(request, answer) {
    if (answer.status !== 101 && !answer.hasLength) return { problem: 'no Content-Length' };
    const isUnreadable = request === undefined && this.#requests.isLost && answer.status < 400;
    return isUnreadable ? { keys: [] } : judge(request, answer, this.#isAdmin);
  }

  #upgrade() {
    this.#socket = new SocketContract();
    this.#texts = new ClientTexts();
    this.#frames = new FrameStream();
    this.#onClientData(this.#requests.rest);
    this.#onServerData(this.#answers.rest);
  }

  #onClientData(data) {
    for (const text of this.#texts.push(data)) this.#socket.onSent(text);
    if (this.#texts.isLost) this.#socket.onLost();
  }

  #onServerData(data) {
    for (const frame of this.#frames.push(data)) {
      const { keys, problem } = this.#judgeFrame(frame);
      this.#tell(keys, problem, frame.payload.toString('utf8'));
    }
  }

  #judgeFrame({ isFinal, bits, opcode, isMasked, payload }) {
    if (!isFinal || bits !== 0 || isMasked) return { problem: 'a frame that is fragmented or masked' };
    switch (opcode) {
      case OPCODES.TEXT:
        return this.#socket.onReceived(payload.toString('utf8'));
      case OPCODES.CLOSE:
        return this.#socket.onClose(payload.length < 2 ? undefined : payload.readUInt16BE(0));
      case OPCODES.PONG:
        return { keys: [] };
      default:
        return { problem: `a frame with the opcode ${opcode}` };
    }
  }

  #tell(keys, problem, what) {
    if (problem === undefined) this.#onKeys(keys);
    else this.#onProblem(`${problem}\n  in ${what.slice(0, SHOWN)}`);
  }
}

module.exports = { Wire };
