/** What the comments of a schema say of its columns. What they do not say is denied. */
import { type Use, isNone, useOf } from './annotation.js';
import { areEnds, copiedFrom, isCopied, isHeld, isOpenLink, isUser, linkOf, linksOf } from './links.js';
import { type Attribute, type SchemaField, type SchemaModel, namesIn, textOf } from './schema-text.js';

export type Column = {
  readonly name: string;
  readonly type: string;
  /** Absent: its comment says nothing, or what cannot be. */
  readonly use: Use | undefined;
  /** Whether it refers to one that is not open, so that a write tells what is there. */
  readonly isCopy: boolean;
  /** Whether a column holds copies of it that is not open, or says whose row it is. */
  readonly isCopied: boolean;
};

/** Columns of which no two rows have the same, where not all are open: whether a write can be done tells what is there. */
export type TellingKey = {
  readonly columns: readonly string[];
  /** Those that are `null` unless they are written, where rows with `null` in a key are not compared. */
  readonly optional: readonly string[];
  /** Whether one of them links a relation. */
  readonly isLink: boolean;
};

export type Relation = {
  readonly name: string;
  readonly model: string;
  /** Whether who is related with whom is open: everything that links them is. */
  readonly isOpen: boolean;
  /** At which end it is written whose row it is: to link other rows makes these another user's. */
  readonly owns: 'here' | 'there' | undefined;
};

export type Model = {
  readonly name: string;
  readonly columns: ReadonlyMap<string, Column>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** The column with the id of the owner. */
  readonly user: string | undefined;
  /** Names that mean two things in a condition: a column or relation, and a key or a way to join conditions. */
  readonly twofold: ReadonlySet<string>;
  readonly tellingKeys: readonly TellingKey[];
  /**
   * Whether what a deletion does depends on columns that are not open, or says whose rows are: by links to its rows, or by
   * their links.
   */
  readonly isHeld: boolean;
};

/** Ways to join conditions. */
export const JOINS = ['AND', 'OR', 'NOT'] as const;

export type Mapping = ReadonlyMap<string, Model>;

/** What is wrong with a schema, and in which line. */
export type Fault = { readonly line: number; readonly message: string };

/** Whether it may stand in a condition, as it says nothing that somebody could refuse. */
export function isOpen(column: Column | undefined): boolean {
  return column?.use?.kind === 'none' || column?.use?.kind === 'user';
}

/**
 * The models by name, and everything that is wrong. A column with a fault has no use.
 *
 * @param provider of the database, as Prisma names it
 */
export function mappingOf(
  models: readonly SchemaModel[],
  provider?: unknown,
): {
  readonly mapping: Mapping;
  readonly faults: readonly Fault[];
} {
  const faults: Fault[] = [];
  // other databases compare `null` in keys, or may
  const comparesNull = provider !== 'postgresql' && provider !== 'postgres';
  const mapping = new Map(
    models.map((model) => [model.name, new Reader(model, models, faults, comparesNull).model()]),
  );
  return { mapping, faults: faults.sort((one, other) => one.line - other.line) };
}

class Reader {
  constructor(
    private readonly source: SchemaModel,
    private readonly models: readonly SchemaModel[],
    private readonly faults: Fault[],
    private readonly comparesNull: boolean,
  ) {}

  model(): Model {
    const { name, fields, line, hasLostComment } = this.source;
    if (hasLostComment)
      this.faults.push({
        line,
        message: `\`${name}\` has a comment with \`@assent\` behind its brace, where it is of no column: write it above the column`,
      });
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
      twofold: new Set(
        [...JOINS, ...keysOf(this.source).map((key) => key.name)].filter((taken) =>
          fields.some((field) => field.name === taken),
        ),
      ),
      tellingKeys: keysOf(this.source).flatMap((key) =>
        tellingKey(this.source, columns, key, this.comparesNull),
      ),
      isHeld: isHeld(this.source, this.models),
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
    return {
      name,
      type,
      use,
      isCopy: original !== undefined,
      isCopied: isCopied(source, name, this.models),
    };
  }

  private relation(field: SchemaField): Relation {
    const { source, models } = this;
    const link = linkOf(source, field, models);
    const isNoted = field.comments.some((comment) => comment.includes('@assent'));
    let isOpen = false;
    let owns: Relation['owns'];
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
      const { holder, end } = link;
      if (linksOf(end).some(([from]) => isUser(holder, from))) owns = end === field ? 'here' : 'there';
    }
    return { name: field.name, model: field.type, isOpen, owns };
  }
}

type Key = {
  readonly columns: readonly string[];
  /** By which a condition names it; empty: by its only column. */
  readonly name: string;
  /** Columns that say which rows are compared; those of all rows are, where there are none. */
  readonly partOf: readonly string[];
};

/** The keys of a model, whether they are unique or its id. */
function keysOf({ fields, attributes }: SchemaModel): readonly Key[] {
  const names = fields.map(({ name }) => name);
  const isKey = ({ name }: Attribute) => name === 'id' || name === 'unique';
  const alone = fields.flatMap((field) =>
    field.attributes
      .filter(isKey)
      .map((attribute) => ({ columns: [field.name], name: '', partOf: columnsOfPart(attribute, names) })),
  );
  const several = attributes.filter(isKey).map((attribute) => {
    const columns = namesIn(attribute);
    const name = textOf(attribute, 'name') ?? (columns.length === 1 ? '' : columns.join('_'));
    return { columns, name, partOf: columnsOfPart(attribute, names) };
  });
  return [...alone, ...several];
}

/** Those that a partial index depends on. Of SQL, nobody can tell. */
function columnsOfPart({ tokens }: Attribute, columns: readonly string[]): readonly string[] {
  const from = tokens.findIndex(({ text }, at) => text === 'where' && tokens[at + 1]?.text === ':');
  if (from < 0) return [];
  const part = tokens.slice(from + 2);
  return part[0]?.text === '{' ? columns.filter((name) => part.some(({ text }) => text === name)) : columns;
}

/** @returns nothing where all columns are open */
function tellingKey(
  { fields }: SchemaModel,
  columns: readonly Column[],
  { columns: key, partOf }: Key,
  comparesNull: boolean,
): readonly TellingKey[] {
  const all = [...new Set([...key, ...partOf])];
  if (all.every((name) => isOpen(columns.find((column) => column.name === name)))) return [];
  const links = new Set(fields.flatMap(linksOf).map(([from]) => from));
  const optional = key.filter((name) => {
    const field = fields.find((one) => one.name === name);
    const isFilled = field?.attributes.some((one) => one.name === 'default' || one.name === 'updatedAt');
    return !comparesNull && field?.isOptional === true && isFilled === false && !links.has(name);
  });
  return [{ columns: all, optional, isLink: all.some((name) => links.has(name)) }];
}
