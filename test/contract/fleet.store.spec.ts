import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsentLog } from '../../src/consent/log/consent-log.js';
import { ConsentStoreLost } from '../../src/consent/log/consent.store.js';
import {
  BEGINNING,
  type FleetStore,
  type News,
  NOWHERE,
  Overtaken,
  type Reached,
} from '../../src/fleet/fleet.store.js';
import type { ChangeRequest } from '../../src/consent/log/settlement/settlement.js';
import { DomainError } from '../../src/errors.js';
import { termsOf } from '../../src/fleet/terms.js';
import { type Database, openDatabase } from '../../src/store/database/database.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PrismaPolicyStore } from '../../src/store/prisma-policy.store.js';
import { ServerProcessStore } from '../../src/store/server-processes.js';
import { ServerSnapshots } from '../../src/store/server-snapshots.js';
import { freezingProxy } from '../e2e/freezing-proxy.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const LEASE_MS = 2_000;

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.stop());

/** Does work as the administrator of the server. */
function administer(databaseUrl: string, ...statements: readonly string[]): Promise<void> {
  return query(new URL('/postgres', databaseUrl).href, ...statements);
}

async function query(databaseUrl: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function fleetIn(database: Database): FleetStore {
  return database.fleet ?? expect.unreachable();
}

async function publish(store: PrismaPolicyStore, name: string, follows: string | null): Promise<string> {
  const id = `sha256:${name.padEnd(64, '0')}`;
  await store.saveVersion({ id, document: {}, authors: [], message: name, parent: null, at: 0 });
  await store.publish({ version: id, by: 'one', at: 0, draft: null, approvals: [], follows });
  return id;
}

/** A database of which there are two: as they were until one of them went on, and the other one too. */
async function parted(name: string) {
  const settings = await server.createStore(name);
  const first = await openDatabase(settings);
  await new PrismaConsentStore(first).append([event('before')]);
  await first.close();
  const other = { ...settings, databaseUrl: new URL(`/${name}_other`, settings.databaseUrl).href };
  await administer(settings.databaseUrl, `CREATE DATABASE ${name}_other TEMPLATE ${name}`);
  return {
    settings,
    other,
    /** Puts the other one in the place of the first, as the promotion of a standby does. */
    promote: () =>
      administer(
        settings.databaseUrl,
        `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
        `ALTER DATABASE ${name} RENAME TO ${name}_lost`,
        `ALTER DATABASE ${name}_other RENAME TO ${name}`,
      ),
  };
}

/** What comes of a question once the connections that were ended are made again. */
async function afterReconnecting<T>(question: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await question();
    } catch (error) {
      if (error instanceof ConsentStoreLost) throw error;
    }
  }
}

it('tells those who look after it how far each member is, how old its lease is, and what it runs', async () => {
  const settings = await server.createStore('fleet_told');
  const database = await openDatabase(settings);
  const newer = await openDatabase({ ...settings, build: '9.9.9' });
  const store = new PrismaConsentStore(database);
  await store.append([event('one'), event('two')]);
  const applied = { ...BEGINNING, revision: 2, entry: store.lastLink };
  const version = await publish(new PrismaPolicyStore(database), 'feed', null);
  const { epoch } = await fleetIn(newer).join(LEASE_MS);
  const processes = new ServerProcessStore(database);
  const told = async () => {
    const { revision, processes: all } = await processes.now();
    return { head: revision, ...all.find(({ id }) => id === String(epoch)) };
  };
  const joined = { head: 2, build: '9.9.9', lease: LEASE_MS, revision: -1, policy: null, isHeld: false };
  expect(await told()).toMatchObject({ ...joined, isEvicted: false });
  await fleetIn(newer).acknowledge(epoch, { ...applied, publication: 1 }, true);
  await fleetIn(newer).renew(epoch);
  const { leaseAge = NaN, isDeciding } = await told();
  expect(leaseAge).toBeGreaterThanOrEqual(0);
  expect(isDeciding).toBe(leaseAge <= LEASE_MS);
  expect(await told()).toMatchObject({ revision: 2, policy: version, isHeld: true });
  await query(
    settings.databaseUrl ?? '',
    `UPDATE fleet_member SET renewed_at = renewed_at - interval '1 minute' WHERE epoch = ${epoch}`,
  );
  const late = await told();
  expect(late).toMatchObject({ isDeciding: false, isEvicted: false });
  expect(late.leaseAge).toBeGreaterThan(60_000 - 1);
  await fleetIn(database).evict(epoch);
  expect(await told()).toMatchObject({ isDeciding: false, isEvicted: true });
  await fleetIn(database).remove(epoch);
  // nobody is left who could be told of
  expect((await processes.now()).processes).toEqual([]);
  await Promise.all([database.close(), newer.close()]);
});

describe('the fleet store', () => {
  let database: Database;
  let other: Database;
  let applied: Reached;
  let settings: Awaited<ReturnType<PostgresServer['createStore']>>;

  beforeAll(async () => {
    settings = await server.createStore('fleet');
    database = await openDatabase(settings);
    other = await openDatabase(settings);
    const store = new PrismaConsentStore(database);
    await store.append([event('one'), event('two')]);
    applied = { ...BEGINNING, revision: 2, entry: store.lastLink };
  });
  afterAll(() => Promise.all([database.close(), other.close()]));

  it('says what a member has applied, and whether it says so of this server', async () => {
    const { epoch, server: here } = await fleetIn(other).join(LEASE_MS);
    const joined = {
      epoch,
      lease: LEASE_MS,
      applied: NOWHERE,
      isHere: false,
      isHeld: false,
      isEvicted: false,
    };
    expect(await fleetIn(database).others(0, applied)).toEqual([joined]);
    fleetIn(other).server = here;
    await fleetIn(other).acknowledge(epoch, applied, false);
    const reached = { ...joined, applied: { revision: 2, publication: 0 } };
    expect(await fleetIn(database).others(0, applied)).toEqual([{ ...reached, isHere: true }]);
    await fleetIn(other).acknowledge(epoch, applied, true);
    expect(await fleetIn(database).others(0, applied)).toEqual([{ ...reached, isHere: true, isHeld: true }]);
    await fleetIn(other).acknowledge(epoch, applied, false);
    await query(settings.databaseUrl, `UPDATE fleet_member SET server = 'elsewhere'`);
    expect(await fleetIn(database).others(0, applied)).toEqual([reached]);
    expect(await fleetIn(other).others(epoch, applied)).toEqual([]);
    await fleetIn(database).remove(epoch, 'elsewhere');
    expect(await fleetIn(database).others(0, applied)).toEqual([reached]);
    await fleetIn(database).remove(epoch, here);
    expect(await fleetIn(database).others(0, applied)).toEqual([]);
  });

  it('tells the others of whatever is written: of changes how far, of a publication that there is something', async () => {
    const told: (News | undefined)[] = [];
    const stop = fleetIn(other).onNews((news) => told.push(news));
    await new PrismaConsentStore(database).append([event('three')]);
    await publish(new PrismaPolicyStore(database), 'd', null);
    await expect
      .poll(() => told)
      .toEqual([
        { kind: 'written', revision: 3 },
        { kind: 'written', revision: 0 },
      ]);
    stop();
  });

  it('counts those whose leases hold, and none that was killed and is there until somebody evicts it', async () => {
    const epochs = [
      (await fleetIn(other).join(LEASE_MS)).epoch,
      (await fleetIn(database).join(LEASE_MS)).epoch,
    ];
    expect(await fleetIn(database).renewing()).toBe(2);
    const client = new Client({ connectionString: settings.databaseUrl });
    await client.connect();
    await client.query(
      "UPDATE fleet_member SET renewed_at = renewed_at - interval '1 hour' WHERE epoch = $1",
      epochs.slice(0, 1),
    );
    await client.end();
    expect(await fleetIn(database).renewing()).toBe(1);
    for (const epoch of epochs) await fleetIn(other).remove(epoch);
    expect(await fleetIn(database).renewing()).toBe(0);
  });

  it('takes in nobody who holds a lease of another length than those that are there, and says how long theirs is', async () => {
    const { epoch } = await fleetIn(other).join(3_000);
    await expect(fleetIn(database).join(LEASE_MS)).rejects.toThrow(
      'the processes on this database hold leases of 3000 ms, and LEASE_MS is 2000 here: give all of them the same',
    );
    expect(await fleetIn(other).others(epoch, applied)).toEqual([]);
    // one whose lease would have ended long ago is gone, and is waited for as long as it holds one
    await query(settings.databaseUrl, `UPDATE fleet_member SET renewed_at = renewed_at - interval '12 s'`);
    const { epoch: next } = await fleetIn(database).join(LEASE_MS);
    expect(await fleetIn(database).others(next, applied)).toEqual([
      { epoch, lease: 3_000, applied: NOWHERE, isHere: false, isHeld: false, isEvicted: true },
    ]);
    for (const each of [epoch, next]) await fleetIn(database).remove(each);
  });

  it.each([
    ['an entry', { entry: Buffer.from('of another') }],
    ['a publication', { publication: 1, published: Buffer.from('of another') }],
    ['an entry that is not there', { revision: 3 }],
  ])(
    'takes a member that has applied %s of another history for one that has applied nothing',
    async (_what, of) => {
      const { epoch } = await fleetIn(other).join(LEASE_MS);
      await fleetIn(other).acknowledge(epoch, { ...applied, ...of }, false);
      expect(await fleetIn(database).others(0, applied)).toEqual([
        {
          epoch,
          lease: LEASE_MS,
          applied: NOWHERE,
          isHere: expect.any(Boolean),
          isHeld: false,
          isEvicted: false,
        },
      ]);
      expect(await fleetIn(database).others(0, { ...applied, ...of })).toBeUndefined();
      await fleetIn(other).remove(epoch);
    },
  );
});

describe('a connection that breaks off while it is used', () => {
  it('costs what was asked on it, and no more', async () => {
    const { databaseUrl, dataDir } = await server.createStore('broken');
    const proxy = await freezingProxy(databaseUrl);
    const database = await openDatabase({ databaseUrl: proxy.url, dataDir });
    const fleet = fleetIn(database);
    const { epoch } = await fleet.join(LEASE_MS);
    proxy.freeze();
    const renewed = fleet.renew(epoch);
    proxy.leadTo(databaseUrl);
    await expect(renewed).rejects.toThrow(
      'the connection to the database broke when it was asked for the processes that share it',
    );
    expect(await fleet.renew(epoch)).toBeDefined();
    await database.close();
    proxy.close();
  });
});

const RELOAD = 'SELECT pg_reload_conf()';

/** As a new connection has it. */
async function settingOn(databaseUrl: string): Promise<unknown> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ readonly synchronous_commit: string }>('SHOW synchronous_commit');
  await client.end();
  return rows[0]?.synchronous_commit;
}

describe('a database on which commits wait for nothing', () => {
  it('has them wait for the disk, and for the standby, where this service writes', async () => {
    const settings = await server.createStore('careless');
    await administer(settings.databaseUrl, 'ALTER DATABASE careless SET synchronous_commit = off');
    const database = await openDatabase(settings);
    const said = async (prisma: Database['prisma']) => prisma.$queryRaw`SHOW synchronous_commit`;
    const waits = [{ synchronous_commit: 'on' }];
    expect(await database.toTheEnd(said)).toEqual(waits);
    expect(await said(database.prisma)).toEqual(waits);
    expect((await database.pool?.query('SHOW synchronous_commit'))?.rows).toEqual(waits);
    await database.close();
  });

  it('has them wait also when the server is told so while this service runs', async () => {
    const settings = await server.createStore('careless_later');
    const database = await openDatabase(settings);
    const said = async (prisma: Database['prisma']) => prisma.$queryRaw`SHOW synchronous_commit`;
    const waits = [{ synchronous_commit: 'on' }];
    expect(await database.toTheEnd(said)).toEqual(waits);
    await administer(settings.databaseUrl, 'ALTER SYSTEM SET synchronous_commit = off', RELOAD);
    await expect.poll(() => settingOn(settings.databaseUrl)).toBe('off');
    expect(await database.toTheEnd(said)).toEqual(waits);
    await administer(settings.databaseUrl, 'ALTER SYSTEM RESET synchronous_commit', RELOAD);
    await database.close();
  });
});

describe('a statement of the fleet that fails', () => {
  it('gives its connection up, also when the server has warned before', async () => {
    const settings = await server.createStore('warned');
    const database = await openDatabase(settings);
    const fleet = fleetIn(database);
    const { epoch } = await fleet.join(LEASE_MS);
    await query(
      settings.databaseUrl,
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE WARNING 'no standby'; RAISE EXCEPTION 'and no space'; END $$`,
      'CREATE TRIGGER fails BEFORE UPDATE ON fleet_member EXECUTE FUNCTION fail()',
    );
    // more often than the pool has connections
    for (let time = 0; time < 5; time++) await expect(fleet.renew(epoch)).rejects.toThrow('`P0001`');
    await query(settings.databaseUrl, 'DROP TRIGGER fails ON fleet_member');
    expect(await fleet.renew(epoch)).toBeDefined();
    await database.close();
  });

  it('says why by the code of the database, and names nothing of DATABASE_URL', async () => {
    const settings = await server.createStore('a_dropped_one');
    const database = await openDatabase(settings);
    const fleet = fleetIn(database);
    const { pool = expect.unreachable(), vault } = database;
    const shared = new ServerSnapshots(pool, vault, 1);
    await administer(settings.databaseUrl, 'DROP DATABASE a_dropped_one WITH (FORCE)');
    const statements: Readonly<Record<string, () => Promise<unknown>>> = {
      join: () => fleet.join(LEASE_MS),
      renew: () => fleet.renew(1),
      acknowledge: () => fleet.acknowledge(1, BEGINNING, false),
      others: () => fleet.others(0, BEGINNING),
      tell: () => fleet.tell({ kind: 'written', revision: 1 }),
      latest: () => shared.latest(),
      share: () => shared.share(1, 1, chunks()),
      dropStale: () => shared.dropStale(),
    };
    for (const [name, statement] of Object.entries(statements)) {
      const refusal = async () => {
        const said = await statement().then(
          () => 'it was done',
          (error: unknown) => inspect(error),
        );
        expect(said, name).not.toMatch(/a_dropped_one|of-a-test/);
        return said;
      };
      // at first it hears that its connection was ended
      await expect.poll(refusal, { message: name }).toMatch(/`3D000`|has no database of that name/);
    }
    await database.close();
  });
});

