/** The key of the store is replaced while processes read and write; at the end the one before opens nothing any more. */
import { randomBytes } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verification } from '../../src/consent/upkeep/verification.js';
import { Overtaken } from '../../src/fleet/fleet.store.js';
import { changeRing, readRing } from '../../src/store/database/key-ring.js';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { headOf } from '../../src/store/database/log-head.js';
import { StoreKey } from '../../src/store/database/store-key.js';
import { KeyReplacement } from '../../src/store/keys/key-replacement.js';
import { logOf } from '../../src/work/chore-log.js';
import { keyChore } from '../../src/upkeep/keys/follow-keys.js';
import { type KeyPlace, progressIn, tellAtStart } from '../../src/upkeep/keys/key-progress.js';
import { dropKey, listedKeys, replaceKey } from '../../src/upkeep/keys/store-keys.js';
import { PrismaCaseStore } from '../../src/store/prisma-cases.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PrismaExtractStore } from '../../src/store/prisma-extracts.store.js';
import { PrismaPolicyStore } from '../../src/store/prisma-policy.store.js';
import { PrismaReceiptKeyStore } from '../../src/store/prisma-receipt-keys.store.js';
import { PrismaUseStore } from '../../src/store/prisma-uses.store.js';
import { ServerSnapshots } from '../../src/store/server-snapshots.js';
import { newDataFolder } from '../data-folder.js';
import { opening } from './case.store.contract.js';
import { event } from './consent.store.contract.js';
import { openingOf } from './extract.store.contract.js';
import { times } from '../times.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const AT = 1_800_000_000_000;
const DAY = 20_000;
const BY = { kind: 'service', id: 'accounts' } as const;
/** More than are sealed anew at once. */
const USERS = times(600, 300);

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

function storesOn(database: Database) {
  return {
    consent: new PrismaConsentStore(database),
    policies: new PrismaPolicyStore(database),
    cases: new PrismaCaseStore(database),
    extracts: new PrismaExtractStore(database),
    receiptKeys: new PrismaReceiptKeyStore(database, database.vault),
    uses: new PrismaUseStore(database),
    snapshots: database.pool && new ServerSnapshots(database.pool, database.vault, 1),
  };
}
type Stores = ReturnType<typeof storesOn>;

/** What there is once in a store, named by a letter. */
async function fill(stores: Stores, letter: string): Promise<void> {
  const users = Array.from({ length: USERS }, (_, place) => event(`${letter}-${place}`));
  await untilWritten(() => stores.consent.append(users));
  await untilWritten(() => stores.consent.erase(`${letter}-1`, BY, AT));
  for (const number of [1, 2])
    expect(await stores.cases.append(`case ${letter}`, number, { ...opening(), at: AT + number })).toBe(true);
  await stores.extracts.open(letter, openingOf());
  await stores.extracts.add(letter, 1, 1, Buffer.from(letter));
  await stores.extracts.putTogether(letter, { bucket: 0, upTo: 1, content: Buffer.from(letter) }, 1, 0);
  const unlearned = { since: letter, revision: 1, parts: 1, by: letter, at: AT };
  await stores.extracts.unlearn(letter, unlearned, 9);
  await stores.receiptKeys.retire('the one before', AT);
  for (const key of await stores.receiptKeys.all()) await stores.receiptKeys.retire(key.kid, AT);
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x: letter } as const;
  await stores.receiptKeys.add({ kid: letter, publicKey, privateKey: Buffer.from(letter), createdAt: AT });
  await stores.uses.noteLookup([3], { at: AT, by: letter, role: 'privacy_officer', reason: letter });
  await countUses(stores, letter);
}

