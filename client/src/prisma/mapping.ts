/** What the comments of a schema say of its columns. What they do not say is denied. */
import { type SchemaField, type SchemaModel, namesIn, relationName } from './schema-text.js';

/** What a column holds. */
export type Use =
  | { readonly kind: 'field'; readonly field: string }
  /** The id of the user whose row it is. */
  | { readonly kind: 'user' }
  /** Nothing about a person. */
  | { readonly kind: 'none' };

export type Column = {
  readonly name: string;
  readonly type: string;
  /** Absent: its comment says nothing, or what cannot be. */
  readonly use: Use | undefined;
  /** Whether the database compares its values between rows, so that a write tells whether there is one. */
  readonly isUnique: boolean;
  /** Whether a column that is not open holds copies of it. */
  readonly isCopied: boolean;
};

export type Relation = {
  readonly name: string;
  readonly model: string;
  /** Whether who is related with whom is open: everything that links them is. */
  readonly isOpen: boolean;
};

export type Model = {
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** The column with the id of the owner. */
  readonly user: string | undefined;
  /** Whether what a deletion does depends on columns that are not open: on links to its rows, or on their links. */
  readonly isHeld: boolean;
};

export type Mapping = ReadonlyMap<string, Model>;

/** What is wrong with a schema, and in which line. */
export type Fault = { readonly line: number; readonly message: string };

/** Whether it may stand in a condition, as it says nothing that somebody could refuse. */
export function isOpen(column: Column | undefined): boolean {
  return column?.use?.kind === 'none' || column?.use?.kind === 'user';
}

/** The models by name, and everything that is wrong. A column with a fault has no use. */
export function mappingOf(models: readonly SchemaModel[]): {
  readonly mapping: Mapping;
  readonly faults: readonly Fault[];
} {
  const faults: Fault[] = [];
  const mapping = new Map(models.map((model) => [model.name, new Reader(model, models, faults).model()]));
  return { mapping, faults: faults.sort((one, other) => one.line - other.line) };
}

const ANNOTATION = /^\/\/\/\s*@assent\.(?:(?<kind>none|user)|field\s+(?<field>[^\s,]+))\s*$/;
const WRITE_ONE = 'write `/// @assent.field ID`, `/// @assent.user` or `/// @assent.none` above it';

/** The end of a relation that has its columns; absent: both are lists, and a table of its own links them. */
type Link = { readonly holder: SchemaModel; readonly end: SchemaField } | undefined;

class Reader {
  constructor(
    private readonly source: SchemaModel,
    private readonly models: readonly SchemaModel[],
    private readonly faults: Fault[],
  ) {}

  model(): Model {
    const { name, fields, line } = this.source;
    const columns = fields.filter((field) => !this.isRelation(field)).map((field) => this.column(field));
    const owners = columns.filter(({ use }) => use?.kind === 'user');
    const hasFields = columns.some(({ use }) => use?.kind === 'field');
    if (owners.length > 1)
      this.faults.push({ line, message: `\`${name}\` has two columns with \`@assent.user\`: leave one` });
    if (owners.length === 0 && hasFields)
      this.faults.push({
        line,
        message: `\`${name}\` has fields and no owner: write \`/// @assent.user\` above the column with the id of the user`,
      });
    return {
      name,
      columns: new Map(columns.map((column) => [column.name, column])),
      relations: new Map(
        fields.filter((field) => this.isRelation(field)).map((field) => [field.name, this.relation(field)]),
      ),
      user: owners.length === 1 ? owners[0]?.name : undefined,
      isHeld: isHeld(this.source, this.models, new Set()),
    };
  }

  private isRelation({ type }: SchemaField): boolean {
    return this.models.some(({ name }) => name === type);
  }