async function* chunks(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from('a piece');
}

describe('a process whose database was replaced by one that lacks what it has read', () => {
  it('writes nothing, and takes nothing for confirmed', async () => {
    const { settings, other, promote } = await parted('replaced');
    const database = await openDatabase(settings);
    const store = new PrismaConsentStore(database);
    await store.append([event('lost')]);
    const reached = { ...BEGINNING, revision: 2, entry: store.lastLink };
    expect(await fleetIn(database).others(0, reached)).toEqual([]);
    const standby = await openDatabase(other);
    await new PrismaConsentStore(standby).append([event('instead')]);
    await standby.close();
    await promote();
    const write = () => store.append([event('next')], { after: 2 });
    await expect(afterReconnecting(write)).rejects.toBeInstanceOf(ConsentStoreLost);
    expect(await afterReconnecting(() => fleetIn(database).others(0, reached))).toBeUndefined();
    await expect(afterReconnecting(() => store.read(2, 10))).rejects.toBeInstanceOf(ConsentStoreLost);
    await database.close();
  });

  it('finds that out also after an erasure that it has written and not read', async () => {
    const { settings, other, promote } = await parted('erased');
    const database = await openDatabase(settings);
    const store = new PrismaConsentStore(database);
    await store.read(0, 10);
    const last = await store.append([event('lost')]);
    await store.erase('before', { kind: 'user', id: 'before' }, 0);
    const standby = await openDatabase(other);
    await new PrismaConsentStore(standby).append([event('instead'), event('then'), event('later')]);
    await standby.close();
    await promote();
    const { revision = 0 } = last[0] ?? {};
    await expect(afterReconnecting(() => store.read(revision, 10))).rejects.toBeInstanceOf(ConsentStoreLost);
    await database.close();
  });

  it('finds that out also when it could not use the entries that it had read last', async () => {
    const { settings, other, promote } = await parted('halfway');
    const database = await openDatabase(settings);
    const store = new PrismaConsentStore(database);
    await store.append([event('lost')]);
    await store.read(0, 10);
    const writer = await openDatabase(settings);
    const writing = new PrismaConsentStore(writer);
    await writing.read(0, 10);
    await writing.erase('before', { kind: 'user', id: 'before' }, 0);
    await writer.close();
    // who was erased is read by a statement of its own
    await query(settings.databaseUrl, 'ALTER TABLE consent_erased RENAME TO away');
    await expect(store.read(2, 10)).rejects.toThrow('the database failed');
    const standby = await openDatabase(other);
    await new PrismaConsentStore(standby).append([event('instead'), event('then'), event('later')]);
    await standby.close();
    await promote();
    await expect(afterReconnecting(() => store.read(2, 10))).rejects.toBeInstanceOf(ConsentStoreLost);
    await database.close();
  });

  it('takes nothing that it reads there, until it has proved there that it is in the fleet', async () => {
    const { settings, promote } = await parted('moved');
    const database = await openDatabase(settings);
    const store = new PrismaConsentStore(database);
    const fleet = fleetIn(database);
    fleet.server = (await fleet.join(LEASE_MS)).server;
    const entries = await store.read(0, 10);
    const reached = { ...BEGINNING, revision: 1, entry: store.lastLink };
    expect(await fleet.others(0, reached)).toHaveLength(1);
    await promote();
    const refusalOf = (reading: Promise<unknown>) =>
      reading.then(
        () => 'it was read',
        (error: unknown) => inspect(error),
      );
    for (const reads of [
      () => store.read(1, 10),
      () => fleet.others(0, reached),
      () => store.importMark('one'),
      () => store.lastChoices([{ user: 'before', purpose: 'ads' }]),
    ])
      await expect.poll(() => refusalOf(reads())).toMatch(/the database answered on another server|57P01/);
    fleet.server = (await fleet.join(LEASE_MS)).server;
    expect(await store.read(0, 10)).toEqual(entries);
    expect(await fleet.others(0, reached)).toHaveLength(1);
    await database.close();
  });

  it('has no part in the membership of a process that joins the other one', async () => {
    const { settings, promote } = await parted('rejoined');
    const former = await openDatabase(settings);
    const { epoch: lost } = await fleetIn(former).join(LEASE_MS);
    await promote();
    const database = await openDatabase(settings);
    const { epoch } = await fleetIn(database).join(LEASE_MS);
    expect(await afterReconnecting(() => fleetIn(former).renew(lost))).toBeUndefined();
    await fleetIn(former).remove(lost);
    expect(await fleetIn(database).renew(epoch)).toBeDefined();
    await Promise.all([former.close(), database.close()]);
  });

  it('publishes nothing', async () => {
    const { settings, other, promote } = await parted('republished');
    const database = await openDatabase(settings);
    const policies = new PrismaPolicyStore(database);
    const lost = await publish(policies, 'a', null);
    const standby = await openDatabase(other);
    await publish(new PrismaPolicyStore(standby), 'b', null);
    await standby.close();
    await promote();
    await afterReconnecting(() => policies.publications(1));
    await expect(publish(policies, 'c', lost)).rejects.toThrow('has gone on meanwhile');
    await database.close();
  });
});

