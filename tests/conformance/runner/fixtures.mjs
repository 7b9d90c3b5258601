// fixtures - what `given` lines ask for, made through the server's own `ctl`. Every name gets a
// value of its own, so that many files can be played at once.

import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

import { interpolate } from './pattern.mjs';

const run = promisify(execFile);

/** Words of a command line; double quotes hold words together. */
export function words(line) {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}

/** The `ctl` calls that make a statement's fixture; binds its names to fresh values. */
export function calls(statement, variables) {
  const bind = (name, value) => variables.set(name.slice(1), value);
  const valueOf = (name) => interpolate(name, variables);
  switch (statement.kind) {
    case 'app': {
      const id = randomBytes(16).toString('hex');
      const quirks = [...statement.quirks.matchAll(/quirk\s+([\w-]+)/g)];
      const secret = randomBytes(16).toString('hex');
      bind(statement.name, id);
      bind(`${statement.name}_SECRET`, secret);
      return [
        ['app', 'create', '--id', id, '--secret', secret, ...quirks.flatMap(([, quirk]) => ['--quirk', quirk])],
        ...(statement.disabled ? [['app', 'disable', id]] : []),
      ];
    }
    case 'user': {
      const apikey = randomUUID();
      const account = `${apikey}@example.com`;
      const password = randomBytes(8).toString('hex');
      bind(statement.name, apikey);
      bind(`${statement.name}_ACCOUNT`, account);
      bind(`${statement.name}_PASSWORD`, password);
      return [['user', 'create', account, '--apikey', apikey, '--password', password,
        ...(statement.region ? ['--region', statement.region] : [])]];
    }
    case 'token': {
      const token = randomBytes(20).toString('hex');
      bind(statement.name, token);
      return [
        ['token', 'issue', '--user', valueOf(statement.user), '--app', valueOf(statement.app),
          '--token', token, ...(statement.state === 'expired' ? ['--expired'] : [])],
        ...(statement.state === 'revoked' ? [['token', 'revoke', token]] : []),
      ];
    }
    case 'device': {
      const id = `10${randomBytes(4).toString('hex')}`;
      const key = randomUUID();
      bind(statement.name, id);
      bind(statement.key, key);
      return [['device', 'create', '--id', id, '--key', key,
        ...(statement.owner === 'nobody' ? [] : ['--owner', valueOf(statement.owner)])]];
    }
    default:
      throw new Error(`no fixture ${statement.kind}`);
  }
}

export class Fixtures {
  #command;

  /** ctl: the command line up to the verb. */
  constructor(ctl) {
    this.#command = words(ctl);
  }

  async make(statement, variables) {
    for (const call of calls(statement, variables)) await this.run(call);
  }

  async run(call) {
    const [program, ...rest] = this.#command;
    await run(program, [...rest, '--json', ...call]).catch((error) => {
      throw new Error(`ctl ${call.join(' ')}: ${error.stderr?.trim() || error.message}`);
    });
  }
}
