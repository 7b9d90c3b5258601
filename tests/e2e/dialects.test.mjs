// Each family of firmware from dispatch to the end of its link, read by its own strict rules.

import assert from 'node:assert/strict';

import { ESP, Modern, OPL, start, ZZ } from './support/firmware.mjs';
import { appQuery, appUpdate, openApp, textFrame } from './support/link.mjs';
import { metricOf, metricReaches } from './support/metrics.mjs';
import { shareServer, testServer } from './support/server.mjs';
import { within } from './support/until.mjs';

const { testShared } = shareServer({
  flags: ['--workers', '2', '--listen-plain', '127.0.0.1:0', '--advertise-ip', '127.0.0.1'],
});

testServer('OPL: a command that comes while a report waits for the disk is sent behind its answer',
  { flags: ['--store-commit', '1s', '--advertise-ip', '127.0.0.1'] }, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await start(OPL, server, account.device);
    const hears = async (what) => {
      const before = await metricOf(server, 'switchyard_messages_total', { direction: 'in' });
      const answer = what();
      await metricReaches(server, 'switchyard_messages_total', { direction: 'in' }, before + 1);
      return [answer];
    };

    device.wasOvertaken = false;
    const [reported] = await hears(() => device.report({ switch: 'on' }));
    const [asked] = await hears(() => app.request(appUpdate(account.device, { switch: 'off' })));
    await reported;
    assert.equal((await asked).error, 0);
    assert.equal(device.wasOvertaken, false);
    device.end();
    app.drop();
  });

testServer('old firmware is told of the server\'s end by an empty Close',
  { flags: ['--listen-plain', '127.0.0.1:0', '--advertise-ip', '127.0.0.1'] }, async (server) => {
    const { devices: [one, other, third] } = await server.control.account({ devices: 3 });
    const devices = [await start(ESP, server, one), await start(ZZ, server, other),
      await start(OPL, server, third)];

    await server.stop();
    for (const device of devices) {
      await within(device.closed, 'the end of the link');
      device.end();
    }
  });

const FAMILIES = [ESP, ZZ, OPL, Modern];
const MANY = 20;

for (const Family of FAMILIES) {
  testShared(`${Family.name}: it comes, is told, tells, and goes`, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await start(Family, server, account.device);

    await app.json({ action: 'sysmsg', params: { online: true } });
    await app.json({ action: 'update', userAgent: 'device', from: 'device' });
    const asked = app.request(appUpdate(account.device, { switch: 'on', timers: [] }));
    const { action, params } = await device.command();
    assert.deepEqual([action, params.switch], ['update', 'on']);
    assert.equal((await asked).error, 0);
    await device.report({ switch: 'on' });
    await app.json({ action: 'update', params: { switch: 'on' }, from: 'device' });
    await device.ping();
    device.end();
    await app.json({ action: 'sysmsg', params: { online: false } });
    app.drop();
  });

  testShared(`${Family.name}: a device's refusal is the app's, and silence is 504`, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await start(Family, server, account.device);

    device.obeys = () => ({ error: 417 });
    assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 417);
    device.obeys = () => undefined;
    assert.equal((await app.request(appUpdate(account.device, { switch: 'on' }))).error, 504);
    const { params } = await app.request(appQuery(account.device, ['switch']));
    assert.deepEqual(params, { switch: 'off' });
    device.end();
    app.drop();
  });

  testShared(`${Family.name}: commands that come together leave one by one`, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await start(Family, server, account.device);
    const sequences = Array.from({ length: MANY }, () => app.nextSequence());

    app.write(Buffer.concat(sequences.map((sequence, n) =>
      textFrame({ ...appUpdate(account.device, { n }), sequence }))));
    for (const sequence of sequences) assert.equal((await app.json({ sequence })).error, 0);
    assert.deepEqual(device.received.map(({ params }) => params.n), [...sequences.keys()]);
    device.end();
    app.drop();
  });

  testShared(`${Family.name}: commands and reports cross without harm`, async (server) => {
    const account = await server.control.account();
    const app = await openApp(server, account);
    const device = await start(Family, server, account.device);
    const asked = Array.from({ length: MANY }, (_, n) => app.request(appUpdate(account.device, { n })));

    for (let n = 0; n < MANY; n++) await device.report({ reported: n });
    for (const answer of asked) assert.equal((await answer).error, 0);
    device.end();
    app.drop();
  });

  testShared(`${Family.name}: a newer link of the same device ends the older one`, async (server) => {
    const account = await server.control.account();
    const older = await start(Family, server, account.device);
    const newer = await start(Family, server, account.device);

    await within(older.closed, 'the end of the older link');
    await newer.date();
    older.end();
    newer.end();
  });
}
