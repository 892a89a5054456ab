/** What would tell of a column that is not open, in each place of a query. No database is reached: nothing is sent. */
import { PrismaPg } from '@prisma/adapter-pg';
import { describe, expect, test } from 'vitest';
import { QueryRefused, withPurpose } from '../../src/prisma/index.js';
import { PrismaClient } from './generated/client.js';
import { PURPOSE, assentOf } from './permits.js';
import { MODELS } from './shape.js';

type Args = Readonly<Record<string, unknown>>;

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: 'postgresql://a:b@127.0.0.1:1/nowhere' }),
});
const purpose = withPurpose(prisma, PURPOSE, { assent: assentOf(() => true) });

const READS = ['findUnique', 'findUniqueOrThrow', 'findFirst', 'findFirstOrThrow', 'findMany'] as const;
const ROWS = ['findFirst', 'findFirstOrThrow', 'findMany', 'count', 'aggregate'] as const;
const KEY = { id: 'u-0' };

/** Of which Prisma would hand on the `values` as if it had made them: here, all columns of the row that is changed. */
const RAW = {
  __prismaRawParameters__: true,
  values: { $type: 'Param', value: { name: '0', type: 'Json' } },
};

/** How often a column or relation can be mentioned where it must be open. */
const PLACES: readonly (readonly [string, readonly string[], (column: string) => Args])[] = [
  [
    'a condition',
    [...READS, 'count', 'aggregate', 'updateMany', 'updateManyAndReturn'],
    (one) => ({ where: { [one]: null } }),
  ],
  ['an operator', [...READS, 'count'], (one) => ({ where: { ...KEY, [one]: { not: null } } })],
  ['AND', [...ROWS], (one) => ({ where: { AND: [{ [one]: null }] } })],
  ['AND without a list', [...ROWS], (one) => ({ where: { AND: { [one]: null } } })],
  ['OR', [...ROWS], (one) => ({ where: { OR: [KEY, { [one]: null }] } })],
  ['NOT', [...ROWS], (one) => ({ where: { NOT: { NOT: [{ [one]: null }] } } })],
  ...['some', 'every', 'none'].map(
    (way) =>
      [
        `a relation, ${way}`,
        [...ROWS],
        (one: string) => ({ where: { mentees: { [way]: { [one]: null } } } }),
      ] as const,
  ),
  ...['is', 'isNot'].map(
    (way) =>
      [
        `a relation, ${way}`,
        [...ROWS],
        (one: string) => ({ where: { mentor: { [way]: { [one]: null } } } }),
      ] as const,
  ),
  ['a relation of one', [...ROWS], (one) => ({ where: { mentor: { [one]: null } } })],
  [
    'a relation of a relation',
    [...ROWS],
    (one) => ({ where: { posts: { some: { author: { mentor: { [one]: null } } } } } }),
  ],
  ['a key of several columns', [...ROWS], (one) => ({ where: { any_name: { [one]: 'a' } } })],
  ['an order', [...ROWS], (one) => ({ orderBy: { [one]: 'asc' } })],
  [
    'an order in a list',
    [...ROWS],
    (one) => ({ orderBy: [{ id: 'asc' }, { [one]: { sort: 'asc', nulls: 'last' } }] }),
  ],
  ['an order by a relation', [...ROWS], (one) => ({ orderBy: { mentor: { mentor: { [one]: 'asc' } } } })],
  ['a cursor', [...ROWS], (one) => ({ cursor: { ...KEY, [one]: 'a' } })],
  ['distinct', ['findFirst', 'findFirstOrThrow', 'findMany'], (one) => ({ distinct: ['id', one] })],
  ['distinct without a list', ['findMany'], (one) => ({ distinct: one })],
  ['what is counted', ['count'], (one) => ({ select: { _all: true, [one]: true } })],
  ...['_count', '_avg', '_sum', '_min', '_max'].flatMap(
    (figure) =>
      [
        [figure, ['aggregate'], (one: string) => ({ [figure]: { [one]: true } })],
        [
          `${figure} of groups`,
          ['groupBy'],
          (one: string) => ({ by: ['cohort'], [figure]: { [one]: true } }),
        ],
        [
          `${figure} in an order`,
          ['groupBy'],
          (one: string) => ({ by: ['cohort'], orderBy: { [figure]: { [one]: 'asc' } } }),
        ],
        [
          `${figure} in having`,
          ['groupBy'],
          (one: string) => ({ by: ['cohort'], having: { OR: [{ [one]: { [figure]: { gt: 1 } } }] } }),
        ],
      ] as const,
  ),
  ['by', ['groupBy'], (one) => ({ by: ['cohort', one] })],
  ['by without a list', ['groupBy'], (one) => ({ by: one })],
  ['having', ['groupBy'], (one) => ({ by: ['cohort'], having: { [one]: null } })],
  [
    'a relation that is read',
    [...READS],
    (one) => ({ where: KEY, include: { mentees: { where: { [one]: null } } } }),
  ],
  [
    'a selected relation',
    [...READS],
    (one) => ({
      where: KEY,
      select: { posts: { select: { author: { select: { mentees: { orderBy: { [one]: 'asc' } } } } } } },
    }),
  ],
  ['distinct of a relation', [...READS], (one) => ({ where: KEY, select: { mentees: { distinct: [one] } } })],
  [
    'a cursor of a relation',
    [...READS],
    (one) => ({ where: KEY, select: { mentees: { cursor: { [one]: 'a' } } } }),
  ],
  [
    'a count of a relation',
    [...READS],
    (one) => ({ where: KEY, include: { _count: { select: { mentees: { where: { [one]: null } } } } } }),
  ],
  ['what is to be changed', ['update'], (one) => ({ where: { ...KEY, [one]: 'a' }, data: {} })],
  [
    'what is to be linked',
    ['update'],
    (one) => ({ where: KEY, data: { mentor: { connect: { [one]: 'a' } } } }),
  ],
];

