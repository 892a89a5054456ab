import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Door, openDoor } from '../../store/postgres/backup-door.js';
import { FolderInUse, lockFolder } from '../../store/postgres/folder-lock.js';
import { whileHeld } from './held-database.js';

let folder: string;
let door: Door | undefined;
let happened: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-'));
  happened = [];
  door = undefined;
});
afterEach(async () => {
  await door?.close();
  await rm(folder, { recursive: true, force: true });
});

const prepare = async () => void happened.push('prepared');

/** A service that holds its changes for so long, in milliseconds. */
async function serviceThatHolds(most: number): Promise<void> {
  const hold = async (work: () => Promise<void>) => {
    happened.push('changes wait');
    await work();
    happened.push('changes go on');
  };
  door = await openDoor(folder, hold, most);
}

async function wentOn(times: number): Promise<void> {
  const count = () => happened.filter((what) => what === 'changes go on').length;
  await expect.poll(count).toBe(times);
}

test('a service starts where no socket can be made', async () => {
  door = await openDoor(join(folder, 'none'), (work) => work());
  expect(door).toBeDefined();
});

describe('a database is held', () => {
  test('no longer than its service lets changes wait, and what took longer is prepared and done again', async () => {
    // more than what is done in no time takes on a slow machine
    await serviceThatHolds(3_000);
    let attempts = 0;
    const isOnline = await whileHeld(folder, prepare, async () => {
      // the first time, until the service has let go by itself
      if (++attempts === 1) await wentOn(2);
    });
    expect([isOnline, attempts]).toEqual([true, 2]);
    const held = ['changes wait', 'changes go on'];
    expect(happened).toEqual([...held, 'prepared', ...held, 'prepared', ...held]);
  });

  test('a few times at most: then there is no copy, and the command says what to do', async () => {
    await serviceThatHolds(20);
    let attempts = 0;
    const all = whileHeld(folder, prepare, () => wentOn(1 + ++attempts));
    await expect(all).rejects.toThrow('run the command again when there are fewer changes');
    expect(attempts).toBe(5);
  });

  test('by the command itself where no service runs, which then cannot start meanwhile', async () => {
    const isOnline = await whileHeld(folder, prepare, async () => {
      expect(() => lockFolder(folder)).toThrow(FolderInUse);
    });
    expect([isOnline, happened]).toEqual([false, []]);
  });
});
