// hooks - the process of hook.mjs, and what it was told.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { collect, ended, start } from './program.mjs';
import { until } from './until.mjs';

const SCRIPT = fileURLToPath(new URL('hook.mjs', import.meta.url));

export class Hook {
  #child;
  #end;
  #directory;
  port = 0;
  secret = 'a-secret-of-thirty-two-characters';

  /** Ends with the test. */
  static async start(t) {
    const hook = new Hook();

    hook.#directory = mkdtempSync(join(tmpdir(), 'switchyard-hook-'));
    hook.file = join(hook.#directory, 'told');
    t.after(() => hook.#dispose());
    await hook.again();
    return hook;
  }

  async #dispose() {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The next process, on the same port. */
  async again() {
    this.#child = start(process.execPath, [SCRIPT, String(this.port), this.file, this.secret]);
    this.#end = ended(this.#child);
    const output = collect(this.#child.stdout);
    this.port = Number(await until(() => output.text.trim() || undefined, 'the hook'));
  }

  /** kill -9, and its end. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#end;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** All posts so far. A process that was killed may have left half a line, which it never took. */
  posts() {
    if (!existsSync(this.file)) return [];
    return readFileSync(this.file, 'utf8').split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }

  /** Each event once, in the order in which they first came. */
  events() {
    const seen = new Map();

    for (const event of this.posts().flatMap(({ events }) => events))
      if (!seen.has(event.id)) seen.set(event.id, event);
    return [...seen.values()];
  }

  hasBad() {
    return existsSync(`${this.file}.bad`);
  }
}