const CLOSED = Object.entries(MODELS.user.columns).flatMap(([name, { use }]) =>
  use === 'open' ? [] : [name],
);
const LINKS = Object.entries(MODELS.user.relations).flatMap(([name, { isOpen }]) => (isOpen ? [] : [name]));

test.each(PLACES)('a column that is not open is refused in %s', async (_place, operations, argsOf) => {
  expect(CLOSED).toHaveLength(9);
  for (const operation of operations)
    for (const column of CLOSED) await isRefused('user', operation, argsOf(column), `.${column}\``);
});

test.each(PLACES)('a relation that is not open is refused in %s', async (_place, operations, argsOf) => {
  expect(LINKS).toEqual(['partner', 'partnerOf', 'aliases']);
  for (const operation of operations)
    for (const relation of LINKS) await isRefused('user', operation, argsOf(relation), `.${relation}\``);
});

test('a deletion of what a field tells is refused', async () => {
  await isRefused('message', 'deleteMany', { where: { text: 'a' } }, '`Message.text`');
  await isRefused('message', 'delete', { where: { id: 1, text: 'a' } }, '`Message.text`');
});

describe('a relation that is not open', () => {
  test.each([
    ['conditions', { where: { partner: { is: { cohort: 1 } } } }],
    ['conditions on nothing', { where: { partner: null } }],
    ['conditions on many', { where: { partnerOf: { some: {} } } }],
    ['orders', { orderBy: { partner: { cohort: 'asc' } } }],
    ['orders by number', { orderBy: { partnerOf: { _count: 'asc' } } }],
    ['selections', { select: { partner: true } }],
    ['selections with arguments', { include: { partnerOf: { select: { id: true } } } }],
    ['counts', { include: { _count: { select: { partnerOf: true } } } }],
    ['counts of all', { include: { _count: true } }],
  ])('is refused in %s', async (_place, args) => {
    await isRefused('user', 'findMany', args);
    await isRefused('user', 'findMany', { include: { mentees: args } });
  });

  test('is refused where a table of its own links it', async () => {
    await isRefused('post', 'findMany', { include: { secret: true } });
    await isRefused('tag', 'findMany', { where: { secret: { some: {} } } });
  });
});

