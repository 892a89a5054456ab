/** `npm run -s policy -- check|test|diff|lineage|push|impact|decline|pull|views`: policies as files, for people and for CI. */
import { check } from './check.js';
import { diff } from './diff.js';
import { decline, impact, push } from './drafts.js';
import { lineage } from './lineage.js';
import { pull } from './pull.js';
import { type Command, runCommand } from '../terminal.js';
import { test } from './test.js';
import { views } from './views.js';

const HELP = `usage: npm run -s policy -- COMMAND [arguments]

  check [FOLDER]       whether a policy is sound, and the proof that its floor holds
  test [FOLDER]        ask it the cases of the *.test.yaml files below
  diff BEFORE AFTER    what one policy permits and the other does not
  lineage FIELD        what a field is made of, and for what it may be used
  push [FOLDER]        open a draft on a server
  impact DRAFT         how many users a draft concerns
  decline DRAFT        say no to a draft, and why
  pull [VERSION]       write a version of a server as files
  views                SQL views of what a purpose may read of a data lake

npm run -s policy -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>(
  Object.entries({ check, test, diff, lineage, push, impact, decline, pull, views }),
);

process.exitCode = await runCommand('policy', HELP, COMMANDS, process.argv.slice(2));
