import {
  type ExtractOpening,
  ExtractStore,
  type MemberBucket,
  type MemberPart,
  type StoredExtract,
  type Unlearned,
} from '../extracts/extracts.store.js';
import type { Database } from './database/database.js';
import { extractText, readExtract, readUnlearned } from './database/extract-row.js';
import { Prisma } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';

/** The bucket of rows that are parts. */
const PART = -1;

/** Extracts in PostgreSQL, embedded or on a server, what they hold sealed. */
export class PrismaExtractStore extends ExtractStore {
  constructor(private readonly database: Database) {
    super();
  }

  open(id: string, opening: ExtractOpening): Promise<void> {
    return this.database.sealing(() => this.openSealed(id, opening));
  }

  private async openSealed(id: string, opening: ExtractOpening): Promise<void> {
    const content = this.database.vault.seal(Buffer.from(extractText(opening)), boundToExtract(id));
    await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          INSERT INTO extract (id, client, opened_at, content, revision)
          VALUES (${id}, ${opening.client}, ${opening.at}::bigint, ${bytes(content)}, ${opening.revision}::bigint)`,
      )
      .catch(refused);
  }

  async read(id: string): Promise<StoredExtract | undefined> {
    const [found] = await this.extracts(Prisma.sql`WHERE id = ${id}`);
    return found;
  }

  async list(
    limit: number,
    client?: string,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly StoredExtract[]> {
    const own = client === undefined ? Prisma.sql`TRUE` : Prisma.sql`client = ${client}`;
    const from =
      after === undefined
        ? Prisma.sql`TRUE`
        : Prisma.sql`(opened_at < ${after.at}::bigint OR (opened_at = ${after.at}::bigint AND id > ${after.id}))`;
    return this.extracts(
      Prisma.sql`WHERE ${own} AND ${from} ORDER BY opened_at DESC, id LIMIT ${limit}::int`,
    );
  }

  async close(id: string, at: number): Promise<void> {
    await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          UPDATE extract SET closed_at = ${at}::bigint WHERE id = ${id} AND closed_at IS NULL`,
      )
      .catch(refused);
  }

  add(id: string, revision: number, users: number, content: Uint8Array): Promise<number | undefined> {
    return this.database.sealing(() => this.addSealed(id, revision, users, content));
  }

  private async addSealed(
    id: string,
    revision: number,
    users: number,
    content: Uint8Array,
  ): Promise<number | undefined> {
    const sealed = this.database.vault.seal(content, boundToExtract(id, PART));
    const [row] = await this.database
      .toTheEnd(
        (patient) => patient.$queryRaw<readonly { readonly number: number }[]>`
          WITH head AS (
            UPDATE extract SET parts = parts + 1, revision = greatest(revision, ${revision}::bigint)
            WHERE id = ${id} AND closed_at IS NULL
            RETURNING parts
          )
          INSERT INTO extract_members (extract_id, bucket, number, up_to, edition, users, content)
          SELECT ${id}, ${PART}::int, parts, parts, 1, ${users}::int, ${bytes(sealed)} FROM head
          RETURNING number`,
      )
      .catch(refused);
    return row?.number;
  }

  async parts(id: string, after: number, limit: number): Promise<MemberPart[]> {
    const rows = await this.database.prisma.extractMembers
      .findMany({
        where: { extractId: id, bucket: PART, number: { gt: after } },
        orderBy: { number: 'asc' },
        take: limit,
      })
      .catch(refused);
    return rows.map(({ number, upTo, content }) => ({
      number,
      upTo,
      content: this.opened(id, PART, content),
    }));
  }

  async buckets(id: string, after: number, limit: number): Promise<MemberBucket[]> {
    const rows = await this.database.prisma.extractMembers
      .findMany({
        where: { extractId: id, bucket: { gt: Math.max(after, PART) } },
        orderBy: { bucket: 'asc' },
        take: limit,
      })
      .catch(refused);
    return rows.map(({ bucket, upTo, edition, content }) => ({
      bucket,
      upTo,
      edition,
      content: this.opened(id, bucket, content),
    }));
  }

  async bucketsOf(bucket: number): Promise<(MemberBucket & { readonly id: string })[]> {
    const rows = await this.database.prisma.extractMembers
      .findMany({ where: { bucket }, orderBy: { extractId: 'asc' } })
      .catch(refused);
    return rows.map(({ extractId: id, upTo, edition, content }) => ({
      id,
      bucket,
      upTo,
      edition,
      content: this.opened(id, bucket, content),
    }));
  }

  async withParts(): Promise<string[]> {
    const rows = await this.database.prisma.extractMembers
      .findMany({ where: { bucket: PART }, distinct: ['extractId'], select: { extractId: true } })
      .catch(refused);
    return rows.map(({ extractId }) => extractId).toSorted();
  }

  putTogether(
    id: string,
    bucket: Omit<MemberBucket, 'edition'>,
    users: number,
    edition: number,
  ): Promise<boolean> {
    return this.database.sealing(() => this.putSealed(id, bucket, users, edition));
  }

  private async putSealed(
    id: string,
    { bucket, upTo, content }: Omit<MemberBucket, 'edition'>,
    users: number,
    edition: number,
  ): Promise<boolean> {
    const sealed = this.database.vault.seal(content, boundToExtract(id, bucket));
    const written = await this.database
      .toTheEnd((patient) =>
        edition === 0
          ? patient.$executeRaw`
              INSERT INTO extract_members (extract_id, bucket, number, up_to, edition, users, content)
              VALUES (${id}, ${bucket}::int, 0, ${upTo}::int, 1, ${users}::int, ${bytes(sealed)})
              ON CONFLICT DO NOTHING`
          : patient.$executeRaw`
              UPDATE extract_members
              SET up_to = ${upTo}::int, edition = ${edition + 1}::int, users = ${users}::int, content = ${bytes(sealed)}
              WHERE extract_id = ${id} AND bucket = ${bucket}::int AND number = 0 AND edition = ${edition}::int`,
      )
      .catch(refused);
    return written === 1;
  }

  async dropParts(id: string, numbers: readonly number[]): Promise<void> {
    await this.database.prisma.extractMembers
      .deleteMany({ where: { extractId: id, bucket: PART, number: { in: [...numbers] } } })
      .catch(refused);
  }

  unlearn(id: string, unlearned: Unlearned, most: number): Promise<boolean> {
    return this.database.sealing(() => this.unlearnSealed(id, unlearned, most));
  }

  private async unlearnSealed(id: string, unlearned: Unlearned, most: number): Promise<boolean> {
    const content = this.database.vault.seal(Buffer.from(JSON.stringify(unlearned)), boundToExtract(id));
    const written = await this.database
      .toTheEnd(
        (patient) => patient.$executeRaw`
          WITH head AS (
            UPDATE extract SET statements = statements + 1 WHERE id = ${id} AND statements < ${most}::int
            RETURNING statements
          )
          INSERT INTO extract_unlearned (extract_id, number, content)
          SELECT ${id}, statements, ${bytes(content)} FROM head`,
      )
      .catch(refused);
    return written === 1;
  }

  async unlearned(id: string): Promise<Unlearned[]> {
    const rows = await this.database.prisma.extractUnlearned
      .findMany({ where: { extractId: id }, orderBy: { number: 'asc' } })
      .catch(refused);
    return rows.map(({ content }) => {
      const plain = this.opened(id, undefined, content);
      return readUnlearned(plain.toString());
    });
  }

  private async extracts(which: Prisma.Sql): Promise<StoredExtract[]> {
    const rows = await this.database.prisma.$queryRaw<readonly Row[]>`
      SELECT id, content, closed_at, parts, revision, (
        SELECT coalesce(sum(users), 0) FROM extract_members WHERE extract_id = id
      )::float8 AS users FROM extract ${which}`.catch(refused);
    return rows.map(({ id, content, closed_at: closedAt, parts, revision, users }) => ({
      id,
      opening: readExtract(this.opened(id, undefined, content).toString()),
      closedAt: closedAt === null ? null : Number(closedAt),
      parts,
      revision: Number(revision),
      users,
    }));
  }

  /** @throws Error when it was altered */
  private opened(id: string, bucket: number | undefined, content: Uint8Array): Buffer {
    try {
      return this.database.vault.open(content, boundToExtract(id, bucket));
    } catch {
      throw new Error(
        `the extract \`${id}\` was altered since it was written: restore the database from a backup, and find out who changed it`,
      );
    }
  }
}

type Row = {
  readonly id: string;
  readonly content: Uint8Array;
  readonly closed_at: bigint | number | null;
  readonly parts: number;
  readonly revision: bigint | number;
  readonly users: number;
};

/** Binds the sealed bytes to this place. @param bucket of members; absent: what is not members */
export function boundToExtract(id: string, bucket?: number): string {
  return bucket === undefined ? `extract ${id}` : `extract_members ${bucket} ${id}`;
}

/** Bytes in a statement: the adapters differ in how they send them, and not in how they send text. */
function bytes(value: Uint8Array): Prisma.Sql {
  return Prisma.sql`decode(${Buffer.from(value).toString('base64')}, 'base64')`;
}

const refused = refusedOn('the extracts');