async function countUses({ uses }: Stores, writer: string): Promise<void> {
  const start = { sequence: 0, at: 0, nextBlock: 0, skip: 0 };
  const term = {
    content: '"ads"',
    client: '"a"',
    purpose: '"p"',
    fields: '[]',
    reason: '"permitted"',
    day: DAY,
  };
  const said = {
    client: 'a',
    purpose: 'p',
    field: 'f',
    item: null,
    reader: null,
    reason: 'case_scope',
  } as const;
  const rolled = {
    highest: 0,
    terms: [{ ...term, case: null }],
    counts: [],
    sets: [],
    totals: [{ day: DAY, term: 0, count: 1, strangers: 0 }],
    accesses: [{ ...said, day: DAY, case: '"c"', at: AT }],
    discharges: [],
  };
  expect(await uses.add(writer, start, { ...start, skip: 1 }, rolled)).toBe(true);
}

/** A store that was overtaken is asked again, as `src/fleet/turns.ts` does. */
async function untilWritten(write: () => Promise<unknown>): Promise<void> {
  await write().catch(write);
}

/** Everything that a store says. */
async function said({ consent, cases, extracts, receiptKeys, uses }: Stores, letters: readonly string[]) {
  const whole = { fromDay: 0, toDay: DAY };
  const told: unknown[] = [await consent.read(0, 10_000), await consent.erasedLately()];
  for (const letter of letters)
    told.push(
      await consent.readUser(`${letter}-2`, 0, 10),
      await consent.knows(`${letter}-1`),
      await cases.readAll([`case ${letter}`]),
      await extracts.read(letter),
      await extracts.parts(letter, 0, 10),
      await extracts.buckets(letter, -1, 10),
      await extracts.unlearned(letter),
    );
  const keys = await receiptKeys.all();
  for (const { kid } of keys) told.push(kid, await receiptKeys.privateKeyOf(kid));
  told.push(
    await uses.lookupsOf(3, undefined, 10),
    await uses.accessesUnder('"c"', undefined, 10),
    await uses.totals(whole, { day: DAY + 1, term: '0' }, 10),
  );
  return told;
}

async function isIntact({ consent, policies }: Stores): Promise<unknown> {
  let last: unknown;
  for await (const report of verification(consent, policies)) last = report;
  return last;
}

const ringIn = (settings: DatabaseSettings) => settings.keyFile ?? join(settings.dataDir, 'key');

async function addKey(settings: DatabaseSettings, since: number): Promise<void> {
  await changeRing(ringIn(settings), (ring) => [{ key: randomBytes(32), since }, ...ring]);
}

async function dropAllButNewest(settings: DatabaseSettings): Promise<void> {
  await changeRing(ringIn(settings), (ring) => ring.slice(0, 1));
}

async function wholePass(database: Database): Promise<number> {
  let resealed = 0;
  for await (const slice of new KeyReplacement(database).pass()) ({ resealed } = slice);
  return resealed;
}

describe.each([
  ['embedded', async (): Promise<DatabaseSettings> => ({ dataDir: await newDataFolder() })],
  ['on a server', () => server.createStore('keys')],
])('the key of a store, %s', (_kind, settingsOf) => {
  let settings: DatabaseSettings;
  beforeAll(async () => {
    settings = await settingsOf();
  });

  it('is replaced twice, and what it sealed reads as before without it', async () => {
    const letters = ['a'];
    const [first] = await opened(settings, async (database) => {
      const stores = storesOn(database);
      await fill(stores, 'a');
      return [database.vault.current.id, await said(stores, letters)];
    });
    for (const [round, letter] of ['b', 'c'].entries()) {
      await addKey(settings, AT + round);
      const before = await opened(settings, async (database) => {
        const stores = storesOn(database);
        const told = await said(stores, letters);
        await new KeyReplacement(database).begin();
        // half of a pass, and then another from the start
        for await (const { looked } of new KeyReplacement(database).pass()) if (looked > USERS / 2) break;
        expect(await said(stores, letters)).toEqual(told);
        expect(await isIntact(stores)).toMatchObject({ intact: true });
        await fill(stores, letter);
        return said(stores, [...letters, letter]);
      });
      letters.push(letter);
      await opened(settings, async (database) => {
        expect(await wholePass(database)).toBeGreaterThan(0);
        expect(await wholePass(database)).toBe(0);
        const [present, ...former] = database.vault.ring;
        const counts = await new KeyReplacement(database).counts();
        expect(counts.get(present?.id ?? '')).toBeGreaterThan(USERS);
        expect(former.map(({ id }) => counts.get(id))).toEqual([0]);
      });
      await dropAllButNewest(settings);
      await opened(settings, async (database) => {
        const stores = storesOn(database);
        expect(await said(stores, letters)).toEqual(before);
        expect(await isIntact(stores)).toMatchObject({ intact: true });
        // what is counted later is counted with what was
        const totals = await stores.uses.totals({ fromDay: 0, toDay: DAY }, { day: DAY + 1, term: '0' }, 9);
        expect(totals.map(({ count }) => count)).toEqual([letters.length]);
      });
    }
    expect(readRing(ringIn(settings)).map((key) => new StoreKey(key).id)).not.toContain(first);
  });

  it('is not taken for another one, where the file has a key that the store does not know', async () => {
    const whole = await readFile(ringIn(settings), 'utf8');
    await changeRing(ringIn(settings), () => [{ key: randomBytes(32), since: AT }]);
    await expect(openDatabase(settings)).rejects.toThrow('is not that of this database');
    await changeRing(ringIn(settings), () => readRingOf(whole));
  });
});

