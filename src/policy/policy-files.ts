/**
 * Reads the policy from the YAML files of a folder. Every file may hold any of the sections; together they are one
 * document. Everything that is wrong is reported at once, each with file, line and path.
 */
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Document, LineCounter, isMap, isNode, parseDocument } from 'yaml';
import { type CompileError, validate } from '../decision/validate.js';
import type { PolicyDocument } from '../decision/policy.js';
import { type ShapeError, isPolicyDocument, shapeErrorsOf } from './policy-shape.js';

/** One thing that is wrong with the files of a policy. */
export type PolicyFileError = {
  /** Relative to the policy folder. */
  readonly file: string;
  readonly line?: number;
  /** Where in the file, as in `purposes[3].settings.UK`. */
  readonly path: string;
  readonly message: string;
};

/** The policy cannot be used; `errors` says everything that is wrong with it. */
export class PolicyFilesError extends Error {
  constructor(readonly errors: readonly PolicyFileError[]) {
    const lines = errors.map(({ file, line, path, message }) =>
      [`  ${file}${line === undefined ? '' : `:${line}`}`, path, message].filter(Boolean).join('  '),
    );
    super(
      `the policy cannot be used, ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}:\n${lines.join('\n')}`,
    );
    this.name = 'PolicyFilesError';
  }
}

/** Most bytes of one file; the reference policy's largest has a hundredth of it. */
const MAX_FILE_BYTES = 2_000_000;
const MAX_FILES = 1_000;
/** Sections that are lists, and are put together from all files. */
const LISTS = new Set(['regimes', 'obligations', 'purposes', 'fields']);

type Key = string | number;
type Source = { readonly file: string; readonly yaml: Document; readonly lines: LineCounter };
/** Where an entry of the merged document stands. */
type Origin = { readonly source: Source; readonly path: readonly Key[] };

/**
 * Reads and checks the policy of a folder.
 *
 * @throws PolicyFilesError with everything that is wrong
 */
export async function readPolicyFiles(folder: string): Promise<PolicyDocument> {
  const errors: PolicyFileError[] = [];
  const sources: Source[] = [];
  for (const file of await yamlFilesOf(folder)) {
    const source = parse(file, await readFile(join(folder, file)), errors);
    if (source !== undefined) sources.push(source);
  }
  if (sources.length === 0 && errors.length === 0)
    errors.push({
      file: '.',
      path: '',
      message: `there are no .yaml files in \`${folder}\`: set POLICY_DIR to the folder of the policy`,
    });

  const merged: Record<string, unknown> = {};
  const origins = new Map<string, Origin>();
  for (const source of sources) merge(source, merged, origins, errors);
  if (errors.length > 0) throw new PolicyFilesError(errors);

  const locate = ({ path, message }: CompileError | ShapeError): PolicyFileError => ({
    ...placeOf(path, origins),
    message,
  });
  if (!isPolicyDocument(merged)) throw new PolicyFilesError(shapeErrorsOf(merged).map(locate));
  const wrong = validate(merged);
  if (wrong.length > 0) throw new PolicyFilesError(wrong.map(locate));
  return merged;
}

/** The YAML files below a folder, in name order; tests of the policy (`*.test.yaml`) are not part of it. */
async function yamlFilesOf(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch {
    throw new PolicyFilesError([
      {
        file: '.',
        path: '',
        message: `the folder \`${folder}\` cannot be read: set POLICY_DIR to the folder of the policy`,
      },
    ]);
  }
  const files = entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  if (files.length > MAX_FILES)
    throw new PolicyFilesError([
      { file: '.', path: '', message: `there are ${files.length} files: a policy has at most ${MAX_FILES}` },
    ]);
  return files;
}

function parse(file: string, bytes: Buffer, errors: PolicyFileError[]): Source | undefined {
  if (bytes.byteLength > MAX_FILE_BYTES) {
    errors.push({
      file,
      path: '',
      message: `the file has ${bytes.byteLength} bytes: split it, a file has at most ${MAX_FILE_BYTES}`,
    });
    return undefined;
  }
  const lines = new LineCounter();
  // the core schema of YAML 1.2: `NO` is Norway, not false
  const yaml = parseDocument(bytes.toString('utf8'), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
  });
  for (const error of yaml.errors)
    errors.push({
      file,
      line: lines.linePos(error.pos[0]).line,
      path: '',
      message: `this is not YAML: ${error.message}`,
    });
  if (yaml.errors.length > 0) return undefined;
  if (!isMap(yaml.contents)) {
    errors.push({
      file,
      path: '',
      message: 'a policy file is a mapping of sections such as `purposes` and `fields`',
    });
    return undefined;
  }
  return { file, yaml, lines };
}

function merge(
  source: Source,
  merged: Record<string, unknown>,
  origins: Map<string, Origin>,
  errors: PolicyFileError[],
): void {
  const complain = (path: readonly Key[], message: string) =>
    errors.push({ ...placeOf(path, new Map([['', { source, path: [] }]])), message });
  let sections: unknown;
  try {
    // no aliases: what they save in typing, they cost in reading, and they can be made to explode
    sections = source.yaml.toJS({ maxAliasCount: 0 });
  } catch {
    return void complain([], 'YAML aliases are not allowed here: write the value out');
  }
  if (sections === null || typeof sections !== 'object') return;
  for (const [section, value] of Object.entries(sections)) {
    if (LISTS.has(section) && Array.isArray(value)) {
      const list = Array.isArray(merged[section]) ? merged[section] : [];
      value.forEach((entry, index) => {
        origins.set(JSON.stringify([section, list.length]), { source, path: [section, index] });
        list.push(entry);
      });
      merged[section] = list;
    } else if (Object.hasOwn(merged, section)) {
      complain([section], `\`${section}\` stands in two files: keep it in one`);
    } else {
      origins.set(JSON.stringify([section]), { source, path: [section] });
      merged[section] = value;
    }
  }
}

/** File, line and path of a place in the merged document; the nearest place that exists. */
function placeOf(
  path: readonly Key[],
  origins: ReadonlyMap<string, Origin>,
): Omit<PolicyFileError, 'message'> {
  for (let depth = path.length; depth >= 0; depth--) {
    const origin = origins.get(depth === 0 ? '' : JSON.stringify(path.slice(0, depth)));
    if (origin === undefined) continue;
    const { source } = origin;
    const inFile = [...origin.path, ...path.slice(depth)];
    const line = lineOf(source, inFile);
    return { file: source.file, ...(line === undefined ? {} : { line }), path: readable(inFile) };
  }
  return { file: '.', path: readable(path) };
}

function lineOf({ yaml, lines }: Source, path: readonly Key[]): number | undefined {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? yaml.contents : yaml.getIn(path.slice(0, depth), true);
    const range = isNode(node) ? node.range : undefined;
    if (range) return lines.linePos(range[0]).line;
  }
  return undefined;
}

function readable(path: readonly Key[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}
