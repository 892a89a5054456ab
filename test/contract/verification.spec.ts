/** Whoever can write to the database and has no key cannot change the log without verification naming the place. */
import { hkdfSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GENESIS, hashAfter, sha256 } from '../../src/consent/log/chain.js';
import { type VerificationReport, verification } from '../../src/consent/upkeep/verification.js';
import { type Database, type DatabaseSettings, openDatabase } from '../../src/store/database/database.js';
import { encodeForgetting } from '../../src/store/database/event-content.js';
import { newDataFolder } from '../data-folder.js';
import { MemoryConsentStore } from '../memory/memory-consent.store.js';
import { MemoryPolicyStore } from '../memory/memory-policy.store.js';
import { PrismaConsentStore } from '../../src/store/prisma-consent.store.js';
import { PrismaPolicyStore } from '../../src/store/prisma-policy.store.js';
import type { ConsentStore } from '../../src/consent/log/consent.store.js';
import type { PolicyStore } from '../../src/policy/policy.store.js';
import { event } from './consent.store.contract.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

const TABLES = ['consent_event', 'consent_subject', 'consent_head', 'policy_publication'];
const denial = { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 0, signal: false } as const;
const grant = { ...denial, choice: 'granted' } as const;
const BY = { kind: 'service', id: 'accounts' } as const;

async function verdict(store: ConsentStore, policies: PolicyStore): Promise<VerificationReport | undefined> {
  let last: VerificationReport | undefined;
  for await (const report of verification(store, policies)) last = report;
  return last;
}

/** A log with all that a log can have: 1 to 9, with an import, something forgotten, an erasure and two publications. */
async function fill(store: ConsentStore, policies: PolicyStore, erasing = 'with erasure'): Promise<void> {
  const version = (digit: string) => `sha256:${digit.repeat(64)}`;
  for (const digit of ['a', 'b'])
    await policies.saveVersion({
      id: version(digit),
      document: {},
      authors: ['anna'],
      message: '',
      parent: null,
      at: 1,
    });
  const publication = {
    by: 'anna',
    at: 1,
    draft: null,
    approvals: [{ by: 'ben', roles: ['policy_admin'], at: 1 }],
  };
  await policies.publish({ ...publication, version: version('a') });
  await store.append([event('one', grant), event('two', denial), event('three', denial)]);
  await store.append([event('one', denial), event('two')], {
    mark: { id: 'file', line: 2, summary: {} },
  });
  await policies.publish({ ...publication, version: version('b') });
  await store.forget({ profile: 0, choice: Number.MAX_SAFE_INTEGER, signal: 0 }, 0, 100, 1_700_000_000_200);
  if (erasing === 'with erasure') await store.erase('three', BY, 1_700_000_000_300);
  await store.append([event('four', denial), event('two', grant)]);
}

it('a log in memory is intact, whatever was forgotten and whoever was erased', async () => {
  const [store, policies] = [new MemoryConsentStore(), new MemoryPolicyStore()];
  expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 0 });
  await store.append([event('one', grant), event('two', denial), event('one', denial)]);
  expect(await store.forget({ profile: 0, choice: Number.MAX_SAFE_INTEGER, signal: 0 }, 0, 100, 2)).toEqual({
    reached: 3,
    forgotten: 1,
  });
  await store.erase('two', BY, 3);
  expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 5 });
  // numbers that were passed over are nobody's, at the end of the log and before it
  await store.passOver(1_000);
  expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 5 });
  await store.append([event('three')]);
  expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 6 });
});

const DIGEST_OF_2 = `UPDATE consent_event SET digest = sha256(content), content = NULL WHERE revision = 2`;

