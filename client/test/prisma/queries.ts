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
    constantFrom('findMany', 'findMany', 'findMany', 'findFirst', 'count', 'aggregate', 'groupBy').chain(
      (operation) => maker.args(model, operation).map((args) => ({ model, operation, args })),
    ),
  );
}

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
    const reading = this.reading(name, 3);
    // of the first row there is no first part
    return operation === 'findFirst' ? reading.map(({ take: _take, ...args }) => args) : reading;
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
