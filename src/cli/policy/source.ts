/** Sources of policies for commands: a folder, a file, or a server. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compileSteps } from '../../decision/rules/compile.js';
import type { PolicyDocument } from '../../decision/policy.js';
import type { DecisionTable } from '../../decision/table/table.js';
import { tabulateSteps } from '../../decision/table/tabulate.js';
import { contentIdOf } from '../../policy/content-id.js';
import { PolicyFilesError, readPolicyFolder } from '../../policy/text/policy-files.js';
import { checkPolicyValueSteps, parsePolicyTextSteps } from '../../policy/text/policy-text.js';
import { inSlices } from '../../work/slices.js';
import { readablePath } from '../../policy/text/quoting.js';
import type { PolicyServer } from '../server.js';
import { during, report } from '../terminal.js';
import { readText as readTextFile } from '../../text.js';

type Path = readonly (string | number)[];

/** A sound policy. */
export type Source = {
  /** As the command named it. */
  readonly name: string;
  /** `sha256:…`, of its content. */
  readonly id: string;
  readonly document: PolicyDocument;
  /** A place in it for people: file and line, or the path. */
  readonly placeOf: (path: Path) => string;
};

/** The folder of the policy, unless a command names another. */
export function defaultFolder(): string {
  const folder = process.env['POLICY_DIR'] ?? '';
  return folder === '' ? 'policies' : folder;
}

/**
 * @throws Error when there is no such folder; PolicyFilesError, with files as the caller finds them, when it is not
 *   sound
 */
export async function readFolder(folder: string): Promise<Source> {
  if ((await kindOf(folder)) !== 'folder')
    throw new Error(`there is no folder \`${folder}\`: name the folder of a policy`);
  try {
    const { document, placeOf } = await during(`reading ${folder}`, readPolicyFolder(folder));
    return {
      name: folder,
      id: await contentIdOf(document),
      document,
      placeOf: (path) => {
        const { file, line } = placeOf(path);
        return file === undefined ? readablePath(path) : `${join(folder, file)}:${line ?? 1}`;
      },
    };
  } catch (error) {
    if (!(error instanceof PolicyFilesError)) throw error;
    throw new PolicyFilesError(
      error.errors.map((one) => (one.file === undefined ? one : { ...one, file: join(folder, one.file) })),
    );
  }
}

/**
 * Reads a policy by any name: a folder, a YAML or JSON file, `current`, or the id of a version.
 *
 * @param server asked for versions
 * @throws Error when there is none; PolicyFilesError when it is not sound
 */
export async function readSource(name: string, server: () => Promise<PolicyServer>): Promise<Source> {
  const version = versionIn(name);
  if (version !== undefined) return readVersion(version, await server(), name);
  switch (await kindOf(name)) {
    case 'folder':
      return readFolder(name);
    case 'file':
      return readText(name);
    case undefined:
      throw new Error(
        `there is no \`${name}\`: name a folder, a YAML or JSON file, \`current\` or a version (\`sha256:\` and 64 digits)`,
      );
  }
}

/** The version that is named, if it is not a file: `current`, or an id, with or without `sha256:`. */
export function versionIn(name: string): string | undefined {
  if (name === 'current') return name;
  const digits = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(name)?.[1];
  return digits && `sha256:${digits.toLowerCase()}`;
}

/**
 * Reads a version from a server.
 *
 * @param version see {@link versionIn}
 * @throws Error when the content does not match the id
 */
export async function readVersion(version: string, server: PolicyServer, name = version): Promise<Source> {
  const answer = await server.get(`/v1/policies/${version}`);
  const id = answer.at('id').text;
  const { value } = answer.at('document');
  const checked = await inSlices(checkPolicyValueSteps(value));
  if (!checked.ok) throw new PolicyFilesError(checked.errors);
  const { document } = checked;
  if ((await contentIdOf(document)) !== id)
    throw new Error(`the server sent another content than that of \`${id}\`: do not use it, and report this`);
  return { name, id, document, placeOf: readablePath };
}

async function readText(file: string): Promise<Source> {
  const checked = await inSlices(parsePolicyTextSteps(await readTextFile(file)));
  if (!checked.ok) throw new PolicyFilesError(checked.errors.map((error) => ({ file, ...error })));
  const { document } = checked;
  return { name: file, id: await contentIdOf(document), document, placeOf: readablePath };
}

/** The decision table of a sound policy. */
export function tableOf(document: PolicyDocument): Promise<DecisionTable> {
  return during('asking the rules for every cell', tabulated(document));
}

async function tabulated(document: PolicyDocument): Promise<DecisionTable> {
  const result = await inSlices(compileSteps(document));
  if (result.ok) return inSlices(tabulateSteps(result.policy));
  throw new PolicyFilesError(
    result.errors.map(({ path, message }) => ({ path: readablePath(path), message })),
  );
}

/** Says everything that is wrong with a policy. */
export function reportErrors({ errors }: PolicyFilesError): void {
  for (const { file, line, path, message } of errors) {
    const place = file === undefined ? path : `${file}:${line ?? 1}`;
    report(
      'wrong',
      [place, file === undefined ? '' : path, message].filter((part) => part !== '').join('  '),
    );
  }
}

async function kindOf(path: string): Promise<'folder' | 'file' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}
