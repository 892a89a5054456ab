/** Queries of every shape, a part of them about what they may not be about. */
import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  subarray,
} from 'fast-check';
import type { Query } from './interpreter.js';
import { MODELS, MODEL_NAMES, type Model, type ModelName, type Type } from './shape.js';

type Args = Readonly<Record<string, unknown>>;

const VALUES: Readonly<Record<Type, Arbitrary<unknown>>> = {
  text: constantFrom('u-0', 'u-1', 'u-2', 'u-9', 'tag 1'),
  number: integer({ min: 0, max: 9 }),
  level: constantFrom('LOW', 'HIGH'),
  date: integer({ min: 1, max: 4 }).map((day) => new Date(Date.UTC(2026, 0, day))),
  other: constant(null),
};

/** @param isSneaky whether they also use what is not open */
export function queries(isSneaky: boolean): Arbitrary<Query> {
  const maker = new Maker(isSneaky);
  return constantFrom(...MODEL_NAMES).chain((model) =>
    constantFrom(
      'findMany',
      'findMany',
      'findMany',
      'findFirst',
      'findUnique',
      'count',
      'aggregate',
      'groupBy',
    ).chain((operation) => maker.args(model, operation).map((args) => ({ model, operation, args }))),
  );
}

/** Changes of every kind, of the models whose rows can be made and removed. */
export function writes(isSneaky: boolean): Arbitrary<Query> {
  const maker = new Maker(isSneaky);
  return constantFrom(...MODEL_NAMES).chain((model) =>
    constantFrom(...WRITES).chain((operation) =>
      maker.change(model, operation).map((args) => ({ model, operation, args })),
    ),
  );
}

const WRITES =
  'create createMany createManyAndReturn update updateMany updateManyAndReturn upsert delete deleteMany'.split(
    ' ',
  );

class Maker {
  constructor(private readonly isSneaky: boolean) {}

  args(name: ModelName, operation: string): Arbitrary<Args> {
    const model = MODELS[name];
    const where = this.where(name, 2);
    if (operation === 'groupBy')
      return this.some(this.columns(model)).chain((by) =>
        present({
          where: option(where, { nil: undefined }),
          by: constant(by),
          orderBy: constant(by.map((column) => ({ [column]: 'asc' }))),
          _count: this.flags(['_all', ...this.columns(model)]),
          _max: this.flags(this.sortable(model)),
        }),
      );
    if (operation === 'count') return present({ where, ...this.page(name) });
    if (operation === 'aggregate')
      return present({
        where,
        ...this.page(name),
        _count: this.flags(['_all', ...this.columns(model)]),
        _min: option(this.flags(this.sortable(model)), { nil: undefined }),
      });
    if (operation === 'findUnique')
      return record({ where: this.key(name), selection: this.selecting(name, 3) }).map(
        ({ where, selection }) => ({
          where,
          ...selection,
        }),
      );
    const reading = this.reading(name, 3);
    // of the first row there is no first part
    if (operation === 'findFirst') return reading.map(({ take: _take, ...args }) => args);
    const cursor = option(this.key(name), { nil: undefined, freq: 2 });
    return record({ reading, cursor }).map(({ reading: args, cursor: from }) =>
      from === undefined || args['distinct'] !== undefined
        ? args
        : { ...args, cursor: from, orderBy: MODELS[name].key.map((column) => ({ [column]: 'asc' })) },
    );
  }

  change(name: ModelName, operation: string): Arbitrary<Args> {
    const made = this.data(name, true);
    const changed = this.data(name, false);
    const where = this.where(name, 1);
    const key = this.key(name);
    const selection = this.selecting(name, 1);
    const returned = this.some(this.written(name)).map((columns) => ({
      select: Object.fromEntries(columns.map((column) => [column, true])),
    }));
    const parts: Readonly<Record<string, Readonly<Record<string, Arbitrary<unknown>>>>> = {
      create: { data: made, selection },
      createMany: { data: array(made, { minLength: 1, maxLength: 2 }), skipDuplicates: boolean() },
      createManyAndReturn: { data: array(made, { minLength: 1, maxLength: 2 }), selection: returned },
      update: { where: key, data: changed, selection },
      updateMany: { where, data: changed },
      updateManyAndReturn: { where, data: changed, selection: returned },
      upsert: { where: key, create: made, update: changed, selection },
      delete: { where: key, selection },
      deleteMany: { where },
    };
    return record(parts[operation] ?? {}).map(({ selection: selected, ...args }) => ({
      ...args,
      ...(typeof selected === 'object' ? selected : {}),
    }));
  }