it('is replaced under processes that do not know: they go on, and seal nothing with the one before', async () => {
  const settings = await server.createStore('keys_of_several');
  await opened(settings, async (one) => {
    const mine = storesOn(one);
    await fill(mine, 'a');
    await opened(settings, async (other) => {
      const theirs = storesOn(other);
      await theirs.consent.read(0, 10_000);
      await addKey(settings, AT);
      await new KeyReplacement(one).begin();
      await fill(mine, 'b');
      await theirs.consent.read(0, 10_000);
      await fill(theirs, 'c');
      expect(other.vault.current.id).toBe(one.vault.current.id);
      await wholePass(one);
      await expect(
        theirs.snapshots?.share(1, 0, pieces()).then(() => theirs.snapshots?.latest()),
      ).resolves.toBe(1);
      await dropAllButNewest(settings);
      for (const letter of ['a', 'b', 'c'])
        expect(await theirs.consent.readUser(`${letter}-2`, 0, 10)).toHaveLength(1);
    });
  });
  await opened(settings, async (database) => {
    expect(await isIntact(storesOn(database))).toMatchObject({ intact: true });
    expect(await said(storesOn(database), ['a', 'b', 'c'])).toBeDefined();
  });
});

it.each([
  ['a case', (stores: Stores) => stores.cases.append('late', 1, opening())],
  ['an extract', (stores: Stores) => stores.extracts.open('late', openingOf())],
  [
    'a look-up',
    (stores: Stores) => stores.uses.noteLookup([1], { at: 1, by: 'x', role: 'privacy_officer', reason: 'r' }),
  ],
  ['a use under a case', (stores: Stores) => countUses(stores, 'late')],
  ['a user', (stores: Stores) => untilWritten(() => stores.consent.append([event('late')]))],
])('%s that was on its way when the key was replaced is sealed with the new one', async (what, write) => {
  const settings = await server.createStore(`late_${what.replaceAll(/\W/g, '_')}`);
  await opened(settings, async (one) => {
    await opened(settings, async (other) => {
      const theirs = storesOn(other);
      await theirs.consent.read(0, 10);
      await addKey(settings, AT);
      await new KeyReplacement(one).begin();
      await write(theirs);
    });
    const [present, former] = one.vault.ring;
    const counts = await new KeyReplacement(one).counts();
    expect(counts.get(former?.id ?? '')).toBe(0);
    expect(counts.get(present?.id ?? '')).toBe(1);
  });
});

/** A process that has read the log, on a store whose key another process has replaced since. */
async function overtaken(
  name: string,
  work: (process: { readonly database: Database; readonly settings: DatabaseSettings }) => Promise<void>,
): Promise<DatabaseSettings> {
  const settings = await server.createStore(name);
  await opened(settings, (one) =>
    opened(settings, async (database) => {
      await storesOn(one).consent.append([event('before')]);
      await storesOn(database).consent.read(0, 10);
      await addKey(settings, AT);
      await new KeyReplacement(one).begin();
      await work({ database, settings });
    }),
  );
  return settings;
}

