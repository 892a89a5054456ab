/** What a query must come to: over all rows, one after the other, without a database. */
import type { Data } from './data.js';
import type { May } from './permits.js';
import { MODELS, type Model, type ModelName, type Row } from './shape.js';

export type Args = { readonly [name: string]: unknown };
export type Query = { readonly model: ModelName; readonly operation: string; readonly args: Args };
export type Treatment = 'mask' | 'drop';

/** What stands for a query that may not be made. */
export const REFUSED = Symbol('refused');
class Refusal extends Error {}

export function interpret(data: Data, may: May, treatment: Treatment, query: Query): unknown {
  try {
    return new Interpreter(data, may, treatment).run(query);
  } catch (error) {
    if (error instanceof Refusal) return REFUSED;
    throw error;
  }
}

const DROPPED = Symbol('dropped');

class Interpreter {
  constructor(
    private readonly data: Data,
    private readonly may: May,
    private readonly treatment: Treatment,
  ) {}

  run({ model: name, operation, args }: Query): unknown {
    const model = MODELS[name];
    // a refusal does not depend on whether there are rows
    this.check(model, args);
    const rows = this.rowsOf(model, model.rows(this.data), args);
    if (operation === 'findMany') return this.shown(model, rows, args);
    if (operation === 'findFirst' || operation === 'findUnique')
      return this.shown(model, rows.slice(0, 1), args)[0] ?? null;
    if (operation === 'count') return rows.length;
    if (operation === 'aggregate') return this.figures(rows, args);
    return this.groups(rows, args);
  }

  /** Refuses what mentions a column or a relation that is not open where it must be. */
  private check(model: Model, args: Args): void {
    for (const name of ['where', 'cursor']) this.checkWhere(model, args[name]);
    for (const part of listOf(args['orderBy'])) this.checkOrder(model, part);
    for (const column of [...listOf(args['distinct']), ...listOf(args['by'])])
      mustBeOpen(model, String(column));
    for (const figure of ['_min', '_max', '_count'])
      for (const column of Object.keys(objectOf(args[figure])))
        if (column !== '_all') mustBeOpen(model, column);
    for (const [name, value] of [...membersOf(args['select']), ...membersOf(args['include'])]) {
      const relation = model.relations[name];
      if (name === '_count')
        for (const [counted, wanted] of membersOf(objectOf(value)['select'])) {
          mustBeOpenRelation(model, counted);
          const target = model.relations[counted];
          if (target !== undefined) this.checkWhere(MODELS[target.model], objectOf(wanted)['where']);
        }
      else if (relation !== undefined) {
        mustBeOpenRelation(model, name);
        this.check(MODELS[relation.model], objectOf(value));
      } else if (model.columns[name]?.use === 'closed') throw new Refusal();
    }
  }

  private checkWhere(model: Model, where: unknown): void {
    for (const [name, value] of membersOf(where)) {
      const relation = model.relations[name];
      if (['AND', 'OR', 'NOT'].includes(name)) for (const part of listOf(value)) this.checkWhere(model, part);
      else if (relation !== undefined) {
        mustBeOpenRelation(model, name);
        for (const [, part] of membersOf(value)) this.checkWhere(MODELS[relation.model], part);
      } else if (name === 'userId_groupId') continue;
      else mustBeOpen(model, name);
    }
  }

  private checkOrder(model: Model, order: unknown): void {
    for (const [name, value] of membersOf(order)) {
      const relation = model.relations[name];
      if (relation === undefined) mustBeOpen(model, name);
      else {
        mustBeOpenRelation(model, name);
        if (!relation.isList) this.checkOrder(MODELS[relation.model], value);
      }
    }
  }

