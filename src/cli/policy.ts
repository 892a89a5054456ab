/** `npm run -s policy -- check|test|diff|impact|push|pull`: policies as files, for people and for CI. */
import { check } from './policy-check.js';
import { diff } from './policy-diff.js';
import { impact, push } from './policy-drafts.js';
import { pull } from './policy-pull.js';
import { type Command, EXIT, UsageError } from './policy-terminal.js';
import { test } from './policy-test.js';

const HELP = `usage: npm run -s policy -- COMMAND [arguments]

  check [FOLDER]       whether a policy is sound, and the proof that its floor holds
  test [FOLDER]        ask it the cases of the *.test.yaml files below
  diff BEFORE AFTER    what one policy permits and the other does not
  push [FOLDER]        open a draft on a server
  impact DRAFT         how many users a draft concerns
  pull [VERSION]       write a version of a server as files

npm run -s policy -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>(Object.entries({ check, test, diff, impact, push, pull }));

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    (name === undefined ? process.stderr : process.stdout).write(HELP);
    return name === undefined ? EXIT.trouble : EXIT.fine;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) {
    process.stderr.write(`there is no command \`${name}\`\n\n${HELP}`);
    return EXIT.trouble;
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return EXIT.fine;
  }
  try {
    return await command.run(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(`\n${command.help}`);
    return EXIT.trouble;
  }
}

// whoever reads the output may have seen enough
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2));
