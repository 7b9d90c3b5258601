// http_stream - cuts what runs over a connection into requests and answers, as they arrive.
'use strict';

const parseHeaders = (lines) => new Map(lines.filter((line) => line.includes(':')).map((line) => {
  const at = line.indexOf(':');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}));

/** { first, headers, size } of the head at the front, or undefined; a line may end in a bare LF. */
function headOf(buffer) {
  const text = buffer.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  if (end === null) return undefined;
  const [first, ...lines] = text.slice(0, end.index).split(/\r?\n/);
  return { first, headers: parseHeaders(lines), size: end.index + end[0].length };
}

/** How many bytes a chunked body has at the front of a buffer; 0: it is not complete. */
function chunkedSize(buffer) {
  const text = buffer.toString('latin1');
  const line = /([0-9a-f]+)[^\r\n]*\r\n/iy;
  for (let at = 0; ; ) {
    line.lastIndex = at;
    const found = line.exec(text);
    if (found === null) return 0;
    const size = parseInt(found[1], 16);
    if (size === 0) {
      const end = text.indexOf('\r\n\r\n', at);
      return end < 0 ? 0 : end + 4;
    }
    at = line.lastIndex + size + 2;
  }
}

/**
 * What a client sends: push() returns the requests that became known, each as soon as its head is
 * there. `isLost`: it can not be told where a request begins. Behind an upgrade all stays in `rest`.
 */
class RequestStream {
  #body = 0; /* bytes of a body that are still to come */
  #isChunked = false;
  rest = Buffer.alloc(0);
  isLost = false;
  isUpgrading = false;

  push(data) {
    const requests = [];
    this.rest = Buffer.concat([this.rest, data]);
    while (!this.isLost && !this.isUpgrading && this.#skipBody()) {
      const head = headOf(this.rest);
      if (head === undefined) break;
      requests.push(this.#take(head));
    }
    return requests;
  }

  #skipBody() {
    if (this.#isChunked) {
      const size = chunkedSize(this.rest);
      if (size === 0) return false;
      this.rest = this.rest.subarray(size);
      this.#isChunked = false;
    }
    const count = Math.min(this.#body, this.rest.length);
    this.rest = this.rest.subarray(count);
    this.#body -= count;
    return this.#body === 0 && this.rest.length > 0;
  }

  #take({ first, headers, size }) {
    const line = /^\s*([A-Z]+) (\S+) HTTP\/1\.\d$/.exec(first);
    const length = headers.get('content-length') ?? '0';
    this.rest = this.rest.subarray(size);
    this.isLost = line === null || !/^\d+$/.test(length);
    if (this.isLost) return undefined;
    this.#isChunked = headers.has('transfer-encoding');
    this.#body = this.#isChunked ? 0 : Number(length);
    this.isUpgrading = headers.has('upgrade');
    return { method: line[1], target: line[2] };
  }

  /** The upgrade was refused: what follows is requests. */
  goOn() {
    this.isUpgrading = false;
    return this.push(Buffer.alloc(0));
  }
}

/** What the server answers: take() gives the next whole answer to a request, or undefined. */
class AnswerStream {
  rest = Buffer.alloc(0);

  push(data) {
    this.rest = Buffer.concat([this.rest, data]);
  }

  take(isHead) {
    const head = headOf(this.rest);
    if (head === undefined) return undefined;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head.first)?.[1] ?? 0);
    const isBodiless = isHead || status < 200 || status === 204 || status === 304;
    const length = isBodiless ? 0 : Number(head.headers.get('content-length') ?? NaN);
    if (this.rest.length < head.size + length) return undefined;
    const end = head.size + (Number.isNaN(length) ? 0 : length);
    const body = this.rest.subarray(head.size, end).toString('utf8');
    this.rest = this.rest.subarray(end);
    return { status, headers: head.headers, body, isBodiless, hasLength: !Number.isNaN(length) };
  }
}

module.exports = { RequestStream, AnswerStream };
