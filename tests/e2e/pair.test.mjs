// `switchyard pair`: a device in pairing mode is told the Wi-Fi and the server, is registered where
// that is wanted, and then comes; both spellings; what is said when it can not be done.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import net from 'node:net';

import { PairingDevice } from './support/pairing.mjs';
import { BINARY, run } from './support/program.mjs';
import { shareServer } from './support/server.mjs';

const { testShared } = shareServer({ flags: ['--workers', '2'] });

const OK = 0;
const REFUSED = 1;
const USAGE = 2;
const UNREACHABLE = 3;
const PASSWORD = 'a password, "quoted"';

const newDevice = () => ({ id: `1000${randomBytes(3).toString('hex')}`, key: randomUUID() });

/** Runs `switchyard pair` for a device that listens at `address`. */
function pair(server, address, words = [], options = {}) {
  return run(BINARY, ['pair', '--device', address, '--ssid', 'Home', '--server', '127.0.0.1',
    '--port', String(server.port), '--wait', '1s', ...words],
  { env: { ...process.env, SWITCHYARD_CONTROL: server.controlPath }, ...options });
}

async function withDevice(options, body) {
  const device = await PairingDevice.start(newDevice(), options);
  try {
    await body(device);
    assert.deepEqual(device.faults, []);
  } finally {
    await device.close();
  }
}

testShared('a device is registered, told where to go, and comes', async (server) => {
  const { user } = await server.control.account({ devices: 0 });
  await withDevice({}, async (device) => {
    const result = await pair(server, device.address, ['--owner', user.account, '--name',
      'Hall light', '--ask-password'], { input: `${PASSWORD}\n` });
    assert.equal(result.code, OK, result.stderr);
    assert.match(result.stdout, new RegExp(`Found the device ${device.device.id}`));
    assert.match(result.stdout, /Registered in the server/);
    assert.match(result.stdout, /The device took it/);
    assert.deepEqual(device.requests, ['GET /device HTTP/1.1', 'POST /ap HTTP/1.1']);
    assert.deepEqual(device.told, { port: server.port, serverName: '127.0.0.1',
      password: PASSWORD, ssid: 'Home' });

    const link = await device.join(server);
    assert.equal(link.online.apikey, user.apikey);
    const { name, owner } = await server.control.call('device show', { id: device.device.id });
    assert.deepEqual({ name, owner }, { name: 'Hall light', owner: user.apikey });
    link.drop();
  });
});

testShared('firmware that spells it SSID, and tells no length, is understood', async (server) => {
  await withDevice({ spelling: 'SSID', lengthless: true }, async (device) => {
    const result = await pair(server, device.address, ['--password', PASSWORD]);
    assert.equal(result.code, OK, result.stderr);
    assert.match(result.stdout, /trying the other spelling/);
    assert.equal(device.told.SSID, 'Home');
    assert.equal(device.told.password, PASSWORD);
  });
});

testShared('without --owner the server is told nothing', async (server) => {
  await withDevice({}, async (device) => {
    assert.equal((await pair(server, device.address)).code, OK);
    assert.equal(device.told.password, '');
    await assert.rejects(server.control.call('device show', { id: device.device.id }),
      { code: 'not_found' });
  });
});

testShared('a device that the server knows becomes the owner\'s', async (server) => {
  const { user, device: known } = await server.control.account();
  const other = await server.control.user();
  const twin = await PairingDevice.start(known);
  const result = await pair(server, twin.address, ['--owner', other.apikey]);

  assert.equal(result.code, OK, result.stderr);
  assert.match(result.stdout, /The server knew the device/);
  assert.equal((await server.control.call('device show', { id: known.id })).owner, other.apikey);
  await twin.close();

  const impostor = await PairingDevice.start({ id: known.id, key: randomUUID() });
  const refused = await pair(server, impostor.address, ['--owner', user.apikey]);
  assert.equal(refused.code, REFUSED);
  assert.match(refused.stderr, /with another key/);
  assert.equal(impostor.told, undefined, 'it keeps what it was told before');
  await impostor.close();
});

testShared('a dry run changes nothing', async (server) => {
  const { user } = await server.control.account({ devices: 0 });
  await withDevice({}, async (device) => {
    const result = await pair(server, device.address, ['--owner', user.account, '--password',
      PASSWORD, '--dry-run']);
    assert.equal(result.code, OK, result.stderr);
    assert.match(result.stdout, /Would register it/);
    assert.match(result.stdout, /Nothing was changed/);
    assert.ok(!result.stdout.includes(PASSWORD));
    assert.equal(device.told, undefined);
    await assert.rejects(server.control.call('device show', { id: device.device.id }),
      { code: 'not_found' });
  });
});

testShared('what the device or the server refuses is said, and ends with 1', async (server) => {
  await withDevice({ refuses: 7 }, async (device) => {
    const result = await pair(server, device.address);
    assert.equal(result.code, REFUSED);
    assert.match(result.stderr, /the device refused: error 7/);
  });
  await withDevice({}, async (device) => {
    const result = await pair(server, device.address, ['--owner', 'nobody@example.com']);
    assert.equal(result.code, REFUSED);
    assert.equal(device.told, undefined);
  });
  const stranger = net.createServer((socket) => {
    socket.resume();
    socket.end('HTTP/1.1 404 Not Found\r\n\r\n{}');
  });
  await new Promise((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  const result = await pair(server, `127.0.0.1:${stranger.address().port}`);
  assert.equal(result.code, REFUSED);
  assert.match(result.stderr, /no device in pairing mode/);
  await new Promise((resolve) => stranger.close(resolve));
});

testShared('a device that is not there, or leaves, ends with 3', async (server) => {
  await withDevice({ deaf: true }, async (device) => {
    const result = await pair(server, device.address);
    assert.equal(result.code, UNREACHABLE);
    assert.match(result.stderr, /may have taken it/);
    assert.equal(device.told.ssid, 'Home');
  });
  const gone = await PairingDevice.start(newDevice());
  const { address } = gone;
  await gone.close();
  const result = await pair(server, address, ['--wait', '100ms']);
  assert.equal(result.code, UNREACHABLE);
  assert.match(result.stderr, /ITEAD-/);
});

testShared('a wrong command line sends nothing', async (server) => {
  await withDevice({}, async (device) => {
    for (const words of [['--port', '70000'], ['--server', 'https://here'], ['--name', 'x'],
      ['--ssid', 'n'.repeat(33)], ['--password', 'p'.repeat(65)], ['--sid', 'Home']]) {
      const result = await pair(server, device.address, words);
      assert.equal(result.code, USAGE, words.join(' '));
      assert.match(result.stderr, /^switchyard pair: /);
    }
    assert.deepEqual(device.requests, []);
  });
});