it('a user who is admitted while their process learns of the new key is found when the former one is gone', async () => {
  const settings = await overtaken('keys_of_a_turn', async ({ database }) => {
    const { keyCheck, lasting } = await database.prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } });
    // as another part of the process does at any time
    const learns = () => {
      database.vault.follow(keyCheck, lasting);
      return true;
    };
    const { consent } = storesOn(database);
    await untilWritten(() => consent.append([event('late')], { isNew: learns }));
    await wholePass(database);
  });
  await dropAllButNewest(settings);
  await opened(settings, async (database) => {
    const { consent } = storesOn(database);
    await consent.append([event('late')]);
    expect(await consent.readUser('late', 0, 10)).toHaveLength(2);
    expect(await isIntact(storesOn(database))).toMatchObject({ intact: true });
  });
});

it.each<[string, (stores: Stores, user: string) => Promise<unknown>, unknown]>([
  ['knows them', ({ consent }, user) => consent.knows(user), true],
  ['has their history', async ({ consent }, user) => (await consent.readUser(user, 0, 10)).length, 1],
  [
    'has what they chose last',
    async ({ consent }, user) => (await consent.lastChoices([{ user, purpose: 'ads' }])).length,
    1,
  ],
  [
    'erases them',
    async ({ consent }, user) => {
      const erase = () => consent.erase(user, BY, AT);
      return (await erase().catch(erase))?.revision;
    },
    4,
  ],
])(
  'a process that has not heard of a replacement %s, also where they came after it',
  async (what, ask, told) => {
    await overtaken(`keys_unheard_${what.replaceAll(/\W/g, '_')}`, async ({ database, settings }) => {
      await opened(settings, async (other) => {
        const chose = { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 1, signal: false } as const;
        await storesOn(other).consent.append([event('new', chose), event('newer')]);
      });
      expect(await ask(storesOn(database), 'new')).toBe(told);
    });
  },
);

it('a build that names no key in its statements admits nobody after a replacement', async () => {
  await overtaken('keys_of_an_older_writer', async ({ database: { prisma, vault } }) => {
    const { row } = vault.admit(2, 'late', vault.current);
    const [lookup, sealed] = [Uint8Array.from(row.lookup), Uint8Array.from(row.sealed)];
    const write = prisma.$executeRaw`
      WITH head AS (UPDATE consent_head SET revision = 2, subject = 2 WHERE revision = 1 RETURNING id)
      INSERT INTO consent_subject (id, lookup, sealed) SELECT 2, ${lookup}::bytea, ${sealed}::bytea FROM head`;
    await expect(write).rejects.toThrow('sealed with a former key');
    expect(Number((await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } })).revision)).toBe(1);
  });
});

it('a user whom the state knows gets no other number when the log does not find them: nothing is written', async () => {
  const settings = await server.createStore('keys_of_a_lost_user');
  await opened(settings, (database) => storesOn(database).consent.append([event('a')]));
  await opened(settings, async (database) => {
    const { consent } = storesOn(database);
    const knowsThem = { isNew: (user: string) => user !== 'a' };
    await database.prisma
      .$executeRaw`UPDATE consent_subject SET lookup = substring(sha256(lookup) FROM 1 FOR 16)`;
    await expect(consent.append([event('b'), event('a')], knowsThem)).rejects.toThrow('does not find a user');
    expect(await consent.head()).toBe(1);
    // somebody else may have erased them: that is learned first
    await consent.read(0, 10);
    await opened(settings, (other) => storesOn(other).consent.append([event('c')]));
    await expect(consent.append([event('a')], knowsThem)).rejects.toThrow(Overtaken);
  });
});

it('a process that is overtaken by a replacement writes when it has read on', async () => {
  await overtaken('keys_of_a_reader', async ({ database }) => {
    const { consent } = storesOn(database);
    await expect(consent.append([event('late')])).rejects.toThrow(Overtaken);
    await consent.read(0, 10);
    await expect(consent.append([event('late')])).resolves.toHaveLength(1);
  });
});