/** Single edits, and where and how each is found. */
const EDITS: readonly {
  readonly named: string;
  readonly sql: string;
  readonly at: number;
  readonly because: string;
}[] = [
  ...[
    ['its time', `at = at + 1`],
    ['its user', `subject = 1`],
    ['its kind', `kind = 'signal'`],
    ['its content', `content = content || 'x'`],
    ['its hash', `hash = sha256(hash)`],
  ].map(([what, set]) => ({
    named: `${what} changed`,
    sql: `UPDATE consent_event SET ${set} WHERE revision = 2`,
    at: 2,
    because: 'does not follow',
  })),
  {
    named: 'an entry deleted',
    sql: `DELETE FROM consent_event WHERE revision = 2`,
    at: 2,
    because: 'does not follow',
  },
  {
    named: 'the last entry deleted',
    sql: `DELETE FROM consent_event WHERE revision = 9`,
    at: 9,
    because: 'does not follow',
  },
  {
    named: 'an opt-out replaced by its digest',
    sql: DIGEST_OF_2,
    at: 2,
    because: 'no record in the log says that it was forgotten',
  },
  {
    named: 'the record of what was forgotten replaced by its digest',
    sql: `UPDATE consent_event SET digest = sha256(content), content = NULL WHERE kind = 'retention'`,
    at: 1,
    because: 'no record in the log says that it was forgotten',
  },
  {
    named: 'the key of a user deleted',
    sql: `DELETE FROM consent_subject WHERE id = 2`,
    at: 2,
    because: 'is gone',
  },
  {
    named: 'the key of the last user deleted',
    sql: `DELETE FROM consent_subject WHERE id = 4`,
    at: 8,
    because: 'is gone',
  },
  { named: 'all keys deleted', sql: `DELETE FROM consent_subject`, at: 1, because: 'is gone' },
  {
    named: 'two keys swapped',
    sql: `UPDATE consent_subject SET sealed = (SELECT sealed FROM consent_subject AS other WHERE other.id = 6 - consent_subject.id)
      WHERE id IN (2, 4)`,
    at: 2,
    because: 'is that of another user',
  },
  {
    named: 'two users found by the id of the other',
    sql: `UPDATE consent_subject SET lookup = sha256(lookup) WHERE id = 1`,
    at: 1,
    because: 'is that of another user',
  },
  {
    named: 'the key of an erased user put back',
    sql: `INSERT INTO consent_subject SELECT 3, sha256(lookup), sealed FROM consent_subject WHERE id = 2`,
    at: 3,
    because: 'is that of another user',
  },
  { named: 'the head lowered', sql: `UPDATE consent_head SET revision = 8`, at: 9, because: 'was lowered' },
  {
    named: 'the head lowered, with the hash that it had',
    sql: `UPDATE consent_head SET revision = 8, hash = (SELECT hash FROM consent_event WHERE revision = 8)`,
    at: 9,
    because: 'was lowered',
  },
  {
    named: 'the head raised',
    sql: `UPDATE consent_head SET revision = 10`,
    at: 10,
    because: 'does not follow',
  },
  {
    named: 'the hash of the head replaced',
    sql: `UPDATE consent_head SET hash = sha256(hash)`,
    at: 9,
    because: 'hash of the last',
  },
  {
    named: 'the count of users lowered',
    sql: `UPDATE consent_head SET subject = 3`,
    at: 9,
    because: 'the key of the log',
  },
  {
    named: 'the seal of the head taken away',
    sql: `UPDATE consent_head SET mac = ''`,
    at: 9,
    because: 'the key of the log',
  },
  {
    named: 'a publication put to another version',
    sql: `UPDATE policy_publication SET version = 'sha256:' || repeat('b', 64) WHERE sequence = 1`,
    at: 0,
    because: 'publication 1 was changed',
  },
  {
    named: 'an approval made up',
    sql: `UPDATE policy_publication SET approvals = replace(approvals, 'ben', 'eve') WHERE sequence = 2`,
    at: 5,
    because: 'publication 2 was changed',
  },
  {
    named: 'a publication moved',
    sql: `UPDATE policy_publication SET after_revision = 4 WHERE sequence = 2`,
    at: 4,
    because: 'publication 2',
  },
  {
    named: 'a publication deleted',
    sql: `DELETE FROM policy_publication WHERE sequence = 1`,
    at: 5,
    because: 'publication 1 was',
  },
  {
    named: 'the last publication deleted',
    sql: `DELETE FROM policy_publication WHERE sequence = 2`,
    at: 0,
    because: 'after 1 were taken',
  },
  {
    named: 'all publications deleted',
    sql: `DELETE FROM policy_publication`,
    at: 0,
    because: 'after 0 were taken',
  },
];

