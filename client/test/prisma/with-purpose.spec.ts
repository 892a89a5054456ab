/** What a client of Prisma shows for a purpose, and what it refuses. */
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import { inspect } from 'node:util';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Answer } from '../../src/terms/answer.js';
import { Assent } from '../../src/assent.js';
import { Failure } from '../../src/terms/failure.js';
import { type AudiencePart, Transport } from '../../src/transport.js';
import { type PurposeClient, QueryFailed, QueryRefused, withPurpose } from '../../src/prisma/index.js';
import { type Database, type Databases, startDatabases } from './database.js';
import { dataOf } from './data.js';
import { PrismaClient } from './generated/client.js';
import { PURPOSE, assentOf } from './permits.js';

let databases: Databases;
let database: Database;
beforeAll(async () => {
  databases = await startDatabases();
  database = await databases.open('purpose');
});
afterAll(() => databases.stop());
beforeEach(() => database.fill(dataOf(() => 7)));

/** Permits what is about users with an even number. */
const EVEN = (user: string) => Number(user.slice(2)) % 2 === 0;

function even(rows: 'mask' | 'drop' = 'mask') {
  return withPurpose(database.prisma, PURPOSE, { assent: assentOf(EVEN), rows });
}

describe('what is read', () => {
  test('has null where the owner does not permit it', async () => {
    const found = await even().user.findMany({
      select: { id: true, name: true },
      orderBy: { id: 'asc' },
      take: 2,
    });
    expect(found).toEqual([
      { id: 'u-0', name: 'name 7' },
      { id: 'u-1', name: null },
    ]);
  });

  test('leaves out the rows of those who do not permit it', async () => {
    const found = await even('drop').user.findMany({ select: { name: true }, orderBy: { id: 'asc' } });
    expect(found).toEqual([{ name: 'name 7' }, { name: 'name 7' }, { name: 'name 7' }]);
    expect(await even('drop').user.findFirst({ where: { id: 'u-1' } })).toBeNull();
    await expect(even('drop').user.findUniqueOrThrow({ where: { id: 'u-1' } })).rejects.toThrow(QueryRefused);
  });

  test('is decided for the owner of each row, however deep it is', async () => {
    const found = await even().message.findMany({
      where: { id: 1 },
      include: { to: { include: { posts: { select: { title: true }, orderBy: { id: 'asc' }, take: 1 } } } },
    });
    expect(found).toMatchObject([{ text: null, to: { name: 'name 7', posts: [{ title: 'title 8' }] } }]);
  });

  test('has no column that nobody mapped', async () => {
    const found = await even().user.findUnique({ where: { id: 'u-0' } });
    expect(found).not.toHaveProperty('shoeSize');
    expect(Object.keys(found ?? {})).toContain('picture');
  });

  test('shows nothing of rows whose owner is not known', async () => {
    const all = withPurpose(database.prisma, PURPOSE, { assent: assentOf(() => true) });
    expect(await all.orphan.findMany({ where: { id: 0 } })).toEqual([{ id: 0, name: null }]);
  });
});

describe('transactions', () => {
  test('show no more, with a list of queries or a function', async () => {
    const query = { select: { name: true }, where: { id: 'u-1' } };
    const purpose = even();
    expect(await purpose.$transaction([purpose.user.findMany(query), purpose.user.count()])).toEqual([
      [{ name: null }],
      6,
    ]);
    const within = await purpose.$transaction(async (tx) => {
      await tx.post.update({ where: { id: 0 }, data: { title: 'new' } });
      expect(Object.keys(tx)).not.toContain('$parent');
      await expect(async () => tx.$queryRaw`SELECT 1`).rejects.toThrow(QueryRefused);
      return tx.user.findMany(query);
    });
    expect(within).toEqual([{ name: null }]);
    expect(await database.prisma.post.findUnique({ where: { id: 0 } })).toMatchObject({ title: 'new' });
  });

  test('do nothing when one of the queries is refused', async () => {
    const purpose = even();
    const batch = [
      purpose.post.update({ where: { id: 0 }, data: { title: 'new' } }),
      purpose.user.count({ where: { name: 'name 7' } }),
    ];
    await expect(purpose.$transaction(batch)).rejects.toThrow(QueryRefused);
    expect(await database.prisma.post.findUnique({ where: { id: 0 } })).toMatchObject({ title: 'title 7' });
  });
});

