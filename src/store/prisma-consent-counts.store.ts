import { memberOf, parseJson } from '../json.js';
import {
  ConsentCountStore,
  type CountOfDay,
  type ToldCount,
} from '../reports/counts/consent-counts.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Counts in PostgreSQL, embedded or on a server. */
export class PrismaConsentCountStore extends ConsentCountStore {
  constructor(private readonly database: Pick<Database, 'prisma' | 'toTheEnd'>) {
    super();
  }

  async has(day: number, policy: string): Promise<boolean> {
    const row = await this.database.prisma.consentCount
      .findFirst({ where: { day, policy }, select: { day: true } })
      .catch(refused);
    return row !== null;
  }

  async write(counts: readonly CountOfDay[]): Promise<void> {
    const rows = counts.map(({ at, told, ...count }) => ({
      ...count,
      at: BigInt(at),
      told: JSON.stringify(told),
    }));
    // one statement in one order: of two that count at once, all rows are of the one or of the other
    const data = rows.toSorted((one, other) => (one.purpose < other.purpose ? -1 : 1));
    await this.database
      .toTheEnd((patient) => patient.consentCount.createMany({ data, skipDuplicates: true }))
      .catch(refused);
  }

  async read(purpose: string, from: number, until: number): Promise<CountOfDay[]> {
    const rows = await this.database.prisma.consentCount
      .findMany({
        where: { purpose, day: { gte: from, lte: until } },
        orderBy: [{ day: 'asc' }, { at: 'asc' }],
      })
      .catch(refused);
    return rows.map(({ at, told, ...count }) => ({ ...count, at: Number(at), told: readTold(told) }));
  }

  async forget(before: number): Promise<void> {
    // with both ends, for a plan for whatever values takes one end for a third of the table
    const old = { where: { day: { gte: 0, lt: before } } };
    await this.database.toTheEnd((patient) => patient.consentCount.deleteMany(old)).catch(refused);
    await this.database.toTheEnd((patient) => patient.reportDay.deleteMany(old)).catch(refused);
  }
}

/** @throws Error when it is none that this build knows */
function readTold(text: string): ToldCount[] {
  const list = parseJson(text);
  if (!Array.isArray(list)) throw new Error('a count of users is no list');
  return list.map((one: unknown) => {
    const [regime, reason, users] = ['regime', 'reason', 'users'].map((name) => memberOf(one, name));
    if (
      typeof regime === 'string' &&
      (typeof reason === 'string' || reason === null) &&
      typeof users === 'number'
    )
      return { regime, reason, users };
    throw new Error('a count of users cannot be read');
  });
}

const refused = refusedOn('the counts of users');
