import pLimit from 'p-limit';
import { GENESIS, PUBLICATIONS_GENESIS } from '../../consent/log/chain.js';
import { Overtaken } from '../../fleet/fleet.store.js';
import { refusedOn } from '../postgres/database-refusal.js';
import { Prisma, type PrismaClient } from '../generated/client.js';
import type { StoreKey } from './store-key.js';
import type { Vault } from './vault.js';

/** The end of the log and of its publications. */
export type Head = {
  readonly revision: number;
  /** The last number given to a user. */
  readonly subject: number;
  /** The last link of the chain. */
  readonly hash: Buffer;
  /** The last link of the chain of publications. */
  readonly publications: Buffer;
};

/**
 * The head as a turn begins with it. What the turn writes is sealed with its key, and a statement that moves the head
 * names that key: whoever follows another one meanwhile is overtaken, and no row is of two keys (decision 070).
 */
export type SealedHead = Head & { readonly key: StoreKey };

/**
 * The head row of the log. It is sealed with a key that is not in the database, so that write access to the database is
 * not enough to change where the log ends.
 */
export class LogHead {
  /** Absent until it is read, and after a failure with an unknown outcome. */
  private known: SealedHead | undefined;
  private readonly oneAtATime = pLimit(1);

  constructor(
    private readonly prisma: PrismaClient,
    private readonly vault: Vault,
  ) {}

  /** Runs work on the head of the log one after the other, because each entry is chained to the one before. */
  inTurn<T>(work: (head: SealedHead) => Promise<T>): Promise<T> {
    return this.oneAtATime(async () => {
      try {
        return await work(this.known ?? (await this.read()));
      } catch (error) {
        this.known = undefined;
        throw error;
      }
    });
  }

  /** @throws Error when it is not as it was written */
  async read(): Promise<SealedHead> {
    const row = await this.prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
    const head = headOf(row);
    if (!this.vault.matches(row.keyCheck)) await this.vault.lookAgain();
    const key = this.vault.follow(row.keyCheck, row.lasting);
    if (!this.isSound(head, row.mac))
      throw new Error(
        'the head of the consent log was altered since it was written; restore the log from a backup',
      );
    return { ...head, key };
  }

  /**
   * The key whose seal the head has; `undefined`: none of the ring. It may be a former one: a build from before keys could be
   * replaced knows no other.
   */
  async sealer(): Promise<StoreKey | undefined> {
    const row = await this.prisma.consentHead.findUniqueOrThrow({ where: { id: 1 } }).catch(refused);
    const text = textOf(headOf(row));
    return this.vault.ring.find((key) => key.vouchesFor(text, row.mac));
  }

  /** Seals the head with the present key, where it is. @throws Overtaken */
  sealAgain(run: (statement: Prisma.Sql) => Promise<number>): Promise<void> {
    return this.inTurn(async (head) => {
      const sealed = await run(
        Prisma.sql`UPDATE consent_head SET ${this.columns(head)} WHERE ${this.isAt(head)}`,
      );
      if (sealed === 0) throw new Overtaken();
    });
  }

  /** Whether this head was written by a holder of the key. */
  isSound(head: Head, mac: Uint8Array): boolean {
    return this.vault.vouchesFor(textOf(head), mac);
  }

  /**
   * The part of a statement that moves the head on, to be called `head`: it returns no row if the head has moved
   * meanwhile.
   */
  move(before: SealedHead, after: SealedHead, further = Prisma.sql`true`): Prisma.Sql {
    return Prisma.sql`UPDATE consent_head
      SET ${this.columns(after)}
      WHERE ${this.isAt(before)} AND ${further}
      RETURNING revision`;
  }

  /**
   * Has everything sealed with another key of the ring from now on. What other processes seal with the one before is
   * not written any more: their heads do not fit, and the database refuses their rows.
   *
   * @throws Overtaken when another process has moved the head meanwhile
   */
  replaceKey(key: StoreKey, run: (statement: Prisma.Sql) => Promise<number>): Promise<void> {
    return this.inTurn(async (head) => {
      const lasting = this.vault.entrustLasting(key);
      const replaced = await run(Prisma.sql`
        WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(${KEY_LOCK}::bigint))
        UPDATE consent_head SET key_check = ${key.check}, mac = ${bytes(key.vouch(textOf(head)))},
          publications = ${bytes(head.publications)}, lasting = ${bytes(lasting)},
          key_since = (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
          former_keys = former_keys || ${`${head.key.id} `}
        FROM locked WHERE ${this.isAt(head)}`);
      if (replaced === 0) throw new Overtaken();
      this.known = { ...head, key: this.vault.follow(key.check, lasting) };
    });
  }

  /** The condition that the head has not moved: the same revision in another history is another place. */
  isAt({ revision, subject, hash, publications, key }: SealedHead): Prisma.Sql {
    return Prisma.sql`${this.hasPublished(publications)} AND key_check = ${key.check}
      AND revision = ${revision}::bigint AND subject = ${subject}::bigint
      AND (revision = 0 OR hash = ${bytes(hash)})`;
  }

  /** The condition that nothing was published after the last link of the chain of publications. */
  hasPublished(last: Buffer): Prisma.Sql {
    return Prisma.sql`id = 1 AND (publications = '' OR publications = ${bytes(last)})`;
  }

  /** The assignments for the columns of a head. */
  columns(head: SealedHead): Prisma.Sql {
    return Prisma.sql`revision = ${head.revision}::bigint, subject = ${head.subject}::bigint,
      hash = ${bytes(head.hash)}, publications = ${bytes(head.publications)},
      mac = ${bytes(head.key.vouch(textOf(head)))}`;
  }

  /**
   * Stores the head from another read, so that the next writer need not read it again.
   *
   * @param check of the key that it named
   */
  seen(head: Head, mac: Uint8Array, check: string): void {
    if (this.known !== undefined && head.revision <= this.known.revision) return;
    const key = this.vault.keyOf(check);
    if (key !== undefined && this.isSound(head, mac)) this.known = { ...head, key };
  }

  /** Stores the head that a statement wrote, by the rows of `head`. @throws Overtaken */
  moved(after: SealedHead, rows: readonly unknown[]): void {
    if (rows.length === 0) throw new Overtaken();
    this.known = after;
  }
}

/** Who writes a row that is sealed with the present key shares this advisory lock, see the trigger in the migrations. */
export const KEY_LOCK = 0x617373656e74 + 4;

/** The head in a row. */
export function headOf(row: {
  readonly revision: bigint;
  readonly subject: bigint;
  readonly hash: Uint8Array;
  readonly publications: Uint8Array;
}): Head {
  return {
    revision: Number(row.revision),
    subject: Number(row.subject),
    hash: row.revision === 0n ? GENESIS : Buffer.from(row.hash),
    publications: row.publications.length === 0 ? PUBLICATIONS_GENESIS : Buffer.from(row.publications),
  };
}

function textOf({ revision, subject, hash, publications }: Head): string {
  return `${revision} ${subject} ${hash.toString('base64')} ${publications.toString('base64')}`;
}

function bytes(value: Buffer): Prisma.Sql {
  return Prisma.sql`decode(${value.toString('base64')}, 'base64')`;
}

const refused = refusedOn('the consent log');
