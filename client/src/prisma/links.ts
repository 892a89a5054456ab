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

function isOpenField(
  model: SchemaModel | undefined,
  name: string,
  models: readonly SchemaModel[],
  seen: ReadonlySet<SchemaField> = new Set(),
): boolean {
  const field = model?.fields.find((one) => one.name === name);
  if (model === undefined || field === undefined) return false;
  // columns that refer to each other in a circle are as open as the comments of all of them say
  if (seen.has(field)) return true;
  const use = useOf(field);
  const isSaid = typeof use === 'object' && use.kind !== 'field';
  return isSaid && copiedFrom(model, name, models, new Set([...seen, field])) === undefined;
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
  seen?: ReadonlySet<SchemaField>,
): string | undefined {
  for (const end of source.fields)
    for (const [from, to] of linksOf(end)) {
      const target = models.find(({ name }) => name === end.type);
      if (from === column && !isOpenField(target, to, models, seen)) return `${end.type}.${to}`;
    }
  return undefined;
}

/** Whether a column says whose row it is. */
export function isUser({ fields }: SchemaModel, name: string): boolean {
  const field = fields.find((one) => one.name === name);
  const use = field === undefined ? undefined : useOf(field);
  return typeof use === 'object' && use.kind === 'user';
}

/** As `Column.isCopied`. */
export function isCopied(source: SchemaModel, column: string, models: readonly SchemaModel[]): boolean {
  return models.some((model) =>
    model.fields.some(
      (end) =>
        end.type === source.name &&
        linksOf(end).some(
          ([from, to]) => to === column && (!isOpenField(model, from, models) || isUser(model, from)),
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
        (!isOpenLink(model, end, models) || isHeld(model, models, seen)),
    ),
  );
}