it('is replaced while another replacement is at work, which seals nothing with the key that it began with', async () => {
  const settings = await server.createStore('keys_at_once');
  await opened(settings, async (one) => {
    await fill(storesOn(one), 'a');
    await opened(settings, async (other) => {
      await addKey(settings, AT);
      await new KeyReplacement(other).begin();
      let hasBegun = false;
      for await (const { looked } of new KeyReplacement(other).pass()) {
        if (hasBegun || looked < USERS / 3) continue;
        hasBegun = true;
        await addKey(settings, AT + 1);
        await new KeyReplacement(one).begin();
        await wholePass(one);
      }
    });
    const counts = await new KeyReplacement(one).counts();
    const [present, ...former] = one.vault.ring;
    expect(counts.get(present?.id ?? '')).toBeGreaterThan(USERS);
    expect(former.map(({ id }) => counts.get(id))).toEqual([0, 0]);
  });
});

it('a pass, a replacement and an erasure that meet wait for each other in turn', async () => {
  const settings = await server.createStore('keys_that_meet');
  await opened(settings, async (one) => {
    await storesOn(one).consent.append([event('a')]);
    await addKey(settings, AT);
    await new KeyReplacement(one).begin();
    await addKey(settings, AT + 1);
    await opened(settings, async (other) => {
      const erasing = new Client({ connectionString: settings.databaseUrl });
      await erasing.connect();
      const waiting = async (count: number) => {
        const blocked = 'SELECT FROM pg_locks WHERE NOT granted';
        await expect.poll(async () => (await erasing.query(blocked)).rows.length).toBe(count);
      };
      try {
        await erasing.query('BEGIN');
        await erasing.query('SELECT FROM consent_head FOR UPDATE');
        const replacing = new KeyReplacement(one).begin();
        await waiting(1);
        const passing = wholePass(other);
        await waiting(2);
        await erasing.query('DELETE FROM consent_subject');
        await erasing.query('ROLLBACK');
        await replacing;
        await passing;
      } finally {
        await erasing.end();
      }
    });
    await wholePass(one);
    expect((await storesOn(one).consent.readUser('a', 0, 10)).length).toBe(1);
  });
});

/** What a service does about the key from time to time, once. @returns the errors that it logs and fails with */
async function lookedOnce(settings: DatabaseSettings, database: Database): Promise<string[]> {
  const errors: string[] = [];
  const log = logOf(([level, , message]) => {
    if (level === 'error') errors.push(message);
  });
  const { run } = keyChore(placeOf(settings), database, log);
  await run(new AbortController().signal).catch((error: unknown) => errors.push(String(error)));
  return errors;
}

const placeOf = (settings: DatabaseSettings): KeyPlace & DatabaseSettings => ({
  ...settings,
  keyFile: ringIn(settings),
});

