// The lines that docs/clients.md tells a person to type, run as they stand there.

import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { openDevice } from './support/link.mjs';
import { run } from './support/program.mjs';
import { testServer } from './support/server.mjs';

const PAGE = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
const LINES = /^ {4}SERVER=.*\n(?: {4}.*\n)+/m.exec(PAGE)[0];

testServer('What the page does by hand', {}, async (server) => {
  const { control } = server;
  const app = await control.app();
  const owner = await control.user({ account: 'ann@example.com', password: 'correct horse' });
  const device = await openDevice(server, await control.device({ id: '1000abcdef', owner }));
  const script = LINES.replaceAll(/^ {4}/gm, '').replace('localhost:8080', `localhost:${server.port}`);
  symlinkSync(server.data, join(server.data, 'data'));

  const { code, stdout, stderr } = await run('sh', ['-ec', script],
    { cwd: server.data, env: { ...process.env, ID: app.id, SECRET: app.secret } });
  assert.equal(code, 0, stderr);
  const [things, set] = stdout.split(/(?<=\})(?=\{"error")/).map((text) => JSON.parse(text));
  assert.deepEqual(things.data.thingList.map(({ itemData }) => itemData.deviceid), ['1000abcdef']);
  assert.deepEqual(set, { error: 0, msg: '', data: {} });
  assert.deepEqual(device.obeyed, [{ switch: 'on' }]);
});
