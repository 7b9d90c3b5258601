// hook - a server that webhooks are told to, as a process of its own that can be killed: checks each
// signature, keeps what it was told in a file (on disk before it answers), and answers.
//
//   node hook.mjs PORT FILE SECRET    port 0: a free one, which it prints

import { createHmac, timingSafeEqual } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import http from 'node:http';

const [port, file, secret] = process.argv.slice(2);

/** As docs/webhooks.md says. */
function isSigned(headers, body) {
  const expected = createHmac('sha256', secret)
    .update(`${headers['switchyard-timestamp']}.`).update(body).digest();
  const given = Buffer.from((headers['switchyard-signature'] ?? '').replace(/^v1=/, ''), 'hex');

  return given.length === expected.length && timingSafeEqual(given, expected);
}

function keep(text) {
  const fd = openSync(file, 'a');

  writeSync(fd, `${text}\n`);
  fsyncSync(fd);
  closeSync(fd);
}

const server = http.createServer((request, response) => {
  const chunks = [];

  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const isFine = isSigned(request.headers, body);

    if (isFine) keep(body.toString());
    else appendFileSync(`${file}.bad`, `${body}\n`);
    response.writeHead(isFine ? 204 : 401).end();
  });
});

server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port));
