/** `assent lint`: which columns of a Prisma schema have no field. */
import { readFile } from 'node:fs/promises';
import { lintSchema } from '../prisma/lint.js';
import { type Command, EXIT, type Streams, Trouble, UsageError } from './command.js';

const HELP = `usage: npx assent lint SCHEMA...

Checks that each column of a Prisma schema says which field it is, by a comment of one of these kinds:

  /// @assent.field ID   what the column holds, as the policy names it
  /// @assent.user       the id of the user whose row it is
  /// @assent.none       nothing about a person

SCHEMA is a file; several are one schema.

exit code: 0 all columns do; 1 some do not; 2 nothing was checked
`;

export const lint: Command = { help: HELP, run };

async function run(files: readonly string[], { stdout }: Streams): Promise<number> {
  if (files.length === 0) throw new UsageError('no schema is named: name the files of one');
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) throw new Trouble(`\`${file}\` cannot be read: name a file with a Prisma schema`);
    texts.set(file, text);
  }
  const faults = lintSchema(texts);
  if (faults === undefined)
    throw new Trouble(`there is no model in \`${files.join('`, `')}\`: name the files of a Prisma schema`);
  for (const fault of faults) stdout.write(`${fault}\n`);
  return faults.length === 0 ? EXIT.fine : EXIT.wrong;
}
