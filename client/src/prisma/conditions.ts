/** Which parts of a query depend on which columns. Only those that are open may: what is not listed here is refused. */
import { isPlain } from '../terms/json.js';
import { JOINS, type Model, type Mapping, isOpen } from './mapping.js';
import { QueryRefused } from './query-refused.js';

const LOGIC: ReadonlySet<string> = new Set(JOINS);
const OPERATORS = new Set(
  'equals not in notIn lt lte gt gte contains startsWith endsWith mode has hasEvery hasSome isEmpty'.split(
    ' ',
  ),
);
const RELATED = new Set(['some', 'every', 'none', 'is', 'isNot']);
const FIGURES = new Set(['_count', '_avg', '_sum', '_min', '_max']);

/** Conditions on the rows of a model, in `where` and `cursor`. @throws QueryRefused */
export function checkWhere(mapping: Mapping, model: Model, where: unknown): void {
  for (const [name, value] of entriesOf(where, 'a condition')) {
    mustMeanOneThing(model, name);
    if (LOGIC.has(name)) {
      for (const part of listOf(value)) checkWhere(mapping, model, part);
    } else if (model.columns.has(name)) {
      mustBeOpen(model, name);
      checkFilter(value);
    } else if (model.relations.has(name)) {
      checkRelated(mapping, relatedBy(mapping, model, name), value);
    } else checkKey(model, value);
  }
}

function checkRelated(mapping: Mapping, target: Model, value: unknown): void {
  if (value === null) return;
  const name = [...RELATED].find((one) => target.columns.has(one) || target.relations.has(one));
  if (name !== undefined)
    throw new QueryRefused(
      `\`${target.name}.${name}\` has the name of a way to compare relations, so nobody can tell which one a condition means: ask \`${target.name}\` itself, or give the column another name in the schema`,
    );
  const parts = entriesOf(value, 'a condition on a relation');
  if (parts.some(([way]) => !RELATED.has(way))) checkWhere(mapping, target, value);
  else for (const [, part] of parts) if (part !== null) checkWhere(mapping, target, part);
}

/** Values of a key of several columns, under whatever name it has. */
function checkKey(model: Model, value: unknown): void {
  for (const [name, part] of entriesOf(value, 'a condition on no column')) {
    mustBeOpen(model, name);
    mustBeValue(part);
  }
}

function checkFilter(filter: unknown): void {
  if (isValue(filter)) return;
  for (const [operator, value] of entriesOf(filter, 'a value of a condition')) {
    if (!OPERATORS.has(operator)) throw notUnderstood(`\`${operator}\` in a condition`);
    if (operator === 'not') checkFilter(value);
    else mustBeValue(value);
  }
}

/** @throws QueryRefused */
export function checkOrder(mapping: Mapping, model: Model, order: unknown): void {
  for (const part of listOf(order))
    for (const [name, value] of entriesOf(part, 'an order')) {
      if (FIGURES.has(name)) {
        for (const [column, way] of entriesOf(value, 'an order')) checkSorted(model, column, way);
      } else if (model.relations.has(name)) {
        const target = relatedBy(mapping, model, name);
        const parts = entriesOf(value, 'an order');
        if (!parts.every(([key]) => key === '_count')) checkOrder(mapping, target, value);
        else for (const [, way] of parts) checkWay(way);
      } else checkSorted(model, name, value);
    }
}

function checkSorted(model: Model, column: string, way: unknown): void {
  mustBeOpen(model, column);
  checkWay(way);
}

/** `asc` or `desc`, alone or as `sort` beside where `nulls` are. */
function checkWay(way: unknown): void {
  if (!isValue(way)) for (const [, part] of entriesOf(way, 'an order')) mustBeValue(part);
}

/** Columns of a model that are listed, in `by` and `distinct`. @throws QueryRefused */
export function checkColumns(model: Model, columns: unknown): void {
  for (const column of listOf(columns)) mustBeOpen(model, column);
}

/** Figures of columns, in `_sum` and others, and in what `count` selects. @throws QueryRefused */
export function checkFigures(model: Model, figures: unknown): void {
  if (typeof figures === 'boolean') return;
  for (const [column, wanted] of entriesOf(figures, 'a figure')) {
    if (typeof wanted !== 'boolean') throw notUnderstood('a figure');
    if (column !== '_all') mustBeOpen(model, column);
  }
}

