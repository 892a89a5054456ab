/**
 * Reads one YAML text, which may be JSON. What is too large or cannot be meant is refused before expensive work, and
 * the rest is done in steps, so that no text delays decisions.
 */
import {
  CST,
  Composer,
  Document,
  Lexer,
  LineCounter,
  Parser,
  Schema,
  isMap,
  isNode,
  isScalar,
  isSeq,
} from 'yaml';
import type { Steps } from '../../decision/steps.js';
import { isPrintable, quoted } from './quoting.js';
import { syntaxSentence } from './yaml-sentences.js';

/** Keys and indexes from the root of a text. */
export type Path = readonly (string | number)[];

/** A place in a text. */
export type Place = {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
};

/** Why a text cannot be read; without a place when it is the text as a whole. */
export type YamlFault = Partial<Place> & { readonly message: string };

/** A text that was read. */
export type YamlText = {
  /** As JSON. */
  readonly value: unknown;
  /** Where something in it stands, or else its nearest existing parent. */
  readonly placeOf: (path: Path) => Place | undefined;
};

export type YamlResult =
  | { readonly ok: true; readonly text: YamlText }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Maximum bytes of a policy, all files together; the reference policy has a hundredth of that. */
export const MAX_BYTES = 4_000_000;
/** Maximum tokens: 500 purposes and 5,000 fields, each with every possible member. */
const MAX_TOKENS = 400_000;
export const TOO_LARGE = `this is too large to be read: make it smaller, for a policy has at most 500 purposes and 5,000 fields, and ${MAX_BYTES.toLocaleString('en')} bytes in all its files together`;
const SECOND_DOCUMENT =
  'a second YAML document begins here: remove the line `---`, or put what follows into a file of its own';
/** Maximum nesting, in collections that the parser has open at once; a policy needs seven. */
const MAX_DEPTH = 24;
/** Maximum members of a mapping, which the parser compares with each other; a policy needs fifty. */
const MAX_MEMBERS = 100;
/** Maximum syntax errors reported for one text: later ones mostly follow from the first. */
const MAX_FAULTS = 5;
/** After this many the rest is not read. */
const MAX_MISTAKES = 50;
/** Maximum entries of a list that are read; there can be 5,000 fields. */
const MAX_ENTRIES = 8_000;
/** How many tokens are read in one step. */
const TOKENS_PER_STEP = 100;

/**
 * YAML features that a policy does not need. Aliases can expand exponentially; tags and directives change the meaning
 * of words.
 */
const REFUSED = new Map([
  ['anchor', 'YAML anchors are not used in a policy: write the value out, in quotes if it begins with `&`'],
  ['alias', 'YAML aliases are not used in a policy: write the value out, in quotes if it begins with `*`'],
  [
    'tag',
    'YAML tags are not used in a policy: remove the tag, or put the value in quotes if it begins with `!`',
  ],
  ['directive-line', 'YAML directives are not used in a policy: remove the line that begins with `%`'],
]);

/** The remaining budget. The texts of one policy share it, so that the limits apply to all together. */
export class Budget {
  private bytes = MAX_BYTES;
  private tokens = MAX_TOKENS;

  takeBytes(count: number): boolean {
    this.bytes -= count;
    return this.bytes >= 0;
  }

  takeToken(): boolean {
    return --this.tokens >= 0;
  }
}

/** Ends the reading of a text. */
class Refusal extends Error {
  constructor(readonly faults: readonly YamlFault[]) {
    super('the text cannot be read');
  }

  static at(offset: number, lines: LineCounter, message: string): Refusal {
    return new Refusal([{ ...placeAt(offset, lines), message }]);
  }
}

/** Reads one text. */
export function* readYamlSteps(text: string, budget: Budget): Steps<YamlResult> {
  const lines = new LineCounter();
  try {
    const document = yield* documentOf(text, budget, lines);
    const value = yield* valueOf(document, lines);
    return { ok: true, text: { value, placeOf: (path) => placeOf(path, document.contents, lines) } };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, faults: error.faults };
    throw error;
  }
}

function* documentOf(text: string, budget: Budget, lines: LineCounter): Steps<Document> {
  if (!budget.takeBytes(new TextEncoder().encode(text).length)) throw new Refusal([{ message: TOO_LARGE }]);
  if (!isPrintable(text))
    throw new Refusal([{ message: 'this is not a text: save it as UTF-8, without control characters' }]);
  const written = yield* syntaxOf(yield* lexemesOf(text, budget), lines);
  if (written?.value === undefined)
    throw new Refusal([
      { message: 'there is nothing in it: write a section such as `purposes`, or remove the file' },
    ]);
  return yield* compose(written, lines);
}

