/** What production runs, by itself: no package of the repository is near it, and nothing of it is missing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAMS } from '../../scripts/programs.mjs';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { EVALUATION, mayRead } from './questions.js';
import { startService } from './service.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const PURPOSE = 'service';
const COMMANDS = PROGRAMS.filter((program) => program.startsWith('cli/'));

let folder: string;
let said: string;
let postgres: PostgresServer;

const run = promisify(execFile);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-packed-'));
  const env = { ...process.env, SOURCE_DATE_EPOCH: '1790000000' };
  [{ stdout: said }, postgres] = await Promise.all([
    run(process.execPath, [join(ROOT, 'scripts/pack.mjs'), folder], { env }),
    startPostgres(),
  ]);
});

afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

describe('the folder that is packed', () => {
  test('is small, and says what is in it', async () => {
    const [, size] = /: (\d+) MB, \d+ packages installed, \d+ in bundles\n$/.exec(said) ?? [];
    expect(Number(size)).toBeLessThan(100);
    const bill = await readFile(join(folder, 'sbom.json'), 'utf8');
    // of the service, beside it, and of the two pages
    for (const name of ['fastify', 'pino', 'pg', '@codemirror/view', 'preact'])
      expect(bill).toContain(`"purl": "pkg:npm/${name.replace('@', '%40')}@`);
    for (const place of ['bundle', 'console/licences', 'settings/licences']) {
      const licences = await readFile(join(folder, 'dist', place, 'licences.txt'), 'utf8');
      const each = licences.split(`\n${'-'.repeat(80)}\n\n`);
      expect(each.length).toBeGreaterThan(place === 'settings/licences' ? 0 : 3);
      // after the line of its name; what is in the public domain has no text to pass on
      const bound = each.filter((one) => !/^.+: Unlicense\n/.test(one));
      expect(bound.filter((one) => one.slice(one.indexOf('\n')).trim().length < 200)).toEqual([]);
    }
    const installed = await readdir(join(folder, 'node_modules'));
    expect(installed.filter((name) => /prisma|nest|typescript|^npm$/.test(name))).toEqual([]);
  });

  test('keeps its packages when npm installs one beside them', async () => {
    const installed = () => readdir(join(folder, 'node_modules'));
    const before = await installed();
    const beside = join(folder, 'beside');
    await mkdir(beside);
    await writeFile(join(beside, 'package.json'), '{ "name": "beside", "version": "1.0.0" }');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', './beside'], { cwd: folder });
    expect(await installed()).toEqual(expect.arrayContaining([...before, 'beside']));
    expect(await readdir(join(folder, 'deploy'))).toEqual(['traces.mjs']);
  });

  test.each(['embedded', 'a server'])('starts with the database: %s', async (kind) => {
    const url = kind === 'embedded' ? kind : await postgres.createDatabase('packed');
    const service = await startService({ DATABASE_URL: url }, ['--enable-source-maps'], folder);
    const token = await service.token({ sub: 'feed', purposes: [PURPOSE] });
    const body = mayRead(PURPOSE, 'u-1');
    expect(await service.request('POST', EVALUATION, { token, body })).toMatchObject({ status: 200 });
    for (const page of ['/settings', '/console', '/docs'])
      expect(await fetch(`${service.url}${page}`), page).toMatchObject({ status: 200 });
    expect(await service.kill('SIGTERM')).toBe(0);
    expect(service.output()).not.toContain('the upkeep of the record failed');
    await service.stop();
  });

  test.each(COMMANDS)('has the command %s', async (command) => {
    const outcome = await run(process.execPath, [`dist/${command}.js`, 'no-such-thing'], {
      cwd: folder,
    }).catch((error: unknown) => error);
    const { stdout, stderr } = Object(outcome);
    expect(`${stdout}${stderr}`).not.toMatch(/ERR_MODULE_NOT_FOUND|Cannot find/);
    expect(existsSync(join(folder, `dist/${command}.js`))).toBe(true);
  });
});
