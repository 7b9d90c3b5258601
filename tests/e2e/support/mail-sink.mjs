// mail-sink - a mail server that keeps what it is sent: plain, or with TLS from the first byte on.

import net from 'node:net';
import tls from 'node:tls';

/** What a command is answered; a text that ends with its dot has come before `onMail`. */
function answer(sink, session, line) {
  const command = line.toUpperCase();

  if (command.startsWith('EHLO')) return '250-sink\r\n250 AUTH PLAIN';
  if (command === 'AUTH PLAIN') return '334 ';
  if (session.last === 'AUTH PLAIN') {
    sink.logins.push(Buffer.from(line, 'base64').toString().split('\0').slice(1).join(':'));
    return '235 welcome';
  }
  if (command.startsWith('MAIL FROM:')) session.from = line.slice(10);
  if (command.startsWith('RCPT TO:')) session.to = line.slice(8);
  if (command === 'DATA') return '354 go on';
  return command === 'QUIT' ? '221 bye' : '250 ok';
}

function serve(sink, socket) {
  const session = {};
  let text = '';
  const takeMail = () => {
    const end = text.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    sink.mails.push({ from: session.from, to: session.to, text: text.slice(0, end) });
    text = text.slice(end + 5);
    session.last = '';
    socket.write('250 taken\r\n');
    return true;
  };
  const takeLine = () => {
    const end = text.indexOf('\r\n');
    if (end < 0) return false;
    const line = text.slice(0, end);
    text = text.slice(end + 2);
    socket.write(`${answer(sink, session, line)}\r\n`);
    session.last = line.toUpperCase();
    return true;
  };

  socket.setEncoding('utf8');
  socket.write('220 sink\r\n');
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    text += data;
    while (session.last === 'DATA' ? takeMail() : takeLine()) continue;
  });
}

/** { port, mails, logins }; certificate: { cert, key } for TLS. Ends with the test. */
export async function startSink(t, certificate) {
  const sink = { mails: [], logins: [] };
  const sockets = new Set();
  const onSocket = (socket) => {
    sockets.add(socket);
    serve(sink, socket);
  };
  const server = certificate ? tls.createServer(certificate, onSocket) : net.createServer(onSocket);

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  });
  sink.port = server.address().port;
  return sink;
}

/** The six digits that stand alone in a mail. */
export const codeIn = (mail) => mail.text.match(/^\d{6}$/m)[0];
