/** Whoever makes or restores a backup is killed at any moment: there is all of it, or nothing. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newDataFolder } from '../data-folder.js';
import { times } from '../times.js';
import { peopleOf } from './people.js';
import { ROOT } from './script.js';
import { type Service, startService, temporaryFolder } from './service.js';

const KILLS = times(20, 4);

let folder: string;
let data: string;
let service: Service;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = await newDataFolder(join(folder, 'data'));
  service = await startService({ DATA_DIR: data });
  const people = await peopleOf(service);
  for (const user of ['ann', 'ben']) await people.register(user, 'US-NY');
}, 120_000);

afterAll(async () => {
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command, and kills it after so long. @returns its code; null: it was killed */
async function run(args: readonly string[], killAfter?: number): Promise<number | null> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/backup/backup.js'), ...args], {
    cwd: folder,
    env: { ...process.env, DATA_DIR: data },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  if (killAfter !== undefined) {
    await Promise.race([pass(killAfter), ended]);
    child.kill('SIGKILL');
  }
  return ended;
}

/** Kills a command at moments spread over the time that it takes, and holds each time that there is nothing or all. */
async function killOften(
  args: (target: string) => readonly string[],
  isWhole: (target: string) => Promise<boolean>,
): Promise<{ readonly whole: number; readonly nothing: number }> {
  const begun = performance.now();
  expect(await run(args('first'))).toBe(0);
  const takes = performance.now() - begun;
  for (const former of ['first', 'target']) await rm(join(folder, former), { recursive: true, force: true });
  let whole = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    await run(args('target'), ((kill + Math.random()) / KILLS) * takes);
    if (!existsSync(join(folder, 'target'))) continue;
    whole++;
    expect(await isWhole('target')).toBe(true);
    await rm(join(folder, 'target'), { recursive: true });
  }
  // what was left by the last kill is in nobody's way
  expect(await run(args('target'))).toBe(0);
  expect(await isWhole('target')).toBe(true);
  return { whole, nothing: KILLS - whole };
}

test('a backup that is killed while it is made is not there, and the service goes on', async () => {
  const { nothing } = await killOften(
    (target) => ['create', target],
    async (target) => (await run(['verify', target])) === 0,
  );
  expect(nothing).toBeGreaterThan(0);
  const people = await peopleOf(service);
  await people.register('cal', 'US-NY');
}, 1_200_000);

test('a folder that was being restored is not there, or starts', async () => {
  await run(['create', 'copy']);
  const { nothing } = await killOften(
    (target) => ['restore', 'copy', target, '--erasures', join(data, 'erasures')],
    async (target) => existsSync(join(folder, target, 'caches-attached')),
  );
  expect(nothing).toBeGreaterThan(0);
  await copyFile(join(data, 'key'), join(folder, 'target/key'));
  await copyFile(join(data, 'development-key.json'), join(folder, 'target/development-key.json'));
  const restored = await startService({ DATA_DIR: join(folder, 'target') });
  try {
    expect(await (await peopleOf(restored)).settings('ann')).toMatchObject({ known: true });
  } finally {
    await restored.stop();
  }
}, 1_200_000);