  /** The rows that the arguments leave, in order. */
  private rowsOf(model: Model, all: readonly Row[], args: Args): readonly Row[] {
    const { where, orderBy, cursor, take, skip, distinct } = args;
    const direction = typeof take === 'number' && take < 0 ? -1 : 1;
    const order = (one: Row, other: Row) => direction * this.compare(model, orderBy, one, other);
    let rows = all.filter((row) => this.holds(model, where, row) === true).sort(order);
    if (cursor !== undefined) {
      // Prisma looks for a key of several columns among what the conditions leave
      const among = model.key.length > 1 ? rows : model.rows(this.data);
      const start = among.find((row) => this.holds(model, cursor, row) === true);
      rows = start === undefined ? [] : rows.filter((row) => order(row, start) >= 0);
    }
    const columns = listOf(distinct).map(String);
    if (columns.length > 0) {
      const seen = new Set<string>();
      rows = rows.filter((row) => {
        const values = JSON.stringify(columns.map((column) => row[column]));
        return seen.has(values) ? false : seen.add(values);
      });
    }
    rows = rows.slice(typeof skip === 'number' ? skip : 0);
    if (typeof take === 'number') rows = rows.slice(0, Math.abs(take));
    return direction < 0 ? rows.toReversed() : rows;
  }

  private compare(model: Model, orderBy: unknown, one: Row, other: Row): number {
    for (const part of listOf(orderBy))
      for (const [name, value] of membersOf(part)) {
        const [left, right] = [one, other].map((row) => this.sortValue(model, name, value, row));
        const found = compareValues(left?.value, right?.value) * (left?.direction === 'desc' ? -1 : 1);
        if (found !== 0) return found;
      }
    return 0;
  }

  private sortValue(
    model: Model,
    name: string,
    value: unknown,
    row: Row | undefined,
  ): { readonly value: unknown; readonly direction: unknown } {
    const relation = model.relations[name];
    if (relation === undefined) return { value: row?.[name] ?? null, direction: value };
    const related = row === undefined ? [] : relation.of(this.data, row);
    const [[inner, direction] = ['', '']] = membersOf(value);
    if (relation.isList) return { value: related.length, direction };
    return this.sortValue(MODELS[relation.model], inner, direction, related[0]);
  }

  /** As SQL has it: `undefined` is what it calls unknown. */
  private holds(model: Model, where: unknown, row: Row): boolean | undefined {
    return all(
      membersOf(where).map(([name, value]) => {
        const relation = model.relations[name];
        if (name === 'AND') return all(listOf(value).map((part) => this.holds(model, part, row)));
        if (name === 'OR') return not(all(listOf(value).map((part) => not(this.holds(model, part, row)))));
        if (name === 'NOT') return all(listOf(value).map((part) => not(this.holds(model, part, row))));
        if (name === 'userId_groupId') return this.holds(model, value, row);
        if (relation === undefined) return matches(row[name] ?? null, value);
        const related = relation.of(this.data, row);
        const [[way, part] = ['', {}]] = membersOf(value);
        const found = related.map((one) => this.holds(MODELS[relation.model], part, one));
        if (!relation.isList) {
          const one = found.length === 0 ? false : found[0];
          return way === 'is' ? one : not(one);
        }
        if (way === 'some') return found.includes(true);
        if (way === 'every') return !found.includes(false);
        return !found.includes(true);
      }),
    );
  }

  private shown(model: Model, rows: readonly Row[], args: Args): readonly unknown[] {
    return rows.map((row) => this.shownRow(model, row, args)).filter((row) => row !== DROPPED);
  }

  private shownRow(model: Model, row: Row, { select, include, omit }: Args): unknown {
    const names =
      select === undefined
        ? Object.keys(model.columns).filter(
            (name) => model.columns[name]?.use !== 'closed' && objectOf(omit)[name] !== true,
          )
        : membersOf(select).map(([name]) => name);
    const shown: Record<string, unknown> = {};
    for (const name of names) {
      const use = model.columns[name]?.use;
      if (use === undefined) continue;
      const owner = model.owner === undefined ? undefined : row[model.owner];
      if (use === 'open' || (typeof owner === 'string' && this.may(owner, use))) shown[name] = row[name];
      else if (this.treatment === 'drop') return DROPPED;
      else shown[name] = null;
    }
    for (const [name, value] of [...membersOf(select), ...membersOf(include)]) {
      const relation = model.relations[name];
      if (name === '_count')
        shown[name] = Object.fromEntries(
          membersOf(objectOf(value)['select']).map(([counted, wanted]) => {
            const target = model.relations[counted];
            const where = objectOf(wanted)['where'];
            const found = target
              ?.of(this.data, row)
              .filter((one) => this.holds(MODELS[target.model], where, one));
            return [counted, found?.length];
          }),
        );
      if (relation === undefined) continue;
      const target = MODELS[relation.model];
      const within = objectOf(value);
      const found = this.shown(target, this.rowsOf(target, relation.of(this.data, row), within), within);
      shown[name] = relation.isList ? found : (found[0] ?? null);
    }
    return shown;
  }

