/** What a query writes. Nothing of it may depend on, or tell of, what is in columns that are not open. */
import { isPlain } from '../terms/json.js';
import { checkWhere, entriesOf, isValue, notUnderstood, relatedBy, unmapped } from './conditions.js';
import { type Column, type Mapping, type Model, isOpen } from './mapping.js';
import { QueryRefused } from './query-refused.js';

/** Ways to say what an open column is to be; a field can only be `set`, for the rest depends on what it was. */
const CHANGES = new Set(['set', 'increment', 'decrement', 'multiply', 'divide', 'push']);

/** @param isUpdate whether rows that are there are changed @throws QueryRefused */
export function checkData(mapping: Mapping, model: Model, data: unknown, isUpdate: boolean): void {
  for (const row of Array.isArray(data) ? data : [data]) {
    const written = new Map(entriesOf(row, 'data'));
    checkKeys(model, written, isUpdate);
    for (const [name, value] of written) {
      const column = model.columns.get(name);
      if (column !== undefined) checkValue(model, column, value, isUpdate);
      else {
        const target = relatedBy(mapping, model, name);
        const owns = model.relations.get(name)?.owns;
        if (owns === 'here' && isUpdate) throw moved(model, name);
        checkNested(mapping, target, value, () => {
          if (owns === 'there') throw moved(model, name);
        });
      }
    }
  }
}

/** Refuses to write a key that is not open: whether it is taken tells of others. */
function checkKeys(model: Model, written: ReadonlyMap<string, unknown>, isUpdate: boolean): void {
  for (const { columns, optional, isLink } of model.tellingKeys) {
    const isLinked = isLink && [...written.keys()].some((name) => model.relations.has(name));
    const tells = isUpdate
      ? isLinked || columns.some((name) => written.has(name))
      : optional.every((name) => (written.get(name) ?? null) !== null);
    if (tells) throw taken(model, columns);
  }
}

function moved(model: Model, name: string): QueryRefused {
  return new QueryRefused(
    `\`${model.name}.${name}\` says whose a row is: what it has of its owner would be shown as the other one permits. Write it with a client that has no purpose`,
  );
}

function taken(model: Model, columns: readonly string[]): QueryRefused {
  const names = columns.map((name) => `\`${model.name}.${name}\``).join(' with ');
  return new QueryRefused(
    `${names} is a key with a field in it: whether it is taken tells of others. Write it with a client that has no purpose`,
  );
}

function checkValue(model: Model, column: Column, value: unknown, isUpdate: boolean): void {
  const where = `\`${model.name}.${column.name}\``;
  if (column.use === undefined) throw unmapped(model, column.name);
  if (column.isCopy)
    throw new QueryRefused(
      `${where} refers to a field: whether it can be written tells what is there. Write it with a client that has no purpose`,
    );
  if (isUpdate && column.name === model.user) throw moved(model, column.name);
  if (isUpdate && column.isCopied)
    throw new QueryRefused(
      `${where} is what a field or an owner refers to: a change of it would tell who is linked with it, or give rows to another. Write it with a client that has no purpose`,
    );
  if (isValue(value) || isNullOfJson(value)) return;
  if (column.type === 'Json') checkJson(value);
  else
    for (const [change, operand] of entriesOf(value, 'a value')) {
      if (!CHANGES.has(change) || !isValue(operand)) throw notUnderstood('a value');
      if (change !== 'set' && !isOpen(column))
        throw new QueryRefused(
          `${where} is a field, and \`${change}\` depends on what it is: write the value itself`,
        );
    }
}

/** Links to rows, and new ones: what else can be written through a relation depends on what is there. */
function checkNested(mapping: Mapping, target: Model, value: unknown, onConnect: () => void): void {
  for (const [way, part] of entriesOf(value, 'data'))
    if (way === 'create') checkData(mapping, target, part, false);
    else if (way === 'connect') {
      onConnect();
      for (const row of Array.isArray(part) ? part : [part]) checkWhere(mapping, target, row);
      // the link may be written there
      for (const { columns, isLink } of target.tellingKeys) if (isLink) throw taken(target, columns);
    } else throw notUnderstood(`\`${way}\` in data`);
}

function checkJson(value: unknown): void {
  if (isValue(value) || isNullOfJson(value)) return;
  const members = Array.isArray(value) ? value : entriesOf(value, 'a value').map(([, member]) => member);
  for (const member of members) checkJson(member);
}

/** Whether it is one of the values by which Prisma tells the nulls of JSON apart. */
function isNullOfJson(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isPlain(value) &&
    typeof Reflect.get(value, '_getName') === 'function'
  );
}
