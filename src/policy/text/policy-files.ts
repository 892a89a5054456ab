/**
 * Reads the policy from the YAML files of a folder. Every file may hold any of the sections; together they are one
 * document. Everything that is wrong is reported at once, each with file, line and path.
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { PolicyDocument } from '../../decision/policy.js';
import { finish } from '../../decision/steps.js';
import { readWithin } from '../../disk.js';
import { textOf } from '../../text.js';
import { type PolicyError, checkSteps } from './policy-text.js';
import { Budget, MAX_BYTES, type Path, TOO_LARGE, type YamlText, readYamlSteps } from './policy-yaml.js';
import { quoted, readablePath } from './quoting.js';

/** An error in the files of a policy. */
export type PolicyFileError = PolicyError & {
  /** Relative to the policy folder; absent if it concerns no single file. */
  readonly file?: string;
};

/** The policy cannot be used; `errors` lists everything that is wrong with it. */
export class PolicyFilesError extends Error {
  constructor(readonly errors: readonly PolicyFileError[]) {
    const lines = errors.map(({ file, line, path, message }) =>
      [`  ${file ?? '.'}${line === undefined ? '' : `:${line}`}`, path, message].filter(Boolean).join('  '),
    );
    super(
      `the policy cannot be used, ${errors.length} ${errors.length === 1 ? 'error' : 'errors'}:\n${lines.join('\n')}`,
    );
    this.name = 'PolicyFilesError';
  }
}

const MAX_FILES = 1_000;
/** Sections that are lists, merged from all files. */
const LISTS = new Set([
  'regimes',
  'obligations',
  'categories',
  'purposes',
  'visibility',
  'transforms',
  'fields',
  'removed',
  'clients',
]);

type Source = { readonly file: string; readonly text: YamlText };
/** Where an entry of the merged document is. */
type Origin = Source & { readonly path: Path };

/** A sound policy that was read from files. */
export type PolicyFiles = {
  readonly document: PolicyDocument;
  /** File, line and path of a place in the document. */
  readonly placeOf: (path: Path) => Omit<PolicyFileError, 'message'>;
};

/**
 * Reads and checks the policy of a folder.
 *
 * @throws PolicyFilesError with everything that is wrong
 */
export async function readPolicyFiles(folder: string): Promise<PolicyDocument> {
  return (await readPolicyFolder(folder)).document;
}

/** As {@link readPolicyFiles}, with the place of everything in the files. */
export async function readPolicyFolder(folder: string): Promise<PolicyFiles> {
  const errors: PolicyFileError[] = [];
  const policy = new MergedPolicy();
  const budget = new Budget();
  const files = await yamlFilesOf(folder);
  if (files.length === 0)
    throw new PolicyFilesError([
      {
        path: '',
        message: `there are no .yaml files in \`${folder}\`: set POLICY_DIR to the folder of the policy`,
      },
    ]);
  for (const file of files) {
    const bytes = await readWithin(join(folder, file), MAX_BYTES);
    errors.push(
      ...(bytes === undefined ? [{ file, path: '', message: TOO_LARGE }] : policy.add(file, bytes, budget)),
    );
  }
  if (errors.length > 0) throw new PolicyFilesError(errors);
  const placeOf = (path: Path) => policy.placeOf(path);
  const checked = finish(checkSteps(policy.document(), placeOf));
  if (!checked.ok) throw new PolicyFilesError(checked.errors);
  return { document: checked.document, placeOf };
}

/** The YAML files below a folder, in name order; tests of the policy (`*.test.yaml`) are not part of it. */
async function yamlFilesOf(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch {
    throw new PolicyFilesError([
      {
        path: '',
        message: `the folder \`${folder}\` cannot be read: set POLICY_DIR to the folder of the policy`,
      },
    ]);
  }
  const files = entries
    .filter(({ name }) => /\.ya?ml$/i.test(name) && !/\.test\.ya?ml$/i.test(name))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
  if (files.length > MAX_FILES)
    throw new PolicyFilesError([
      {
        path: '',
        message: `there are ${files.length} files: a policy has at most ${MAX_FILES}, so put some together`,
      },
    ]);
  return files;
}

/** The merged document, and where in the files each part of it is. */
class MergedPolicy {
  private readonly sections = new Map<string, unknown>();
  private readonly lists = new Map<string, unknown[]>();
  private readonly origins = new Map<string, Origin>();

  document(): unknown {
    // `__proto__` becomes an ordinary, unknown section
    return Object.fromEntries([...this.lists, ...this.sections]);
  }

  /** @returns the errors of the file itself, and together with earlier files */
  add(file: string, bytes: Buffer, budget: Budget): PolicyFileError[] {
    const text = textOf(bytes);
    if (text === undefined)
      return [{ file, path: '', message: 'this is not a text: save the file as UTF-8' }];
    const read = finish(readYamlSteps(text, budget));
    if (!read.ok) return read.faults.map((fault) => ({ file, ...fault, path: '' }));
    const source = { file, text: read.text };
    const { value } = read.text;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [
        {
          file,
          line: 1,
          path: '',
          message:
            'a policy file is a mapping of sections: write `purposes:`, `fields:` or another section above',
        },
      ];
    return Object.entries(value).flatMap(([section, content]) => this.addSection(source, section, content));
  }

  private addSection(source: Source, section: string, content: unknown): PolicyFileError[] {
    if (LISTS.has(section) && Array.isArray(content)) {
      this.addEntries(source, section, content);
      return [];
    }
    const place = JSON.stringify([section]);
    const other = this.origins.get(place);
    const origin = { ...source, path: [section] };
    if (other !== undefined)
      return [
        {
          ...placeIn(origin),
          message: `${quoted(section)} stands in \`${other.file}\` too: keep it in one file`,
        },
      ];
    this.origins.set(place, origin);
    this.sections.set(section, content);
    return [];
  }

  private addEntries(source: Source, section: string, entries: readonly unknown[]): void {
    const list = this.lists.get(section) ?? [];
    this.lists.set(section, list);
    entries.forEach((entry, index) => {
      this.origins.set(JSON.stringify([section, list.length]), { ...source, path: [section, index] });
      list.push(entry);
    });
  }

  /** File, line and path of a place in the document. */
  placeOf(path: Path): Omit<PolicyFileError, 'message'> {
    for (let depth = path.length; depth > 0; depth--) {
      const origin = this.origins.get(JSON.stringify(path.slice(0, depth)));
      if (origin !== undefined) return placeIn({ ...origin, path: [...origin.path, ...path.slice(depth)] });
    }
    return { path: readablePath(path) };
  }
}

function placeIn({ file, text, path }: Origin): Omit<PolicyFileError, 'message'> {
  const line = text.placeOf(path)?.line;
  return { file, ...(line === undefined ? {} : { line }), path: readablePath(path) };
}