/** The log tampered with by one who knows how it is chained, and lacks the key. */
function forgeries(
  database: Database,
): { readonly named: string; readonly forge: () => Promise<void>; readonly at: number }[] {
  const { prisma } = database;
  const chainAnew = async () => {
    let hash = GENESIS;
    const rows = await prisma.consentEvent.findMany({ orderBy: { revision: 'asc' } });
    for (const { revision, subject, at, kind, content, digest } of rows) {
      hash = hashAfter(hash, {
        revision: Number(revision),
        subject: Number(subject),
        at: Number(at),
        kind,
        digest: content === null ? Buffer.from(digest ?? []) : sha256(content),
      });
      await prisma.consentEvent.update({ where: { revision }, data: { hash: new Uint8Array(hash) } });
    }
    await prisma.consentHead.update({
      where: { id: 1 },
      data: { hash: new Uint8Array(hash), revision: BigInt(rows.length) },
    });
  };
  const entry = (kind: string, subject: bigint, content: Buffer) => ({
    data: {
      revision: 10n,
      subject,
      at: 1_700_000_000_400n,
      kind,
      content: new Uint8Array(content),
      hash: new Uint8Array(32),
    },
  });
  return [
    {
      named: 'an entry changed, and all after it chained anew',
      forge: async () => {
        await prisma.$executeRawUnsafe('UPDATE consent_event SET at = at + 1 WHERE revision = 2');
        await chainAnew();
      },
      at: 9,
    },
    {
      named: 'the last entry taken away, and the head with it',
      forge: async () => {
        await prisma.$executeRawUnsafe('DELETE FROM consent_event WHERE revision = 9');
        await chainAnew();
      },
      at: 8,
    },
    {
      named: 'an opt-out replaced by its digest, with a record made up for it',
      forge: async () => {
        await prisma.$executeRawUnsafe(DIGEST_OF_2);
        await prisma.consentEvent.create(entry('retention', 0n, encodeForgetting([2])));
        await chainAnew();
      },
      at: 10,
    },
    {
      named: 'a key deleted, with an erasure made up for it',
      forge: async () => {
        await prisma.$executeRawUnsafe('DELETE FROM consent_subject WHERE id = 2');
        await prisma.consentEvent.create(entry('erasure', 2n, Buffer.from('[1,"user"]')));
        await chainAnew();
      },
      at: 10,
    },
  ];
}

function catalogue(name: string, settingsOf: () => Promise<DatabaseSettings>): void {
  describe(`a log that is tampered with: ${name}`, () => {
    let settings: DatabaseSettings;
    let database: Database;
    let store: ConsentStore;
    let policies: PolicyStore;

    const run = (sql: string) => database.prisma.$executeRawUnsafe(sql);
    const restore = async () => {
      for (const table of TABLES) {
        await run(`DELETE FROM ${table}`);
        await run(`INSERT INTO ${table} SELECT * FROM saved_${table}`);
      }
    };

    beforeAll(async () => {
      settings = await settingsOf();
      database = await openDatabase(settings);
      [store, policies] = [new PrismaConsentStore(database), new PrismaPolicyStore(database)];
      await fill(store, policies);
      for (const table of TABLES) await run(`CREATE TABLE saved_${table} AS TABLE ${table}`);
    });

    afterAll(() => database.close());

    it('is intact before', async () => {
      expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 9 });
    });

    it.each(EDITS)(
      'is not intact with $named, and verification names the place',
      async ({ sql, at, because }) => {
        await run(sql);
        const found = await verdict(store, policies);
        await restore();
        expect(found).toMatchObject({ intact: false, revision: at });
        expect(found).toHaveProperty('because', expect.stringContaining(because));
      },
    );

    it('is not intact when it was forged by one who knows how it is made, and has no key', async () => {
      for (const { named, forge, at } of forgeries(database)) {
        await forge();
        const found = await verdict(store, policies);
        await restore();
        expect(found, named).toMatchObject({
          intact: false,
          revision: at,
          because: 'the head of the log was not written with the key of the log',
        });
      }
    });

    it('does not open with a head that was altered, lest what comes after vouch for it', async () => {
      await run('UPDATE consent_head SET subject = subject + 1');
      await database.close();
      await expect(openDatabase(settings)).rejects.toThrow('the head of the consent log was altered');
      // so that what is closed at the end is open
      database = await openDatabase({ dataDir: await newDataFolder(join(folder, `after ${name}`)) });
    });
  });
}