  private column(field: SchemaField): Column {
    const { source } = this;
    const { name, type, line } = field;
    const where = `\`${source.name}.${name}\``;
    const said = useOf(field);
    let use = typeof said === 'string' ? undefined : said;
    if (typeof said === 'string') this.faults.push({ line, message: `${where} ${said}` });
    const original = copiedFrom(source, name, this.models);
    if (use !== undefined && use.kind !== 'field' && original !== undefined) {
      const message = `${where} holds copies of \`${original}\`, which is not open: write the same above both`;
      this.faults.push({ line, message });
      use = undefined;
    }
    const isUnique =
      field.attributes.some((one) => one.name === 'id' || one.name === 'unique') ||
      source.attributes.some(
        (one) => (one.name === 'id' || one.name === 'unique') && namesIn(one).includes(name),
      );
    return { name, type, use, isUnique, isCopied: isCopied(source, name, this.models) };
  }

  private relation(field: SchemaField): Relation {
    const { source, models } = this;
    const link = linkOf(source, field, models);
    const isNoted = field.comments.some((comment) => comment.includes('@assent'));
    let isOpen = false;
    if (link === undefined) {
      const use = useOf(field);
      if (typeof use === 'string')
        this.faults.push({
          line: field.line,
          message: `\`${source.name}.${field.name}\` has a table of its own and ${use}`,
        });
      const far = models
        .find(({ name }) => name === field.type)
        ?.fields.find((other) => other !== field && other.type === source.name && areEnds(field, other));
      isOpen = [field, far].every((end) => end !== undefined && isNone(end));
    } else {
      if (isNoted)
        this.faults.push({
          line: field.line,
          message: `\`${source.name}.${field.name}\` is no column: write the comment above those that link it`,
        });
      isOpen = isOpenLink(link.holder, link.end, models);
    }
    return { name: field.name, model: field.type, isOpen };
  }
}

/** What its comments say it holds; or what is wrong with them, in words. */
function useOf({ comments }: SchemaField): Use | string {
  const [annotation, second] = comments.filter((comment) => comment.includes('@assent'));
  if (annotation === undefined) return `has no field: ${WRITE_ONE}`;
  if (second !== undefined) return 'has two comments with `@assent`: leave one';
  const { kind, field } = ANNOTATION.exec(annotation)?.groups ?? {};
  if (field !== undefined) return { kind: 'field', field };
  if (kind === 'none' || kind === 'user') return { kind };
  return `has a comment that is not understood: ${WRITE_ONE}`;
}

function isNone(field: SchemaField | undefined): boolean {
  const use = field === undefined ? undefined : useOf(field);
  return typeof use === 'object' && use.kind === 'none';
}

/** The end of a relation with the columns, and the model it is in. */
function linkOf(source: SchemaModel, field: SchemaField, models: readonly SchemaModel[]): Link {
  if (linksOf(field).length > 0) return { holder: source, end: field };
  const holder = models.find(({ name }) => name === field.type);
  const end = holder?.fields.find(
    (other) => other.type === source.name && areEnds(field, other) && linksOf(other).length > 0,
  );
  return holder === undefined || end === undefined ? undefined : { holder, end };
}

function areEnds(one: SchemaField, other: SchemaField): boolean {
  return nameOf(one) === nameOf(other);
}

function nameOf({ attributes }: SchemaField): string {
  const relation = attributes.find(({ name }) => name === 'relation');
  return relation === undefined ? '' : relationName(relation);
}

/** The columns of a relation, each with the one that it refers to. */
function linksOf({ attributes }: SchemaField): readonly (readonly [string, string])[] {
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

function isOpenLink(holder: SchemaModel, end: SchemaField, models: readonly SchemaModel[]): boolean {
  const target = models.find(({ name }) => name === end.type);
  return linksOf(end).every(
    ([from, to]) => isOpenField(holder, from, models) && isOpenField(target, to, models),
  );
}

/** The column that is not open of which this one holds copies. */
function copiedFrom(
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

/** Whether a column that is not open refers to this one. */
function isCopied(source: SchemaModel, column: string, models: readonly SchemaModel[]): boolean {
  return models.some((model) =>
    model.fields.some(
      (end) =>
        end.type === source.name &&
        linksOf(end).some(([from, to]) => to === column && !isOpenField(model, from, models)),
    ),
  );
}

function isHeld(source: SchemaModel, models: readonly SchemaModel[], seen: Set<SchemaModel>): boolean {
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
