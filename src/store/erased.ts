/**
 * The ids of users erased in the last day, sealed: the log does not contain them, but other processes must know which
 * records to forget. A process that was away for longer reads the log anew.
 */
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import { DAY_MS } from '../time.js';
import { Prisma } from './generated/client.js';

/** For how long the log says who was erased. */
export const ERASED_KEPT_MS = DAY_MS;

export class Erased {
  constructor(private readonly database: Database) {}

  /** The part of a statement that records who was erased, and deletes old records, if `head` has a row. */
  noted(revision: number, user: string, at: number): Prisma.Sql {
    const sealed = this.database.vault.seal(Buffer.from(user), boundTo(revision)).toString('base64');
    return Prisma.sql`let_go AS (DELETE FROM consent_erased USING head WHERE at < ${at - ERASED_KEPT_MS}::bigint), erased AS (
      INSERT INTO consent_erased (revision, at, sealed)
      SELECT ${revision}::bigint, ${at}::bigint, decode(${sealed}, 'base64') FROM head
    )`;
  }

  /** The erased users by revision of their record, as far as they are still known. */
  async named(records: readonly { readonly revision: number }[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.database.prisma.consentErased
      .findMany({ where: { revision: { in: records.map(({ revision }) => BigInt(revision)) } } })
      .catch(refused);
    return new Map(
      rows.map(({ revision, sealed }) => [
        Number(revision),
        this.database.vault.open(sealed, boundTo(Number(revision))).toString(),
      ]),
    );
  }
}

const boundTo = (revision: number): string => `erased ${revision}`;

const refused = refusedOn('the consent log');
