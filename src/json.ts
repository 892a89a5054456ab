/**
 * Parses incoming JSON (RFC 8259), where a name may occur only once in an object: readers differ in which of two they
 * take, so another system may have checked the other one. Names that reach into prototypes are refused as well.
 */

/** What is wrong with a JSON text. */
export class JsonFault extends Error {
  /**
   * @param message the fault and what to do, to follow the name of the text
   * @param member JSON Pointer (RFC 6901) of the member at fault
   */
  constructor(
    message: string,
    readonly member?: string,
  ) {
    super(message);
    this.name = 'JsonFault';
  }
}

/** A value, and the faults within entries of one of its lists. */
export type JsonText = {
  readonly value: unknown;
  /** By place in the list; the pointers begin at the entry. */
  readonly faulty: ReadonlyMap<number, JsonFault>;
};

/** The value of a JSON text. @throws JsonFault */
export function parseJson(text: string): unknown {
  return readJson(text).value;
}

/** The value of a JSON text; `undefined` when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const NONE: ReadonlyMap<number, JsonFault> = new Map();

/**
 * Reads a JSON text.
 *
 * @param list a top-level member whose entries are checked separately: a fault in one does not affect the others
 * @throws JsonFault for a fault elsewhere
 */
export function readJson(text: string, list?: string): JsonText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new JsonFault(syntaxFault(text, error));
  }
  // if as many names were kept as were written, none is a duplicate; otherwise scan again by name. Counting colons
  // first is cheaper and usually enough
  const names = namesKept(value);
  if (names === colonsIn(text) || names === namesWritten(text)) return { value, faulty: NONE };
  return { value, faulty: faultsIn(text, list) };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_LIST = 0x5d;
const OPENING = 0x7b;
const CLOSING = 0x7d;
const SPACE = 0x20;

/** How many colons a text has, those within strings included. */
function colonsIn(text: string): number {
  let colons = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) colons++;
  return colons;
}

/** How many names the text writes. It is JSON: outside of strings, a colon follows a name. */
function namesWritten(text: string): number {
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) names++;
    else if (unit === QUOTE) at = endOfString(text, at) - 1;
  }
  return names;
}

/** The place after the string that begins at a quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) return at + 1;
    if (unit === BACKSLASH) at++;
  }
}

/** How many names the value has; none when one of them is forbidden. */
function namesKept(root: unknown): number | undefined {
  let names = 0;
  // an explicit list instead of recursion: a text can be as deep as it is long
  const open: unknown[] = [];
  for (let value = root; value !== undefined; value = open.pop()) {
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object') open.push(item);
    } else if (isObject(value)) {
      for (const name in value) {
        names++;
        const member = value[name];
        if (typeof member === 'object') open.push(member);
        if (isForbidden(name, member)) return undefined;
      }
    }
  }
  return names;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isForbidden(name: string, member: unknown): boolean {
  if (name === '__proto__') return true;
  return name === 'constructor' && isObject(member) && Object.hasOwn(member, 'prototype');
}

/** An object or a list that is being read, and where in it. */
type Level = { readonly names: Set<string> | undefined; name: string; index: number };

const FORBIDDEN = 'names a member that no request may (`__proto__`, `constructor.prototype`): remove it';

/** The faults of a text that is JSON. @throws JsonFault for the first that is not in an entry of the list */
function faultsIn(text: string, list: string | undefined): ReadonlyMap<number, JsonFault> {
  const faults = new Map<number, JsonFault>();
  const open: Level[] = [];
  const report = (message: string): void => {
    const [root, entries] = open;
    const isApart = list !== undefined && root?.name === list && entries?.names === undefined;
    if (!isApart || entries === undefined) throw new JsonFault(message, pointerTo(open));
    // one fault per entry is enough: building a pointer takes time in proportion to depth
    if (!faults.has(entries.index))
      faults.set(entries.index, new JsonFault(message, pointerTo(open.slice(2))));
  };
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const level = open.at(-1);
    if (unit === OPENING) open.push({ names: new Set(), name: '', index: 0 });
    else if (unit === OPENING_LIST) open.push({ names: undefined, name: '', index: 0 });
    else if (unit === CLOSING || unit === CLOSING_LIST) open.pop();
    else if (unit === COMMA && level !== undefined) level.index++;
    else if (unit === QUOTE) {
      const end = endOfString(text, at);
      if (level?.names !== undefined && isName(text, end)) {
        const name = String(JSON.parse(text.slice(at, end)));
        const holder = open.at(-2);
        level.name = name;
        if (level.names.has(name)) report(`names ${shown(name)} twice: remove one`);
        else if (name === '__proto__' || (name === 'prototype' && holder?.name === 'constructor'))
          report(FORBIDDEN);
        level.names.add(name);
      }
      at = end - 1;
    }
  }
  return faults;
}

/** Whether the string that ends here is a name: a colon follows, after white space. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (text.charCodeAt(at) <= SPACE) at++;
  return text.charCodeAt(at) === COLON;
}

/** An own member of a JSON object; `undefined`, which JSON does not have, where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** The names in a JSON Pointer (RFC 6901). */
export function namesIn(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON Pointer of names. */
export function pointerOf(names: readonly string[]): string {
  return names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Longest pointer in an error. */
const LONGEST = 500;

function pointerTo(levels: readonly Level[]): string | undefined {
  const pointer = pointerOf(
    levels.map(({ names, name, index }) => (names === undefined ? String(index) : name)),
  );
  return pointer.length > LONGEST ? undefined : pointer.toWellFormed();
}

function shown(name: string): string {
  return name.length > LONGEST ? 'a member' : `\`${name.toWellFormed()}\``;
}

/** Longest text in which the place is searched if V8 does not report it: one that a person wrote. */
const SEARCHED = 65_536;

/** The place of an unexpected token: the shortest beginning of the text that is wrong, not only incomplete. */
function placeOfToken(text: string): number | undefined {
  if (text.length > SEARCHED) return undefined;
  let [before, after] = [0, text.length];
  while (after - before > 1) {
    const middle = (before + after) >> 1;
    if (hasUnexpectedToken(text.slice(0, middle))) after = middle;
    else before = middle;
  }
  return before;
}

function hasUnexpectedToken(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    return error instanceof Error && !/^Unexpected end|at position \d/.test(error.message);
  }
}

/** Where a text stops being JSON. */
function syntaxFault(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  if (text.trim() === '') return 'is empty: send JSON';
  if (message.startsWith('Unexpected end')) return 'is not valid JSON: it ends before it is complete';
  const place = /at position (\d+)/.exec(message)?.[1] ?? placeOfToken(text);
  if (place === undefined) return 'is not valid JSON: correct its syntax';
  const lines = text.slice(0, Number(place)).split('\n');
  return `is not valid JSON: correct it at line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}
