#!/usr/bin/env node
/** The commands of the package: `npx assent`. */
import { type Command, runCommand } from './command.js';
import { types } from './types.js';

const HELP = `usage: npx assent COMMAND [options]

  types   write the purposes, fields and obligations of a policy as types

npx assent COMMAND --help says more of each.
`;

process.exitCode = await runCommand(
  HELP,
  new Map<string, Command>([['types', types]]),
  process.argv.slice(2),
);