let server: PostgresServer;
let folder: string;

beforeAll(async () => {
  server = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'assent-verification-'));
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

catalogue('embedded', async () => ({ dataDir: await newDataFolder(join(folder, 'data')) }));
catalogue('PostgreSQL server', () => server.createStore('verification'));

/** What such a build wrote into the head of the log to tell the key. */
async function formerCheckIn(dataDir: string): Promise<string> {
  const key = Buffer.from(await readFile(join(dataDir, 'key'), 'utf8'), 'base64');
  return Buffer.from(hkdfSync('sha256', key, '', 'assent check', key.length)).toString('base64url');
}

describe('a log of a build that sealed no head', () => {
  it('opens, records what it had forgotten, and verifies from then on', async () => {
    const settings = await server.createStore('verification_before');
    const one = await openDatabase(settings);
    await fill(new PrismaConsentStore(one), new PrismaPolicyStore(one), 'without erasure');
    // as that build would have left it
    await one.prisma.$executeRawUnsafe(
      `UPDATE consent_head SET revision = 5, subject = 3, mac = '', publications = '', hash = (SELECT hash FROM consent_event WHERE revision = 5)`,
    );
    await one.prisma.consentHead.update({
      where: { id: 1 },
      data: { keyCheck: await formerCheckIn(settings.dataDir) },
    });
    await one.prisma.$executeRawUnsafe('DELETE FROM consent_event WHERE revision > 5');
    await one.prisma.$executeRawUnsafe('DELETE FROM consent_subject WHERE id > 3');
    await one.prisma.$executeRawUnsafe(`UPDATE policy_publication SET hash = ''`);
    await one.close();

    const two = await openDatabase(settings);
    const [store, policies] = [new PrismaConsentStore(two), new PrismaPolicyStore(two)];
    expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 6 });
    expect(await store.head()).toBe(6);
    await store.append([event('one', grant)]);
    expect((await store.links(5, 10)).map(({ kind, forgets }) => [kind, forgets])).toEqual([
      ['retention', [1]],
      ['choice', undefined],
    ]);
    expect(await verdict(store, policies)).toMatchObject({ intact: true, revision: 7 });
    await two.close();
  });
});

it.each([
  ['its era begins', 'DROP TABLE consent_era'],
  [
    'its head is sealed',
    `UPDATE consent_head SET key_check = ''; ALTER TABLE policy_publication RENAME TO elsewhere`,
  ],
])(
  'a log whose database fails while %s is not opened, and what failed is said in words',
  async (what, harm) => {
    const settings = await server.createStore(what.replaceAll(' ', '_'));
    const one = await openDatabase(settings);
    for (const statement of harm.split('; ')) await one.prisma.$executeRawUnsafe(statement);
    await one.close();
    await expect(openDatabase(settings)).rejects.toThrow(
      /^the database failed on the consent log with `[A-Za-z0-9 ]+`; check that it runs/,
    );
  },
);
