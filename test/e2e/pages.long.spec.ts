/**
 * The pages hold what they show: the shell of each is run from top to bottom against a new service, and what it prints is
 * held against what the page prints. Ids, hashes, tokens and times differ from run to run, and `…` stands for anything.
 * A command that the page shows no answer of must succeed.
 *
 * A comment before a block says what is left out: `<!-- not run: why -->`, `<!-- not compared: why -->`.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { startService, temporaryFolder } from './service.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Every page whose commands can be run. */
const PAGES = [
  'README.md',
  'docs/api.md',
  'docs/backup.md',
  'docs/cases.md',
  'docs/changing-a-policy.md',
  'docs/clients.md',
  'docs/configuration.md',
  'docs/consent-balance.md',
  'docs/extracts.md',
  'docs/grants.md',
  'docs/import.md',
  'docs/keys.md',
  'docs/lake.md',
  'docs/lapsing.md',
  'docs/lineage.md',
  'docs/operate.md',
  'docs/policy-cli.md',
  'docs/policy.md',
  'docs/receipts.md',
  'docs/record.md',
  'docs/rights.md',
  'docs/runbook.md',
  'docs/signals.md',
];
/** Their shell blocks are settings, which `test/docs` holds. */
const SETTINGS = ['docs/identity.md'];
/** What the commands of a page find in the folder that they are run in; some of them change it. */
const SHARED = ['node_modules', 'dist', 'scripts', 'package.json', 'docs', 'test', 'client'];
const COPIED = ['policies'];
const DOCUMENTED_URL = '127.0.0.1:3000';
/** Stands in the output after what a command printed, and after what failed in it. */
const MARK = '\u001e';
const SHELL_LIMIT_MS = 240_000;

type Block = {
  readonly language: string;
  readonly content: string;
  readonly line: number;
  readonly left: 'not run' | 'not compared' | undefined;
};
type Command = { readonly shell: string; readonly printed: string | undefined; readonly line: number };
type Outcome = { readonly output: string; readonly failures: string };

function pageOf(name: string): Block[] {
  return blocksOf(readFileSync(join(ROOT, name), 'utf8'));
}

function blocksOf(page: string): Block[] {
  const fenced = /(?:<!-- (not run|not compared): .+ -->\s*)?^( *)```([a-z]*)\n([\s\S]*?)^\2```$/gm;
  return [...page.matchAll(fenced)].map((found) => {
    const [whole, left, indent = '', language = '', body = ''] = found;
    return {
      language,
      content: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      line: page.slice(0, found.index + whole.indexOf('```')).split('\n').length,
      left: left === 'not run' || left === 'not compared' ? left : undefined,
    };
  });
}

function isAnswer({ language }: Block): boolean {
  return language === '' || language === 'text';
}

/** The commands of a page, in order, each with what it prints as far as the page says it. */
function commandsOf(blocks: readonly Block[]): Command[] {
  return blocks.flatMap(({ language, content, line, left }, place) => {
    if (left === 'not run') return [];
    if (language === 'console') return prompted(content, line, left === undefined);
    if (language !== 'sh') return [];
    const next = blocks[place + 1];
    const isCompared = left === undefined && next !== undefined && isAnswer(next) && next.left === undefined;
    return [{ shell: content, printed: isCompared ? next.content : undefined, line }];
  });
}

/** The commands of a block that shows a terminal: `$`, a command, and what it prints. */
function prompted(content: string, line: number, isCompared: boolean): Command[] {
  return content
    .split(/^\$ /m)
    .slice(1)
    .map((session) => {
      const end = /[^\\]\n/.exec(session);
      const length = end === null ? session.length : end.index + 2;
      return {
        shell: session.slice(0, length),
        printed: isCompared ? session.slice(length) : undefined,
        line,
      };
    });
}

/** What changes from run to run, by its shape. */
const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/sha256:([0-9a-f]+…?|…)/g, '<hash>'],
  [/"request_id":"[^"]*"/g, '"request_id":"<id>"'],
  [/[0-9a-f]{8}-([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-[0-9a-z]+)?|…)/g, '<id>'],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>'],
  [/[\w-]{27,}/g, '<token>'],
  [/[\d.]+ ?(ms|s)\b/g, '<duration>'],
  // pages break long answers into lines where JSON and tables may have space
  [/\s+/g, ' '],
  [/ ?([{}[\],|]) ?/g, '$1'],
];

function shapeOf(printed: string): string {
  return CHANGING.reduce((shaped, [pattern, name]) => shaped.replaceAll(pattern, name), printed).trim();
}

