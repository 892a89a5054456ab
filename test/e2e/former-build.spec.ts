/**
 * What a former build left, in a data folder or on a server, opens, verifies, and is answered from as its own build did; also
 * under a new key.
 */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { formerBuild, formerBuilds, formerFolder, formerServer } from '../compatibility/former-build.js';
import { startPostgres } from '../contract/postgres-server.js';
import { expectAsThen } from './said-then.js';
import { ROOT } from './script.js';
import { startService } from './service.js';

async function expectOpened(settings: Readonly<Record<string, string>>, name: string): Promise<void> {
  const { said } = await formerBuild(name);
  const expectStarted = async (key: string) => {
    const service = await startService(settings);
    try {
      await expectAsThen(service, said, key);
    } finally {
      await service.stop();
    }
  };
  await expectStarted('under its own key');
  await promisify(execFile)(process.execPath, [`${ROOT}dist/cli/keys.js`, 'rotate'], {
    env: { ...process.env, ...settings },
  });
  await expectStarted('under a new key');
}

const BUILDS = await formerBuilds();

it('there are former builds to try', () => {
  expect(BUILDS).not.toEqual([]);
});

it.each(BUILDS)('the data folder of %s', async (name) => {
  const dataDir = await formerFolder(await formerBuild(name));
  await expectOpened({ DATA_DIR: dataDir }, name);
  await rm(dataDir, { recursive: true });
});

it.each(BUILDS)('the database of %s on a server', async (name) => {
  const postgres = await startPostgres();
  try {
    const databaseUrl = await postgres.createDatabase('former');
    const dataDir = await formerServer(await formerBuild(name), databaseUrl);
    await expectOpened({ DATA_DIR: dataDir, DATABASE_URL: databaseUrl }, name);
    await rm(dataDir, { recursive: true });
  } finally {
    await postgres.stop();
  }
});