  private written(name: ModelName): string[] {
    const { columns } = MODELS[name];
    return Object.keys(columns).filter(
      (column) => this.isSneaky || (columns[column]?.use !== 'closed' && column !== 'email'),
    );
  }

  /** @param isWhole whether it is a new row, with all it needs */
  private data(name: ModelName, isWhole: boolean): Arbitrary<Args> {
    const { columns, key } = MODELS[name];
    const names = this.written(name).filter((column) => columns[column]?.type !== 'other');
    const writable = isWhole ? names : names.filter((column) => !key.includes(column));
    const some = isWhole ? constant(writable) : this.some(writable);
    return some.chain((chosen) =>
      record(Object.fromEntries(chosen.map((column) => [column, VALUES[columns[column]?.type ?? 'other']]))),
    );
  }

  /** The arguments of whatever comes back as rows. */
  private reading(name: ModelName, depth: number): Arbitrary<Args> {
    const columns = this.columns(MODELS[name]);
    return oneof(
      this.selecting(name, depth),
      present({ omit: option(this.flags(columns.slice(1)), { nil: undefined }) }),
    ).chain((selection) =>
      present({
        where: option(this.where(name, 2), { nil: undefined }),
        distinct: option(this.some(columns), { nil: undefined, freq: 6 }),
        ...this.page(name),
      }).map((rows) => ({ ...rows, ...selection })),
    );
  }

  private selecting(name: ModelName, depth: number): Arbitrary<Args> {
    const model = MODELS[name];
    const readable = Object.keys(model.columns).filter(
      (column) => this.isSneaky || model.columns[column]?.use !== 'closed',
    );
    const relations = depth === 0 ? [] : this.relations(model);
    const related =
      relations.length === 0
        ? constant({})
        : subarray(relations, { maxLength: Math.min(2, relations.length) }).chain((names) =>
            present(
              Object.fromEntries(
                names.map((one) => {
                  const relation = model.relations[one];
                  const target = relation?.model ?? name;
                  return [
                    one,
                    relation?.isList === true
                      ? this.reading(target, depth - 1)
                      : this.selecting(target, depth - 1),
                  ];
                }),
              ),
            ),
          );
    const lists = relations.filter((one) => model.relations[one]?.isList);
    const counts =
      lists.length === 0
        ? constant(undefined)
        : option(
            subarray(lists, { minLength: 1 }).chain((names) =>
              present(
                Object.fromEntries(
                  names.map((one) => {
                    const where = this.where(model.relations[one]?.model ?? name, 0);
                    return [one, oneof(constant(true), record({ where }))];
                  }),
                ),
              ).map((select) => ({ select })),
            ),
            { nil: undefined, freq: 2 },
          );
    return record({ related, counts, columns: this.some(readable), isSelect: boolean() }).map(
      ({ related: within, counts: counted, columns, isSelect }) => {
        const wanted = { ...within, ...(counted === undefined ? {} : { _count: counted }) };
        if (isSelect)
          return { select: { ...Object.fromEntries(columns.map((column) => [column, true])), ...wanted } };
        return Object.keys(wanted).length === 0 ? {} : { include: wanted };
      },
    );
  }

  /** One row, by what tells it apart. */
  private key(name: ModelName): Arbitrary<Args> {
    const number = integer({ min: 0, max: 9 });
    const user = constantFrom('u-0', 'u-3', 'u-5', 'u-9');
    if (name === 'membership')
      return record({ userId: user, groupId: number }).map((key) => ({ userId_groupId: key }));
    if (name !== 'user') return record({ id: number });
    const byId = record({ id: user });
    return this.isSneaky
      ? oneof(
          byId,
          user.map((email): Args => ({ email })),
        )
      : byId;
  }

