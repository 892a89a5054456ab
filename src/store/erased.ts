/**
 * The ids of users erased in the last day, sealed: the log does not contain them, but other processes must know which
 * records to forget. A process that was away for longer reads the log anew.
 */
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import { ERASED_KEPT_MS } from '../consent/log/consent.store.js';
import { Prisma } from './generated/client.js';
import type { SealedHead } from './database/log-head.js';

export class Erased {
  constructor(private readonly database: Database) {}

  /** The part of a statement that records who was erased, and deletes old records, if `head` has a row. */
  noted({ revision, key }: SealedHead, user: string, at: number): Prisma.Sql {
    const sealed = this.database.vault
      .seal(Buffer.from(user), boundToErased(revision), key)
      .toString('base64');
    return Prisma.sql`let_go AS (DELETE FROM consent_erased USING head WHERE at < ${at - ERASED_KEPT_MS}::bigint), erased AS (
      INSERT INTO consent_erased (revision, at, sealed)
      SELECT ${revision}::bigint, ${at}::bigint, decode(${sealed}, 'base64') FROM head
    )`;
  }

  /** Deletes the ids of those who were erased too long ago, in milliseconds since the Unix epoch. */
  async letGo(now: number): Promise<void> {
    await this.database.prisma.consentErased
      .deleteMany({ where: { at: { lt: BigInt(now - ERASED_KEPT_MS) } } })
      .catch(refused);
  }

  /** When users were erased, by their ids, as far as they are still known, the earliest first. */
  async lately(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database.prisma.consentErased
      .findMany({ orderBy: { revision: 'asc' } })
      .catch(refused);
    return new Map(rows.map((row) => [this.idIn(row), Number(row.at)]));
  }

  /** The erased users by revision of their record, as far as they are still known. */
  async named(records: readonly { readonly revision: number }[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.database.prisma.consentErased
      .findMany({ where: { revision: { in: records.map(({ revision }) => BigInt(revision)) } } })
      .catch(refused);
    return new Map(rows.map((row) => [Number(row.revision), this.idIn(row)]));
  }

  private idIn({ revision, sealed }: { readonly revision: bigint; readonly sealed: Uint8Array }): string {
    return this.database.vault.open(sealed, boundToErased(Number(revision))).toString();
  }
}

export const boundToErased = (revision: number): string => `erased ${revision}`;

const refused = refusedOn('the consent log');
