/** No secret is where somebody who looks at the machine, the log or the metrics finds it. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { startOpenIdProvider } from './openid-provider.js';
import { EVALUATION, mayRead } from './questions.js';
import { metricsUrlOf, scrapeText } from './scrape.js';
import { refusalToStart, startService, temporaryFolder } from './service.js';

const AUDIENCE = 'https://assent.example';
const PROCESSES = 3;

let folder: string;
let postgres: PostgresServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  postgres = await startPostgres();
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, secret: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return file;
}

/** The process, and those that it started. */
async function familyOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const families = children.trim().split(' ').filter(Boolean).map(Number).map(familyOf);
  return [pid, ...(await Promise.all(families)).flat()];
}

/** What the system shows of a process: how it was called, and with which variables. */
async function shownOf(pid: number): Promise<string> {
  return (
    await Promise.all(['cmdline', 'environ'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')))
  ).join('');
}

/** The files in a folder, by name; those that are not text in letters of one byte. */
async function contentsOf(place: string): Promise<[string, string][]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ name, parentPath }) => [name, await readFile(join(parentPath, name), 'latin1')]),
  );
}

/** A report is written while it can be read: whole, it is JSON. */
function isWhole(report: string): boolean {
  try {
    JSON.parse(report);
    return true;
  } catch {
    return false;
  }
}

test.skipIf(process.platform !== 'linux')(
  'no secret that is in a file is shown of the processes, nor is it in their log, metrics or files, nor in what Node reports',
  async () => {
    const url = await postgres.createDatabase('secrets');
    const key = randomBytes(32).toString('base64');
    const signIn = 'a-secret-of-the-pages';
    const [dataDir, reports] = [join(folder, 'data'), join(folder, 'reports')];
    await Promise.all([mkdir(dataDir), mkdir(reports)]);
    const provider = await startOpenIdProvider(AUDIENCE, { feed: { purposes: ['service'] } });
    const service = await startService(
      {
        DATABASE_URL: '',
        DATABASE_URL_FILE: await fileOf('database', url),
        KEY_FILE: await fileOf('key', key),
        DATA_DIR: dataDir,
        OIDC_ISSUER: provider.issuer,
        OIDC_AUDIENCE: AUDIENCE,
        OIDC_SIGN_IN_CLIENT: 'assent-pages',
        OIDC_SIGN_IN_SECRET_FILE: await fileOf('sign-in', signIn),
        PUBLIC_URL: 'http://127.0.0.1:3000',
        METRICS_PORT: '0',
        WORKERS: String(PROCESSES - 1),
        LOG_LEVEL: 'trace',
      },
      ['--report-on-signal', `--report-directory=${reports}`],
    );
    try {
      const ready = () => service.output().match(/"worker ready"/g)?.length;
      await expect.poll(ready).toBe(PROCESSES - 1);
      const token = await provider.accessToken('feed');
      const body = mayRead('service', 'u-1');
      expect(await service.request('POST', EVALUATION, { token, body })).toMatchObject({ status: 200 });
      const altered = { token: `${token}x`, body };
      expect(await service.request('POST', EVALUATION, altered)).toMatchObject({ status: 401 });
      const family = await familyOf(service.process.pid ?? expect.unreachable());
      for (const one of family) process.kill(one, 'SIGUSR2');
      const whole = async () => (await contentsOf(reports)).filter(([, report]) => isWhole(report)).length;
      await expect.poll(whole).toBe(PROCESSES);
      const shown = await Promise.all(family.map(shownOf));
      expect(shown.filter((one) => one.includes('DATABASE_URL_FILE'))).toHaveLength(PROCESSES);
      const metrics = await scrapeText(await metricsUrlOf(service));
      await service.stop();
      // what it wrote last may come after its end
      await expect.poll(service.output).toContain('"message":"stopped"');
      const places = [
        ...shown.map((one) => ['what the system shows', one] as const),
        ['the metrics', metrics] as const,
        ['the log', service.output()] as const,
        ...(await contentsOf(reports)),
        ...(await contentsOf(dataDir)),
      ];
      expect(places.length).toBeGreaterThan(2 * PROCESSES + 2);
      const secrets = { password: new URL(url).password, key, signIn, token };
      for (const [name, secret] of Object.entries(secrets))
        expect(
          places.filter(([, text]) => text.includes(secret)).map(([place]) => place),
          name,
        ).toEqual([]);
    } finally {
      await service.kill('SIGKILL');
      await provider.unplug();
    }
  },
);

test('the password of a database is not in the error of a server that is not there', async () => {
  const url = 'postgresql://assent:hidden@127.0.0.1:1/assent';
  const { code, stdout, stderr } = await refusalToStart({
    DATABASE_URL: '',
    DATABASE_URL_FILE: await fileOf('database', url),
    LOG_LEVEL: 'trace',
  });
  expect(code).toBe(1);
  expect(stderr).toContain('check the file of DATABASE_URL_FILE and that its server runs');
  expect(stdout + stderr).not.toContain('hidden');
});
