/** What a caller was told is recorded is there after the process was killed, and after the disk was full; of the service, see `crash.long.spec.ts`. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { listener, newFolder, opened, requestsIn } from '../property/record/folders.js';

/** A process that takes decisions down. @param limit a soft limit of the size of a file, in bytes */
function takerIn(
  folder: string,
  mode: 'on' | 'fast',
  name: string,
  limit?: number,
): { readonly child: ChildProcess; readonly lines: AsyncIterableIterator<string> } {
  const command = [process.execPath, 'test/property/record/taker.mjs', folder, mode, name];
  const [program = '', ...args] =
    limit === undefined ? command : ['prlimit', `--fsize=${limit}:unlimited`, ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

async function readUntil(
  lines: AsyncIterableIterator<string>,
  isEnough: (line: string, count: number) => boolean,
): Promise<string[]> {
  const read: string[] = [];
  for (;;) {
    const { done, value } = await lines.next();
    if (done === true) return read;
    read.push(value);
    if (isEnough(value, read.length)) return read;
  }
}

function told(lines: readonly string[], sign: string): string[] {
  return lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
}

test('a kill loses nothing that was told to be recorded, and the next start cuts at most what was being written', async () => {
  const folder = newFolder();
  const kills = 6;
  const recorded: string[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const { child, lines } = takerIn(folder, kill % 2 === 0 ? 'on' : 'fast', `${kill}-`);
    const until = 1 + ((kill * 7_919) % 3_000);
    const seen = await readUntil(lines, (_, count) => count >= until);
    child.kill('SIGKILL');
    seen.push(...(await readUntil(lines, () => false)));
    recorded.push(...told(seen, '+'));
    expect(told(seen, '-')).toEqual([]);
  }
  const { told: news, news: onNews } = listener();
  await (await opened(folder, onNews)).close();
  expect(news.onNotClosed).toEqual([]);
  const there = new Set((await requestsIn(folder)).values());
  expect(recorded.length).toBeGreaterThan(kills);
  expect(recorded.filter((request) => !there.has(request))).toEqual([]);
});

test('where files can grow no more nobody is told that they are recorded, and nothing taken down is lost', async () => {
  const folder = newFolder();
  const { child, lines } = takerIn(folder, 'on', '', 200_000);
  const seen = await readUntil(lines, (line) => line === '!');
  execFileSync('prlimit', [`--pid=${child.pid}`, '--fsize=unlimited']);
  seen.push(...(await readUntil(lines, (line) => line === '=')));
  seen.push(...(await readUntil(lines, (_, count) => count > 500)));
  child.kill('SIGTERM');
  seen.push(...(await readUntil(lines, () => false)));
  expect(seen.filter((line) => line === '!' || line === '=').join('')).toMatch(/^(!=)+$/);
  expect(seen.at(-1)).toBe('closed');
  const there = new Set((await requestsIn(folder)).values());
  const taken = [...told(seen, '+'), ...told(seen, '-')];
  expect(taken.filter((request) => !there.has(request))).toEqual([]);
  expect(told(seen, '-').length).toBeGreaterThan(0);
});
