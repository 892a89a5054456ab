/**
 * The pages hold what they show: the shell of each is run from top to bottom against a new service, and what it prints is
 * held against what the page prints. Ids, hashes, tokens and times differ from run to run, and `…` stands for anything.
 *
 * A comment before a block says what is left out: `<!-- not run: why -->`, `<!-- not compared: why -->`.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startService, temporaryFolder } from './service.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = [
  'README.md',
  'docs/api.md',
  'docs/changing-a-policy.md',
  'docs/import.md',
  'docs/policy-cli.md',
  'docs/receipts.md',
  'docs/rights.md',
  'docs/signals.md',
];
/** What the commands of a page find in the folder that they are run in; some of them change it. */
const SHARED = ['node_modules', 'dist', 'scripts', 'package.json', 'docs', 'test'];
const COPIED = ['policies'];
const DOCUMENTED_URL = '127.0.0.1:3000';
/** Stands in the output after what a command printed. */
const MARK = '\u001e';

type Command = { readonly shell: string; readonly printed: string | undefined; readonly line: number };

/** The commands of a page, in order, each with what it prints as far as the page says it. */
function commandsOf(page: string): Command[] {
  const commands: Command[] = [];
  let before = '';
  let isAnswered = true;
  for (const [block, indent = '', language = '', body = ''] of page.matchAll(
    /^( *)```([a-z]*)\n([\s\S]*?)^\1```$/gm,
  )) {
    const at = page.indexOf(block, before.length);
    const remark = /<!-- (not run|not compared): .+ -->\s*$/.exec(page.slice(before.length, at))?.[1];
    before = page.slice(0, at + block.length);
    const line = page.slice(0, at).split('\n').length;
    const content = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    if (language === 'sh') {
      isAnswered = remark !== undefined;
      if (remark !== 'not run') commands.push({ shell: content, printed: undefined, line });
    } else if (language === 'console') {
      isAnswered = true;
      if (remark !== 'not run') commands.push(...prompted(content, line, remark === undefined));
    } else if ((language === '' || language === 'text') && !isAnswered) {
      isAnswered = true;
      const command = commands.pop();
      if (command !== undefined)
        commands.push({ ...command, printed: remark === undefined ? content : undefined });
    }
  }
  return commands;
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
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(-[0-9a-z]+)?/g, '<id>'],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, '<time>'],
  [/[\w-]{27,}/g, '<token>'],
  [/[\d.]+ ?(ms|s)\b/g, '<duration>'],
];

function shapeOf(text: string): string {
  return CHANGING.reduce((shaped, [pattern, name]) => shaped.replaceAll(pattern, name), text).replaceAll(
    /\s+/g,
    '',
  );
}

/** Whether the page and the run print the same. */
function isSame(printed: string, run: string): boolean {
  const pattern = shapeOf(printed)
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`, 's').test(shapeOf(run));
}

/** What each command prints, run one after the other in one shell. */
async function run(commands: readonly Command[], folder: string, url: string): Promise<string[]> {
  const { host, port } = new URL(url);
  const here = (shell: string) =>
    shell.replaceAll(DOCUMENTED_URL, host).replaceAll('/tmp/', `${folder}/tmp/`);
  const script = commands.map(({ shell }) => `${here(shell)}\nprintf '${MARK}'\n`).join('');
  const { PATH, HOME } = process.env;
  const child = spawn('bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: folder,
    env: { PATH, HOME, PORT: port, DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = await text(child.stdout);
  return output.replaceAll(host, DOCUMENTED_URL).replaceAll(`${folder}/tmp/`, '/tmp/').split(MARK);
}

describe('the commands of', () => {
  test.concurrent.each(PAGES)('%s print what it says', async (name) => {
    const commands = commandsOf(await readFile(join(ROOT, name), 'utf8'));
    expect(commands.filter(({ printed }) => printed !== undefined)).not.toEqual([]);
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'tmp'));
    for (const shared of SHARED) await symlink(join(ROOT, shared), join(folder, shared));
    for (const copied of COPIED) await cp(join(ROOT, copied), join(folder, copied), { recursive: true });
    const service = await startService({ DATA_DIR: join(folder, 'data'), TCF_CMP_ID: '300' });
    try {
      const outputs = await run(commands, folder, service.url);
      const wrong = commands.flatMap(({ line, shell, printed }, place) => {
        const output = outputs[place];
        if (printed === undefined || (output !== undefined && isSame(printed, output))) return [];
        return [
          `${name}:${line}\n$ ${shell}\n--- the page says\n${printed}\n--- it printed\n${output ?? 'nothing'}`,
        ];
      });
      expect(wrong.join('\n\n'), wrong.join('\n\n')).toBe('');
    } finally {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
