/** `npm run -s policy -- COMMAND`: policies as files, for people and for CI, and what admins do on a server. */
import { cases } from './cases.js';
import { check } from './check.js';
import { diff } from './diff.js';
import { dryRun } from './dry-run.js';
import { decline, impact, push } from './drafts.js';
import { lineage } from './lineage.js';
import { drafts, versions } from './lists.js';
import { publish, rollback, unschedule } from './publications.js';
import { pull } from './pull.js';
import { replay } from './replay.js';
import { approve, withdraw } from './reviews.js';
import { type Command, runCommand } from '../terminal.js';
import { test } from './test.js';
import { views } from './views.js';

const HELP = `usage: npm run -s policy -- COMMAND [arguments]

  check [FOLDER]       whether a policy is sound, and the proof that its floor holds
  test [FOLDER]        ask it the cases of the *.test.yaml files below
  diff BEFORE AFTER    what one policy permits and the other does not
  lineage FIELD        what a field is made of, and for what it may be used
  dry-run [POLICY]     what it would do as a draft, without a draft
  push [FOLDER]        open a draft on a server
  drafts [DRAFT]       the drafts of a server, or one of them
  impact DRAFT         how many users a draft concerns
  approve DRAFT        say yes to a draft
  decline DRAFT        say no to a draft, and why
  withdraw DRAFT       take back what you said of a draft
  publish DRAFT        put a draft in force, now or at a time
  unschedule DRAFT     take back a publication that waits for its time
  rollback VERSION     return to an old version
  versions             what was in force when
  pull [VERSION]       write a version of a server as files
  replay               decide as it was decided then, and say why
  cases COMMAND        list, open, approve, extend and close cases
  views                SQL views of what a purpose may read of a data lake

npm run -s policy -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>(
  Object.entries({
    check,
    test,
    diff,
    lineage,
    'dry-run': dryRun,
    push,
    drafts,
    impact,
    approve,
    decline,
    withdraw,
    publish,
    unschedule,
    rollback,
    versions,
    pull,
    replay,
    cases,
    views,
  }),
);

process.exitCode = await runCommand('policy', HELP, COMMANDS, process.argv.slice(2));
