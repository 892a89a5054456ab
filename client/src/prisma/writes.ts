/** What a query writes. Nothing of it may depend on, or tell of, what is in columns that are not open. */
import { checkWhere, entriesOf, isValue, notUnderstood, relatedBy, unmapped } from './conditions.js';
import { type Column, type Mapping, type Model, isOpen } from './mapping.js';
import { QueryRefused } from './refusal.js';

/** Ways to say what an open column is to be; a field can only be `set`, for the rest depends on what it was. */
const CHANGES = new Set(['set', 'increment', 'decrement', 'multiply', 'divide', 'push']);

/** @param isUpdate whether rows that are there are changed @throws QueryRefused */
export function checkData(mapping: Mapping, model: Model, data: unknown, isUpdate: boolean): void {
  for (const row of Array.isArray(data) ? data : [data])
    for (const [name, value] of entriesOf(row, 'data')) {
      const column = model.columns.get(name);
      if (column === undefined) checkNested(mapping, relatedBy(mapping, model, name), value);
      else checkValue(model, column, value, isUpdate);
    }
}

function checkValue(model: Model, column: Column, value: unknown, isUpdate: boolean): void {
  const where = `\`${model.name}.${column.name}\``;
  if (column.use === undefined) throw unmapped(model, column.name);
  if (!isOpen(column) && column.isUnique)
    throw new QueryRefused(
      `${where} is a field, and unique: whether a value is taken tells of others. Write it with a client that has no purpose`,
    );
  if (isUpdate && column.isCopied)
    throw new QueryRefused(
      `${where} is what a field refers to: whether it can be changed tells who is linked with it. Write it with a client that has no purpose`,
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
function checkNested(mapping: Mapping, target: Model, value: unknown): void {
  for (const [way, part] of entriesOf(value, 'data'))
    if (way === 'create') checkData(mapping, target, part, false);
    else if (way === 'connect')
      for (const row of Array.isArray(part) ? part : [part]) checkWhere(mapping, target, row);
    else throw notUnderstood(`\`${way}\` in data`);
}

function checkJson(value: unknown): void {
  if (isValue(value) || isNullOfJson(value)) return;
  const members = Array.isArray(value) ? value : entriesOf(value, 'a value').map(([, member]) => member);
  for (const member of members) checkJson(member);
}

/** Whether it is one of the values by which Prisma tells the nulls of JSON apart. */
function isNullOfJson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, '_getName') === 'function';
}
