/** The queries that a purpose may make, with the arguments that each one may have. */
import { copyOf } from './arguments.js';
import {
  checkColumns,
  checkFigures,
  checkHaving,
  entriesOf,
  isValue,
  membersOf,
  notUnderstood,
} from './conditions.js';
import { type Mapping, type Model } from './mapping.js';
import { QueryRefused } from './query-refused.js';
import { type Plan, checkRows, selectionOf } from './selection.js';
import { checkData } from './writes.js';

const SELECTION = ['select', 'include', 'omit'] as const;
const ROWS = ['where', 'orderBy', 'cursor', 'take', 'skip'] as const;
const FIGURES = ['_count', '_avg', '_sum', '_min', '_max'] as const;

/** Operations by what comes back, each with its arguments. */
const OPERATIONS = new Map<string, readonly string[]>([
  ['findUnique', ['where', ...SELECTION]],
  ['findUniqueOrThrow', ['where', ...SELECTION]],
  ['findFirst', [...ROWS, 'distinct', ...SELECTION]],
  ['findFirstOrThrow', [...ROWS, 'distinct', ...SELECTION]],
  ['findMany', [...ROWS, 'distinct', ...SELECTION]],
  ['count', [...ROWS, 'select']],
  ['aggregate', [...ROWS, ...FIGURES]],
  ['groupBy', ['where', 'orderBy', 'take', 'skip', 'by', 'having', ...FIGURES]],
  ['create', ['data', ...SELECTION]],
  ['createMany', ['data', 'skipDuplicates']],
  ['createManyAndReturn', ['data', 'skipDuplicates', ...SELECTION]],
  ['update', ['where', 'data', ...SELECTION]],
  ['updateMany', ['where', 'data', 'limit']],
  ['updateManyAndReturn', ['where', 'data', 'limit', ...SELECTION]],
  ['upsert', ['where', 'create', 'update', ...SELECTION]],
  ['delete', ['where', ...SELECTION]],
  ['deleteMany', ['where', 'limit']],
]);

/** All of them. */
export const OPERATION_NAMES: readonly string[] = [...OPERATIONS.keys()];

/** A query that may be made: with what Prisma is to be asked, and what the rows are; absent: figures come back. */
export type Query = { readonly args: Readonly<Record<string, unknown>>; readonly plan: Plan | undefined };

/** @throws QueryRefused */
export function queryOf(mapping: Mapping, model: Model, operation: string, args: unknown): Query {
  const known = OPERATIONS.get(operation);
  if (known === undefined) throw notUnderstood(`the operation \`${operation}\``);
  if (![...model.columns.values()].some(({ use }) => use !== undefined))
    throw new QueryRefused(
      `\`${model.name}\` has no column with a field: write \`/// @assent.field ID\`, \`/// @assent.user\` or \`/// @assent.none\` above each, and generate the client anew`,
    );
  if (operation.startsWith('delete') && model.isHeld)
    throw new QueryRefused(
      `\`${model.name}\` is what a field or an owner refers to: to delete it would tell who is linked with it, or give rows to another. Delete with a client that has no purpose`,
    );
  const given = membersOf(copyOf(args ?? {}), 'arguments');
  const returnsRows = known.includes('omit');
  for (const [name, value] of entriesOf(given, 'arguments')) {
    if (!known.includes(name)) throw notUnderstood(`\`${name}\` in \`${operation}\``);
    if (!(returnsRows && SELECTION.some((one) => one === name)))
      checkArgument(mapping, model, operation, name, value);
  }
  if (!returnsRows) return { args: given, plan: undefined };
  const { select: _select, include: _include, omit: _omit, ...rest } = given;
  const { args: selected, plan } = selectionOf(mapping, model, given);
  return { args: { ...rest, ...selected }, plan };
}

function checkArgument(
  mapping: Mapping,
  model: Model,
  operation: string,
  name: string,
  value: unknown,
): void {
  if (name === 'data') checkData(mapping, model, value, operation.startsWith('update'));
  else if (name === 'create') checkData(mapping, model, value, false);
  else if (name === 'update') checkData(mapping, model, value, true);
  else if (name === 'by') checkColumns(model, value);
  else if (name === 'having') checkHaving(model, value);
  else if (name === 'select' || FIGURES.some((figure) => figure === name)) checkFigures(model, value);
  else if (name === 'skipDuplicates' || name === 'limit') {
    if (!isValue(value)) throw notUnderstood(`\`${name}\``);
  } else checkRows(mapping, model, name, value);
}
