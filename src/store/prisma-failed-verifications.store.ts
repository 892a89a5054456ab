import {
  type FailedVerification,
  FailedVerificationStore,
} from '../consent/upkeep/failed-verifications.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Failed verifications in PostgreSQL, embedded or on a server. */
export class PrismaFailedVerificationStore extends FailedVerificationStore {
  constructor(private readonly database: Pick<Database, 'prisma'>) {
    super();
  }

  async failed({ of, at, because, by }: FailedVerification): Promise<void> {
    const found = { at: BigInt(at), because, by };
    await this.database.prisma.failedVerification
      .upsert({ where: { of }, create: { of, ...found }, update: found })
      .catch(refused);
  }

  async passed(of: string): Promise<void> {
    await this.database.prisma.failedVerification.deleteMany({ where: { of } }).catch(refused);
  }

  async all(): Promise<readonly FailedVerification[]> {
    const rows = await this.database.prisma.failedVerification
      .findMany({ orderBy: { at: 'desc' } })
      .catch(refused);
    return rows.map(({ at, ...row }) => ({ ...row, at: Number(at) }));
  }
}

const refused = refusedOn('failed verifications');