describe('what would tell of what is there by writing is refused', () => {
  const data = { id: 'u-9', name: 'a' };
  test.each([
    ['a field that must be unique', 'user', 'create', { data: { ...data, email: 'a' } }],
    ['the same in a list', 'user', 'createMany', { data: [data, { ...data, email: 'a' }] }],
    ['the same in an update', 'user', 'update', { where: KEY, data: { email: 'a' } }],
    ['the same in an upsert', 'user', 'upsert', { where: KEY, create: data, update: { email: 'a' } }],
    [
      'the same when it is made',
      'user',
      'upsert',
      { where: KEY, create: { ...data, email: 'a' }, update: {} },
    ],
    [
      'the same in what is linked',
      'post',
      'create',
      { data: { id: 1, title: 'a', author: { create: { ...data, email: 'a' } } } },
    ],
    [
      'a number that is counted on',
      'post',
      'update',
      { where: { id: 1 }, data: { score: { increment: 1 } } },
    ],
    ['a list that is added to', 'user', 'update', { where: KEY, data: { skills: { push: 'a' } } }],
    ['a key that a field refers to', 'user', 'update', { where: KEY, data: { id: 'u-8' } }],
    ['a column that nobody mapped', 'user', 'update', { where: KEY, data: { shoeSize: 1 } }],
    ['a link that is not open', 'user', 'update', { where: KEY, data: { partner: { connect: KEY } } }],
    [
      'another way to write a relation',
      'user',
      'update',
      { where: KEY, data: { posts: { deleteMany: { title: 'a' } } } },
    ],
    [
      'links or new rows',
      'post',
      'update',
      { where: { id: 1 }, data: { author: { connectOrCreate: { where: KEY, create: data } } } },
    ],
    ['a key with a field in it', 'badge', 'create', { data: { id: 1, userId: 'u-0', place: 1 } }],
    ['a part of such a key', 'badge', 'updateMany', { data: { place: 1 } }],
    ['whose row it is', 'post', 'update', { where: { id: 1 }, data: { authorId: 'u-0' } }],
    ['the same of many', 'post', 'updateMany', { data: { authorId: 'u-0' } }],
    ['the same by a link', 'post', 'update', { where: { id: 1 }, data: { author: { connect: KEY } } }],
    ['the same by a new owner', 'post', 'update', { where: { id: 1 }, data: { author: { create: data } } }],
    [
      'the same from the other end',
      'user',
      'update',
      { where: KEY, data: { posts: { connect: { id: 1 } } } },
    ],
    ['the same from a new owner', 'user', 'create', { data: { ...data, posts: { connect: [{ id: 1 }] } } }],
    ['a link in such a key', 'badge', 'update', { where: { id: 1 }, data: { post: { connect: { id: 1 } } } }],
    [
      'a link from the other end',
      'post',
      'update',
      { where: { id: 1 }, data: { badges: { connect: { id: 1 } } } },
    ],
    ['what refers to a field', 'alias', 'create', { data: { id: 1, userId: 'u-0', email: 'a' } }],
    ['a deletion that a field can prevent', 'user', 'delete', { where: KEY }],
    ['deletions that a field can prevent', 'user', 'deleteMany', {}],
  ] as const)('%s', (_name, model, operation, args) => isRefused(model, operation, args));
});

test.each([
  ['an argument', 'findMany', { relationLoadStrategy: 'join' }],
  ['an argument of another operation', 'findMany', { by: ['id'] }],
  ['an operator', 'findMany', { where: { id: { search: 'a' } } }],
  ['a path into JSON', 'findMany', { where: { createdAt: { path: ['a'], equals: 1 } } }],
  [
    'an order by relevance',
    'findMany',
    { orderBy: { _relevance: { fields: ['name'], search: 'a', sort: 'asc' } } },
  ],
  ['a selection', 'findMany', { select: { id: 'yes' } }],
  ['a selection beside another', 'findMany', { select: { id: true }, include: { posts: true } }],
  ['a column that is not there', 'findMany', { select: { nowhere: true } }],
  ['a column that nobody mapped', 'findMany', { select: { shoeSize: true } }],
  ['a reference to a column', 'findMany', { where: { id: { equals: prisma.user.fields.name } } }],
  ['an order that is no way to sort', 'findMany', { orderBy: { id: { sort: { a: 1 } } } }],
  ['the same of a number', 'findMany', { orderBy: { mentees: { _count: { sort: {} } } } }],
  ['the same of groups', 'groupBy', { by: ['id'], orderBy: { _max: { id: { a: [{}] } } } }],
  ['a value that Prisma would not read', 'update', { where: KEY, data: { profile: RAW } }],
  ['the same within another', 'update', { where: KEY, data: { profile: { said: [RAW] } } }],
  [
    'the same in a row that is linked',
    'update',
    { where: KEY, data: { mentees: { create: { id: 'u-9', name: 'a', profile: { set: RAW } } } } },
  ],
  ['references to columns', 'findMany', { where: { id: { in: [prisma.user.fields.name] } } }],
  [
    'a reference to a column in having',
    'groupBy',
    { by: ['id'], having: { id: { _min: { equals: prisma.user.fields.name } } } },
  ],
])('%s that is not understood is refused', (_name, operation, args) => isRefused('user', operation, args));

test('a model that nobody mapped is refused', async () => {
  await isRefused('bare', 'count', {}, '`Bare` has no column with a field');
});

test('what is refused says which column it is, and what to do', async () => {
  const asked = purpose.user.findMany({ where: { name: 'a' } });
  await expect(asked).rejects.toThrow(/^`User\.name` is a field: .*Ask by columns that are/);
});

/** @param of what the refusal must be about */
async function isRefused(
  model: 'user' | 'post' | 'tag' | 'message' | 'alias' | 'badge' | 'bare',
  operation: string,
  args: Args,
  of = '',
): Promise<void> {
  const delegate: object = purpose[model];
  const asked = async (): Promise<unknown> =>
    Reflect.apply(Reflect.get(delegate, operation), delegate, [args]);
  const refusal: unknown = await asked().catch((error: unknown) => error);
  expect(refusal, `${operation} ${JSON.stringify(args)}`).toBeInstanceOf(QueryRefused);
  expect(String(refusal)).toContain(of);
}
