// Loaded with `node -r` ahead of an unmodified client: every TLS connection to *.coolkit.cc or
// *.coolkit.cn goes to 127.0.0.1:$SWITCHYARD_TEST_PORT, or, when $SWITCHYARD_TEST_PORTS has a port
// for the region that the name begins with ({"eu":4711}), to that one. The name stays what the client
// asked for, so SNI and the check of the certificate are as in the field.
'use strict';

const tls = require('node:tls');

const port = Number(process.env.SWITCHYARD_TEST_PORT);
const ports = JSON.parse(process.env.SWITCHYARD_TEST_PORTS || '{}');
const connect = tls.connect;

tls.connect = function connectHere(...words) {
  const [options] = words;
  const host = options.servername || options.host || options.hostname;

  if (!/\.coolkit\.(?:cc|cn)$/.test(host)) return connect.apply(this, words);
  const there = { ...options, host: '127.0.0.1', port: ports[host.split('-')[0]] ?? port,
    servername: host, path: undefined };
  return connect.call(this, there, ...words.slice(1));
};
