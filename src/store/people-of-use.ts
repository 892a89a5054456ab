import { BIT_BYTES, BUCKET_SIZE, type Place, type UseOfPerson } from '../ledger/uses.store.js';
import type { Database } from './database/database.js';

/** Whose data was used on a day under some terms, by ascending number. @param after the number that they come after */
export async function peopleOf(
  prisma: Database['prisma'],
  { day, term }: Place,
  after: number,
  limit: number,
): Promise<readonly UseOfPerson[]> {
  const counted = await prisma.$queryRaw<readonly UseOfPerson[]>`
    SELECT subject::float8 AS user, count::float8 AS count, first::float8 AS first, last::float8 AS last
    FROM use_count WHERE day = ${day}::int AND term = ${term}::text::bigint AND subject > ${after}::bigint
    ORDER BY use_count.subject LIMIT ${limit}::int`;
  const inSets: UseOfPerson[] = [];
  for (let from = after + 1; inSets.length < limit;) {
    const bucket = Math.floor(from / BUCKET_SIZE);
    // of the first bucket that has some
    const found = await prisma.$queryRaw<readonly UseOfPerson[]>`
      WITH sets AS MATERIALIZED (
        SELECT bucket, at, members FROM use_set WHERE day = ${day}::int AND term = ${term}::text::bigint
          AND bucket = (
            SELECT bucket FROM use_set
            WHERE day = ${day}::int AND bucket >= ${bucket}::int AND term = ${term}::text::bigint
            ORDER BY day, bucket LIMIT 1
          )
      )
      SELECT number::float8 AS user, count(*)::float8 AS count, min(at)::float8 AS first, max(at)::float8 AS last
      FROM sets, LATERAL (
        SELECT ${BUCKET_SIZE}::bigint * bucket + place AS number FROM generate_series(0, ${BUCKET_SIZE - 1}::int) AS places (place)
        WHERE octet_length(members) = ${BIT_BYTES}::int AND get_bit(members, place) = 1
        UNION ALL
        SELECT ${BUCKET_SIZE}::bigint * bucket + (get_byte(members, 2 * pair) & 127) * 128 + get_byte(members, 2 * pair + 1)
        FROM generate_series(0, octet_length(members) / 2 - 1) AS pairs (pair)
        WHERE octet_length(members) <> ${BIT_BYTES}::int
      ) AS numbers
      GROUP BY number ORDER BY number`;
    const last = found.at(-1);
    if (last === undefined) break;
    inSets.push(...found.filter(({ user }) => user >= from));
    from = (Math.floor(last.user / BUCKET_SIZE) + 1) * BUCKET_SIZE;
  }
  return together(counted, inSets).slice(0, limit);
}

function together(...parts: readonly (readonly UseOfPerson[])[]): UseOfPerson[] {
  const people = new Map<number, UseOfPerson>();
  for (const { user, count, first, last } of parts.flat()) {
    const there = people.get(user) ?? { count: 0, first, last };
    people.set(user, {
      user,
      count: there.count + count,
      first: Math.min(there.first, first),
      last: Math.max(there.last, last),
    });
  }
  return [...people.values()].toSorted((one, other) => one.user - other.user);
}
