import { ConsentStoreLost } from '../consent/consent.store.js';
import {
  type Approval,
  type Draft,
  type DraftEdit,
  type DraftStanding,
  type NewDraft,
  type NewPublication,
  PolicyStore,
  type Publication,
  type StoredVersion,
  type VersionSummary,
} from '../policy/policy.store.js';
import type { Database } from './database.js';
import { refuse } from './database-refusal.js';
import { readDraft, readPublication, readVersion, readVersionSummary } from './policy-row.js';

const WITH_APPROVALS = { approvals: { orderBy: { at: 'asc' } } } as const;

/** Policy versions and drafts in PostgreSQL, embedded or on a server. */
export class PrismaPolicyStore extends PolicyStore {
  constructor(private readonly database: Database) {
    super();
  }

  async saveVersion({ document, authors, at, ...rest }: StoredVersion): Promise<void> {
    const data = {
      ...rest,
      document: JSON.stringify(document),
      authors: JSON.stringify(authors),
      at: BigInt(at),
    };
    await this.database.prisma.policyVersion
      .createMany({ data: [data], skipDuplicates: true })
      .catch(refused);
  }

  async version(id: string): Promise<StoredVersion | undefined> {
    const row = await this.database.prisma.policyVersion.findUnique({ where: { id } }).catch(refused);
    return row === null ? undefined : readVersion(row);
  }

  async versions(limit: number): Promise<VersionSummary[]> {
    const rows = await this.database.prisma.policyVersion
      .findMany({ orderBy: [{ at: 'desc' }, { id: 'asc' }], take: limit, omit: { document: true } })
      .catch(refused);
    return rows.map(readVersionSummary);
  }

  async publications(limit: number): Promise<Publication[]> {
    const rows = await this.database.prisma.policyPublication
      .findMany({ orderBy: { sequence: 'desc' }, take: limit })
      .catch(refused);
    return rows.map(readPublication);
  }

  async publicationAt(at: number): Promise<Publication | undefined> {
    const row = await this.database.prisma.policyPublication
      .findFirst({ where: { at: { lte: BigInt(at) } }, orderBy: { sequence: 'desc' } })
      .catch(refused);
    return row === null ? undefined : readPublication(row);
  }

  async publicationBefore(revision: number): Promise<Publication | undefined> {
    const row = await this.database.prisma.policyPublication
      .findFirst({ where: { afterRevision: { lt: BigInt(revision) } }, orderBy: { sequence: 'desc' } })
      .catch(refused);
    return row === null ? undefined : readPublication(row);
  }

  async publish(publication: NewPublication): Promise<Publication | undefined> {
    const { version, by, at, approvals, draft } = publication;
    const { prisma, writer } = this.database;
    // One statement: the version is in force and its draft ended, or neither. The head's row lock puts it between two
    // blocks of the consent log, and its writer is asked for as the log does.
    const rows = await prisma.$queryRaw<Readonly<Record<string, unknown>>[]>`
      WITH head AS (
        UPDATE consent_head SET revision = revision WHERE id = 1 AND writer = ${writer} RETURNING revision
      ), ended AS (
        UPDATE policy_draft SET status = 'published', schedule = NULL, changed_at = ${at}::bigint
        FROM head
        WHERE id = ${draft?.id ?? null}::text AND edit = ${draft?.edit ?? 0}::int
          AND status IN ('open', 'scheduled')
        RETURNING id
      ), published AS (
        INSERT INTO policy_publication (sequence, version, after_revision, by, at, draft, approvals)
        SELECT
          (SELECT coalesce(max(sequence), 0) + 1 FROM policy_publication),
          ${version}, head.revision, ${by}, ${at}::bigint, ${draft?.id ?? null}::text, ${JSON.stringify(approvals)}
        FROM head
        WHERE ${draft === null}::boolean OR EXISTS (SELECT 1 FROM ended)
        RETURNING sequence, after_revision
      )
      SELECT head.revision::float8 AS head, published.sequence::int AS sequence
      FROM head LEFT JOIN published ON true`.catch(refused);
    const [row] = rows;
    if (typeof row?.['head'] !== 'number') throw new ConsentStoreLost();
    const sequence = row['sequence'];
    if (typeof sequence !== 'number') return undefined;
    return { sequence, version, after: row['head'], by, at, draft: draft?.id ?? null, approvals };
  }

  async createDraft(draft: NewDraft): Promise<Draft> {
    const { document, authors, createdAt, ...rest } = draft;
    const row = await this.database.prisma.policyDraft
      .create({
        data: {
          ...rest,
          edit: 1,
          status: 'open',
          document: JSON.stringify(document),
          authors: JSON.stringify(authors),
          createdAt: BigInt(createdAt),
          changedAt: BigInt(createdAt),
        },
      })
      .catch(refused);
    return readDraft(row, []);
  }

  async draft(id: string): Promise<Draft | undefined> {
    const row = await this.database.prisma.policyDraft
      .findUnique({ where: { id }, include: WITH_APPROVALS })
      .catch(refused);
    return row === null ? undefined : readDraft(row, row.approvals);
  }

  async drafts(limit: number): Promise<Draft[]> {
    const rows = await this.database.prisma.policyDraft
      .findMany({
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        take: limit,
        include: WITH_APPROVALS,
      })
      .catch(refused);
    return rows.map((row) => readDraft(row, row.approvals));
  }

  async scheduled(): Promise<Draft[]> {
    const rows = await this.database.prisma.policyDraft
      .findMany({
        where: { status: 'scheduled' },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        include: WITH_APPROVALS,
      })
      .catch(refused);
    return rows.map((row) => readDraft(row, row.approvals));
  }

  async editDraft(id: string, edit: number, change: DraftEdit): Promise<Draft | undefined> {
    const { document, authors, changedAt, ...rest } = change;
    const { count } = await this.database.prisma.policyDraft
      .updateMany({
        where: { id, edit, status: 'open' },
        data: {
          ...rest,
          edit: edit + 1,
          refusal: null,
          document: JSON.stringify(document),
          authors: JSON.stringify(authors),
          changedAt: BigInt(changedAt),
        },
      })
      .catch(refused);
    return count === 0 ? undefined : this.draft(id);
  }

  async moveDraft(id: string, edit: number, standing: DraftStanding): Promise<Draft | undefined> {
    const { status, schedule, refusal, changedAt } = standing;
    const { count } = await this.database.prisma.policyDraft
      .updateMany({
        where: { id, edit, status: { in: ['open', 'scheduled'] } },
        data: {
          status,
          schedule: schedule === null ? null : JSON.stringify(schedule),
          refusal,
          changedAt: BigInt(changedAt),
        },
      })
      .catch(refused);
    return count === 0 ? undefined : this.draft(id);
  }

  async approve(draftId: string, edit: number, { by, roles, at }: Approval): Promise<void> {
    const data = { draftId, edit, by, roles: JSON.stringify(roles), at: BigInt(at) };
    await this.database.prisma.policyApproval
      .createMany({ data: [data], skipDuplicates: true })
      .catch(refused);
  }
}

const refused = (error: unknown): never => refuse(error, 'the policies');
