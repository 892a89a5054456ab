/** Which columns link the models of a schema, and what of that is open. */
import { useOf } from './annotation.js';
import { type SchemaField, type SchemaModel, namesIn, relationName } from './schema-text.js';

/** The end of a relation that has its columns; absent: both are lists, and a table of its own links them. */
type Link = { readonly holder: SchemaModel; readonly end: SchemaField } | undefined;

/** The end of a relation with the columns, and the model it is in. */
export function linkOf(source: SchemaModel, field: SchemaField, models: readonly SchemaModel[]): Link {
  if (linksOf(field).length > 0) return { holder: source, end: field };
  const holder = models.find(({ name }) => name === field.type);
  const end = holder?.fields.find(
    (other) => other.type === source.name && areEnds(field, other) && linksOf(other).length > 0,
  );
  return holder === undefined || end === undefined ? undefined : { holder, end };
}

/** Whether they are the two ends of one relation, where each has the model of the other for its type. */
export function areEnds(one: SchemaField, other: SchemaField): boolean {
  return nameOf(one) === nameOf(other);
}

function nameOf({ attributes }: SchemaField): string {
  const relation = attributes.find(({ name }) => name === 'relation');
  return relation === undefined ? '' : relationName(relation);
}

/** The columns of a relation, each with the one that it refers to. */
export function linksOf({ attributes }: SchemaField): readonly (readonly [string, string])[] {
  const relation = attributes.find(({ name }) => name === 'relation');
  if (relation === undefined) return [];
  const referred = namesIn(relation, 'references');
  return namesIn(relation, 'fields').map((name, at) => [name, referred[at] ?? '']);
}

/** What is not open in a schema, found once: there may be more ways from column to column than can be walked. */
const CLOSED = new WeakMap<readonly SchemaModel[], ReadonlySet<SchemaField>>();

function isOpenField(model: SchemaModel | undefined, name: string, models: readonly SchemaModel[]): boolean {
  const field = fieldIn(model, name);
  if (field === undefined) return false;
  const closed = CLOSED.get(models) ?? closedIn(models);
  CLOSED.set(models, closed);
  return !closed.has(field);
}

function fieldIn(model: SchemaModel | undefined, name: string): SchemaField | undefined {
  return model?.fields.find((one) => one.name === name);
}

/** What its comment does not say to be open, and what refers to that: a circle is as open as all of it is said to be. */
function closedIn(models: readonly SchemaModel[]): ReadonlySet<SchemaField> {
  const fields = models.flatMap((model) => model.fields);
  const closed = new Set(
    fields.filter((field) => {
      const use = useOf(field);
      return typeof use === 'string' || use.kind === 'field';
    }),
  );
  const links = models.flatMap((model) =>
    model.fields.flatMap((end) => {
      const target = models.find(({ name }) => name === end.type);
      return linksOf(end).map(([from, to]) => [fieldIn(model, from), fieldIn(target, to)] as const);
    }),
  );
  for (let size = -1; size < closed.size;) {
    size = closed.size;
    for (const [from, to] of links)
      if (from !== undefined && (to === undefined || closed.has(to))) closed.add(from);
  }
  return closed;
}

/** Whether all columns that link it are open, at both ends. */
export function isOpenLink(holder: SchemaModel, end: SchemaField, models: readonly SchemaModel[]): boolean {
  const target = models.find(({ name }) => name === end.type);
  return linksOf(end).every(
    ([from, to]) => isOpenField(holder, from, models) && isOpenField(target, to, models),
  );
}

/** The column that is not open of which this one holds copies. */
export function copiedFrom(
  source: SchemaModel,
  column: string,
  models: readonly SchemaModel[],
): string | undefined {
  for (const end of source.fields)
    for (const [from, to] of linksOf(end)) {
      const target = models.find(({ name }) => name === end.type);
      if (from === column && !isOpenField(target, to, models)) return `${end.type}.${to}`;
    }
  return undefined;
}

/** Whether a column says whose row it is. */
export function isUser({ fields }: SchemaModel, name: string): boolean {
  const field = fields.find((one) => one.name === name);
  const use = field === undefined ? undefined : useOf(field);
  return typeof use === 'object' && use.kind === 'user';
}

/** As `Column.isCopied`. @param seen the columns that were looked at */
export function isCopied(
  source: SchemaModel,
  column: string,
  models: readonly SchemaModel[],
  seen: Set<SchemaField> = new Set(),
): boolean {
  const field = fieldIn(source, column);
  if (field === undefined || seen.has(field)) return false;
  seen.add(field);
  return models.some((model) =>
    model.fields.some(
      (end) =>
        end.type === source.name &&
        linksOf(end).some(
          ([from, to]) =>
            to === column &&
            (!isOpenField(model, from, models) || isUser(model, from) || isCopied(model, from, models, seen)),
        ),
    ),
  );
}

/** As `Model.isHeld`. @param seen the models that were looked at */
export function isHeld(
  source: SchemaModel,
  models: readonly SchemaModel[],
  seen: Set<SchemaModel> = new Set(),
): boolean {
  if (seen.has(source)) return false;
  seen.add(source);
  return models.some((model) =>
    model.fields.some(
      (end) =>
        end.type === source.name &&
        linksOf(end).length > 0 &&
        (!isOpenLink(model, end, models) || givesAway(model, end, models) || isHeld(model, models, seen)),
    ),
  );
}

/** Whether a deletion at its other end says anew whose rows are. */
function givesAway(holder: SchemaModel, end: SchemaField, models: readonly SchemaModel[]): boolean {
  const relation = end.attributes.find(({ name }) => name === 'relation');
  const setsDefault = relation?.tokens.some(({ text }) => text === 'SetDefault') === true;
  return setsDefault && linksOf(end).some(([from]) => isUser(holder, from) || isCopied(holder, from, models));
}