/** What a user says of one purpose; nothing is written where it stands so. */
function says(user: string, choice: 'denied' | 'granted'): ChangeRequest {
  return {
    user,
    at: Date.now(),
    by: { kind: 'user', id: user },
    via: 'settings',
    ...(choice === 'denied' ? { closes: ['ads'] } : { opens: ['ads'] }),
    settle: ({ choices }) =>
      choices.get('ads')?.choice === choice
        ? []
        : [{ kind: 'choice', purpose: 'ads', choice, notice: 0, signal: false }],
  };
}

/** Joins with a log on a database; none looks at the log or at the others by itself in a short time. */
async function joined(database: Database): Promise<ConsentLog> {
  const log = new ConsentLog(
    new PrismaConsentStore(database),
    (error) => expect.unreachable(String(error)),
    undefined,
    termsOf(120_000),
  );
  await log.follow();
  await log.join();
  return log;
}

describe('an opt-in', () => {
  it('is refused by a process that has started while an opt-out of the same was not confirmed', async () => {
    const settings = await server.createStore('started');
    const databases = [await openDatabase(settings), await openDatabase(settings)] as const;
    const here = await joined(databases[0]);
    // a process that hangs
    const { epoch: hanging } = await fleetIn(databases[0]).join(120_000);
    const denied = here.change(says('u-1', 'denied'));
    await expect.poll(() => here.state.recordOf('u-1').choices.get('ads')?.choice).toBe('denied');
    const there = await joined(databases[1]);
    await expect(there.change(says('u-1', 'granted'))).rejects.toMatchObject({ code: 'opt_out_in_progress' });
    await fleetIn(databases[1]).remove(hanging);
    await there.change(says('u-2', 'denied'));
    expect((await denied).changed).toBe(true);
    await Promise.all([here.close(), there.close()]);
    await Promise.all(databases.map((database) => database.close()));
  });
});

