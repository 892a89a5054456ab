/** The first start on what a former build left is killed at any moment: the next one goes on from there, and nothing is lost. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm } from 'node:fs/promises';
import { setTimeout as pass } from 'node:timers/promises';
import { Client } from 'pg';
import { onTestFinished, test } from 'vitest';
import { formerBuild, formerBuilds, formerFolder, formerServer } from '../compatibility/former-build.js';
import { startPostgres } from '../contract/postgres-server.js';
import { times } from '../times.js';
import { expectAsThen } from './said-then.js';
import { ROOT } from './script.js';
import { startService, temporaryFolder } from './service.js';

/** Of each kind of store. */
const KILLS = times(10, 2);

type Settings = { readonly DATA_DIR: string; readonly DATABASE_URL: string };

const BUILD = await formerBuild((await formerBuilds()).toSorted().at(-1) ?? '');

/** @param copy makes what the former build left anew */
async function killOften(copy: (kill: number) => Promise<Settings>): Promise<void> {
  const takes = await timeOf(await copy(KILLS));
  for (let kill = 0; kill < KILLS; kill++) {
    const settings = await copy(kill);
    const child = spawned(settings);
    const ended = once(child, 'exit');
    await Promise.race([pass(((kill + Math.random()) / KILLS) * takes), ended]);
    child.kill('SIGKILL');
    await ended;
    const service = await startService(settings);
    try {
      await expectAsThen(service, BUILD.said, `killed for the ${kill + 1}. time`);
    } finally {
      await service.stop();
    }
    await rm(settings.DATA_DIR, { recursive: true });
  }
}

/** How long the first start takes, in milliseconds. */
async function timeOf(settings: Settings): Promise<number> {
  const begun = performance.now();
  const service = await startService(settings);
  const takes = performance.now() - begun;
  await service.stop();
  await rm(settings.DATA_DIR, { recursive: true });
  return takes;
}

function spawned(settings: Settings): ChildProcess {
  return spawn(process.execPath, ['dist/main.js'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], PORT: '0', ...settings },
    stdio: 'ignore',
  });
}

test('a data folder', async () => {
  const left = await formerFolder(BUILD);
  const folder = await temporaryFolder();
  onTestFinished(async () => {
    for (const one of [left, folder]) await rm(one, { recursive: true });
  });
  await killOften(async (kill) => {
    const dataDir = `${folder}/${kill}`;
    await cp(left, dataDir, { recursive: true, preserveTimestamps: true });
    return { DATA_DIR: dataDir, DATABASE_URL: 'embedded' };
  });
}, 1_200_000);

test('a database on a server', async () => {
  const postgres = await startPostgres();
  const left = await formerServer(BUILD, await postgres.createDatabase('former'));
  const folder = await temporaryFolder();
  const database = new Client({ connectionString: await postgres.createDatabase('copying') });
  await database.connect();
  onTestFinished(async () => {
    await database.end();
    await postgres.stop();
    for (const one of [left, folder]) await rm(one, { recursive: true });
  });
  await killOften(async (kill) => {
    await database.query(`CREATE DATABASE former_${kill} TEMPLATE former`);
    const dataDir = `${folder}/${kill}`;
    await cp(left, dataDir, { recursive: true });
    const { host, port, user, password } = database;
    return {
      DATA_DIR: dataDir,
      DATABASE_URL: `postgresql://${user}:${password}@${host}:${port}/former_${kill}`,
    };
  });
}, 1_200_000);