describe('a service', () => {
  it('on a server takes nothing of a key that was dropped, once it has looked', async () => {
    await overtaken('keys_dropped', async ({ database, settings }) => {
      await database.head.read();
      const [, former] = database.vault.ring;
      const sealed = database.vault.seal(Buffer.from('a session'), 'a browser', former);
      expect(await lookedOnce(settings, database)).toEqual([]);
      expect(database.vault.open(sealed, 'a browser').toString()).toBe('a session');
      await wholePass(database);
      await dropAllButNewest(settings);
      expect(await lookedOnce(settings, database)).toEqual([]);
      expect(() => database.vault.open(sealed, 'a browser')).toThrow();
    });
  });

  it('takes nothing of a key that was dropped before it had looked at all, and asks nobody to put it back', async () => {
    await overtaken('keys_dropped_at_once', async ({ database, settings }) => {
      const sealed = database.vault.seal(Buffer.from('a session'), 'a browser');
      await dropAllButNewest(settings);
      expect(await lookedOnce(settings, database)).toEqual([]);
      expect(() => database.vault.open(sealed, 'a browser')).toThrow();
    });
  });

  it.each([
    ['before the replacement', async () => undefined],
    [
      'the middle of a pass',
      async (database: Database) => {
        await new KeyReplacement(database).begin();
        for await (const { looked } of new KeyReplacement(database).pass()) if (looked > USERS / 2) break;
      },
    ],
  ])('seals a copy of the database from %s anew, whatever a file beside it tells', async (_when, go) => {
    const settings = { dataDir: await newDataFolder() };
    const place = placeOf(settings);
    await opened(settings, async (database) => {
      await fill(storesOn(database), 'a');
      await addKey(settings, AT);
      await go(database);
    });
    const [present = '', first = ''] = readRing(ringIn(settings)).map((key) => new StoreKey(key).id);
    const told = { present, since: AT, isDone: true, isAgain: false, looked: 1, faults: 0 };
    await writeFile(join(settings.dataDir, 'keys.json'), JSON.stringify(told));
    await opened(settings, async (database) => {
      const left = async () => (await new KeyReplacement(database).counts()).get(first);
      await tellAtStart(place, database);
      await expect(dropKey(place, first, true, AT)).rejects.toThrow(/is needed|is the present key/);
      expect(await left()).toBeGreaterThan(0);
      expect(await lookedOnce(settings, database)).toEqual([]);
      expect(await left()).toBe(0);
      expect(progressIn(place)).toMatchObject({ present, isDone: true, faults: 0 });
      await dropKey(place, first, true, AT);
    });
    await opened(settings, async (database) =>
      expect(await storesOn(database).consent.readUser('a-2', 0, 10)).toHaveLength(1),
    );
  });

  it.each([
    ['has other keys', (path: string) => changeRing(path, () => [{ key: randomBytes(32), since: AT }])],
    ['is gone', (path: string) => rm(path)],
  ])(
    'says once that the key is lost when the key file %s, and once that it is back, and replaces none',
    async (_how, lose) => {
      const settings = { dataDir: await newDataFolder() };
      await opened(settings, async (database) => {
        const { id } = database.vault.current;
        const kept = await readFile(ringIn(settings));
        const said: string[] = [];
        const log = logOf(([level, , message]) => void said.push(`${level}: ${message}`));
        const { run } = keyChore(placeOf(settings), database, log);
        const look = () => run(new AbortController().signal).catch(() => undefined);
        await lose(ringIn(settings));
        for (let time = 0; time < 2; time++) await look();
        expect(said).toEqual([expect.stringContaining('error: the key file has lost the key that seals')]);
        expect(database.vault.current.id).toBe(id);
        await writeFile(ringIn(settings), kept);
        for (let time = 0; time < 2; time++) await look();
        expect(said.slice(1)).toEqual(['info: the key file has the key that seals the store again']);
      });
    },
  );
});

it('a row that was altered stays as it is and is told of; all others are sealed anew, and keys can be replaced again', async () => {
  const settings = await server.createStore('keys_of_altered');
  const place = placeOf(settings);
  await opened(settings, async (database) => {
    await fill(storesOn(database), 'a');
    await database.prisma.$executeRaw`UPDATE use_lookup SET content = sha256(content)`;
    await database.prisma.$executeRaw`UPDATE case_file SET hash = sha256(hash)`;
  });
  const [first] = readRing(ringIn(settings)).map((key) => new StoreKey(key).id);
  for (const round of [1, 2]) {
    await expect(replaceKey(place, () => undefined)).rejects.toThrow(
      /everything is sealed with .* but for 2 rows that no key of the file opens, such as `\w+ .*`: put the key/,
    );
    const keys = await listedKeys(place);
    expect(keys.map(({ state }) => state)).toEqual([
      'present',
      ...Array.from({ length: round }, () => 'former'),
    ]);
  }
  await expect(dropKey(place, first ?? '', true, AT)).rejects.toThrow('is needed for');
  await opened(settings, async ({ prisma }) => {
    await prisma.$executeRaw`DELETE FROM use_lookup`;
    await prisma.$executeRaw`DELETE FROM case_event`;
    await prisma.$executeRaw`DELETE FROM case_file`;
  });
  await replaceKey(place, () => undefined);
  await dropKey(place, first ?? '', true, AT);
  // rows of no key of the file may be of any former one
  const [, second = ''] = (await listedKeys(place)).map(({ id }) => id);
  await opened(settings, async ({ prisma }) => {
    await prisma.$executeRaw`ALTER TABLE consent_erased DISABLE TRIGGER USER`;
    await prisma.$executeRaw`UPDATE consent_erased SET sealed = sha256(sealed)`;
  });
  await expect(dropKey(place, second, true, AT)).rejects.toThrow('is needed for 1 row');
});

