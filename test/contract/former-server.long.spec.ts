/** A process some of whose connections lead to an old primary that was cut off from its standby, and not from them. */
import { Client } from 'pg';
import { expect, it } from 'vitest';
import type { FleetStore } from '../../src/fleet/fleet.store.js';
import { openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { freezingProxy } from '../e2e/freezing-proxy.js';
import { event } from './consent.store.contract.js';
import { startPostgres } from './postgres-server.js';

it('leaves the connections to a former server that still answers, and reads and says where it writes', async () => {
  const server = await startPostgres();
  const settings = await server.createStore('fleet');
  const link = await freezingProxy(settings.databaseUrl);
  const standby = await server.addStandby(link.url);
  const way = await freezingProxy(settings.databaseUrl);
  const database = await openDatabase({ ...settings, databaseUrl: way.url });
  const fleet: FleetStore = database.fleet ?? expect.unreachable();
  const store = new PrismaConsentStore(database);
  await store.append([event('one')]);
  const joined = await fleet.join(2_000);
  fleet.server = joined.server;
  await store.read(0, 10);

  link.freeze();
  await standby.promote();
  const promoted = standby.urlOf(settings.databaseUrl);
  way.leadNewTo(promoted);
  // a renewal on the old one never ends, and is given up
  const renewed = () => fleet.renew(joined.epoch).catch(() => joined.server);
  await expect.poll(renewed).not.toBe(joined.server);
  fleet.server = await renewed();

  await expect.poll(() => store.read(1, 10).catch((error: unknown) => String(error))).toEqual([]);
  const reached = { revision: 1, publication: 0, entry: store.lastLink, published: Buffer.alloc(0) };
  const said = async () => {
    await fleet.acknowledge(joined.epoch, reached, false).catch(() => undefined);
    const client = new Client({ connectionString: promoted });
    await client.connect();
    const { rows } = await client.query('SELECT revision::int, server FROM fleet_member');
    await client.end();
    return rows;
  };
  await expect.poll(said).toEqual([{ revision: 1, server: fleet.server }]);

  way.close();
  link.close();
  await database.close();
  await server.stop();
});
