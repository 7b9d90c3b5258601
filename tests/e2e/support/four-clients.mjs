// four-clients - clients of four makers, each of which logs in, connects and switches devices on.

import { valuesOf } from './clients.mjs';

export const SWITCH = { switch: 'on' };

/**
 * play({ node, python }, server, app, user, ids): how scripts are run (see clients.mjs), then who logs
 * in where; resolves with the error of each answer, 0 for all when it went well.
 */
export const CLIENTS = [
  {
    preset: 'ewelink-api',
    async play({ node }, server, app, { account, password }, ids) {
      const calls = ids.map((id) => ['setWSDevicePowerState', id, 'on']);
      return valuesOf(await node(server, 'ewelink.cjs', { region: 'us', email: account, password,
        APP_ID: app.id, APP_SECRET: app.secret }, calls), calls)
        .map(({ status }) => (status === 'ok' ? 0 : status));
    },
  },
  {
    preset: 'ewelink-api-next',
    async play({ node }, server, app, { account, password }, ids) {
      const calls = [['user.login', { account, password, areaCode: '+1' }],
        ['ws.create', { region: 'us' }], ...ids.map((id) => ['ws.updateState', id, SWITCH])];
      return valuesOf(await node(server, 'ewelink-next.cjs', { region: 'us', appId: app.id,
        appSecret: app.secret }, calls), calls).slice(2).map(({ error }) => error);
    },
  },
  {
    preset: 'sonofflan',
    async play({ python }, server, app, { account, password }, ids) {
      const calls = [['login', account, password], ['connect'],
        ...ids.map((id) => ['update', id, SWITCH])];
      return valuesOf(await python(server, 'sonofflan.py', { region: 'us', appid: app.id,
        secret: app.secret }, calls), calls).slice(2).map(({ error }) => error);
    },
  },
  {
    preset: 'homebridge-ewelink',
    async play({ node }, server, app, { account, password }, ids) {
      const calls = [['login', account, password], ['connect'], ['updateBoth', ids, SWITCH]];
      return valuesOf(await node(server, 'homebridge.cjs', { appId: app.id,
        appSecret: app.secret }, calls), calls)[2].map(({ error }) => error);
    },
  },
];
