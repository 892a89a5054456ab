import { memberAt } from './client.js';
import type { Mapping, Model } from './mapping.js';
import { QueryRefused } from './query-refused.js';

/**
 * A query that the database did not do, where Prisma's own error may quote what is in rows: PostgreSQL, for one, tells the
 * whole row that does not fit a constraint.
 */
export class QueryFailed extends Error {
  constructor(
    /** As Prisma numbers its errors; absent: it has no number. */
    readonly code: string | undefined,
    /** The model that was asked for, where a key of it did not fit. */
    readonly model?: string,
    /** The columns of the key that are known. */
    readonly columns: readonly string[] = [],
  ) {
    const names = columns.map((column) => `, \`${model}.${column}\``).join('');
    const which = code === undefined ? '' : ` (\`${code}\`${names})`;
    super(
      `the database did not do what was asked${which}. What it says may quote rows, so it is kept back: look into the log of the database`,
    );
    this.name = 'QueryFailed';
  }
}

/** Errors of Prisma that tell of the query, or of the way to the database, and of no row. */
const QUIET_NAMES = new Set(['PrismaClientValidationError', 'PrismaClientInitializationError']);
/** No connection, none in time, a row that is not there, a transaction that is over, a conflict. */
const QUIET_CODES = /^(?:P1\d{3}|P2024|P2025|P2028|P2034)$/;
/** A unique key, a foreign key: which one it is tells of no row, but the error of the driver beside it may. */
const KEY_CODES = new Set(['P2002', 'P2003']);

/** The error itself if it tells of no row. */
export function withoutRows(error: unknown, mapping: Mapping): unknown {
  if (error instanceof QueryFailed || error instanceof QueryRefused) return error;
  const { name, code }: { readonly name?: unknown; readonly code?: unknown } = Object(error);
  const number = typeof code === 'string' ? code : undefined;
  if (QUIET_NAMES.has(String(name)) || QUIET_CODES.test(number ?? '')) return error;
  const model = mapping.get(String(memberAt(error, 'meta', 'modelName')));
  if (number === undefined || !KEY_CODES.has(number) || model === undefined) return new QueryFailed(number);
  return new QueryFailed(number, model.name, columnsIn(error, model));
}

/** The columns of a key that are known by its name or as such; other words of an error are not handed on. */
function columnsIn(error: unknown, { name: model, columns }: Model): readonly string[] {
  const key = memberAt(error, 'meta', 'driverAdapterError', 'cause', 'constraint');
  const fields = memberAt(key, 'fields');
  const index = memberAt(key, 'index');
  const quoted = Array.isArray(fields) ? fields.map((field: unknown) => String(field)) : [];
  const names = new Set(quoted.map((name) => name.replaceAll('"', '')));
  if (typeof index === 'string' && index.startsWith(`${model}_`)) {
    // as Prisma names keys: `Model_column_column_key`
    const named = index.slice(model.length + 1).replace(/_f?key$/, '');
    for (const name of columns.has(named) ? [named] : named.split('_')) names.add(name);
  }
  return [...columns.keys()].filter((name) => names.has(name));
}