test('what was written comes back as if it were read', async () => {
  const purpose = even('drop');
  const data = { id: 90, title: 'new', authorId: 'u-1' };
  expect(await purpose.post.create({ data })).toMatchObject({ id: 90, title: null });
  expect(await purpose.post.update({ where: { id: 90 }, data: { title: { set: 'newer' } } })).toMatchObject({
    title: null,
  });
  expect(
    await purpose.post.upsert({
      where: { id: 90 },
      update: { title: 'newest' },
      create: data,
      select: { title: true },
    }),
  ).toEqual({ title: null });
  expect(
    await purpose.post.updateManyAndReturn({ where: { id: { in: [0, 90] } }, data: { score: 1 } }),
  ).toMatchObject([
    { id: 0, score: 1 },
    { id: 90, score: null },
  ]);
  expect(await purpose.post.delete({ where: { id: 90 } })).toMatchObject({ id: 90, title: null });
});

test.each([
  ['a fluent relation', (p: ReturnType<typeof even>) => p.user.findUnique({ where: { id: 'u-1' } }).posts()],
  [
    'a fluent relation of one',
    (p: ReturnType<typeof even>) => p.user.findUnique({ where: { id: 'u-1' } }).mentor(),
  ],
  [
    'a reference to a column',
    (p: ReturnType<typeof even>) =>
      p.user.findMany({ where: { id: { equals: database.prisma.user.fields.name } } }),
  ],
])('%s is refused', async (_name, ask) => {
  await expect(async () => ask(even())).rejects.toThrow(QueryRefused);
});

test('raw SQL, events and extensions are refused in words, and nothing leads to the client itself', () => {
  const purpose = even();
  expect(Object.keys(purpose).filter((name) => name.startsWith('_'))).toEqual([]);
  for (const name of [
    '$queryRaw',
    '$queryRawUnsafe',
    '$queryRawTyped',
    '$executeRaw',
    '$executeRawUnsafe',
    '$extends',
    '$on',
  ])
    expect(() => Reflect.apply(Reflect.get(purpose, name), purpose, ['SELECT 1'])).toThrow(/is refused, as/);
});

test('a client with extensions is refused', () => {
  const extended = database.prisma.$extends({
    result: { user: { loud: { needs: { name: true }, compute: ({ name }) => name } } },
  });
  expect(() => withPurpose(extended, PURPOSE, { assent: assentOf(EVEN) })).toThrow('extensions');
});

describe('when nobody can be asked', () => {
  class Broken extends Transport {
    constructor(private readonly evaluation: () => Promise<readonly Answer[]>) {
      super();
    }
    evaluate(): Promise<readonly Answer[]> {
      return this.evaluation();
    }
    audience(): Promise<AudiencePart> {
      return Promise.reject(new Failure('unavailable'));
    }
  }
  const broken = (evaluation: () => Promise<readonly Answer[]>) =>
    new Assent({ transport: new Broken(evaluation), timeout: 200 });
  const closed = assentOf(() => true);
  closed.close();

  test.each([
    ['the service is down', broken(() => Promise.reject(new Failure('unreachable')))],
    ['the service does not answer', broken(() => new Promise(() => undefined))],
    ['an answer is missing', broken(() => Promise.resolve([]))],
    ['the client was closed', closed],
    ['the purpose is another', assentOf(() => true), 'security.investigation'],
  ])('nothing is shown: %s', async (_name, assent, purpose = PURPOSE) => {
    const query = { select: { id: true, name: true }, where: { id: 'u-0' } };
    const masked = withPurpose(database.prisma, purpose, { assent });
    expect(await masked.user.findMany(query)).toEqual([{ id: 'u-0', name: null }]);
    const dropped = withPurpose(database.prisma, purpose, { assent, rows: 'drop' });
    expect(await dropped.user.findMany(query)).toEqual([]);
  });
});