describe('a no that seems to stand', () => {
  it('holds against a grant that another process has written, and that this one has not read yet', async () => {
    const settings = await server.createStore('standing');
    const one = await openDatabase(settings);
    const two = await openDatabase(settings);
    let isDeaf = false;
    const fleet = fleetIn(one);
    const hear = fleet.onNews.bind(fleet);
    fleet.onNews = (listener) => hear((news) => (isDeaf ? undefined : listener(news)));
    const here = await joined(one);
    const there = await joined(two);
    await here.change(says('u-1', 'denied'));

    isDeaf = true;
    const granting = async (): Promise<unknown> => {
      try {
        return await there.change(says('u-1', 'granted'));
      } catch (error) {
        if (!(error instanceof DomainError && error.code === 'opt_out_in_progress')) throw error;
        // until it has heard that the no is confirmed
        await turn();
        return granting();
      }
    };
    const granted = granting();
    await expect.poll(() => there.state.recordOf('u-1').choices.get('ads')?.choice).toBe('granted');
    const denied = here.change(says('u-1', 'denied'));
    isDeaf = false;
    await Promise.all([granted, denied]);
    for (const log of [here, there]) {
      await log.follow();
      expect(log.state.recordOf('u-1').choices.get('ads')?.choice).toBe('denied');
      await log.close();
    }
    await Promise.all([one.close(), two.close()]);
  });
});

