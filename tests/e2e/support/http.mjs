// http - raw requests over TLS, one connection each or several on one, and dispatch.

import { Connection, headerOf } from '../../conformance/runner/connection.mjs';

import { PATIENCE_MS } from './until.mjs';

/** A request's bytes; a body that is no string is sent as JSON. */
export function formatRequest({ method = 'GET', path, headers = {}, body }) {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const all = { Host: 'localhost', ...headers };
  if (text !== undefined) {
    all['Content-Type'] ??= 'application/json';
    all['Content-Length'] ??= Buffer.byteLength(text);
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text ?? ''}`;
}

/** { status, head, body, json } of the next answer on a connection. */
export async function takeAnswer(conn, method = 'GET') {
  const head = await conn.takeHead(PATIENCE_MS);
  const length = method === 'HEAD' ? 0 : Number(headerOf(head, 'content-length') ?? 0);
  const { payload } = await conn.takeBytes(length, PATIENCE_MS);
  const body = payload.toString('utf8');
  const isJson = headerOf(head, 'content-type') === 'application/json' && body !== '';
  return { status: head.status, head, body, json: isJson ? JSON.parse(body) : undefined };
}

/** One request on a connection of its own. */
export async function request(server, options) {
  const conn = await Connection.open(server.target);
  try {
    conn.write(formatRequest(options));
    return await takeAnswer(conn, options.method);
  } finally {
    conn.drop();
  }
}

/** What POST /dispatch/app takes: the founding document's five parameters and the token. */
export function dispatchRequest({ app, token }) {
  return {
    method: 'POST',
    path: '/dispatch/app',
    headers: { Authorization: `Bearer ${token}` },
    body: { accept: 'ws', version: 8, appid: app.id, ts: Math.floor(Date.now() / 1000),
      nonce: 'a1b2c3d4' },
  };
}

/** The body of the answer to POST /dispatch/app. */
export const dispatchApp = async (server, account) =>
  (await request(server, dispatchRequest(account))).json;

/** The body of the answer to POST /dispatch/device. */
export async function dispatchDevice(server, device) {
  const body = { accept: 'ws;2', version: 8, ts: 933, deviceid: device.id, apikey: device.key,
    model: 'ITA-GZ1-GL', romVersion: '1.5.5' };
  return (await request(server, { method: 'POST', path: '/dispatch/device', body })).json;
}
