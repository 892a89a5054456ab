/** Reads JSON of which every reader would take the same (RFC 8259, section 4: names within an object should be unique). */

const QUOTATION_MARK = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/** The value of a JSON text; `undefined`: it is none, or names a member twice. */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // where more names were written than kept, one was written twice
  return namesWrittenIn(text) === namesIn(value) ? value : undefined;
}

/** How many names a text has that is JSON: outside of strings, each colon follows one. */
function namesWrittenIn(text: string): number {
  let names = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) names++;
    else if (unit === QUOTATION_MARK) at = endOfString(text, at);
  }
  return names;
}

/** Where the string ends that begins there. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    // of an even number of backslashes, none escapes what follows
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}

/** How many names the objects of a value have. */
function namesIn(root: unknown): number {
  let names = 0;
  // a list instead of recursion: a text can be as deep as it is long
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (!isObject(value)) continue;
    const members: unknown[] = Object.values(value);
    if (!Array.isArray(value)) names += members.length;
    for (const member of members) if (typeof member === 'object') open.push(member);
  }
  return names;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** An own member of an object; `undefined`, which JSON does not have, where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** Whether it is an object as literals and JSON make them, and nothing with a class of its own. */
export function isPlain(value: unknown): value is object {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Whether it is a list of texts without a hole, over which `every` would pass. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && Array.from<unknown>(value).every(isText);
}