it('a database that is a copy from while the key was replaced does not start without the former key', async () => {
  const settings = await server.createStore('keys_of_a_copy');
  const place = placeOf(settings);
  await opened(settings, async (database) => {
    await storesOn(database).consent.append([event('a')]);
    await addKey(settings, AT);
    await new KeyReplacement(database).begin();
  });
  const whole = await readFile(ringIn(settings), 'utf8');
  await dropAllButNewest(settings);
  await expect(openDatabase(settings)).rejects.toThrow(
    /lacks the key `.{8}`, .* from while the key was replaced/,
  );
  await writeFile(ringIn(settings), whole);
  const [, former] = await listedKeys(place);
  await expect(dropKey(place, former?.id ?? '', true, AT)).rejects.toThrow('is needed for 1 row');
  const [newest] = await listedKeys(place);
  expect(await replaceKey(place, () => undefined)).toBe(newest?.id);
  await dropKey(place, former?.id ?? '', true, AT);
  await opened(settings, async ({ vault }) => expect(vault.ring).toHaveLength(1));
});

it('a process whose key file lacks the new key takes no receipt key for lost', async () => {
  const settings = await server.createStore('keys_of_a_receipt');
  const keyFile = join(settings.dataDir, 'copy-of-the-key');
  await opened(settings, (one) => {
    const { receiptKeys } = storesOn(one);
    return copyFile(ringIn(settings), keyFile).then(() =>
      opened({ ...settings, keyFile }, async (other) => {
        await addKey(settings, AT);
        await new KeyReplacement(one).begin();
        const publicKey = { kty: 'OKP', crv: 'Ed25519', x: 'x' } as const;
        await receiptKeys.add({ kid: 'new', publicKey, privateKey: Buffer.from('x'), createdAt: AT });
        await expect(storesOn(other).receiptKeys.privateKeyOf('new')).rejects.toThrow(
          'which the key file has not',
        );
      }),
    );
  });
});

it('a second row of one user is told of, and stands in the way of no other', async () => {
  const settings = await server.createStore('keys_of_a_double');
  const place = placeOf(settings);
  await opened(settings, async (database) => storesOn(database).consent.append([event('a'), event('b')]));
  await opened(settings, async ({ prisma, vault }) => {
    const again = vault.sealSubject({ id: 3, user: 'a', key: randomBytes(32) }, vault.current);
    const [lookup, sealed] = [randomBytes(16), Uint8Array.from(again.sealed)];
    await prisma.$executeRaw`INSERT INTO consent_subject (id, lookup, sealed) VALUES (3, ${lookup}::bytea, ${sealed}::bytea)`;
  });
  await expect(replaceKey(place, () => undefined)).rejects.toThrow(
    'but for 1 row that no key of the file opens, such as `consent_subject 3 (there is another row of the same)`',
  );
  await opened(settings, async (database) => {
    const { ring } = database.vault;
    const counts = await new KeyReplacement(database).counts();
    expect(ring.map(({ id }) => counts.get(id))).toEqual([2, 1]);
  });
});

