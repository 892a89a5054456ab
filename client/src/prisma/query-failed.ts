/**
 * A query that the database did not do, where Prisma's own error may quote what is in rows: PostgreSQL, for one, tells the
 * whole row that does not fit a constraint.
 */
export class QueryFailed extends Error {
  constructor(
    /** As Prisma numbers its errors; absent: it has no number. */
    readonly code: string | undefined,
  ) {
    const which = code === undefined ? '' : ` (\`${code}\`)`;
    super(
      `the database did not do what was asked${which}. What it says may quote rows, so it is kept back: look into the log of the database`,
    );
    this.name = 'QueryFailed';
  }
}

/** Errors of Prisma that tell of the query, or of the way to the database, and of no row. */
const QUIET_NAMES = new Set(['PrismaClientValidationError', 'PrismaClientInitializationError']);
/** A unique key, a foreign key, no connection in time, a row that is not there, a transaction that is over, a conflict. */
const QUIET_CODES = /^(?:P1\d{3}|P2002|P2003|P2024|P2025|P2028|P2034)$/;

/** The error itself if it tells of no row. */
export function withoutRows(error: unknown): unknown {
  const { name, code }: { readonly name?: unknown; readonly code?: unknown } = Object(error);
  const number = typeof code === 'string' ? code : undefined;
  if (QUIET_NAMES.has(String(name)) || QUIET_CODES.test(number ?? '')) return error;
  return new QueryFailed(number);
}
