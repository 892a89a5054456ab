import { BudgetStore, type Charge, type Loss, type Spending, type Spent } from '../budgets/budgets.store.js';
import type { Database } from './database/database.js';
import { Prisma } from './generated/client.js';
import { describeRefusal, refusedOn } from './postgres/database-refusal.js';

/** PostgreSQL's `unique_violation`. */
const TAKEN = '23505';

/** `known`: the answer that the figure was paid for with before; `covers`: whether as much was paid. */
type Outcome = { readonly known: string | null; readonly covers: boolean | null; readonly paid: number };

const NO_OUTCOME: Outcome = { known: null, covers: null, paid: 0 };

/** Privacy budgets in PostgreSQL, embedded or on a server, in its exact decimals. */
export class PrismaBudgetStore extends BudgetStore {
  constructor(private readonly database: Database) {
    super();
  }

  async spend(charge: Charge, limit: Loss | undefined): Promise<Spending> {
    const first = await this.attempt(charge, limit).catch((error: unknown) =>
      describeRefusal(error).split(' ').includes(TAKEN) ? NO_OUTCOME : refused(error),
    );
    if (first.paid === 1) return 'permitted';
    // somebody else may have paid for the same figure meanwhile: of a statement that found it taken nothing stays
    const { known, covers } =
      first.known === null ? await this.attempt(charge, undefined).catch(refused) : first;
    if (known === null) return 'refused';
    return known === charge.data && covers === true ? 'permitted' : 'changed';
  }

  async list(
    limit: number,
    purpose?: string,
    after?: Pick<Spent, 'first' | 'purpose' | 'period'>,
  ): Promise<readonly Spent[]> {
    const older =
      after === undefined
        ? Prisma.empty
        : Prisma.sql`AND (first, purpose, period) < (${after.first}::bigint, ${after.purpose}::text, ${after.period}::text)`;
    return this.database.prisma.$queryRaw<readonly Spent[]>`
      SELECT purpose, period, trim_scale(epsilon)::text AS epsilon, trim_scale(delta)::text AS delta,
        figures::float8 AS figures, first::float8 AS first, last::float8 AS last
      FROM dp_budget WHERE (${purpose ?? null}::text IS NULL OR purpose = ${purpose ?? null}::text) ${older}
      ORDER BY dp_budget.first DESC, purpose DESC, period DESC LIMIT ${limit}::int`.catch(refused);
  }

  /**
   * In one statement, which waits for whoever spends the same budget and then looks at what is left. What is known is
   * written to as well: a yes rests on a write that a standby has, and so on all before it.
   */
  private async attempt(charge: Charge, limit: Loss | undefined): Promise<Outcome> {
    const { purpose, period, figure, data, epsilon, delta, client, at } = charge;
    const [isOpen, most] = limit === undefined ? [false, NOTHING] : [true, limit];
    const rows = await this.database.toTheEnd(
      (prisma) => prisma.$queryRaw<readonly Outcome[]>`
        WITH known AS (
          UPDATE dp_figure SET given = given + 1 WHERE purpose = ${purpose}::text AND figure = ${figure}::text
          RETURNING data,
            epsilon >= ${epsilon}::text::numeric AND delta >= ${delta}::text::numeric AS covers
        ), spent AS (
          INSERT INTO dp_budget AS kept (purpose, period, epsilon, delta, figures, first, last)
          SELECT ${purpose}::text, ${period}::text, ${epsilon}::text::numeric, ${delta}::text::numeric, 1,
            ${at}::bigint, ${at}::bigint
          WHERE ${isOpen}::boolean AND NOT EXISTS (SELECT FROM known)
            AND ${epsilon}::text::numeric <= ${most.epsilon}::text::numeric
            AND ${delta}::text::numeric <= ${most.delta}::text::numeric
          ON CONFLICT (purpose, period) DO UPDATE SET epsilon = kept.epsilon + excluded.epsilon,
            delta = kept.delta + excluded.delta, figures = kept.figures + 1,
            first = least(kept.first, excluded.first), last = greatest(kept.last, excluded.last)
          WHERE kept.epsilon + excluded.epsilon <= ${most.epsilon}::text::numeric
            AND kept.delta + excluded.delta <= ${most.delta}::text::numeric
          RETURNING purpose, period
        ), paid AS (
          INSERT INTO dp_figure (purpose, figure, data, period, epsilon, delta, client, at, given)
          SELECT purpose, ${figure}::text, ${data}::text, period, ${epsilon}::text::numeric,
            ${delta}::text::numeric, ${client}::text, ${at}::bigint, 1
          FROM spent RETURNING figure
        )
        SELECT (SELECT data FROM known) AS known, (SELECT covers FROM known) AS covers, (SELECT count(*)::int FROM paid) AS paid`,
    );
    return rows[0] ?? NO_OUTCOME;
  }
}

const NOTHING: Loss = { epsilon: '0', delta: '0' };
const refused = refusedOn('privacy budgets');
