#!/usr/bin/env node
/** `assent lint`: for builds that must not go on with a column that nobody can refuse. */
import { readFile } from 'node:fs/promises';
import { lintSchema } from './prisma/lint.js';

const HELP = `Usage: assent lint SCHEMA...

Checks that each column of a Prisma schema says which field it is, by a comment of one of these kinds:

  /// @assent.field ID   what the column holds, as the policy names it
  /// @assent.user       the id of the user whose row it is
  /// @assent.none       nothing about a person

SCHEMA is a file; several are one schema. Exit status: 0 all columns do, 1 some do not, 2 nothing was checked.
`;

process.exitCode = await run(process.argv.slice(2));

/** @returns the exit status */
async function run([command, ...files]: readonly string[]): Promise<number> {
  if (command === '--help' || command === '-h') {
    process.stdout.write(HELP);
    return 0;
  }
  if (command !== 'lint' || files.length === 0) {
    process.stderr.write(HELP);
    return 2;
  }
  const texts = new Map<string, string>();
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) {
      process.stderr.write(`\`${file}\` cannot be read: name a file with a Prisma schema\n`);
      return 2;
    }
    texts.set(file, text);
  }
  const faults = lintSchema(texts);
  if (faults === undefined) {
    process.stderr.write(
      `there is no model in \`${files.join('`, `')}\`: name the files of a Prisma schema\n`,
    );
    return 2;
  }
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}