/** Whether the page and the run print the same. */
function isSame(printed: string, run: string): boolean {
  const pattern = shapeOf(printed)
    .split(/ ?… ?/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(shapeOf(run));
}

/** What comes of each command, run one after the other in one shell. */
async function run(commands: readonly Command[], folder: string, url: string): Promise<Outcome[]> {
  const { host, port } = new URL(url);
  const failed = join(folder, 'failed');
  await writeFile(failed, '');
  await writeFile(join(folder, '.curlrc'), 'fail-with-body\n');
  const setUp = `exec 2>&1
    set -uE -o pipefail
    trap 'echo "exit code $?: $BASH_COMMAND" >> ${failed}' ERR
    trap 'kill $(jobs -p) 2> /dev/null' EXIT\n`;
  const here = (shell: string) =>
    shell.replaceAll(DOCUMENTED_URL, host).replaceAll('/tmp/', `${folder}/tmp/`);
  const tell = `printf '${MARK}'; cat ${failed}; : > ${failed}; printf '${MARK}'`;
  const script = commands.map(({ shell }) => `${here(shell)}\n${tell}\n`).join('');
  const { PATH, HOME } = process.env;
  const child = spawn('bash', ['-c', setUp + script], {
    cwd: folder,
    env: {
      PATH: `${join(ROOT, 'test/e2e/bin')}:${PATH}`,
      HOME,
      CURL_HOME: folder,
      PORT: port,
      DATA_DIR: join(folder, 'data'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const giveUp = setTimeout(
    () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'),
    SHELL_LIMIT_MS,
  );
  const output = await text(child.stdout);
  clearTimeout(giveUp);
  const parts = output.replaceAll(host, DOCUMENTED_URL).replaceAll(`${folder}/tmp/`, '/tmp/').split(MARK);
  return commands.map((_, place) => ({
    output: parts[2 * place] ?? '',
    failures: parts[2 * place + 1] ?? 'the shell ended here, or before\n',
  }));
}

/** What is wrong with a command of a page, for a person to read. */
function faultOf(name: string, { shell, printed, line }: Command, { output, failures }: Outcome): string[] {
  const isRight = printed === undefined ? failures === '' : isSame(printed, output);
  if (isRight) return [];
  const expected = printed ?? 'nothing of it, so it must succeed\n';
  return [`${name}:${line}\n$ ${shell}--- the page says\n${expected}--- it printed\n${output}${failures}`];
}

it('every page whose commands can be run is run', () => {
  const own = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];
  const others = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  const left = [...own, ...others.map((name) => `docs/${name}`)].filter(
    (name) => ![...PAGES, ...SETTINGS].includes(name) && commandsOf(pageOf(name)).length > 0,
  );
  expect(left).toEqual([]);
});

it.each(PAGES)('%s shows no answer without its command, or says why', (name) => {
  const blocks = pageOf(name);
  const loose = blocks.filter(
    (block, place) => isAnswer(block) && block.left === undefined && blocks[place - 1]?.language !== 'sh',
  );
  expect(loose.map(({ line }) => `${name}:${line}`)).toEqual([]);
});

describe('the commands of', () => {
  /** The data folder of a service that was started and did nothing yet: the first start takes most of the time. */
  let empty: string;
  beforeAll(async () => {
    empty = await temporaryFolder();
    const service = await startService({ DATA_DIR: empty });
    await service.stop();
  });
  afterAll(() => rm(empty, { recursive: true, force: true }));

  test.concurrent.each(PAGES)(
    '%s print what it says',
    async (name) => {
      const commands = commandsOf(pageOf(name));
      const folder = await temporaryFolder();
      await mkdir(join(folder, 'tmp'));
      // where this is root, PostgreSQL is another user
      await chmod(folder, 0o711);
      for (const shared of SHARED) await symlink(join(ROOT, shared), join(folder, shared));
      for (const copied of COPIED) await cp(join(ROOT, copied), join(folder, copied), { recursive: true });
      await cp(empty, join(folder, 'data'), { recursive: true });
      const service = await startService({
        DATA_DIR: join(folder, 'data'),
        TCF_CMP_ID: '300',
        CHECKPOINT_SECONDS: '1',
      });
      try {
        const outcomes = await run(commands, folder, service.url);
        const faults = outcomes.flatMap((outcome, place) => {
          const command = commands[place];
          return command === undefined ? [] : faultOf(name, command, outcome);
        });
        expect(faults.join('\n'), faults.join('\n')).toBe('');
      } finally {
        await service.stop();
        await rm(folder, { recursive: true, force: true });
      }
    },
    SHELL_LIMIT_MS + 60_000,
  );
});
