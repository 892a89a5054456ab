/** `assent lint`, for a build that must not go on. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ASSENT } from './assent-commands.js';
import { runCommand } from './command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-lint-'));
  await writeFile(join(folder, 'mapped.prisma'), 'model A {\n  id Int @id /// @assent.none\n}\n');
  await writeFile(
    join(folder, 'unmapped.prisma'),
    'model B {\n  id Int @id\n  /// @assent.nothing\n  b Int\n}',
  );
  await writeFile(join(folder, 'empty.prisma'), 'enum E {\n  A\n}');
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...args: string[]) {
  const told = { out: '', err: '' };
  const stdout = { write: (text: string) => (told.out += text) };
  const stderr = { write: (text: string) => (told.err += text) };
  const status = await runCommand(ASSENT.help, ASSENT.commands, args, { stdout, stderr });
  return { status, ...told };
}

const file = (name: string) => join(folder, `${name}.prisma`);

test('a schema of which every column says what it is passes in silence', async () => {
  expect(await run('lint', file('mapped'))).toEqual({ status: 0, out: '', err: '' });
});

test('each column that does not is named with its file and line, and the build fails', async () => {
  const { status, out } = await run('lint', file('mapped'), file('unmapped'));
  expect(status).toBe(1);
  expect(out.split('\n')).toEqual([
    expect.stringContaining(`${file('unmapped')}:2: \`B.id\` has no field: write`),
    expect.stringContaining(`${file('unmapped')}:4: \`B.b\` has a comment that is not understood`),
    '',
  ]);
});

test.each([
  ['no command', []],
  ['another command', ['list']],
  ['no file', ['lint']],
])('%s is answered with how to call it', async (_name, args) => {
  const { status, err } = await run(...args);
  expect(status).toBe(2);
  expect(err).toMatch(/npx assent (?:COMMAND|lint|--help)/);
});

test.each([
  ['a file that is not there', 'nowhere', 'cannot be read'],
  ['a file without a model', 'empty', 'there is no model'],
])('%s does not pass for a schema without faults', async (_name, name, message) => {
  const { status, out, err } = await run('lint', file(name));
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toContain(message);
});

test('it says how to call it when it is asked', async () => {
  const { status, out } = await run('lint', '--help');
  expect(status).toBe(0);
  expect(out).toContain('@assent.field ID');
});
