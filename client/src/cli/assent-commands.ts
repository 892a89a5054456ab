import type { Command } from './command.js';
import { lint } from './lint.js';
import { types } from './types.js';

/** What `npx assent` can do. */
export const ASSENT = {
  help: `usage: npx assent COMMAND [options]

  types           write the purposes, fields and obligations of a policy as types
  lint SCHEMA     whether each column of a Prisma schema says which field it is

npx assent COMMAND --help says more of each.
`,
  commands: new Map<string, Command>([
    ['types', types],
    ['lint', lint],
  ]),
};
