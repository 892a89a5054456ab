/**
 * The package as another project has it that installs what `npm pack` makes and nothing else: it compiles, strictly, and
 * runs. NestJS comes last.
 * Build it first: `npm run build:client`.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { typesOf } from '../src/cli/policy-types.js';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { memberOf } from '../src/terms/json.js';
import { clientToken, everywhere } from './people.js';

const CLIENT = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(CLIENT, '..');
const run = promisify(execFile);
/** Those that are used to look at the package, from the registry of npm. */
const PUBLINT = 'publint@0.3.25';
const ATTW = '@arethetypeswrong/cli@0.18.5';
/** Bytes that an entry may load at once: its own file and what that imports. */
const MOST_LOADED = 60_000;
let project: string;
let packed: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'assent-client-'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: CLIENT });
  const archive = (await readdir(project)).find((name) => name.endsWith('.tgz'));
  packed = join(project, archive ?? expect.unreachable());
  // offline: nothing else is needed
  await run('npm', ['install', '--offline', '--no-save', packed], { cwd: project });
  // the types of Node, and those that they are made of
  await mkdir(join(project, 'node_modules/@types'));
  for (const name of ['@types/node', 'undici-types'])
    await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
}, 300_000);
afterAll(() => rm(project, { recursive: true }));

/** Compiles files, or does so with these options. */
async function compile(...files: readonly string[]): Promise<void> {
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const settings = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node', ...strict];
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = run(process.execPath, [compiler, ...settings, ...files], { cwd: project });
  await compiled.catch(({ stdout }: { readonly stdout: string }) => expect.unreachable(stdout));
}

/** The path of Node of this version: our own, or one from the package that holds its binary for this platform. */
async function nodeOf(version: string): Promise<string> {
  if (process.version.startsWith(`v${version}.`)) return process.execPath;
  const folder = join(project, `node-${version}`);
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const binary = `node-bin@npm:node-${process.platform}-${process.arch}@${version}`;
  await run('npm', ['install', '--no-audit', '--no-fund', binary], { cwd: folder });
  return join(folder, 'node_modules/node-bin/bin/node');
}

