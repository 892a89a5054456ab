import { publicationHashAfter } from '../consent/log/chain.js';
import {
  type After,
  type Approval,
  type ChainedPublication,
  type Draft,
  type DraftEdit,
  type DraftStanding,
  type DraftSummary,
  type NewDecline,
  type NewDraft,
  type NewPublication,
  PolicyStore,
  type Publication,
  type StoredVersion,
  type Unsaid,
  type VersionSummary,
} from '../policy/policy.store.js';
import { Overtaken } from '../fleet/fleet.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';
import { Prisma } from './generated/client.js';
import {
  type DeclineRow,
  readDraft,
  readDraftSummary,
  readPublication,
  readVersion,
  readVersionSummary,
} from './database/policy-row.js';

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

  async versions(limit: number, after?: After): Promise<VersionSummary[]> {
    const where =
      after === undefined
        ? {}
        : { OR: [{ at: { lt: BigInt(after.at) } }, { at: BigInt(after.at), id: { gt: after.id } }] };
    const rows = await this.database.prisma.policyVersion
      .findMany({ where, orderBy: [{ at: 'desc' }, { id: 'asc' }], take: limit, omit: { document: true } })
      .catch(refused);
    return rows.map(readVersionSummary);
  }

  async publications(limit: number, before?: number): Promise<Publication[]> {
    const where = before === undefined ? {} : { sequence: { lt: before } };
    const rows = await this.database.prisma.policyPublication
      .findMany({ where, orderBy: { sequence: 'desc' }, take: limit })
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

  async chainedPublications(after = 0): Promise<ChainedPublication[]> {
    const rows = await this.database.prisma.policyPublication
      .findMany({ where: { sequence: { gt: after } }, orderBy: { sequence: 'asc' } })
      .catch(refused);
    return rows.map((row) => ({ ...readPublication(row), hash: Buffer.from(row.hash) }));
  }

  publish(order: NewPublication): Promise<Publication | undefined> {
    return this.database.head.inTurn(async (before) => {
      const { version, by, at, approvals, draft, follows } = order;
      const [last] = await this.publications(1);
      if (follows !== undefined && (last?.version ?? null) !== follows) throw new Overtaken();
      const sequence = (last?.sequence ?? 0) + 1;
      const publication = {
        sequence,
        version,
        after: before.revision,
        by,
        at,
        draft: draft?.id ?? null,
        approvals,
      };
      const hash = publicationHashAfter(before.publications, publication);
      const { toTheEnd, head } = this.database;
      const after = { ...before, publications: hash };
      // One statement: the version is in force and its draft ended, or neither. The head's row lock puts it between two
      // blocks of the consent log.
      const statement = Prisma.sql`
        WITH present AS (
          SELECT revision FROM consent_head
          WHERE ${head.isAt(before)}
          FOR UPDATE
        ), draft AS (
          SELECT id, edit, content FROM policy_draft CROSS JOIN present
          WHERE id = ${draft?.id ?? null}::text AND edit = ${draft?.edit ?? 0}::int
            AND status IN ('open', 'scheduled')
          FOR UPDATE OF policy_draft
        ), given AS (
          -- behind the lock of the draft, so that a withdrawal comes before all of this or finds the draft ended
          SELECT policy_approval.by FROM draft
          JOIN policy_approval ON policy_approval.draft_id = draft.id AND policy_approval.edit = draft.edit
          WHERE (policy_approval.by, policy_approval.at) IN (
            SELECT * FROM unnest(
              ${approvals.map((approval) => approval.by)}::text[], ${approvals.map((approval) => BigInt(approval.at))}::bigint[]
            )
          )
          FOR UPDATE OF policy_approval
        ), said AS (
          INSERT INTO policy_content AS known (id, declines) SELECT content, ${draft?.declines ?? 0}::int FROM draft
          WHERE (SELECT count(*) FROM given) = ${approvals.length}::int
          ON CONFLICT (id) DO UPDATE SET declines = known.declines WHERE known.declines = ${draft?.declines ?? 0}::int
          RETURNING id
        ), ended AS (
          UPDATE policy_draft SET status = 'published', schedule = NULL, changed_at = ${at}::bigint
          FROM draft JOIN said ON said.id = draft.content
          WHERE policy_draft.id = draft.id AND policy_draft.edit = draft.edit
          RETURNING policy_draft.id
        ), head AS (
          ${head.move(before, after, Prisma.sql`(${draft === null}::boolean OR EXISTS (SELECT 1 FROM ended))`)}
        ), published AS (
          INSERT INTO policy_publication (sequence, version, after_revision, by, at, draft, approvals, hash)
          SELECT ${sequence}::int, ${version}, head.revision, ${by}, ${at}::bigint, ${draft?.id ?? null}::text,
            ${JSON.stringify(approvals)}, decode(${hash.toString('base64')}, 'base64')
          FROM head
          RETURNING sequence
        )
        SELECT published.sequence::int AS sequence ${this.database.wakes(Prisma.sql`0`)}
        FROM present LEFT JOIN published ON true`;
      const rows = await toTheEnd((patient) =>
        patient.$queryRaw<Readonly<Record<string, unknown>>[]>(statement),
      ).catch(refused);
      if (rows.length > 0 && rows[0]?.['sequence'] !== sequence) return undefined;
      head.moved(after, rows);
      return publication;
    });
  }

  async createDraft(draft: NewDraft): Promise<Draft> {
    const { document, authors, createdAt, ...rest } = draft;
    const text = JSON.stringify(document);
    const row = await this.database.prisma.policyDraft
      .create({
        data: {
          ...rest,
          edit: 1,
          status: 'open',
          document: text,
          size: Buffer.byteLength(text),
          authors: JSON.stringify(authors),
          createdAt: BigInt(createdAt),
          changedAt: BigInt(createdAt),
        },
      })
      .catch(refused);
    return readDraft(withDeclines({ ...row, approvals: [] }, await this.declinesOf([row])));
  }

  async draft(id: string): Promise<Draft | undefined> {
    const row = await this.database.prisma.policyDraft
      .findUnique({ where: { id }, include: WITH_APPROVALS })
      .catch(refused);
    return row === null ? undefined : readDraft(withDeclines(row, await this.declinesOf([row])));
  }

  async standingDrafts(): Promise<DraftSummary[]> {
    const rows = await this.database.prisma.policyDraft
      .findMany({
        where: { status: { in: ['open', 'scheduled'] } },
        omit: { document: true },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        include: WITH_APPROVALS,
      })
      .catch(refused);
    const declines = await this.declinesOf(rows);
    return rows.map((row) => readDraftSummary(withDeclines(row, declines)));
  }

  async drafts(limit: number, after?: After): Promise<DraftSummary[]> {
    const where =
      after === undefined
        ? {}
        : {
            OR: [
              { createdAt: { lt: BigInt(after.at) } },
              { createdAt: BigInt(after.at), id: { gt: after.id } },
            ],
          };
    const rows = await this.database.prisma.policyDraft
      .findMany({
        where,
        omit: { document: true },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        take: limit,
        include: WITH_APPROVALS,
      })
      .catch(refused);
    const declines = await this.declinesOf(rows);
    return rows.map((row) => readDraftSummary(withDeclines(row, declines)));
  }

  draftsOf(content: string, base: string): Promise<DraftSummary[]> {
    return this.draftsWhere({ content, base, status: { in: ['open', 'scheduled'] } });
  }

  scheduled(): Promise<DraftSummary[]> {
    return this.draftsWhere({ status: 'scheduled' });
  }

  /** The oldest first. */
  private async draftsWhere(where: Prisma.PolicyDraftWhereInput): Promise<DraftSummary[]> {
    const rows = await this.database.prisma.policyDraft
      .findMany({
        omit: { document: true },
        where,
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        include: WITH_APPROVALS,
      })
      .catch(refused);
    const declines = await this.declinesOf(rows);
    return rows.map((row) => readDraftSummary(withDeclines(row, declines)));
  }

  async standing(): Promise<{ readonly drafts: number; readonly bytes: number }> {
    const { _count: drafts, _sum: sum } = await this.database.prisma.policyDraft
      .aggregate({ where: { status: { in: ['open', 'scheduled'] } }, _count: true, _sum: { size: true } })
      .catch(refused);
    return { drafts, bytes: sum.size ?? 0 };
  }

  async editDraft(id: string, edit: number, change: DraftEdit): Promise<Draft | undefined> {
    const { document, authors, changedAt, ...rest } = change;
    const text = JSON.stringify(document);
    const { count } = await this.database.prisma.policyDraft
      .updateMany({
        where: { id, edit, status: 'open' },
        data: {
          ...rest,
          edit: edit + 1,
          refusal: null,
          document: text,
          size: Buffer.byteLength(text),
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

  async approve(
    id: string,
    edit: number,
    { by, roles, at }: Approval,
    lifted: Unsaid['declines'],
  ): Promise<void> {
    await this.database.prisma.$executeRaw`
      WITH lifted AS (
        UPDATE policy_decline SET lifted_at = ${at}::bigint WHERE ${isAmong(lifted)} AND lifted_at IS NULL
      )
      INSERT INTO policy_approval (draft_id, edit, by, roles, at)
      VALUES (${id}, ${edit}::int, ${by}, ${JSON.stringify(roles)}, ${at}::bigint)
      ON CONFLICT DO NOTHING`.catch(refused);
  }

  async decline(
    id: string,
    edit: number,
    { by, roles, remark, at }: NewDecline,
    { approvals, declines }: Unsaid,
  ): Promise<Draft | undefined> {
    // the row of the content orders it before the publication of any draft that says the same, or behind it
    const count = await this.database.prisma.$executeRaw`
      WITH draft AS (
        UPDATE policy_draft SET declines = declines + 1
        WHERE id = ${id} AND edit = ${edit}::int AND status IN ('open', 'scheduled')
        RETURNING id, edit, base, content, declines
      ), said AS (
        INSERT INTO policy_content AS known (id, declines) SELECT content, 1 FROM draft
        ON CONFLICT (id) DO UPDATE SET declines = known.declines + 1
      ), withdrawn AS (
        DELETE FROM policy_approval USING draft
        WHERE draft_id = draft.id AND policy_approval.edit = draft.edit AND by = ANY (${[...approvals]}::text[])
      ), lifted AS (
        UPDATE policy_decline SET lifted_at = ${at}::bigint FROM draft
        WHERE ${isAmong(declines)} AND lifted_at IS NULL
      )
      INSERT INTO policy_decline (draft_id, number, edit, base, content, by, roles, remark, at)
      SELECT id, declines, edit, base, content, ${by}, ${JSON.stringify(roles)}, ${remark}, ${at}::bigint
      FROM draft`.catch(refused);
    return count === 0 ? undefined : this.draft(id);
  }

  async withdraw(
    id: string,
    edit: number,
    at: number,
    { approvals, declines }: Unsaid,
  ): Promise<Draft | undefined> {
    // a publication of the draft waits for the lock, and then misses the approval
    const found = await this.database.prisma.$queryRaw<unknown[]>`
      WITH draft AS (
        SELECT id, edit FROM policy_draft
        WHERE id = ${id} AND edit = ${edit}::int AND status IN ('open', 'scheduled')
        FOR UPDATE
      ), withdrawn AS (
        DELETE FROM policy_approval USING draft
        WHERE draft_id = draft.id AND policy_approval.edit = draft.edit AND by = ANY (${[...approvals]}::text[])
      ), lifted AS (
        UPDATE policy_decline SET lifted_at = ${at}::bigint FROM draft
        WHERE ${isAmong(declines)} AND lifted_at IS NULL
      )
      SELECT id FROM draft`.catch(refused);
    return found.length === 0 ? undefined : this.draft(id);
  }

  /** The declines that were given in drafts, and those of what they say that were given in others, the oldest first. */
  private async declinesOf(drafts: readonly DraftKeys[]): Promise<DeclineRow[]> {
    if (drafts.length === 0) return [];
    return this.database.prisma.policyDecline
      .findMany({
        where: {
          OR: [
            { draftId: { in: drafts.map(({ id }) => id) } },
            { content: { in: drafts.map(({ content }) => content) } },
          ],
        },
        include: { draft: { select: { base: true, content: true } } },
        orderBy: [{ at: 'asc' }, { draftId: 'asc' }, { number: 'asc' }],
      })
      .catch(refused);
  }
}

type DraftKeys = { readonly id: string; readonly content: string };

/** A draft with the declines that were given in it, and behind them those of what it says that were given in others. */
function withDeclines<Row extends DraftKeys>(row: Row, declines: readonly DeclineRow[]) {
  const own = declines.filter(({ draftId }) => draftId === row.id);
  const others = declines.filter(({ draftId, content }) => draftId !== row.id && content === row.content);
  return { ...row, declined: [...own.toSorted((one, other) => one.number - other.number), ...others] };
}

function isAmong(declines: Unsaid['declines']): Prisma.Sql {
  const [drafts, numbers] = [declines.map(({ draft }) => draft), declines.map(({ number }) => number)];
  return Prisma.sql`(draft_id, number) IN (SELECT * FROM unnest(${drafts}::text[], ${numbers}::int[]))`;
}

const refused = refusedOn('the policies');
