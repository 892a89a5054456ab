/** Says which columns of a Prisma schema have no field: the command `assent lint`. */
import { readFile } from 'node:fs/promises';
import { mappingOf } from './mapping.js';
import { readSchema } from './schema-text.js';

const HELP = `Usage: assent lint SCHEMA...

Checks that each column of a Prisma schema says which field it is, by a comment of one of these kinds:

  /// @assent.field ID   what the column holds, as the policy names it
  /// @assent.user       the id of the user whose row it is
  /// @assent.none       nothing about a person

SCHEMA is a file; several are one schema. Exit status: 0 all columns do, 1 some do not, 2 nothing was checked.
`;

/** Where the command writes what it found, and what is wrong with how it was called. */
export type Streams = {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
};

/**
 * Runs the command.
 *
 * @param args what follows its name
 * @returns its exit status
 */
export async function assentCommand(
  [command, ...files]: readonly string[],
  { stdout, stderr }: Streams,
): Promise<number> {
  if (command === '--help' || command === '-h') {
    stdout.write(HELP);
    return 0;
  }
  if (command !== 'lint' || files.length === 0) {
    stderr.write(HELP);
    return 2;
  }
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) {
      stderr.write(`\`${file}\` cannot be read: name a file with a Prisma schema\n`);
      return 2;
    }
    texts.set(file, text);
  }
  const faults = lintSchema(texts);
  if (faults === undefined) {
    stderr.write(`there is no model in \`${files.join('`, `')}\`: name the files of a Prisma schema\n`);
    return 2;
  }
  for (const fault of faults) stdout.write(`${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}

/**
 * A line for each fault: file, line and what to do. `undefined`: there is no model.
 *
 * @param texts by the name of the file; they are one schema
 */
export function lintSchema(texts: ReadonlyMap<string, string>): readonly string[] | undefined {
  const models = readSchema([...texts.values()].join('\n'));
  if (models.length === 0) return undefined;
  const places = [...texts].flatMap(([file, text]) =>
    text.split('\n').map((_line, at) => `${file}:${at + 1}`),
  );
  return mappingOf(models).faults.map(({ line, message }) => `${places[line - 1] ?? ''}: ${message}`);
}