/** The bytes of a file and of all that it imports, directly or not, but for what it loads when it is needed. */
async function sizesFrom(entry: string): Promise<number> {
  const open = [entry];
  const sizes = new Map<string, number>();
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (sizes.has(file)) continue;
    sizes.set(file, (await stat(file)).size);
    const code = await readFile(file, 'utf8');
    for (const [, name = ''] of code.matchAll(/(?:from|import) ?"(\.[^"]+)"/g))
      open.push(join(dirname(file), name));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

test('its examples compile against its declarations alone, and run', async () => {
  for (const name of ['ask', 'test'])
    await cp(join(CLIENT, `examples/${name}.ts`), join(project, `${name}.ts`));
  await writeFile(
    join(project, 'all.ts'),
    `import { Failure, HttpTransport, Transport, createAssent } from '@assent/client';
     import * as forExpress from '@assent/client/express';
     import * as forFastify from '@assent/client/fastify';
     import { createVerifier, requiresGrant } from '@assent/client/grants';
     import * as obligations from '@assent/client/obligations';
     import { withPurpose } from '@assent/client/prisma';
     export const all: readonly unknown[] = [Failure, HttpTransport, Transport, obligations, withPurpose];
     export const frameworks: readonly unknown[] = [forExpress, forFastify];
     const assent = createAssent({ url: 'http://127.0.0.1:1', token: 'a', purpose: 'ai' });
     const { a } = await assent.check('u', ['a']);
     // @ts-expect-error a denial has no obligations
     export const terms: unknown = a.obligations;
     if (!a.permitted) console.log(a.reason);
     const verifier = createVerifier({ url: 'https://assent.example', audience: 'profiles', jwks: { keys: [] } });
     const owned = { base: 'https://profiles.example', fields: ['a'] };
     export const guard: unknown = requiresGrant(verifier, owned);
     const wanted = { user: 'u', field: 'a' };
     const request = { grant: 'x', proof: 'y', method: 'GET', url: 'https://profiles.example' };
     const verdict = await verifier.verify(request, wanted);
     // @ts-expect-error a refusal names no client
     export const client: unknown = verdict.client;
     if (!verdict.permitted) console.log(verdict.reason);
     const grant = await assent.grant('u', ['a'], { audience: 'profiles' });
     if (!grant.may('u', 'a')) console.log(grant.denied.length);
     // @ts-expect-error nobody asked about it
     export const other: unknown = (await assent.check('u', ['a'])).b;
    `,
  );
  await writeFile(
    join(project, 'policy.d.ts'),
    typesOf({ version: 'v', purposes: ['ai'], fields: ['member.skills'], obligations: ['retain_90d'] }),
  );
  await writeFile(
    join(project, 'named.ts'),
    `/// <reference path="policy.d.ts" />
     import { createAssent } from '@assent/client';
     const assent = createAssent({ url: 'http://127.0.0.1:1', token: 'a', purpose: 'ai', discharges: ['retain_90d'] });
     await assent.may('u', 'member.skills');
     // @ts-expect-error no such field
     await assent.may('u', 'member.skils');
     // @ts-expect-error no such field
     await assent.check('u', ['member.skills', 'member.skils']);
     // @ts-expect-error no such purpose
     await assent.may('u', 'member.skills', { purpose: 'aI' });
     // @ts-expect-error no such obligation
     createAssent({ url: 'http://127.0.0.1:1', token: 'a', discharges: ['retain_9d'] });
    `,
  );
  await compile('ask.ts', 'test.ts', 'all.ts');
  // by itself, because the names hold for a whole program
  await compile('named.ts');
  const { stdout } = await run(process.execPath, ['test.js'], { cwd: project });
  const readme = await readFile(join(CLIENT, 'README.md'), 'utf8');
  const [first = '', second] = stdout.split('\n');
  expect(readme).toContain(`It prints \`${first}\``);
  expect(second).toContain('`opted_out`');
  expect((await run(process.execPath, ['all.js'], { cwd: project })).stdout).toBe(
    'unreachable\nmalformed_grant\n1\n',
  );
});

test.each(['20', '24'])(
  'the first program of its page reads of a service what may be read, on Node %s',
  async (version) => {
    await everywhere({ 'u-123': { region: 'US-CA', age_band: 'adult' } }, []);
    const env = {
      ...process.env,
      ASSENT_URL: inject('service').url,
      ASSENT_TOKEN: await clientToken(['ads.personalised']),
    };
    const { stdout } = await run(await nodeOf(version), ['ask.js'], { cwd: project, env });
    expect(stdout).toBe('read it, in groups of 300 or more\n');
  },
);

test('publint and attw find nothing wrong with it', async () => {
  // each ends with 1 when it finds something, and then `run` rejects with what it says
  await run('npx', ['--yes', PUBLINT, '--strict', packed], { cwd: project });
  // it has no CommonJS, which Node 20.19 and later can `require` as it is
  await run('npx', ['--yes', ATTW, '--profile', 'esm-only', packed], { cwd: project });
});

test.each(['index', 'grants'])(
  'what is loaded by the entry `%s` of `@assent/client` is small',
  async (entry) => {
    const sizes = await sizesFrom(join(project, `node_modules/@assent/client/dist/${entry}.js`));
    expect(sizes).toBeGreaterThan(0);
    expect(sizes).toBeLessThan(MOST_LOADED);
  },
);

test('it needs no package but those of NestJS and Prisma, and those only for their parts', async () => {
  const description: unknown = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'));
  const needed = Object.keys(Object(description)).filter((name) => /dependencies/i.test(name));
  expect(needed).toEqual(['peerDependencies', 'peerDependenciesMeta']);
  const peers = Object.keys(Object(memberOf(description, 'peerDependencies')));
  expect(memberOf(description, 'peerDependenciesMeta')).toEqual(
    Object.fromEntries(peers.map((name) => [name, { optional: true }])),
  );
});

test('its part for NestJS compiles and runs with its packages', async () => {
  for (const name of ['@nestjs', 'rxjs', 'reflect-metadata', 'tslib'])
    await symlink(join(ROOT, 'node_modules', name), join(project, 'node_modules', name));
  await cp(join(CLIENT, 'examples/nest.ts'), join(project, 'nest.ts'));
  await writeFile(
    join(project, 'app.ts'),
    `import { Assent } from '@assent/client';
     import { NestFactory } from '@nestjs/core';
     import { App } from './nest.js';
     const app = await NestFactory.createApplicationContext(App, { logger: false });
     console.log(app.get(Assent) instanceof Assent);
     await app.close();
    `,
  );
  await compile('app.ts', '--skipLibCheck', '--experimentalDecorators');
  const env = { ...process.env, ASSENT_TOKEN: 'a-token' };
  expect((await run(process.execPath, ['app.js'], { cwd: project, env })).stdout).toBe('true\n');
});

test('its command runs, and fails a build with a column without a field', async () => {
  const { bin } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'));
  const command = join(project, 'node_modules/@assent/client', String(bin.assent));
  expect(await readFile(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect((await run(process.execPath, [command, 'types', '--help'])).stdout).toContain('npx assent types');
  await writeFile(join(project, 'schema.prisma'), 'model A {\n  id Int @id\n}');
  const linted = run(process.execPath, [command, 'lint', 'schema.prisma'], { cwd: project });
  await expect(linted).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('schema.prisma:2: `A.id`'),
  });
});
