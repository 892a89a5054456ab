import {
  type Attribute,
  AttributeStore,
  type AttributeValue,
  type UserValue,
  type ValuesOfUsers,
} from '../reports/attributes/attributes.store.js';
import { memberOf, parseJson } from '../json.js';
import type { Database } from './database/database.js';
import { numbers } from './database/packed-columns.js';
import { Prisma } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Numbers of users whose rows are deleted in one statement: nothing else waits long for it. */
const DELETED_AT_ONCE = 50_000;

/** Attributes in PostgreSQL, embedded or on a server. Foreign keys delete what users have, with the users. */
export class PrismaAttributeStore extends AttributeStore {
  constructor(private readonly database: Database) {
    super();
  }

  async all(): Promise<Attribute[]> {
    const rows = await this.database.prisma.attribute.findMany({ orderBy: { number: 'asc' } }).catch(refused);
    return rows.map(({ number, id, content }) => ({ number, id, ...readContent(content) }));
  }

  async add({ id, ...attribute }: Omit<Attribute, 'number'>, most: number): Promise<number | undefined> {
    const [row] = await this.database
      .toTheEnd(
        (patient) => patient.$queryRaw<readonly { readonly number: number }[]>`
          INSERT INTO attribute (id, content)
          SELECT ${id}, ${contentOf(attribute)} WHERE (SELECT count(*) FROM attribute) < ${most}::int
          ON CONFLICT DO NOTHING
          RETURNING number`,
      )
      .catch(refused);
    return row?.number;
  }

  async change({ number, ...known }: Attribute, changed: Attribute): Promise<boolean> {
    const written = await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          UPDATE attribute SET content = ${contentOf(changed)}
          WHERE number = ${number}::int AND content = ${contentOf(known)}`,
      )
      .catch(refused);
    return written === 1;
  }

  async drop(number: number): Promise<void> {
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly last: number | null }[]>`
      SELECT max(subject)::float8 AS last FROM user_attribute`.catch(refused);
    const last = row?.last ?? 0;
    for (let from = 0; from <= last; from += DELETED_AT_ONCE)
      await this.database
        .toTheEnd(
          (patient) => patient.$executeRaw`
            DELETE FROM user_attribute WHERE attribute = ${number}::int
              AND subject >= ${from}::bigint AND subject < ${from + DELETED_AT_ONCE}::bigint`,
        )
        .catch(refused);
    await this.database
      .toTheEnd((patient) => patient.$executeRaw`DELETE FROM attribute WHERE number = ${number}::int`)
      .catch(refused);
  }

  async set(attribute: number, values: ValuesOfUsers): Promise<void> {
    // in one order, so that no two statements wait for each other
    const users = [...values].toSorted(([one], [other]) => one - other);
    const gone = users.flatMap(([user, value]) => (value === null ? [user] : []));
    const given = users.flatMap(([user, value]) => (value === null ? [] : [{ user, value }]));
    if (gone.length > 0)
      await this.database
        .toTheEnd(
          (patient) => patient.$executeRaw`
            DELETE FROM user_attribute WHERE attribute = ${attribute}::int AND subject = ANY(${numbers(gone)})`,
        )
        .catch(refused);
    if (given.length === 0) return;
    await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          WITH given AS (
            SELECT * FROM unnest(${numbers(given.map(({ user }) => user))}, ${numbers(given.map(({ value }) => value))})
              AS row (subject, value)
          ), known AS (
            SELECT id FROM consent_subject WHERE id IN (SELECT subject FROM given) ORDER BY id FOR KEY SHARE
          ), present AS (
            SELECT number FROM attribute WHERE number = ${attribute}::int FOR KEY SHARE
          )
          INSERT INTO user_attribute (subject, attribute, value)
          SELECT subject, number, value FROM given JOIN known ON id = subject CROSS JOIN present ORDER BY subject
          ON CONFLICT (subject, attribute) DO UPDATE SET value = excluded.value
            WHERE user_attribute.value <> excluded.value`,
      )
      .catch(refused);
  }

  async partsOf(day: number): Promise<number[]> {
    // a day that another process has written meanwhile is seen by the second statement
    await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          INSERT INTO report_day (day, attributes)
          SELECT ${day}::int, coalesce(string_agg(number::text, ' ' ORDER BY number), '') FROM attribute
          ON CONFLICT DO NOTHING`,
      )
      .catch(refused);
    const row = await this.database.prisma.reportDay.findUniqueOrThrow({ where: { day } }).catch(refused);
    return row.attributes
      .split(' ')
      .filter((text) => text !== '')
      .map(Number);
  }

  of(user: number): Promise<UserValue[]> {
    return this.rows(Prisma.sql`WHERE subject = ${user}::bigint ORDER BY attribute`);
  }

  page(limit: number, after?: UserValue): Promise<UserValue[]> {
    const from =
      after === undefined
        ? Prisma.sql`TRUE`
        : Prisma.sql`(subject, attribute) > (${after.user}::bigint, ${after.attribute}::int)`;
    return this.rows(Prisma.sql`WHERE ${from} ORDER BY subject, attribute LIMIT ${limit}::int`);
  }

  /** As one text: with an object for each row, reading them would take several times as long. */
  private async rows(which: Prisma.Sql): Promise<UserValue[]> {
    const [row] = await this.database.prisma.$queryRaw<readonly { readonly page: string | null }[]>`
      SELECT string_agg(subject || ' ' || attribute || ' ' || value, ',' ORDER BY subject, attribute) AS page
      FROM (SELECT subject, attribute, value FROM user_attribute ${which}) AS rows`.catch(refused);
    return (row?.page ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map((text) => {
        const [user = NaN, attribute = NaN, value = NaN] = text.split(' ').map(Number);
        return { user, attribute, value };
      });
  }
}

function contentOf({ title, values }: Pick<Attribute, 'title' | 'values'>): string {
  return JSON.stringify({ title, values: values.map((value) => ({ id: value.id, title: value.title })) });
}

/** @throws Error when it is none that this build knows */
function readContent(content: string): Pick<Attribute, 'title' | 'values'> {
  const value = parseJson(content);
  const values = memberOf(value, 'values');
  return {
    title: textAt(value, 'title'),
    values: (Array.isArray(values) ? values : []).map((one): AttributeValue => ({
      id: textAt(one, 'id'),
      title: textAt(one, 'title'),
    })),
  };
}

function textAt(value: unknown, name: string): string {
  const text = memberOf(value, name);
  if (typeof text === 'string') return text;
  throw new Error(`an attribute has an unreadable \`${name}\``);
}

const refused = refusedOn('the attributes');
