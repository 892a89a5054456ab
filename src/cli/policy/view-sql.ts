/**
 * Views over the tables of a data lake, joined with the permits of a purpose. They are written so that what is unknown
 * closes: who has no permit is joined with nothing, and a condition that is NULL passes no row and no value.
 */
import { entryOf } from '../../decision/policy.js';
import type { CompiledPolicy } from '../../decision/rules/compile.js';
import {
  type ColumnsOfField,
  type PermitColumn,
  columnsOfField,
} from '../../decision/table/permit-columns.js';
import { CLOCK_TOLERANCE_MS } from '../../time.js';
import type { MappedTable, ViewMapping } from './view-mapping.js';

export const DIALECTS = ['duckdb', 'trino', 'spark'] as const;
export type DialectName = (typeof DIALECTS)[number];

type Dialect = {
  readonly name: (name: string) => string;
  readonly text: (text: string) => string;
  readonly asText: (value: string) => string;
  /** A text as bytes: a collation of a column may take two ids for one, and these are two users. */
  readonly bytes: (text: string) => string;
  /** Milliseconds since the Unix epoch, whatever the time zone of the session. */
  readonly now: string;
  readonly create: (view: View) => readonly string[];
};

type View = {
  readonly name: string;
  readonly comment: string;
  /** Each with its comment. */
  readonly columns: readonly (readonly [name: string, comment: string])[];
  readonly select: string;
};

/** What all views have in common. */
export type ViewsOf = {
  readonly compiled: CompiledPolicy;
  /** Id of the policy version. */
  readonly policy: string;
  readonly purpose: string;
  readonly mapping: ViewMapping;
  /** Whether the policy opens a field to the purpose. */
  readonly isOpen: (field: string) => boolean;
  /** Ids of what must be done with a field that was read. */
  readonly obligationsOf: (field: string) => readonly string[];
};

const doubled = (sign: string) => (name: string) => sign + name.replaceAll(sign, sign + sign) + sign;
const ansiName = doubled('"');
const ansiText = doubled("'");

/** Spark reads `\` as an escape, and puts a setting in the place of `${…}` anywhere in a statement. */
function sparkText(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", String.raw`\'`)
    .replaceAll('$', String.raw`\u0024`);
  return `'${escaped}'`;
}

const commentsOnColumns = ({ name, columns }: View): string[] =>
  columns.map(([column, comment]) => `COMMENT ON COLUMN ${name}.${column} IS ${comment};`);

const SQL: Readonly<Record<DialectName, Dialect>> = {
  duckdb: {
    name: ansiName,
    text: ansiText,
    asText: (value) => `CAST(${value} AS VARCHAR)`,
    bytes: (text) => `encode(${text})`,
    now: 'epoch_ms(now())',
    create: (view) => [
      `CREATE OR REPLACE VIEW ${view.name} AS\n${view.select};`,
      `COMMENT ON VIEW ${view.name} IS ${view.comment};`,
      ...commentsOnColumns(view),
    ],
  },
  trino: {
    name: ansiName,
    text: ansiText,
    asText: (value) => `CAST(${value} AS VARCHAR)`,
    bytes: (text) => `to_utf8(${text})`,
    now: 'CAST(to_unixtime(current_timestamp) * 1000 AS BIGINT)',
    create: (view) => [
      `CREATE OR REPLACE VIEW ${view.name} COMMENT ${view.comment} AS\n${view.select};`,
      ...commentsOnColumns(view),
    ],
  },
  spark: {
    name: doubled('`'),
    text: sparkText,
    asText: (value) => `CAST(${value} AS STRING)`,
    bytes: (text) => `CAST(${text} AS BINARY)`,
    now: 'unix_millis(current_timestamp())',
    create: ({ name, comment, columns, select }) => [
      `CREATE OR REPLACE VIEW ${name} (\n${listed(
        columns.map(([column, about]) => `${column} COMMENT ${about}`),
      )}\n) COMMENT ${comment} AS\n${select};`,
    ],
  },
};

/** A name that no quotes make harmless; `undefined`: the dialect has none such here. */
export function nameWithout(dialect: DialectName, { permits, tables }: ViewMapping): string | undefined {
  if (dialect !== 'spark') return undefined;
  return [
    ...permits,
    ...tables.flatMap(({ table, view, user, visibility, columns }) => [
      ...table,
      ...view,
      user,
      visibility ?? '',
      ...columns.map(({ column }) => column),
    ]),
  ].find((name) => name.includes('${'));
}

/** The statements that make the views, in an order in which they can be run. */
export function viewStatements(dialect: DialectName, views: ViewsOf): string[] {
  return views.mapping.tables.flatMap((table) => new ViewWriter(SQL[dialect], views, table).statements);
}

