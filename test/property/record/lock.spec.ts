/** Nobody takes a writer for ended that goes on, whatever is done to its files: what it confirms later would not count. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BlockEncoder } from '../../../src/record/block/block-encoder.js';
import { closeAbandoned } from '../../../src/record/keeping/recovery.js';
import { WriterChain } from '../../../src/record/keeping/writer-chain.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { lockEnded } from '../../../src/record/segment/writer-folder.js';
import { listener, newFolder, question } from './folders.js';
import { take } from './records.js';

async function begun(mostBytes: number) {
  const folder = join(newFolder(), 'record');
  mkdirSync(folder);
  const chain = new WriterChain({ folder, log: 'log', mostBytes, mostMs: Infinity }, Date.now);
  await chain.ready();
  return { folder, chain, own: join(folder, chain.writer) };
}

function blockOf(request: string, number: number): Buffer {
  const encoder = new BlockEncoder();
  take(
    {
      begin: (asked) => encoder.begin(asked),
      decision: (...decision) => encoder.decision(...decision),
      end: () => encoder.end(),
      takeUsers: (asked, users) => encoder.takeUsers(asked, users),
      takeDischarge: (asked, discharge) => encoder.takeDischarge(asked, discharge),
    },
    question(request),
  );
  return encoder.seal(number);
}

function append(chain: WriterChain, request: string): Promise<void> {
  return chain.append(blockOf(request, chain.nextBlock));
}

/** Whether another process can take it for ended. */
async function seemsEnded(own: string): Promise<boolean> {
  const lock = await lockEnded(own);
  lock?.release();
  return lock !== undefined;
}

async function requestsOf(own: string): Promise<string[]> {
  const requests: string[] = [];
  for await (const block of readWriter(own))
    for (const { entry } of block.entries()) requests.push(entry.request);
  return requests;
}

test('a writer whose segment was removed begins the next one under its lock', async () => {
  const { chain, own } = await begun(1);
  await append(chain, 'gone');
  rmSync(join(own, '00000001.rec'));
  await chain.turn();
  expect(readdirSync(own)).toContain('00000002.rec');
  expect(await seemsEnded(own)).toBe(false);
  await chain.close();
});

test('a writer whose lock was removed takes a new one before it writes, and nothing is missing', async () => {
  const { chain, own } = await begun(Infinity);
  await append(chain, 'one');
  rmSync(join(own, 'lock'));
  await append(chain, 'two');
  expect(await seemsEnded(own)).toBe(false);
  await chain.close();
  expect(await requestsOf(own)).toEqual(['one', 'two']);
});

test('a writer that has nothing to write takes a new lock as well where its own was removed', async () => {
  const { chain, own } = await begun(Infinity);
  rmSync(join(own, 'lock'));
  await chain.turn();
  expect(await seemsEnded(own)).toBe(false);
  await chain.close();
  expect(await requestsOf(own)).toEqual([]);
});

test('a writer whose record was moved away and made again holds the lock of the folder that it writes to', async () => {
  const { folder, chain, own } = await begun(1);
  await append(chain, 'moved');
  renameSync(folder, `${folder}.old`);
  mkdirSync(folder);
  await chain.turn();
  await append(chain, 'here');
  expect(await seemsEnded(own)).toBe(false);
  expect(await seemsEnded(join(`${folder}.old`, chain.writer))).toBe(true);
  expect(await requestsOf(join(`${folder}.old`, chain.writer))).toEqual(['moved']);
  await chain.close();
});

test('what is written while the lock is removed is not confirmed, and is written once more', async () => {
  const { chain, own } = await begun(Infinity);
  await append(chain, 'one');
  const writing = append(chain, 'two');
  rmSync(join(own, 'lock'));
  await expect(writing).rejects.toThrow('the lock of its folder was removed');
  await chain.ready();
  await append(chain, 'two');
  expect(await seemsEnded(own)).toBe(false);
  await chain.close();
  expect(await requestsOf(own)).toEqual(['one', 'two']);
});

test('a writer that another process has closed, because its lock was removed, writes no more and says why', async () => {
  const { folder, chain, own } = await begun(Infinity);
  await append(chain, 'one');
  rmSync(join(own, 'lock'));
  await closeAbandoned(folder, Date.now, listener().news);
  const told = `another process has closed \`${own}\`, because its lock was removed: start this process again`;
  await expect(append(chain, 'two')).rejects.toThrow(told);
  await expect(chain.ready()).rejects.toThrow(told);
  await chain.close();
  expect(await requestsOf(own)).toEqual(['one']);
  const blocks = readWriter(own);
  await blocks.next();
  expect(await blocks.next()).toMatchObject({ done: true, value: { state: 'closed' } });
});

test.skipIf(process.platform === 'win32')('a pipe with the name of a segment holds up nobody', async () => {
  const { folder, chain, own } = await begun(Infinity);
  await append(chain, 'before');
  execFileSync('mkfifo', [join(own, '00000002.rec')]);
  await chain.close();
  expect(await requestsOf(own)).toEqual(['before']);
  const { news, told } = listener();
  await closeAbandoned(folder, Date.now, news);
  expect(told.onNotClosed).toEqual([]);
});