it('a former key is kept while a build that knows no other seals the head of the log with it', async () => {
  const settings = await server.createStore('keys_of_older_builds');
  const place = placeOf(settings);
  await opened(settings, async (database) => storesOn(database).consent.append([event('a')]));
  await replaceKey(place, () => undefined);
  const former = await opened(settings, async ({ prisma, vault: { ring } }) => {
    const [, key] = ring;
    const head = headOf(await prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }));
    const text = `${head.revision} ${head.subject} ${head.hash.toString('base64')} ${head.publications.toString('base64')}`;
    await prisma.consentHead.update({
      where: { id: 1 },
      data: { mac: new Uint8Array(key?.vouch(text) ?? []) },
    });
    return key?.id ?? '';
  });
  await expect(dropKey(place, former, true, AT)).rejects.toThrow('is needed for 1 row');
  await replaceKey(place, () => undefined);
  await dropKey(place, former, true, AT);
  await opened(settings, async (database) =>
    expect(await isIntact(storesOn(database))).toMatchObject({ intact: true }),
  );
});

it('is not replaced while a process that shares the store does not know the new key, as one of an older build', async () => {
  const settings = await server.createStore('keys_of_a_fleet');
  const place = placeOf(settings);
  await opened(settings, async (database) => {
    await storesOn(database).consent.append([event('a')]);
    const { fleet, head, prisma, vault } = database;
    const { epoch = 0 } = (await fleet?.join(2_000)) ?? {};
    const first = vault.current.id;
    await addKey(settings, AT);
    await expect(replaceKey(place, () => undefined, 0)).rejects.toThrow(
      /^1 process does not know the key `.{8}`, .* bring the key file to where they run, or end those/,
    );
    await head.read();
    expect(vault.current.id).toBe(first);
    // it looks, and tells so with its next lease
    vault.readAgain();
    await fleet?.renew(epoch);
    await prisma.$executeRaw`INSERT INTO fleet_member (epoch, lease) VALUES (1, 2000)`;
    await expect(replaceKey(place, () => undefined, 0)).rejects.toThrow('`an older one`');
    await prisma.$executeRaw`DELETE FROM fleet_member WHERE epoch = 1`;
    await expect(replaceKey(place, () => undefined, 0)).resolves.not.toBe(first);
  });
});

it('is replaced once beside a service, where two ask for it at once', async () => {
  const dataDir = await newDataFolder();
  const settings = { dataDir, keyFile: join(dataDir, 'key') };
  const place = placeOf(settings);
  await opened(settings, async (database) => {
    await tellAtStart(place, database);
    const asked = Promise.all([1, 2].map(() => replaceKey(place, () => undefined)));
    // told below
    asked.catch(() => undefined);
    await expect.poll(() => readRing(place.keyFile).length).toBeGreaterThan(1);
    const [newest, ...former] = readRing(place.keyFile).map((key) => new StoreKey(key).id);
    await expect
      .poll(async () => {
        expect(await lookedOnce(settings, database)).toEqual([]);
        return progressIn(place);
      })
      .toMatchObject({ present: newest, isDone: true });
    expect(await asked).toEqual([newest, newest]);
    expect([former.length, readRing(place.keyFile).length]).toEqual([1, 2]);
  });
});

it('a former key is kept for two days from when the next one sealed, however long that was in the file', async () => {
  const settings = await server.createStore('keys_of_sessions');
  const place = placeOf(settings);
  await opened(settings, async (database) => storesOn(database).consent.append([event('a')]));
  await addKey(settings, Date.now() - 7 * 86_400_000);
  await replaceKey(place, () => undefined);
  const [, former] = readRing(ringIn(settings)).map((key) => new StoreKey(key).id);
  await expect(dropKey(place, former ?? '', false, Date.now())).rejects.toThrow('may last until');
  await dropKey(place, former ?? '', false, Date.now() + 3 * 86_400_000);
  // nobody asks in the data folder of a process that has its database on a server
  expect(progressIn(place)).toBeUndefined();
});

async function* pieces(): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from('a snapshot');
}

function readRingOf(text: string) {
  const [, ...lines] = text.trim().split('\n');
  return lines.map((line) => {
    const [key = '', since = ''] = line.split(' ');
    return { key: Buffer.from(key, 'base64'), since: Date.parse(since) };
  });
}

async function opened<T>(settings: DatabaseSettings, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(settings);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
