/** The programs that ask in other languages, as far as this machine has what they need. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

type Language = {
  readonly name: string;
  /** The program, from `client/examples/`, and what a page calls its language. */
  readonly file: string;
  readonly fence: string;
  /** Runs the program as the page says. */
  readonly launch: readonly [string, ...string[]];
  /** Beside this file: runs the program once for each line that it is given. It would take long to start it each time. */
  readonly again: string;
  /** Makes of both what can be started, where they lie beside each other; absent: they can be as they are. */
  readonly build?: readonly [string, ...string[]];
  /** Starts them there. */
  readonly start: readonly [string, ...string[]];
};

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export const LANGUAGES: readonly Language[] = [
  {
    name: 'Python',
    file: 'python/assent.py',
    fence: 'python',
    launch: ['python3', 'python/assent.py'],
    again: 'again.py',
    start: ['python3', 'again.py'],
  },
  {
    name: 'Go',
    file: 'go/main.go',
    fence: 'go',
    launch: ['go', 'run', 'go/main.go'],
    again: 'again.go',
    build: ['go', 'build', '-o', 'again', 'main.go', 'again.go'],
    start: ['./again'],
  },
  {
    name: 'Java',
    file: 'java/Assent.java',
    fence: 'java',
    launch: ['java', 'java/Assent.java'],
    again: 'Again.java',
    build: ['javac', '-Xlint:all', '-Werror', 'Assent.java', 'Again.java'],
    start: ['java', '-XX:TieredStopAtLevel=1', 'Again'],
  },
];

/** Whether this machine can build and run the language: `apt-get install python3 golang-go default-jdk-headless`. */
export function isHere({ launch, build }: Language): boolean {
  const [command] = build ?? launch;
  return spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0;
}

/** What a command prints, run beside the programs. @throws when it fails, with what it says */
export async function printedBy(
  [command, ...rest]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
  cwd = EXAMPLES,
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, rest, { cwd, env: { ...process.env, ...env } });
  return stdout;
}

/** Puts a program and what runs it again into a folder, and makes them ready. */
export async function buildIn(folder: string, { file, again, build }: Language): Promise<void> {
  await cp(join(EXAMPLES, file), join(folder, basename(file)));
  await cp(fileURLToPath(new URL(again, import.meta.url)), join(folder, again));
  if (build !== undefined) await printedBy(build, {}, folder);
}

/** A process that runs a program again and again. */
export type Running = {
  /** What the program prints when it is run once more. @throws when it fails; what it says of that is on stderr */
  readonly printed: () => Promise<string>;
  readonly stop: () => Promise<void>;
};

export function startIn(
  folder: string,
  { start: [command, ...rest] }: Language,
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(command, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    printed: async () => {
      child.stdin.write('\n');
      let printed = '';
      for (;;) {
        const { value, done } = await lines.next();
        if (done === true) throw new Error(`the program failed after it had said:\n${printed}`);
        if (value === 'ended') return printed;
        printed += `${value}\n`;
      }
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
