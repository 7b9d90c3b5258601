// control - the server's control socket: verbs, and what tests need made (apps, accounts, devices,
// tokens). A connection for each call; ctl.test.mjs covers the same through the command line.

import { randomBytes, randomUUID } from 'node:crypto';
import net from 'node:net';

import { PATIENCE_MS, within } from './until.mjs';

/** { result, rows } of one verb; an error with its `code` when the server refuses. */
function call(path, verb, args) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(path);
    const rows = [];
    let text = '';
    const onLine = (line) => {
      const answer = JSON.parse(line);
      if (answer.row) return rows.push(answer.row);
      socket.end();
      if (answer.ok) return resolve({ result: answer.result, rows });
      return reject(Object.assign(new Error(`${verb}: ${answer.error.text}`), answer.error));
    };

    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${JSON.stringify({ verb, args })}\n`));
    socket.on('data', (data) => {
      const lines = (text + data).split('\n');
      text = lines.pop();
      lines.forEach(onLine);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${verb}: no answer on the control socket`)));
  });
}

export class Control {
  #path;

  constructor(path) {
    this.#path = path;
  }

  async call(verb, args = {}) {
    return (await within(call(this.#path, verb, args), verb, PATIENCE_MS)).result;
  }

  async rows(verb, args = {}) {
    return (await within(call(this.#path, verb, args), verb, PATIENCE_MS)).rows;
  }

  /** { id, secret }; preset and quirk as for `app create`. */
  async app(args = {}) {
    return this.call('app create', args);
  }

  /** { account, apikey, password } */
  async user(args = {}) {
    const apikey = args.apikey ?? randomUUID();
    const password = args.password ?? randomBytes(8).toString('hex');
    return { password, ...await this.call('user create', {
      account: `${apikey}@example.com`, ...args, apikey, password,
    }) };
  }

  /** { id, key, owner }; owner: a user of user(). */
  async device({ owner, ...args } = {}) {
    const id = args.id ?? `10${randomBytes(4).toString('hex')}`;
    const key = args.key ?? randomUUID();
    await this.call('device create', { ...args, id, key, ...(owner && { owner: owner.apikey }) });
    return { id, key, owner };
  }

  /** The text of a token; more: ttl, kind, expired. */
  async token(user, app, more = {}) {
    return (await this.call('token issue', { user: user.apikey, app: app.id, ...more })).token;
  }

  /** An account with an app, a token for it, and devices: { app, user, token, devices, device }. */
  async account({ devices = 1, app } = {}) {
    const it = { app: app ?? await this.app(), user: await this.user(), devices: [] };
    it.token = await this.token(it.user, it.app);
    for (let i = 0; i < devices; i++) it.devices.push(await this.device({ owner: it.user }));
    [it.device] = it.devices;
    return it;
  }
}