  private figures(rows: readonly Row[], args: Args): unknown {
    const figures: Record<string, unknown> = {};
    for (const figure of ['_count', '_min', '_max']) {
      if (args[figure] === undefined) continue;
      figures[figure] = Object.fromEntries(
        Object.keys(objectOf(args[figure])).map((column) => {
          if (column === '_all') return [column, rows.length];
          const values = rows.map((row) => row[column]).filter((value) => value !== null);
          const sorted = values.toSorted(compareValues);
          const value = figure === '_min' ? sorted[0] : sorted.at(-1);
          return [column, figure === '_count' ? values.length : (value ?? null)];
        }),
      );
    }
    return figures;
  }

  private groups(rows: readonly Row[], args: Args): unknown {
    const by = listOf(args['by']).map(String);
    const groups = new Map<string, Row[]>();
    for (const row of rows) {
      const key = JSON.stringify(by.map((column) => row[column]));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    return [...groups.values()].map((group) => ({
      ...Object.fromEntries(by.map((column) => [column, group[0]?.[column]])),
      ...objectOf(this.figures(group, args)),
    }));
  }
}

function mustBeOpen(model: Model, column: string): void {
  if (model.columns[column]?.use !== 'open') throw new Refusal();
}

function mustBeOpenRelation(model: Model, relation: string): void {
  if (model.relations[relation]?.isOpen !== true) throw new Refusal();
}

function matches(value: unknown, filter: unknown): boolean | undefined {
  if (typeof filter !== 'object' || filter === null || filter instanceof Date) return equals(value, filter);
  return all(
    Object.entries(filter).map(([operator, operand]: readonly [string, unknown]) => {
      if (operator === 'equals') return equals(value, operand);
      if (operator === 'not') return operand === null ? value !== null : not(equals(value, operand));
      if (value === null) return undefined;
      const order = compareValues(value, operand);
      if (operator === 'in') return listOf(operand).some((one) => compareValues(value, one) === 0);
      if (operator === 'notIn') return listOf(operand).every((one) => compareValues(value, one) !== 0);
      if (operator === 'lt') return order < 0;
      if (operator === 'gte') return order >= 0;
      if (operator === 'contains') return textOf(value).includes(textOf(operand));
      return textOf(value).startsWith(textOf(operand));
    }),
  );
}

function equals(value: unknown, operand: unknown): boolean | undefined {
  if (operand === null) return value === null;
  return value === null ? undefined : compareValues(value, operand) === 0;
}

function all(parts: readonly (boolean | undefined)[]): boolean | undefined {
  if (parts.includes(false)) return false;
  return parts.includes(undefined) ? undefined : true;
}

function not(part: boolean | undefined): boolean | undefined {
  return part === undefined ? undefined : !part;
}

/** In the order of PostgreSQL: what is null comes last, and `LOW` before `HIGH`. */
function compareValues(one: unknown, other: unknown): number {
  const [left, right] = [one, other].map((value) =>
    value instanceof Date ? value.getTime() : ({ LOW: 0, HIGH: 1 }[textOf(value)] ?? value),
  );
  if (left === right) return 0;
  if (left === null) return 1;
  if (right === null) return -1;
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return textOf(left) < textOf(right) ? -1 : 1;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function membersOf(value: unknown): readonly (readonly [string, unknown])[] {
  return Object.entries(objectOf(value)).filter(([, member]) => member !== false);
}
