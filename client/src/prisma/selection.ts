/** What a query reads, with what has to be read besides to know whose it is. */
import {
  checkColumns,
  checkCounts,
  checkOrder,
  checkWhere,
  entriesOf,
  isValue,
  membersOf,
  notUnderstood,
  relatedBy,
  unmapped,
} from './conditions.js';
import type { Mapping, Model } from './mapping.js';

/** What the rows that come back are made of. */
export type Plan = {
  /** Columns that are shown: with the field each one is, or without where nobody can refuse it. */
  readonly columns: ReadonlyMap<string, string | undefined>;
  readonly relations: ReadonlyMap<string, Plan>;
  /** The column with the owner of a row; absent: no field is read, or nobody is known to own one. */
  readonly user: string | undefined;
  /** Whether it was added to be read, and is not shown. */
  readonly hidesUser: boolean;
  /** Whether all of this must come back: without, columns may be left out by the settings of the client. */
  readonly isWhole: boolean;
};

/** What is read, and the arguments that say so to Prisma. */
export type Selection = { readonly args: Record<string, unknown>; readonly plan: Plan };

const COUNT = '_count';

/** @param args `select`, `include` and `omit` of a query or of a relation in it @throws QueryRefused */
export function selectionOf(
  mapping: Mapping,
  model: Model,
  args: Readonly<Record<string, unknown>>,
): Selection {
  const { select, include, omit } = args;
  if (select === undefined) return wholeRows(mapping, model, include, omit);
  if (include !== undefined || omit !== undefined) throw notUnderstood('`select` beside `include` or `omit`');
  const columns = new Map<string, string | undefined>();
  const { relations, args: selected } = relationsOf(mapping, model, select, (name) => {
    columns.set(name, fieldOf(model, name));
  });
  const user = ownerOf(model, columns);
  const hidesUser = user !== undefined && !columns.has(user);
  if (hidesUser) selected[user] = true;
  return { args: { select: selected }, plan: { columns, relations, user, hidesUser, isWhole: true } };
}

/** All columns that have a use but those that are left out. */
function wholeRows(mapping: Mapping, model: Model, include: unknown, omit: unknown): Selection {
  const omitted: Record<string, unknown> = {};
  for (const [name, value] of omit === undefined ? [] : entriesOf(omit, 'an `omit`')) {
    if (typeof value !== 'boolean' || !model.columns.has(name)) throw notUnderstood('an `omit`');
    omitted[name] = value;
  }
  const columns = new Map<string, string | undefined>();
  for (const { name, use } of model.columns.values())
    if (use === undefined) omitted[name] = true;
    else if (omitted[name] !== true) columns.set(name, fieldOf(model, name));
  const user = ownerOf(model, columns);
  const hidesUser = user !== undefined && !columns.has(user);
  if (user !== undefined) omitted[user] = false;
  const included = relationsOf(mapping, model, include ?? {}, (name) => {
    throw notUnderstood(`\`${name}\` in \`include\``);
  });
  const args: Record<string, unknown> = { omit: omitted };
  if (include !== undefined) args['include'] = included.args;
  return { args, plan: { columns, relations: included.relations, user, hidesUser, isWhole: false } };
}

/** What a `select` or `include` names: relations with their own arguments, counts, and columns. */
function relationsOf(
  mapping: Mapping,
  model: Model,
  wanted: unknown,
  onColumn: (name: string) => void,
): { readonly relations: Map<string, Plan>; readonly args: Record<string, unknown> } {
  const relations = new Map<string, Plan>();
  const args: Record<string, unknown> = {};
  for (const [name, value] of entriesOf(wanted, 'a selection')) {
    if (value === false) continue;
    if (name === COUNT) checkCounts(mapping, model, value);
    else if (model.relations.has(name)) {
      const target = relatedBy(mapping, model, name);
      const within = value === true ? {} : membersOf(value, 'a selection');
      const { args: selected, plan } = selectionOf(mapping, target, within);
      args[name] = { ...rowArguments(mapping, target, within), ...selected };
      relations.set(name, plan);
      continue;
    } else if (value === true) onColumn(name);
    else throw notUnderstood(`\`${name}\` in a selection`);
    args[name] = value;
  }
  return { relations, args };
}

const SELECTING = new Set(['select', 'include', 'omit']);

/** Which of the rows: the arguments of a relation that is read. */
function rowArguments(
  mapping: Mapping,
  model: Model,
  args: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const rest = Object.entries(args).filter(([name]) => !SELECTING.has(name));
  for (const [name, value] of rest) if (value !== undefined) checkRows(mapping, model, name, value);
  return Object.fromEntries(rest);
}

/** An argument that says which rows. @throws QueryRefused */
export function checkRows(mapping: Mapping, model: Model, name: string, value: unknown): void {
  if (name === 'where' || name === 'cursor') checkWhere(mapping, model, value);
  else if (name === 'orderBy') checkOrder(mapping, model, value);
  else if (name === 'distinct') checkColumns(model, value);
  else if ((name !== 'take' && name !== 'skip') || !isValue(value)) throw notUnderstood(`\`${name}\``);
}

function ownerOf(model: Model, columns: ReadonlyMap<string, string | undefined>): string | undefined {
  return [...columns.values()].some((field) => field !== undefined) ? model.user : undefined;
}

/** The field that a column is; `undefined`: it is open. @throws QueryRefused */
function fieldOf(model: Model, name: string): string | undefined {
  const column = model.columns.get(name);
  if (column === undefined) throw notUnderstood(`\`${model.name}.${name}\`, which is no column`);
  if (column.use === undefined) throw unmapped(model, name);
  return column.use.kind === 'field' ? column.use.field : undefined;
}
