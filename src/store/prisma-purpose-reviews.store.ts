import {
  type PurposeReview,
  PurposeReviewStore,
} from '../publishing/purpose-reviews/purpose-reviews.store.js';
import type { Database } from './database/database.js';
import type { PurposeReview as Row } from './generated/client.js';
import { refusedOn } from './postgres/database-refusal.js';

/** Reviews of purposes in PostgreSQL, embedded or on a server. */
export class PrismaPurposeReviewStore extends PurposeReviewStore {
  constructor(private readonly database: Pick<Database, 'prisma'>) {
    super();
  }

  async add({ roles, at, ...review }: Omit<PurposeReview, 'sequence'>): Promise<PurposeReview> {
    const row = await this.database.prisma.purposeReview
      .create({ data: { ...review, roles: [...roles], at: BigInt(at) } })
      .catch(refused);
    return readReview(row);
  }

  async list(limit: number, before?: number): Promise<PurposeReview[]> {
    const where = before === undefined ? {} : { sequence: { lt: before } };
    const rows = await this.database.prisma.purposeReview
      .findMany({ where, orderBy: { sequence: 'desc' }, take: limit })
      .catch(refused);
    return rows.map(readReview);
  }

  async latest(purposes: readonly string[]): Promise<PurposeReview[]> {
    const sequences = await this.database.prisma.$queryRaw<readonly { readonly sequence: number }[]>`
      SELECT newest.sequence FROM unnest(${[...purposes]}::text[]) AS named (purpose) CROSS JOIN LATERAL (
        SELECT sequence FROM purpose_review WHERE purpose_review.purpose = named.purpose
        ORDER BY sequence DESC LIMIT 1
      ) AS newest`.catch(refused);
    const rows = await this.database.prisma.purposeReview
      .findMany({ where: { sequence: { in: sequences.map(({ sequence }) => sequence) } } })
      .catch(refused);
    return rows.map(readReview);
  }
}

function readReview({ at, ...row }: Row): PurposeReview {
  return { ...row, at: Number(at) };
}

const refused = refusedOn('reviews of purposes');
