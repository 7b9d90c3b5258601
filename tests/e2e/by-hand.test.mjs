// The lines that the README and docs/clients.md tell a person to type, run as they stand there: an app, an
// account, and its first login.

import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { openDevice } from './support/link.mjs';
import { BINARY, run } from './support/program.mjs';
import { testServer } from './support/server.mjs';

const page = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const README_LINES = page('README.md').match(/^ {4}switchyard ctl .*$/gm);
const LINES = /^ {4}SERVER=.*\n(?: {4}.*\n)+/m.exec(page('docs/clients.md'))[0];
const PASSWORD = 'correct horse';

/** Runs lines of a page in the server's folder. */
async function type(server, lines, { env = {}, input = '' } = {}) {
  const { code, stdout, stderr } = await run('sh', ['-ec', lines.replaceAll(/^ {4}/gm, '')], { input,
    cwd: server.data, env: { ...process.env, SWITCHYARD_CONTROL: server.controlPath, ...env,
      PATH: `${dirname(BINARY)}:${process.env.PATH}` } });
  assert.equal(code, 0, stderr);
  return stdout;
}

testServer('What the page does by hand', {}, async (server) => {
  const [createApp, createUser] = README_LINES;
  const app = await type(server, createApp);
  await type(server, createUser, { input: `${PASSWORD}\n` });
  const owner = { apikey: (await server.control.rows('user list'))
    .find(({ account }) => account === 'ann@example.com').apikey };
  const device = await openDevice(server, await server.control.device({ id: '1000abcdef', owner }));
  const [ID, SECRET] = app.match(/\b[A-Za-z0-9]{32}\b/g);
  symlinkSync(server.data, join(server.data, 'data'));

  const answers = await type(server, LINES.replace('localhost:8080', `localhost:${server.port}`),
    { env: { ID, SECRET } });
  const [things, set] = answers.split(/(?<=\})(?=\{"error")/).map((text) => JSON.parse(text));
  assert.deepEqual(things.data.thingList.map(({ itemData }) => itemData.deviceid), ['1000abcdef']);
  assert.deepEqual(set, { error: 0, msg: '', data: {} });
  assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
});