function* lexemesOf(text: string, budget: Budget): Steps<string[]> {
  const lexemes: string[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    if (!budget.takeToken()) throw new Refusal([{ message: TOO_LARGE }]);
    lexemes.push(lexeme);
    if (lexemes.length % (10 * TOKENS_PER_STEP) === 0) yield;
  }
  return lexemes;
}

/** The syntax tree of a text's document; `undefined` when there is none. */
function* syntaxOf(lexemes: readonly string[], lines: LineCounter): Steps<CST.Document | undefined> {
  const parser = new Parser(lines.addNewLine);
  let document: CST.Document | undefined;
  const keep = (tokens: Iterable<CST.Token>) => {
    for (const token of tokens) {
      if (token.type === 'error')
        throw Refusal.at(token.offset, lines, syntaxSentence('UNEXPECTED_TOKEN', token.message));
      if (token.type !== 'document') continue;
      if (document !== undefined) throw Refusal.at(token.offset, lines, SECOND_DOCUMENT);
      document = token;
    }
  };
  lines.addNewLine(0);
  let previous = '';
  for (const [index, lexeme] of lexemes.entries()) {
    // an unquoted text follows this mark, whatever it begins with
    const refusal = previous === CST.SCALAR ? undefined : refusalOf(lexeme);
    if (refusal !== undefined) throw Refusal.at(parser.offset, lines, refusal);
    keep(parser.next(lexeme));
    refuseMonsters(parser, lines);
    previous = lexeme;
    if (index % TOKENS_PER_STEP === 0) yield;
  }
  keep(parser.end());
  return document;
}

function refusalOf(lexeme: string): string | undefined {
  if (lexeme.startsWith('"') && hasBadEscape(lexeme)) return syntaxSentence('BAD_DQ_ESCAPE', '');
  return REFUSED.get(CST.tokenType(lexeme) ?? '');
}

