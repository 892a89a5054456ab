/** What all commands share: arguments, exit codes, and output that is coloured on a terminal and plain in a pipe. */
import { type ParseArgsConfig, parseArgs, styleText } from 'node:util';
import { codeOf } from '../disk.js';

/** Exit codes, for scripts. */
export const EXIT = {
  /** Sound, passed, the same, done. */
  fine: 0,
  /** Not sound, failed, different. */
  wrong: 1,
  /** The command could not do its work: wrong usage, nothing to read, no server, no permission. */
  trouble: 2,
} as const;

export type Command = {
  readonly help: string;
  /** @returns one of {@link EXIT} */
  readonly run: (args: readonly string[]) => Promise<number>;
};

/** Wrong usage: the message is followed by where to find help. */
export class UsageError extends Error {}

/**
 * Runs the command that the first argument names, or prints how to call it.
 *
 * @param tool the script of package.json that these commands are of
 * @param help what there is to call
 * @returns one of {@link EXIT}
 */
export async function runCommand(
  tool: string,
  help: string,
  commands: ReadonlyMap<string, Command>,
  [name, ...args]: readonly string[],
): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h') {
    (name === undefined ? process.stderr : process.stdout).write(help);
    return name === undefined ? EXIT.trouble : EXIT.fine;
  }
  const command = commands.get(name);
  if (command === undefined) {
    process.stderr.write(`there is no command \`${name}\`\n${helpOf(tool)}`);
    return EXIT.trouble;
  }
  return runTool(tool, command, args, name);
}

/**
 * Runs a command, or says how it is called.
 *
 * @param tool the script of package.json that it is, or that it is of
 * @param name of the command, where the tool has several
 * @returns one of {@link EXIT}
 */
export async function runTool(
  tool: string,
  command: Command,
  args: readonly string[],
  name?: string,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(command.help);
    return EXIT.fine;
  }
  process.stdout.on('error', endWhereUnread);
  try {
    if (args.some((arg) => arg.includes('\ufffd')))
      throw new UsageError('an argument is not UTF-8: letters of it were lost; write it as such');
    return await command.run(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write(helpOf(tool, name));
    return EXIT.trouble;
  }
}

/** What nobody reads any more, as after `| head`, is not made. */
function endWhereUnread(error: Error): void {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(EXIT.trouble);
}

/** The line that says where help is: an error above twenty lines of usage is easily missed. */
function helpOf(tool: string, command?: string): string {
  return `see \`npm run -s ${tool} -- ${command === undefined ? '' : `${command} `}--help\`\n`;
}

/**
 * Reads the arguments of a command.
 *
 * @param places the positional arguments, as in the help: `FILE`, or `[FILE]` if it is optional
 * @throws UsageError for other arguments
 */
export function argumentsOf<const O extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: O,
  places: readonly string[],
) {
  const parsed = parse({ args: [...args], options, allowPositionals: true });
  const { length } = parsed.positionals;
  const missing = places[length];
  if (missing?.startsWith('[') === false) throw new UsageError(`${missing} is missing`);
  const surplus = parsed.positionals[places.length];
  if (surplus !== undefined) throw new UsageError(`there is no place for \`${surplus}\` here`);
  return parsed;
}

function parse<const T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? usageSentence(error.message) : String(error));
  }
}

/** What Node says of options, in one sentence of ours. */
function usageSentence(message: string): string {
  const unknown = /^Unknown option '(.+?)'/.exec(message)?.[1];
  if (unknown !== undefined) return `there is no option \`${unknown}\``;
  const lacking = /^Option '(?:-\w, )?(--[\w-]+) <value>' argument missing/.exec(message)?.[1];
  return lacking === undefined ? message : `\`${lacking}\` needs a value`;
}

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

type Format = Parameters<typeof styleText>[0];

/** Colours a text on a terminal. */
export function paint(format: Format, text: string): string {
  // https://no-color.org: any value but an empty one
  const isPlain = !process.stdout.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
  return isPlain ? text : styleText(format, text);
}

const MARKS = {
  ok: paint('green', 'ok   '),
  wrong: paint('red', 'wrong'),
  note: paint('yellow', 'note '),
};

/** One finding on a line of its own. */
export function report(mark: keyof typeof MARKS, text: string): void {
  say(`${MARKS[mark]}  ${text}`);
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** Aligned rows: the first `texts` columns to the left, numbers to the right. */
export function table(rows: readonly (readonly string[])[], texts: number): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

const PATIENCE_MS = 1_000;

/** Waits for work; on a terminal it says after a second what is being waited for. */
export async function during<T>(what: string, work: Promise<T>): Promise<T> {
  const { stderr } = process;
  if (!stderr.isTTY) return work;
  const started = performance.now();
  let told = false;
  const timer = setInterval(() => {
    told = true;
    stderr.write(`\r${what}: ${Math.round((performance.now() - started) / 1000)} s `);
  }, PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (told) stderr.write('\r\u001B[K');
  }
}