/** Conditions on groups. @throws QueryRefused */
export function checkHaving(model: Model, having: unknown): void {
  for (const [name, value] of entriesOf(having, 'a condition on groups')) {
    mustMeanOneThing(model, name);
    if (LOGIC.has(name)) for (const part of listOf(value)) checkHaving(model, part);
    else {
      mustBeOpen(model, name);
      if (isValue(value)) continue;
      for (const [operator, part] of entriesOf(value, 'a condition on groups'))
        if (FIGURES.has(operator)) checkFilter(part);
        else checkFilter({ [operator]: part });
    }
  }
}

function mustMeanOneThing(model: Model, name: string): void {
  if (model.twofold.has(name))
    throw new QueryRefused(
      `\`${model.name}.${name}\` has the name of a key or of a way to join conditions, so nobody can tell which one a condition means: give the column or the key another name in the schema`,
    );
}

/** What is counted of related rows. @throws QueryRefused */
export function checkCounts(mapping: Mapping, model: Model, counts: unknown): void {
  if (counts === true) {
    for (const name of model.relations.keys()) relatedBy(mapping, model, name);
    return;
  }
  for (const [key, select] of entriesOf(counts, 'a count')) {
    if (key !== 'select') throw notUnderstood(`\`${key}\` in \`_count\``);
    for (const [name, wanted] of entriesOf(select, 'a count')) {
      const target = relatedBy(mapping, model, name);
      if (typeof wanted === 'boolean') continue;
      for (const [argument, where] of entriesOf(wanted, 'a count'))
        if (argument === 'where') checkWhere(mapping, target, where);
        else throw notUnderstood(`\`${argument}\` in \`_count\``);
    }
  }
}

/** The model at the other end of a relation that is open. @throws QueryRefused */
export function relatedBy(mapping: Mapping, model: Model, name: string): Model {
  const relation = model.relations.get(name);
  const target = relation === undefined ? undefined : mapping.get(relation.model);
  if (relation === undefined || target === undefined)
    throw notUnderstood(`\`${model.name}.${name}\`, which is no relation`);
  if (!relation.isOpen)
    throw new QueryRefused(
      `the relation \`${model.name}.${name}\` is not open: to follow it tells who is linked with whom. Ask for the columns that link them, where the owner of their row permits it, or write \`/// @assent.none\` above what links them if it says nothing about a person`,
    );
  return target;
}

function mustBeOpen(model: Model, name: unknown): void {
  const column = typeof name === 'string' ? model.columns.get(name) : undefined;
  if (isOpen(column)) return;
  const what = `\`${model.name}.${String(name)}\``;
  if (column?.use?.kind === 'field')
    throw new QueryRefused(
      `${what} is a field: what is filtered, sorted, grouped or counted by it tells of those who do not permit it. Ask by columns that are \`@assent.none\` or \`@assent.user\`, and look at the rows that come back`,
    );
  if (column === undefined) throw notUnderstood(`${what}, which is no column`);
  throw unmapped(model, column.name);
}

export function unmapped(model: Model, column: string): QueryRefused {
  return new QueryRefused(
    `\`${model.name}.${column}\` has no field: write \`/// @assent.field ID\`, \`/// @assent.user\` or \`/// @assent.none\` above it in the schema, and generate the client anew`,
  );
}

export function notUnderstood(what: string): QueryRefused {
  return new QueryRefused(
    `the query is refused, as it has ${what}: leave it out, or ask with a client that has no purpose`,
  );
}

/** The members of a plain object, also those that are `undefined`: Prisma may refuse these. @throws QueryRefused */
export function membersOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (!isPlain(value)) throw notUnderstood(`${what} that is not understood`);
  return Object.fromEntries(Object.entries(value));
}

/** The members of a plain object that are there. @throws QueryRefused */
export function entriesOf(value: unknown, what: string): readonly (readonly [string, unknown])[] {
  return Object.entries(membersOf(value, what)).filter(([, member]) => member !== undefined);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function mustBeValue(value: unknown): void {
  if (!isValue(value)) throw notUnderstood('a value of a condition that is not understood');
}

/** Whether it is a value by itself, and no reference to a column. */
export function isValue(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isValue);
  if (typeof value !== 'object' || value === null)
    return typeof value !== 'function' && typeof value !== 'symbol';
  return value instanceof Date || value instanceof Uint8Array;
}
