/** What the commands of the package share. */

/** Exit codes, for scripts. */
export const EXIT = {
  /** Done, the same, nothing found. */
  fine: 0,
  /** Not the same, or something found. */
  wrong: 1,
  /** The command could not do its work. */
  trouble: 2,
} as const;

/** Where a command writes what it found, and what is wrong. */
export type Streams = {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
};

export type Command = {
  readonly help: string;
  /** @returns one of {@link EXIT} @throws UsageError; Trouble */
  readonly run: (args: readonly string[], streams: Streams) => Promise<number>;
};

/** Wrong usage: the message is followed by where to find help. */
export class UsageError extends Error {}

/** The command could not do its work, and why, in words. */
export class Trouble extends Error {}

/**
 * Runs the command that the first argument names, or says how to call it.
 *
 * @returns one of {@link EXIT}
 */
export async function runCommand(
  help: string,
  commands: ReadonlyMap<string, Command>,
  [name, ...args]: readonly string[],
  streams: Streams,
): Promise<number> {
  const { stdout, stderr } = streams;
  const command = name === undefined ? undefined : commands.get(name);
  if (name === '--help' || name === '-h') return told(stdout, help, EXIT.fine);
  if (name === undefined) return told(stderr, help, EXIT.trouble);
  if (command === undefined)
    return told(stderr, `there is no command \`${name}\`: see npx assent --help\n`, EXIT.trouble);
  if (args.includes('--help') || args.includes('-h')) return told(stdout, command.help, EXIT.fine);
  try {
    return await command.run(args, streams);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it failed';
    const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
    return told(stderr, `${message}\n${isUsage ? `see npx assent ${name} --help\n` : ''}`, EXIT.trouble);
  }
}

function told(stream: Streams['stdout'], text: string, code: number): number {
  stream.write(text);
  return code;
}
