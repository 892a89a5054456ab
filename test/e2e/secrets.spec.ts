/** No secret is where somebody who looks at the machine or reads the log finds it. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../contract/postgres-server.js';
import { refusalToStart, startService, temporaryFolder } from './service.js';

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

async function fileOf(url: string): Promise<string> {
  const file = join(folder, 'database');
  await writeFile(file, `${url}\n`, { mode: 0o600 });
  return file;
}

/** What the system shows of a process and of those that it started: how it was called, and with which variables. */
async function shownOf(pid: number): Promise<string> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const shown = await Promise.all([
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
    readFile(`/proc/${pid}/environ`, 'utf8'),
    ...children
      .trim()
      .split(' ')
      .filter(Boolean)
      .map((child) => shownOf(Number(child))),
  ]);
  return shown.join('');
}

describe('the password of a database whose address is in a file', () => {
  test.skipIf(process.platform !== 'linux')(
    'is neither shown of the processes nor in their log',
    async () => {
      const url = await postgres.createDatabase('secrets');
      const { password } = new URL(url);
      const service = await startService({
        DATABASE_URL: '',
        DATABASE_URL_FILE: await fileOf(url),
        DATA_DIR: folder,
        WORKERS: '2',
        LOG_LEVEL: 'trace',
      });
      await expect.poll(() => service.output().match(/"worker ready"/g)?.length, { timeout: 60_000 }).toBe(2);
      const shown = await shownOf(service.process.pid ?? expect.unreachable());
      expect(shown.match(/DATABASE_URL_FILE/g)).toHaveLength(3);
      expect(shown).not.toContain(password);
      await service.stop();
      expect(service.output()).toContain('"message":"stopped"');
      expect(service.output()).not.toContain(password);
      for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
        if (file.isFile() && file.name !== 'database')
          expect((await readFile(join(file.parentPath, file.name))).includes(password), file.name).toBe(
            false,
          );
    },
  );

  test('is not in the error of a server that is not there', async () => {
    const url = 'postgresql://assent:hidden@127.0.0.1:1/assent';
    const { code, stdout, stderr } = await refusalToStart({
      DATABASE_URL: '',
      DATABASE_URL_FILE: await fileOf(url),
      LOG_LEVEL: 'trace',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('check DATABASE_URL and that its server runs');
    expect(stdout + stderr).not.toContain('hidden');
  });
});
