/** The programs that ask in other languages, as far as this machine has what they need. */
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

type Language = {
  readonly name: string;
  /** The program, from `client/examples/`, and what a page calls its language. */
  readonly file: string;
  readonly fence: string;
  /** Runs the program as the page says. */
  readonly launch: readonly [string, ...string[]];
  /** Makes of the program what starts sooner, in a folder; absent: it starts soon enough. */
  readonly build?: (folder: string) => readonly [string, ...string[]];
  /** What starts it once it was built there. */
  readonly built?: (folder: string) => readonly [string, ...string[]];
};

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

export const LANGUAGES: readonly Language[] = [
  { name: 'Python', file: 'python/assent.py', fence: 'python', launch: ['python3', 'python/assent.py'] },
  {
    name: 'Go',
    file: 'go/main.go',
    fence: 'go',
    launch: ['go', 'run', 'go/main.go'],
    build: (folder) => ['go', 'build', '-o', `${folder}/assent`, 'go/main.go'],
    built: (folder) => [`${folder}/assent`],
  },
  {
    name: 'Java',
    file: 'java/Assent.java',
    fence: 'java',
    launch: ['java', 'java/Assent.java'],
    build: (folder) => ['javac', '-Xlint:all', '-Werror', '-d', folder, 'java/Assent.java'],
    built: (folder) => ['java', '-XX:TieredStopAtLevel=1', '-cp', folder, 'Assent'],
  },
];

/** Whether this machine can build and run the language: `apt-get install python3 golang-go default-jdk-headless`. */
export function isHere({ launch, build }: Language): boolean {
  const [command] = build?.('') ?? launch;
  return spawnSync(command, [command === 'go' ? 'version' : '--version']).status === 0;
}

/** What a command prints, run beside the programs. @throws when it fails, with what it says */
export async function printedBy(
  [command, ...rest]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, rest, {
    cwd: EXAMPLES,
    env: { ...process.env, ...env },
  });
  return stdout;
}
