/** Reads the broken policies of this folder, and breaks them. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { REFERENCE_FOLDER } from '../../reference-policy.js';

type Edit = {
  readonly op: 'add' | 'replace' | 'remove' | 'repeat' | 'write';
  readonly path: string;
  readonly value?: unknown;
  readonly times?: number;
};
type Content =
  | string
  | { readonly base64: string }
  | { readonly bytes: number }
  | { readonly text: string; readonly times: number };
export type Files = Readonly<Record<string, Content>>;
/** One thing that a person must be told. */
export type Told = {
  readonly file?: string;
  readonly line?: number;
  readonly path?: string;
  readonly message: string;
};

/** A policy that is broken; `case.schema.json` says what each member means. */
export type BrokenCase = {
  readonly description: string;
  readonly edit?: readonly Edit[];
  readonly text?: string;
  readonly pieces?: readonly { readonly text: string; readonly times?: number }[];
  readonly beside_reference?: true;
  readonly files?: Files;
  readonly told?: number;
  readonly expect: readonly Told[];
};

const HERE = fileURLToPath(new URL('.', import.meta.url));

const validate = new Ajv({ allErrors: true, strictRequired: false }).compile<readonly BrokenCase[]>(
  JSON.parse(readFileSync(join(HERE, 'case.schema.json'), 'utf8')),
);

/** The cases of every file, by file name. */
export function readBrokenCases(): ReadonlyMap<string, readonly BrokenCase[]> {
  const files = readdirSync(HERE).filter((file) => file.endsWith('.yaml'));
  return new Map(files.sort().map((file) => [file, casesOf(file)]));
}

function casesOf(file: string): readonly BrokenCase[] {
  const cases: unknown = parse(readFileSync(join(HERE, file), 'utf8'));
  if (validate(cases)) return cases;
  throw new Error(`${file} does not have the shape of case.schema.json: ${JSON.stringify(validate.errors)}`);
}

/** The policy of a case that is one text. */
export function textOf({ text, pieces = [] }: BrokenCase): string {
  return (
    text ??
    pieces.map(({ text: piece, times = 1 }) => repeated(times, (n) => numbered(piece, n)).join('')).join('')
  );
}

/** The files of a case, in a folder for the time of the call. */
export async function inFolder<T>(
  { beside_reference: beside, files = {} }: BrokenCase,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-broken-'));
  try {
    if (beside === true) cpSync(REFERENCE_FOLDER, folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) write(folder, name, content);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function write(folder: string, name: string, content: Content): void {
  const times = typeof content === 'object' && 'times' in content ? content.times : 1;
  for (const file of repeated(times, (n) => join(folder, numbered(name, n)))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytesOf(content));
  }
}

function bytesOf(content: Content): string | Buffer {
  if (typeof content === 'string') return content;
  if ('base64' in content) return Buffer.from(content.base64, 'base64');
  return 'bytes' in content ? 'x'.repeat(content.bytes) : content.text;
}

function repeated(times: number, make: (n: number) => string): string[] {
  return Array.from({ length: times }, (_, n) => make(n));
}

function numbered(text: string, n: number): string {
  return text.replaceAll('{n}', String(n));
}

/** A document after the edits of a case. */
export function edited(document: unknown, { edit = [] }: BrokenCase): unknown {
  return edit.reduce(changed, document);
}

function changed(document: unknown, { op, path, value, times = 1 }: Edit): unknown {
  if (op === 'remove') return withMember(document, stepsOf(path), () => undefined);
  if (op === 'write') return withMember(document, stepsOf(path), () => String(value).repeat(times));
  let result = document;
  for (let n = 0; n < times; n++) {
    const entry: unknown = op === 'repeat' ? JSON.parse(numbered(JSON.stringify(value), n)) : value;
    result = withMember(result, stepsOf(numbered(path, n)), (before) => {
      if (op === 'replace' && before === undefined) throw new Error(`there is nothing at ${path} to replace`);
      return entry;
    });
  }
  return result;
}

const stepsOf = (path: string) => path.split('/').slice(1);

type Change = (before: unknown) => unknown;

/** A copy in which the member at the end of the steps is what the change makes of it; `undefined`: it is gone. */
function withMember(root: unknown, [step, ...further]: readonly string[], change: Change): unknown {
  if (step === undefined) return change(root);
  if (Array.isArray(root)) {
    const list: unknown[] = root;
    const at = placeOf(list, step);
    const member = withMember(list[at], further, change);
    return [...list.slice(0, at), ...(member === undefined ? [] : [member]), ...list.slice(at + 1)];
  }
  if (typeof root !== 'object' || root === null) throw new Error(`there is no ${step} to change`);
  const members = new Map<string, unknown>(Object.entries(root));
  const member = withMember(members.get(step), further, change);
  if (member === undefined && !members.delete(step)) throw new Error(`there is no ${step} to remove`);
  if (member !== undefined) members.set(step, member);
  return Object.fromEntries(members);
}

/** The index of the entry with this id; `-`: past the last. */
function placeOf(list: readonly unknown[], step: string): number {
  if (step === '-') return list.length;
  const named = list.findIndex((entry) => idOf(entry) === step);
  if (named < 0 && !/^\d+$/.test(step)) throw new Error(`there is no entry ${step}`);
  return named < 0 ? Number(step) : named;
}

function idOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
}

/** A path as messages have it, its first entry by its id: `purposes[ads].settings` for `purposes[0].settings`. */
export function byId(path: string, document: unknown): string {
  return path.replace(/^(\w+)\[(\d+)\]/, (whole, section: string, index: string) => {
    if (typeof document !== 'object' || document === null) return whole;
    const list: unknown = new Map<string, unknown>(Object.entries(document)).get(section);
    const id = Array.isArray(list) ? idOf(list[Number(index)]) : undefined;
    return typeof id === 'string' ? `${section}[${id}]` : whole;
  });
}