/** The table, and its permits, in a view. */
const ROWS = 't';
const PERMITS = 'p';
const CLOSED = 'FALSE';

class ViewWriter {
  private readonly fields: ReadonlyMap<string, ColumnsOfField>;

  constructor(
    private readonly sql: Dialect,
    private readonly views: ViewsOf,
    private readonly table: MappedTable,
  ) {
    const fields = [...new Set(table.columns.map(({ field }) => field))];
    this.fields = new Map(fields.map((field) => [field, columnsOfField(views.compiled, field)]));
  }

  get statements(): readonly string[] {
    const { sql, table, views } = this;
    const { purpose, policy } = views;
    return sql.create({
      name: this.nameOf(table.view),
      comment: sql.text(`what ${purpose} may read, under the policy ${policy}`),
      columns: table.columns.map(({ column, field }) => [sql.name(column), sql.text(this.commentOf(field))]),
      select: this.select,
    });
  }

  private get select(): string {
    const { sql, table } = this;
    const { permits } = this.views.mapping;
    const values = table.columns.map(({ column, field }) => {
      const name = sql.name(column);
      return `CASE WHEN ${this.permitOf(field)} THEN ${ROWS}.${name} END AS ${name}`;
    });
    const user = `${sql.bytes(`${PERMITS}.${sql.name('user')}`)} = ${this.bytesOf(table.user)}`;
    return [
      `SELECT\n${listed(values)}`,
      `FROM ${this.nameOf(table.table)} AS ${ROWS}`,
      `JOIN ${this.nameOf(permits)} AS ${PERMITS} ON ${user}`,
      `WHERE ${this.areInForce.join('\n  AND ')}`,
      `  AND (${this.permits.join('\n    OR ')})`,
    ].join('\n');
  }

  /** The permits are the newest ones of the purpose, of this policy, and not too old; those of the future are none. */
  private get areInForce(): readonly string[] {
    const { sql } = this;
    const { purpose, policy, mapping } = this.views;
    const column = (name: string) => `${PERMITS}.${sql.name(name)}`;
    const isOfPurpose = `${sql.name('purpose')} = ${sql.text(purpose)}`;
    const newest = `(SELECT max(${sql.name('made_at')}) FROM ${this.nameOf(mapping.permits)} WHERE ${isOfPurpose})`;
    return [
      `${PERMITS}.${isOfPurpose}`,
      `${column('policy')} = ${sql.text(policy)}`,
      `${column('made_at')} = ${newest}`,
      `${column('made_at')} BETWEEN ${sql.now} - ${mapping.maxAgeMs} AND ${sql.now} + ${CLOCK_TOLERANCE_MS}`,
    ];
  }

  /** One for each field that may be open. */
  private get permits(): readonly string[] {
    const open = [...this.fields.keys()].filter(this.views.isOpen);
    return open.length === 0 ? [CLOSED] : open.map((field) => this.permitOf(field));
  }

  /** Whether the field of a row may be read: at the level of its item, or at the member's alone where none is known. */
  private permitOf(field: string): string {
    const { sql, table } = this;
    const columns = this.fields.get(field);
    if (columns === undefined || !this.views.isOpen(field)) return CLOSED;
    const { levels, unsaid, unknown } = columns;
    const permit = ({ name }: PermitColumn) => `${PERMITS}.${sql.name(name)}`;
    if (table.visibility === undefined || levels.length === 0) return permit(unsaid);
    const cases = levels
      .filter((one) => one !== unknown)
      .map((one) => `WHEN ${sql.bytes(sql.text(one.level ?? ''))} THEN ${permit(one)}`);
    return `CASE ${this.bytesOf(table.visibility)} ${cases.join(' ')} ELSE ${permit(unknown)} END`;
  }

  /** What is in a column, as bytes of text: a number is not equal to another spelling of it. */
  private bytesOf(column: string): string {
    const { sql } = this;
    return sql.bytes(sql.asText(`${ROWS}.${sql.name(column)}`));
  }

  private nameOf(parts: readonly string[]): string {
    return parts.map((part) => this.sql.name(part)).join('.');
  }

  /** What whoever reads the column must do. */
  private commentOf(field: string): string {
    const { compiled, purpose, isOpen, obligationsOf } = this.views;
    if (!isOpen(field)) return `${field}, which the policy does not open to ${purpose}`;
    const described = new Map(
      compiled.document.obligations.map(({ id, description }) => [id, description.trim()]),
    );
    return [
      `${field}, for ${purpose}`,
      ...obligationsOf(field).map((id) => `${id}: ${entryOf(described, id)}`),
    ].join('\n');
  }
}

function listed(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join(',\n');
}
