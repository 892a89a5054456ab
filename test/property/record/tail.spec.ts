/** Who reads a record while it is written gets every block once, whatever happens to the segments meanwhile. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { closeAbandoned } from '../../../src/record/keeping/recovery.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { BEGINNING, type Position, blocksAfter } from '../../../src/record/segment/record-tail.js';
import { writersIn } from '../../../src/record/segment/writer-folder.js';
import { listener, newFolder, opened, question, write } from './folders.js';
import { take } from './records.js';

/** The requests after a position, and the position after them. */
async function readOn(folder: string, position: Position): Promise<readonly [string[], Position]> {
  const requests: string[] = [];
  let last = position;
  for await (const next of blocksAfter(folder, position)) {
    for (const { entry } of next.block.entries()) requests.push(entry.request);
    last = next.position;
  }
  return [requests, last];
}

async function onlyWriter(folder: string): Promise<string> {
  const [writer = ''] = await writersIn(folder);
  return join(folder, writer);
}

test('a block that was read and then cut off, because its write failed, is not read twice', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  for (const request of ['first', 'second']) {
    take(recording, question(request));
    await recording.settled(true);
  }
  const own = await onlyWriter(folder);
  const first = join(own, '00000001.rec');
  const blocks = [];
  for await (const block of readWriter(own)) blocks.push(block);
  const whole = readFileSync(first);
  const [read, position] = await readOn(own, BEGINNING);
  expect(read).toEqual(['first', 'second']);
  await close();

  // as the writer leaves it: the first segment ends before the second block, which begins the next one
  writeFileSync(first, whole.subarray(0, blocks[1]?.at));
  await closeAbandoned(folder, Date.now, listener().news);
  const other = newFolder();
  await write(other, [question('x'), question('second'), question('third')]);
  const cut = readFileSync(join(await onlyWriter(other), '00000001.rec'));
  writeFileSync(join(own, '00000002.rec'), cut);
  expect(await readOn(own, position)).toMatchObject([['third'], { sequence: 2, nextBlock: 3 }]);
});

test('who comes back after the segment was removed goes on with the first that is there', async () => {
  const folder = newFolder();
  await write(folder, [question('one')]);
  const own = await onlyWriter(folder);
  const [, position] = await readOn(own, BEGINNING);
  rmSync(join(own, '00000001.rec'));
  expect(await readOn(own, position)).toEqual([[], position]);
});