describe('a process that a publication has overtaken', () => {
  /** A process that has read of one publication, and cannot read the next one once. */
  async function overtaken(name: string) {
    const settings = await server.createStore(name);
    const [here, there] = [await openDatabase(settings), await openDatabase(settings)];
    const [policies, elsewhere] = [new PrismaPolicyStore(here), new PrismaPolicyStore(there)];
    const first = await publish(elsewhere, 'a', null);
    const store = new PrismaConsentStore(here);
    const log = new ConsentLog(store, () => undefined, undefined, termsOf(120_000));
    let fails: 'not yet' | 'now' | 'has' = 'not yet';
    const known = { count: 0, link: Buffer.alloc(0) };
    log.follows({
      get count() {
        return known.count;
      },
      get link() {
        return known.link;
      },
      pending: async () => {
        if (fails === 'now') {
          fails = 'has';
          throw new Error('the database does not answer');
        }
        return (await policies.chainedPublications(known.count)).map(({ sequence, hash, after }) => ({
          after,
          put: () => Object.assign(known, { count: sequence, link: hash }),
        }));
      },
      prepare: async () => undefined,
    });
    await log.follow();
    await log.join();
    await log.change(says('u-1', 'granted'));
    fails = 'now';
    await new PrismaConsentStore(there).read(0, 1);
    await publish(elsewhere, 'b', first);
    await expect.poll(() => fails).toBe('has');
    return {
      known,
      log,
      store,
      close: async () => {
        await log.close();
        await Promise.all([here.close(), there.close()]);
      },
    };
  }

  it('settles no change by the policy of before', async () => {
    const { known, log, close } = await overtaken('overtaken');
    let settledUnder = 0;
    const { settle, ...asked } = says('u-1', 'denied');
    await log.change({
      ...asked,
      settle: (record, ends) => {
        settledUnder = known.count;
        return settle(record, ends);
      },
    });
    expect(settledUnder).toBe(2);
    await close();
  });

  it('sets no time at which grants are looked at, puts none off, and does not say how far it has come', async () => {
    const { known, log, store, close } = await overtaken('overtaken_deadlines');
    const { revision } = log.state;
    const mark = { terms: 'of before', reached: 9, isDone: true };
    const deadline = { revision, subject: 1, due: 5 };
    await expect(store.setDeadlines([deadline], revision, known.link)).rejects.toThrow(Overtaken);
    await expect(store.putOffDeadlines([deadline], [], revision, known.link)).rejects.toThrow(Overtaken);
    await expect(store.markLapses(mark, known.link)).rejects.toThrow(Overtaken);
    expect([await store.nextDue(), await store.lapseMark()]).toEqual([undefined, undefined]);
    await log.follow();
    await store.setDeadlines([deadline], revision, known.link);
    await store.markLapses(mark, known.link);
    expect([await store.nextDue(), await store.lapseMark()]).toEqual([5, mark]);
    await close();
  });
});
