/** `npm run -s consent -- import|export`: what users have said, out of an earlier system and into another one. */
import { exportAll } from './consent-export.js';
import { importFile } from './consent-import.js';
import { type Command, EXIT, UsageError } from './policy-terminal.js';

const HELP = `usage: npm run -s consent -- COMMAND [arguments]

  import FILE          take users' profiles and choices in from an earlier system
  export [FILE]        write all users' profiles and choices

npm run -s consent -- COMMAND --help says more of each.
`;

const COMMANDS = new Map<string, Command>([
  ['import', importFile],
  ['export', exportAll],
]);

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
  process.exit(EXIT.trouble);
});
process.exitCode = await main(process.argv.slice(2));
