/**
 * Reads what we need of a Prisma schema: models, their columns and relations, and the comments above them. What Prisma
 * made of the same text is held against it before anything rests on it, see {@link ./client.ts}.
 */

/** One line of a model. */
export type SchemaField = {
  readonly name: string;
  /** A scalar, an enum or a model. */
  readonly type: string;
  readonly isList: boolean;
  /** Whether it can be `null`. */
  readonly isOptional: boolean;
  /** From 1. */
  readonly line: number;
  /** Its comments of three slashes, above it and behind it. */
  readonly comments: readonly string[];
  readonly attributes: readonly Attribute[];
};

export type SchemaModel = {
  readonly name: string;
  readonly line: number;
  readonly fields: readonly SchemaField[];
  /** Those of the whole model. */
  readonly attributes: readonly Attribute[];
  /** Whether a comment of ours is behind its brace, where Prisma takes it for no column's. */
  readonly hasLostComment: boolean;
};

export type Attribute = { readonly name: string; readonly tokens: readonly Token[] };

type Token = {
  readonly kind: 'comment' | 'text' | 'name' | 'end' | 'mark';
  readonly text: string;
  readonly line: number;
};

const TOKEN =
  /(?<comment>\/\/\/[^\n]*)|\/\/[^\n]*|\/\*[^]*?\*\/|(?<text>"(?:\\.|[^"\\\n])*")|(?<name>\w[\w-]*)|(?<end>\n)|[^\S\n]+|(?<mark>.)/gu;

const KINDS = ['comment', 'text', 'name', 'end', 'mark'] as const;

/** The models and views of a schema that a client has. What is not understood is left out, and so not known to anybody. */
export function readSchema(schema: string): readonly SchemaModel[] {
  const tokens = tokensOf(schema);
  const models: SchemaModel[] = [];
  for (let at = 0; at < tokens.length;) {
    const [kind, name, brace] = tokens.slice(at, at + 3);
    if (kind?.kind !== 'name' || name === undefined || brace?.text !== '{') {
      at++;
      continue;
    }
    const end = endOf(tokens, at + 2);
    if (kind.text === 'model' || kind.text === 'view') {
      const lines = tokens.slice(at + 3, end);
      const start = lines.findIndex((token) => token.kind === 'end');
      const first = start < 0 ? lines : lines.slice(0, start);
      const body = bodyOf(lines.slice(first.length));
      const hasLostComment = first.some(({ text }) => text.includes('@assent'));
      const isIgnored = body.attributes.some((one) => one.name === 'ignore');
      if (!isIgnored) models.push({ name: name.text, line: kind.line, hasLostComment, ...body });
    }
    at = end;
  }
  return models;
}

function tokensOf(schema: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const { 0: text, groups = {} } of schema.matchAll(TOKEN)) {
    const kind = KINDS.find((one) => groups[one] !== undefined);
    if (kind !== undefined) tokens.push({ kind, text, line });
    line += text.split('\n').length - 1;
  }
  return tokens;
}

/** The place of the brace that closes the one at this place, or that of the end. */
function endOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const { text } = tokens[at] ?? { text: '' };
    if (text === '{') depth++;
    if (text === '}' && --depth === 0) return at;
  }
  return tokens.length;
}

function bodyOf(tokens: readonly Token[]): Pick<SchemaModel, 'fields' | 'attributes'> {
  const fields: SchemaField[] = [];
  const attributes: Attribute[] = [];
  let comments: string[] = [];
  let entry: Token[] = [];
  let depth = 0;
  let isBlank = true;
  for (const token of [...tokens, { kind: 'end', text: '\n', line: 0 } as const]) {
    if (token.kind === 'comment') comments.push(token.text);
    else if (token.kind !== 'end') {
      entry.push(token);
      if (token.text === '(' || token.text === '[') depth++;
      if (token.text === ')' || token.text === ']') depth--;
    } else if (depth === 0) {
      if (entry[0]?.text === '@') attributes.push(...attributesOf(entry));
      else if (entry[0] !== undefined) {
        const field = fieldOf(entry[0], entry, comments);
        if (!isIgnored(field)) fields.push(field);
      }
      // a comment is of the line below it, not of one behind an empty line
      if (entry.length > 0 || isBlank) comments = [];
      entry = [];
    }
    isBlank = token.kind === 'end';
  }
  return { fields, attributes };
}

/** Whether no client has it. */
function isIgnored({ type, attributes }: SchemaField): boolean {
  return type === 'Unsupported' || attributes.some(({ name }) => name === 'ignore');
}

function fieldOf(first: Token, entry: readonly Token[], comments: readonly string[]): SchemaField {
  const [, type, bracket] = entry;
  return {
    name: first.text,
    type: type?.text ?? '',
    isList: bracket?.text === '[',
    isOptional: bracket?.text === '?',
    line: first.line,
    comments,
    attributes: attributesOf(entry.slice(2)),
  };
}

function attributesOf(tokens: readonly Token[]): readonly Attribute[] {
  const starts = tokens.flatMap(({ text }, at) => {
    const isStart = text === '@' && tokens[at - 1]?.text !== '@';
    return isStart ? [at] : [];
  });
  return starts.map((start, at) => {
    const [name, ...rest] = tokens.slice(start, starts[at + 1]).filter(({ text }) => text !== '@');
    return { name: name?.text ?? '', tokens: rest };
  });
}

/** The names in the list of an argument: of `fields: [a, b(sort: Desc)]`, or of the first list where it has no name. */
export function namesIn({ tokens }: Attribute, argument?: string): readonly string[] {
  const named = tokens.findIndex(
    ({ text }, at) => text === '[' && (argument === undefined || tokens[at - 2]?.text === argument),
  );
  if (named < 0) return [];
  const names: string[] = [];
  let depth = 0;
  for (const { kind, text } of tokens.slice(named)) {
    if (text === '[' || text === '(') depth++;
    if (text === ']' || text === ')') depth--;
    if (depth === 0) break;
    if (kind === 'name' && depth === 1) names.push(text);
  }
  return names;
}

/** The text that an argument is. */
export function textOf({ tokens }: Attribute, argument: string): string | undefined {
  const found = tokens.find(({ kind }, at) => kind === 'text' && tokens[at - 2]?.text === argument);
  return found?.text.slice(1, -1);
}

/** The name of a relation; empty: it has none. */
export function relationName({ tokens }: Attribute): string {
  const found = tokens.find(
    ({ kind }, at) => kind === 'text' && (tokens[at - 1]?.text === '(' || tokens[at - 2]?.text === 'name'),
  );
  return found?.text ?? '';
}