test('an error of the database quotes no row', async () => {
  const sql = 'ALTER TABLE "User" ADD CONSTRAINT at_least CHECK (cohort >= 0)';
  await database.prisma.$executeRawUnsafe(sql);
  const change = { where: { id: 'u-1' }, data: { cohort: -1 } };
  const told = async (asked: Promise<unknown>) =>
    inspect(await asked.catch((error: unknown) => error), { depth: 9 });
  expect(await told(database.prisma.user.update(change))).toContain('name 7');
  const failed = await told(even().user.update(change));
  expect(failed).not.toContain('name 7');
  expect(failed).toMatch(/the database did not do what was asked \(`P\d+`\)/);
  await expect(even().user.update({ ...change, where: { id: 'u-9' } })).rejects.toMatchObject({
    code: 'P2025',
  });
});

test('a key that is taken is told without the row that has it', async () => {
  const failed: unknown = await even()
    .tag.create({ data: { id: 9, label: 'tag 1' } })
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(QueryFailed);
  expect(failed).toMatchObject({ code: 'P2002', model: 'Tag', columns: ['label'] });
  expect(inspect(failed, { depth: 9 })).not.toContain('tag 1');
});

test('an error at the end of a transaction quotes no row, and those of its own function pass', async () => {
  await database.prisma.$executeRawUnsafe(
    `CREATE FUNCTION quote_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'row %', OLD; END $$`,
  );
  await database.prisma.$executeRawUnsafe(
    `CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON "Orphan" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION quote_row()`,
  );
  const change = { where: { id: 0 }, data: { name: 'new' } };
  const thrown = async (asked: Promise<unknown>) => asked.catch((error: unknown) => error);
  const open = await thrown(database.prisma.$transaction((tx) => tx.orphan.update(change)));
  expect(inspect(open, { depth: 9 })).toContain('name 7');
  const purpose = even();
  for (const asked of [
    purpose.$transaction((tx) => tx.orphan.update(change)),
    purpose.$transaction([purpose.orphan.update(change)]),
  ]) {
    const failed = await thrown(asked);
    expect(failed).toBeInstanceOf(QueryFailed);
    expect(inspect(failed, { depth: 9 })).not.toContain('name 7');
  }
  const own = new Error('ours');
  expect(await thrown(purpose.$transaction(() => Promise.reject(own)))).toBe(own);
  const refused = purpose.$transaction((tx) => tx.user.count({ where: { name: 'a' } }));
  expect(await thrown(refused)).toBeInstanceOf(QueryRefused);
});

test('its type has the models of the client, and nothing else that it does not have', () => {
  const purpose = even();
  expectTypeOf<keyof PurposeClient<PrismaClient>>().toEqualTypeOf<
    | '$transaction'
    | '$connect'
    | '$disconnect'
    | 'user'
    | 'post'
    | 'tag'
    | 'message'
    | 'membership'
    | 'orphan'
    | 'alias'
    | 'badge'
    | 'bare'
  >();
  for (const name of ['user', 'post', 'tag', 'message', 'membership', 'orphan', 'alias', 'badge', 'bare'])
    expect(purpose).toHaveProperty(`${name}.findMany`);
});

test('columns that the client leaves out by itself stay out', async () => {
  const options = {
    adapter: new PrismaPg({ connectionString: database.url }),
    omit: { user: { email: true } },
  } as const;
  const prisma = new PrismaClient(options);
  const purpose = withPurpose(prisma, PURPOSE, { assent: assentOf(EVEN) });
  const found = await purpose.user.findUnique({ where: { id: 'u-0' } });
  await purpose.$disconnect();
  expect(Object.keys(found ?? {})).toEqual(expect.arrayContaining(['id', 'name']));
  expect(found).not.toHaveProperty('email');
});

test.each([
  ['no client of Prisma', {}, PURPOSE, 'is not a client of Prisma 7'],
  ['no purpose', undefined, '', '`purpose` is empty'],
])('%s is refused at once', (_name, prisma, purpose, message) => {
  const settings = { assent: assentOf(EVEN) };
  expect(() => withPurpose(prisma ?? database.prisma, purpose, settings)).toThrow(message);
});