  /** In an order that leaves nothing to chance. */
  private page(name: ModelName) {
    const model = MODELS[name];
    const direction = constantFrom('asc', 'desc');
    const sorted = this.sortable(model).filter((column) => column !== 'rank' && column !== 'mentorId');
    const byRelation = this.relations(model).map((relation) => {
      const { isList = false, model: target = name } = model.relations[relation] ?? {};
      const inner = isList ? '_count' : (this.sortable(MODELS[target])[0] ?? 'id');
      return direction.map((way): Args => ({ [relation]: { [inner]: way } }));
    });
    const byColumn = constantFrom(...sorted).chain((column) =>
      direction.map((way): Args => ({ [column]: way })),
    );
    const orderBy = array(oneof(byColumn, ...byRelation), { maxLength: 2 }).map((parts) => [
      ...parts,
      ...model.key.map((column) => ({ [column]: 'asc' })),
    ]);
    return {
      orderBy,
      take: option(integer({ min: -3, max: 5 }), { nil: undefined }),
      skip: option(integer({ min: 0, max: 2 }), { nil: undefined }),
    };
  }

  private where(name: ModelName, depth: number): Arbitrary<Args> {
    const model = MODELS[name];
    const columns = this.columns(model).filter((column) => model.columns[column]?.type !== 'other');
    const byColumn = constantFrom(...columns).chain((column) => {
      const type = model.columns[column]?.type ?? 'other';
      return filterOf(type, ['rank', 'mentorId'].includes(column)).map((filter): Args => ({
        [column]: filter,
      }));
    });
    if (depth === 0) return byColumn;
    const inner = this.where(name, depth - 1);
    const logic = constantFrom('AND', 'OR', 'NOT').chain((way) =>
      array(inner, { minLength: 1, maxLength: 2 }).map((parts): Args => ({ [way]: parts })),
    );
    const relations = this.relations(model);
    if (relations.length === 0) return oneof(byColumn, logic);
    const related = constantFrom(...relations).chain((relation) => {
      const { isList = false, model: target = name } = model.relations[relation] ?? {};
      const ways = isList ? ['some', 'every', 'none'] : ['is', 'isNot'];
      return constantFrom(...ways).chain((way) =>
        this.where(target, depth - 1).map((part): Args => ({ [relation]: { [way]: part } })),
      );
    });
    return oneof(byColumn, logic, related);
  }

  private columns({ columns }: Model): readonly string[] {
    return Object.keys(columns).filter((column) => this.isSneaky || columns[column]?.use === 'open');
  }

  private sortable(model: Model): readonly string[] {
    return this.columns(model).filter(
      (column) => !['other', 'level'].includes(model.columns[column]?.type ?? 'other'),
    );
  }

  private relations({ relations }: Model): string[] {
    return Object.keys(relations).filter((relation) => this.isSneaky || relations[relation]?.isOpen === true);
  }

  private some(names: readonly string[]): Arbitrary<string[]> {
    return subarray([...names], { minLength: Math.min(1, names.length) });
  }

  private flags(names: readonly string[]): Arbitrary<Args> {
    return this.some(names).map((some) => Object.fromEntries(some.map((name) => [name, true])));
  }
}

function filterOf(type: Type, isNullable: boolean): Arbitrary<unknown> {
  const value = VALUES[type];
  const either = isNullable ? oneof(value, constant(null)) : value;
  const filters = [
    either,
    either.map((equals) => ({ equals })),
    either.map((not) => ({ not })),
    array(value, { minLength: 1, maxLength: 3 }).map((list) => ({ in: list })),
    array(value, { minLength: 1, maxLength: 3 }).map((list) => ({ notIn: list })),
  ];
  if (type === 'number' || type === 'date') filters.push(record({ gte: value, lt: value }));
  if (type === 'text') filters.push(constantFrom({ contains: '1' }, { startsWith: 'u-' }));
  return oneof(...filters);
}

/** An object with those of these members that are not `undefined`. */
function present(members: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<Args> {
  return record(members).map((made) =>
    Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined)),
  );
}
