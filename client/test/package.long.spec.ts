/** The package as another project has it that installs nothing else: it compiles, strictly, and runs. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(CLIENT, '..');
const run = promisify(execFile);
let project: string;

beforeAll(async () => {
  await run(process.execPath, [join(CLIENT, 'scripts/build.mjs')]);
  project = await mkdtemp(join(tmpdir(), 'assent-client-'));
  const installed = join(project, 'node_modules/@assent/client');
  await mkdir(installed, { recursive: true });
  for (const file of ['package.json', 'README.md', 'dist'])
    await cp(join(CLIENT, file), join(installed, file), { recursive: true });
  // the types of Node, and those that they are made of
  await mkdir(join(project, 'node_modules/@types'));
  for (const name of ['@types/node', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(project, { recursive: true }));

test('its examples compile against its declarations alone, and run', async () => {
  for (const name of ['ask', 'test'])
    await cp(join(CLIENT, `examples/${name}.ts`), join(project, `${name}.ts`));
  await writeFile(
    join(project, 'all.ts'),
    `import { Failure, HttpTransport, Transport, createAssent } from '@assent/client';
     import * as obligations from '@assent/client/obligations';
     import { withPurpose } from '@assent/client/prisma';
     export const all: readonly unknown[] = [Failure, HttpTransport, Transport, obligations, withPurpose];
     const assent = createAssent({ url: 'http://127.0.0.1:1', token: 'a', purpose: 'ai' });
     const { a } = await assent.check('u', ['a']);
     // @ts-expect-error a denial has no obligations
     export const terms: unknown = a.obligations;
     if (!a.permitted) console.log(a.reason);
     // @ts-expect-error nobody asked about it
     export const other: unknown = (await assent.check('u', ['a'])).b;
    `,
  );
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const settings = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', ...strict];
  const files = ['ask.ts', 'test.ts', 'all.ts'];
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = run(process.execPath, [compiler, ...settings, ...files], { cwd: project });
  await compiled.catch(({ stdout }: { readonly stdout: string }) => expect.unreachable(stdout));
  const { stdout } = await run(process.execPath, ['test.js'], { cwd: project });
  const readme = await readFile(join(CLIENT, 'README.md'), 'utf8');
  const [first = '', second] = stdout.split('\n');
  expect(readme).toContain(`It prints \`${first}\``);
  expect(second).toContain('`opted_out`');
  expect((await run(process.execPath, ['all.js'], { cwd: project })).stdout).toBe('unreachable\n');
});

test('it needs no package but one that those who want it have', async () => {
  const description: unknown = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'));
  expect(Object.keys(Object(description)).filter((name) => /dependencies/i.test(name))).toEqual([
    'peerDependencies',
    'peerDependenciesMeta',
  ]);
  expect(description).toMatchObject({
    peerDependencies: { '@prisma/client': '^7.0.0' },
    peerDependenciesMeta: { '@prisma/client': { optional: true } },
  });
});

test('its command fails a build with a column without a field', async () => {
  await writeFile(join(project, 'schema.prisma'), 'model A {\n  id Int @id\n}');
  const { bin }: { readonly bin?: unknown } = JSON.parse(
    await readFile(join(CLIENT, 'package.json'), 'utf8'),
  );
  const command = join(project, 'node_modules/@assent/client', String(Object(bin)['assent']));
  const linted = run(process.execPath, [command, 'lint', 'schema.prisma'], { cwd: project });
  await expect(linted).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('schema.prisma:2: `A.id`'),
  });
});
