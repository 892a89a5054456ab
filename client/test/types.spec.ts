/** `npx assent types` says what the policy of a service names, and nothing that somebody put into a name. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, property, string, uniqueArray } from 'fast-check';
import ts from 'typescript';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { ASSENT } from '../src/cli/assent-commands.js';
import { runCommand } from '../src/cli/command.js';
import { namesIn, typesOf } from '../src/cli/policy-types.js';
import { REFERENCE } from '../../test/reference-policy.js';
import { clientToken } from './people.js';

let folder: string;
let file: string;
let told = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-types-'));
  file = join(folder, 'policy.d.ts');
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  told = '';
  vi.stubEnv('ASSENT_TOKEN', await clientToken([], 'policies:read'));
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const streams = {
  stdout: { write: (text: string) => expect.unreachable(text) },
  stderr: { write: (text: string) => (told += text) },
};
const assent = (...args: string[]) => runCommand(ASSENT.help, ASSENT.commands, args, streams);
const written = (...args: string[]) =>
  assent('types', '--url', inject('service').url, '--out', file, ...args);

/** The names by member, as TypeScript reads them. */
function namesByMember(text: string): Record<string, string[]> {
  const names: Record<string, string[]> = {};
  const visit = (node: ts.Node, member?: string): void => {
    if (ts.isPropertySignature(node)) names[node.name.getText()] = [];
    const of = ts.isPropertySignature(node) ? node.name.getText() : member;
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal) && of !== undefined)
      names[of]?.push(node.literal.text);
    node.forEachChild((child) => visit(child, of));
  };
  const source = ts.createSourceFile('policy.d.ts', text, ts.ScriptTarget.ESNext, true);
  expect(source.statements).toHaveLength(2);
  visit(source);
  return names;
}

test('the purposes, fields and obligations of the policy in force are written', async () => {
  expect(await written()).toBe(0);
  const ids = (entries: readonly { readonly id: string }[]) => entries.map(({ id }) => id).toSorted();
  expect(namesByMember(await readFile(file, 'utf8'))).toEqual({
    purpose: ids(REFERENCE.purposes),
    field: ids(REFERENCE.fields),
    obligation: ids(REFERENCE.obligations),
  });
});

test('a check finds out that the file is not what the policy says', async () => {
  await written();
  expect([await written('--check'), told]).toEqual([0, '']);
  await writeFile(file, (await readFile(file, 'utf8')).replace('member.skills', 'member.skils'));
  expect(await written('--check')).toBe(1);
  expect(told).toContain('write it anew');
  await rm(file);
  expect(await written('--check')).toBe(1);
  expect(told).toContain('cannot be read');
});

test('whatever names are, they are written as these names and nothing else', () => {
  const ids = uniqueArray(
    string({ unit: 'grapheme' }).filter((id) => id.isWellFormed()),
    { maxLength: 5 },
  );
  assert(
    property(
      string(),
      array(ids, { minLength: 3, maxLength: 3 }),
      (version, [purposes = [], fields = [], obligations = []]) => {
        const text = typesOf({ version, purposes, fields, obligations });
        expect(namesByMember(text)).toEqual({ purpose: purposes, field: fields, obligation: obligations });
      },
    ),
    { examples: [['\n*/ declare', [['"', "'", '`', '\\', '\n', '\u2028', '*/'], ['}'], []]]] },
  );
});

test.each<[string, { url?: string }, string, Record<string, string> | undefined]>([
  ['no token', {}, 'ASSENT_TOKEN', { ASSENT_TOKEN: '' }],
  ['a token that may not read policies', {}, 'policies:read', undefined],
  ['an address that is not safe', { url: 'http://example.com' }, 'not safe for a token', {}],
  ['nobody there', { url: 'http://127.0.0.1:1' }, 'no answer from', {}],
])('with %s, nothing is written and the reason is told', async (_case, { url }, says, env) => {
  if (env === undefined) vi.stubEnv('ASSENT_TOKEN', await clientToken([], 'settings:read'));
  for (const [name, value] of Object.entries(env ?? {})) vi.stubEnv(name, value);
  await rm(file, { force: true });
  expect(await assent('types', '--url', url ?? inject('service').url, '--out', file)).toBe(2);
  expect(told).toContain(says);
  await expect(readFile(file)).rejects.toThrow('ENOENT');
});

test('wrong usage is told with where to find help', async () => {
  for (const args of [['typos'], ['types', '--check'], ['types', '--nonsense'], []]) {
    told = '';
    expect(await assent(...args)).toBe(2);
    expect(told).toMatch(/help/);
  }
});

test('what is no policy version has no names', () => {
  const id = 'sha256:1';
  for (const answer of [
    null,
    {},
    { id },
    { id, document: {} },
    { document: { purposes: [], fields: [], obligations: [] } },
  ])
    expect(namesIn(answer)).toBeUndefined();
  for (const purposes of [{}, [{}], [{ id: 7 }], ['ads'], [null]])
    expect(namesIn({ id, document: { purposes, fields: [], obligations: [] } })).toBeUndefined();
});
