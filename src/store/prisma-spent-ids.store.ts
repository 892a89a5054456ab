import { SpentIdStore } from '../sessions/spent-ids.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Spent ids in PostgreSQL, embedded or on a server. */
export class PrismaSpentIdStore extends SpentIdStore {
  constructor(private readonly database: Pick<Database, 'prisma'>) {
    super();
  }

  async spend(id: Uint8Array, until: number, now: number): Promise<boolean> {
    await this.database.prisma.spentId.deleteMany({ where: { until: { lt: BigInt(now) } } }).catch(refused);
    const { count } = await this.database.prisma.spentId
      // Prisma needs bytes with their own buffer
      .createMany({ data: [{ id: Uint8Array.from(id), until: BigInt(until) }], skipDuplicates: true })
      .catch(refused);
    return count === 1;
  }

  async isSpent(id: Uint8Array): Promise<boolean> {
    const row = await this.database.prisma.spentId
      .findUnique({ where: { id: Uint8Array.from(id) }, select: { id: true } })
      .catch(refused);
    return row !== null;
  }
}

const refused = refusedOn('the ids that are spent');