/** Whether a text in double quotes has an invalid escape. The composer would make an Error of each. */
function hasBadEscape(lexeme: string): boolean {
  const escapes =
    /\\(?:[0abtnvfreNLP_ "/\\\t\r\n]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|(?<bad>.|$))/gs;
  for (const { groups } of lexeme.matchAll(escapes)) if (groups?.['bad'] !== undefined) return true;
  return false;
}

/** Stops reading when nesting or a mapping is too large. */
function refuseMonsters({ stack, offset }: Parser, lines: LineCounter): void {
  if (stack.length > MAX_DEPTH)
    throw Refusal.at(
      offset,
      lines,
      'this is nested too deeply for a policy: check the indentation and the brackets',
    );
  const innermost = stack.at(-1);
  if (!CST.isCollection(innermost)) return;
  const { length } = innermost.items;
  if (isMapping(innermost) && length > MAX_MEMBERS)
    throw Refusal.at(
      offset,
      lines,
      `a mapping has at most ${MAX_MEMBERS} members: remove some, or write a list`,
    );
  if (length > MAX_ENTRIES)
    throw Refusal.at(
      offset,
      lines,
      'this list is too long: remove some, for a policy has at most 500 purposes and 5,000 fields',
    );
}

type Mapping = CST.BlockMap | CST.FlowCollection;

/** A mistake in the syntax, at an offset of the text. */
type Mistake = { readonly offset: number; readonly message: string };

/**
 * Makes nodes from the syntax tree: first the frame, with empty entries in the sections' lists, then one entry after
 * the other.
 */
function* compose(written: CST.Document, lines: LineCounter): Steps<Document> {
  const mistakes: Mistake[] = [];
  const entries = new Map<number, Mapping>();
  const document = composed(frameOf(written, entries), mistakes);
  yield;
  for (const { value: list } of isMap(document.contents) ? document.contents.items : []) {
    if (!isSeq(list)) continue;
    for (const [index, item] of list.items.entries()) {
      const value = isMap(item) ? entries.get(item.range?.[0] ?? -1) : undefined;
      if (value === undefined) continue;
      const { offset } = value;
      list.items[index] = composed({ type: 'document', offset, start: [], value }, mistakes).contents;
      if (mistakes.length >= MAX_MISTAKES) throw new Refusal(faultsOf(mistakes, lines));
      yield;
    }
  }
  if (mistakes.length > 0) throw new Refusal(faultsOf(mistakes, lines));
  return document;
}

/** The document with the entries of the sections' lists emptied; their content goes to `entries`, by offset. */
function frameOf(written: CST.Document, entries: Map<number, Mapping>): CST.Document {
  const emptied: ItemChange = (item) => {
    if (item.sep !== undefined || !isMapping(item.value)) return item;
    entries.set(item.value.offset, item.value);
    return { ...item, value: changed(item.value, 'empty') };
  };
  const withEmptied: ItemChange = (section) =>
    CST.isCollection(section.value) && !isMapping(section.value)
      ? { ...section, value: changed(section.value, emptied) }
      : section;
  const { value } = written;
  return isMapping(value) ? { ...written, value: changed(value, withEmptied) } : written;
}

type ItemChange = <T extends CST.CollectionItem>(item: T) => T;

/** A copy of a collection with other items, or none. */
function changed(
  collection: CST.BlockMap | CST.BlockSequence | CST.FlowCollection,
  change: ItemChange | 'empty',
): CST.Token {
  const itemsOf = <T extends CST.CollectionItem>(items: readonly T[]) =>
    change === 'empty' ? [] : items.map(change);
  switch (collection.type) {
    case 'block-map':
      return { ...collection, items: itemsOf(collection.items) };
    case 'block-seq':
      return { ...collection, items: itemsOf(collection.items) };
    case 'flow-collection':
      return { ...collection, items: itemsOf(collection.items) };
  }
}

function isMapping(token: CST.Token | undefined): token is Mapping {
  return token?.type === 'block-map' || (token?.type === 'flow-collection' && token.start.source === '{');
}

// the core schema of YAML 1.2: `NO` is Norway, not false
const SCHEMA = new Schema({ schema: 'core' });

function composed(written: CST.Document, mistakes: Mistake[]): Document {
  const composer = new Composer({ schema: SCHEMA, uniqueKeys: true, stringKeys: true });
  const { stackTraceLimit } = Error;
  // each error is an Error object, and a hostile text has hundreds of thousands
  Error.stackTraceLimit = 0;
  const [document = new Document()] = composer.compose([written], true);
  Error.stackTraceLimit = stackTraceLimit;
  for (const { pos, code, message } of document.errors)
    mistakes.push({ offset: pos[0], message: syntaxSentence(code, message) });
  return document;
}

/** In the order of the text, the first of each line. */
function faultsOf(mistakes: readonly Mistake[], lines: LineCounter): YamlFault[] {
  const byLine = new Map<number, YamlFault>();
  for (const { offset, message } of mistakes.toSorted((a, b) => a.offset - b.offset)) {
    const place = placeAt(offset, lines);
    if (!byLine.has(place.line)) byLine.set(place.line, { ...place, message });
  }
  return [...byLine.values()].slice(0, MAX_FAULTS);
}

function* valueOf({ contents }: Document, lines: LineCounter): Steps<unknown> {
  if (!isMap(contents)) return plain(contents, lines);
  const sections: [string, unknown][] = [];
  for (const { key, value } of contents.items) {
    const list: unknown[] = [];
    for (const item of isSeq(value) ? value.items : []) {
      list.push(plain(item, lines));
      yield;
    }
    sections.push([nameOf(key), isSeq(value) ? list : plain(value, lines)]);
  }
  return Object.fromEntries(sections);
}

/** The JSON value of a node. */
function plain(node: unknown, lines: LineCounter): unknown {
  if (isSeq(node)) return node.items.map((item) => plain(item, lines));
  // `__proto__` becomes an ordinary member
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [nameOf(key), plain(value, lines)]));
  if (!isScalar(node)) return null;
  const { value, range } = node;
  if (typeof value === 'string' && !isPrintable(value))
    throw Refusal.at(
      range?.[0] ?? 0,
      lines,
      `${quoted(value)} has a character that cannot be shown: remove it; a \`\\\` in double quotes begins an escape`,
    );
  if (typeof value === 'number' && !Number.isFinite(value))
    throw Refusal.at(
      range?.[0] ?? 0,
      lines,
      'this is not a number that a policy can have: write it out in digits',
    );
  return value;
}

/** The name of a member; the composer refuses names that are no text. */
function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}

function placeAt(offset: number, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function placeOf(path: Path, root: unknown, lines: LineCounter): Place | undefined {
  let node = root;
  let named = root;
  for (const step of path) {
    const member = isMap(node) ? node.items.find(({ key }) => nameOf(key) === step) : undefined;
    const next = isSeq(node) && typeof step === 'number' ? node.items[step] : member?.value;
    if (member === undefined && next === undefined) break;
    [node, named] = [next, member?.key ?? next];
  }
  return isNode(named) && named.range ? placeAt(named.range[0], lines) : undefined;
}
