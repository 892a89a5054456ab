/** Whatever is asked: what is shown is what each owner permits, and nothing tells of the rest. */
import { assert, asyncProperty, constantFrom, record, integer, oneof } from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PurposeClient, QueryRefused, withPurpose } from '../../src/prisma/index.js';
import { times } from '../../../test/times.js';
import { type Database, type Databases, startDatabases } from './database.js';
import { dataOf } from './data.js';
import { Prisma, type PrismaClient } from './generated/client.js';
import { type Query, REFUSED, interpret } from './interpreter.js';
import { PURPOSE, assentOf } from './permits.js';
import { queries, writes } from './queries.js';
import { MODELS } from './shape.js';

/** Of which users and fields nothing is ever permitted: the two databases differ in these, and in what nobody mapped. */
const isSecret = (user: string, field: string) => field === 'unmapped' || hash(`${user} ${field}`) % 2 === 0;
const LEFT = dataOf((user, field) => hash(`${user} ${field} value`) % 7);
const RIGHT = dataOf(
  (user, field) => (hash(`${user} ${field} value`) % 7) + (isSecret(user, field) ? 1 + (hash(field) % 5) : 0),
);

/** Of a test that asks the database hundreds of times. */
const SLOW = { timeout: 1_200_000 };

let databases: Databases;
let left: Database;
let right: Database;
beforeAll(async () => {
  databases = await startDatabases();
  left = await databases.open('left_one');
  right = await databases.open('right_one');
  await left.fill(LEFT);
  await right.fill(RIGHT);
});
afterAll(() => databases.stop());

const situations = record({
  salt: integer({ min: 0, max: 999 }),
  treatment: constantFrom('mask', 'drop'),
});

function mayOf(salt: number) {
  return (user: string, field: string) => !isSecret(user, field) && hash(`${salt} ${user} ${field}`) % 3 > 0;
}

test('every query comes to what all rows come to one by one, or is refused', SLOW, async () => {
  const seen = { shown: 0, refused: 0 };
  for (const isSneaky of [false, true])
    await assert(
      asyncProperty(queries(isSneaky), situations, async (query, { salt, treatment }) => {
        const may = mayOf(salt);
        const purpose = withPurpose(left.prisma, PURPOSE, { assent: assentOf(may), rows: treatment });
        const expected = interpret(LEFT, may, treatment, query);
        seen[expected === REFUSED ? 'refused' : 'shown']++;
        expect(await ask(purpose, query)).toEqual(expected);
      }),
      { numRuns: times(3_000, 250) },
    );
  expect(seen.shown).toBeGreaterThan(times(3_000, 250));
  expect(seen.refused).toBeGreaterThan(times(1_000, 80));
});

test('no query tells two databases apart that differ in what may not be read', SLOW, async () => {
  expect(LEFT).not.toEqual(RIGHT);
  await assert(
    asyncProperty(oneof(queries(false), queries(true)), situations, async (query, { salt, treatment }) => {
      const settings = { assent: assentOf(mayOf(salt)), rows: treatment } as const;
      const [one, other] = await Promise.all(
        [left, right].map(({ prisma }) => ask(withPurpose(prisma, PURPOSE, settings), query)),
      );
      expect(one).toEqual(other);
    }),
    { numRuns: times(5_000, 300) },
  );
});

test('no change tells them apart either, nor does what can be read after it', SLOW, async () => {
  const kinds = new Map<unknown, number>();
  await assert(
    asyncProperty(
      oneof(writes(false), writes(false), writes(true)),
      situations,
      async (query, { salt, treatment }) => {
        const settings = { assent: assentOf(mayOf(salt)), rows: treatment } as const;
        const [one, other] = await Promise.all(
          [left, right].map(({ prisma }) => changed(withPurpose(prisma, PURPOSE, settings), query)),
        );
        expect(one).toEqual(other);
        const kind = Array.isArray(one) && one[0] !== REFUSED && typeof one[0] !== 'string' ? 'done' : 'not';
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      },
    ),
    { numRuns: times(3_000, 150) },
  );
  expect(kinds.get('done')).toBeGreaterThan(times(300, 15));
});

class Undone extends Error {}

/** What a change comes to, and what can be read then; or which error it is. The change is undone. */
async function changed(client: PurposeClient<PrismaClient>, query: Query): Promise<unknown> {
  let found: unknown;
  const work = client.$transaction(
    async (tx) => {
      const outcome = await ask(tx, query);
      const orderBy = MODELS[query.model].key.map((column) => ({ [column]: 'asc' }));
      const after = await ask(tx, { model: query.model, operation: 'findMany', args: { orderBy } });
      // the rows of a bulk change come in no order
      found = [Array.isArray(outcome) ? outcome.map((row) => JSON.stringify(row)).sort() : outcome, after];
      throw new Undone();
    },
    { timeout: 60_000, maxWait: 60_000 },
  );
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Undone) return found;
  const code: unknown = Object(error)['code'];
  if (typeof code === 'string') return code;
  throw error;
}

/** What a query comes to, in the words of the interpreter. */
async function ask(client: object, { model, operation, args }: Query): Promise<unknown> {
  const delegate: unknown = Reflect.get(client, model);
  if (typeof delegate !== 'object' || delegate === null) throw new Error(`no ${model}`);
  try {
    return plain(await Reflect.apply(Reflect.get(delegate, operation), delegate, [args]));
  } catch (error) {
    if (error instanceof QueryRefused) return REFUSED;
    throw error;
  }
}

/** With decimals as the texts that they were written as. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array)
    return value;
  if (Array.isArray(value)) return value.map(plain);
  if (Prisma.Decimal.isDecimal(value)) return value.toString();
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

/** FNV-1a. */
function hash(text: string): number {
  let found = 0x81_1c_9d_c5;
  for (const letter of text) found = Math.imul(found ^ (letter.codePointAt(0) ?? 0), 0x01_00_01_93) >>> 0;
  return found >>> 3;
}
