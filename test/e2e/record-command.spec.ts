/** A log is verified by whoever has a copy of it and public keys, without the service. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Recorder } from '../../src/record/keeping/recorder.js';
import { segmentName } from '../../src/record/segment/segment-format.js';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { DAY_MS } from '../../src/time.js';
import { GrowingLog } from '../../src/tlog/growing-log.js';
import { signCheckpoint } from '../../src/tlog/heads/checkpoint.js';
import { copyName } from '../../src/tlog/heads/kept-heads.js';
import { verifierKeyOf } from '../../src/tlog/heads/note.js';
import { Tiles } from '../../src/tlog/tiles.js';
import { listener, question, remove, write } from '../property/record/folders.js';
import { take } from '../property/record/records.js';
import { signerNamed, writeQuickly } from '../tlog.js';

const ROOT = new URL('../..', import.meta.url).pathname;
const ORIGIN = 'assent.example/record';
const SIGNER = signerNamed(ORIGIN);

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-'));
  const log = await GrowingLog.open(new Tiles(join(folder, 'log'), writeQuickly), 0);
  for (const size of [300, 600]) {
    while (log.size < size) log.append(Buffer.from(`entry ${log.size}`));
    await log.write();
    const note = await signCheckpoint({ origin: ORIGIN, size, root: log.root() }, [SIGNER]);
    for (const path of ['log/checkpoint', `handed-out/${copyName(size)}`])
      await writeQuickly(join(folder, path), Buffer.from(note));
  }
  // a key that was retired, the one that signs, and an empty line
  await writeFile(
    join(folder, 'keys'),
    `${verifierKeyOf(signerNamed(ORIGIN))}\n${verifierKeyOf(SIGNER)}\n\n`,
  );
});

afterAll(() => rm(folder, { recursive: true }));

function record(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'dist/cli/record/record.js'), ...args],
      { cwd: folder },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

test('a log that nobody altered is what was signed', async () => {
  const { code, stdout } = await record('verify', 'log', '--keys', 'keys', '--checkpoints', 'handed-out');
  expect({ code, lines: stdout.trimEnd().split('\n') }).toEqual({
    code: 0,
    lines: [
      'ok     the log `assent.example/record` is what was signed: 600 entries',
      'ok     it continues 2 checkpoints that were handed out',
      expect.stringMatching(/^ok {5}root [\w+/]{43}=$/),
    ],
  });
});

test('an entry that was altered is named, with its file and byte', async () => {
  await cp(join(folder, 'log'), join(folder, 'altered'), { recursive: true });
  const path = join(folder, 'altered/tile/entries/001');
  await writeFile(path, (await readFile(path, 'latin1')).replace('entry 321', 'entry 999'), 'latin1');
  const { code, stdout } = await record('verify', 'altered', '--keys', 'keys');
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout:
      'wrong  `tile/entries/001` has at byte 715 another entry 321 than its tile says: the one or the other was altered\n',
  });
});

test('segments that were deleted are told from those that retention removed', async () => {
  const now = Date.now();
  await write(folder, [question('young', now)]);
  await write(folder, [question('old', now - 91 * DAY_MS)]);
  const writers = await writersIn(folder);
  for (const writer of writers) await remove(join(folder, writer), 1);
  const { code, stdout } = await record('check', '.');
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /^wrong {2}[0-9a-f]{16}: removed too early: 1 segment, with records until .*, which RECORD_DAYS keeps; restore them from a copy$/m,
  );
  expect(stdout).toMatch(/^note {3}[0-9a-f]{16}: removed: 1 segment, with records until .*Z$/m);
  expect((await record('check', '.', '--days', '0')).stdout.match(/^wrong /gm)).toHaveLength(2);
  expect(await record('check', '.', '--days', 'x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`--days x` is no number of days'),
  });
});

test('the loss of a segment is accepted once, by somebody and for a reason, and stays on record', async () => {
  const lossy = join(folder, 'lossy');
  await mkdir(lossy);
  const settings = { folder: lossy, log: 'log', isFast: false, segmentBytes: 222 };
  const recorder = await Recorder.open(settings, Date.now, listener().news);
  for (let index = 0; index < 5; index++) {
    take(recorder, question(`${index}`));
    await recorder.settled(true);
  }
  await recorder.close();
  const { writer } = recorder;
  const accept = (...args: string[]) => record('accept-loss', writer, 'lossy', ...args);
  const said = ['--by', 'Oda', '--because', 'the disk died'];
  expect(await accept(...said)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('no segment is missing'),
  });
  await rm(join(lossy, writer, segmentName(1)));
  expect(await accept('--by', 'Oda')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('`--because`'),
  });
  expect(await accept(...said)).toMatchObject({
    code: 0,
    stdout: `ok     ${writer}: 1 segment accepted as lost, from 1 to 1\n`,
  });
  expect(await accept(...said)).toMatchObject({ code: 1 });
  const { code, stdout } = await record('check', 'lossy');
  expect(code).toBe(1);
  expect(stdout).toContain('the segment is missing');
  expect(stdout).toMatch(
    /^note {3}[0-9a-f]{16}: segments 1 to 1 accepted as lost by Oda, .*Z: the disk died$/m,
  );
});

test('a log whose older state was put back is found out by what was handed out', async () => {
  await cp(join(folder, 'log'), join(folder, 'older'), { recursive: true });
  await cp(join(folder, 'handed-out', copyName(300)), join(folder, 'older/checkpoint'));
  const { code, stdout } = await record('verify', 'older', '--keys', 'keys', '--checkpoints', 'handed-out');
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('the log has 300 leaves, but a checkpoint of 600 was handed out'),
  });
});

test.each([
  ['no folder', ['verify', 'nowhere', '--keys', 'keys'], 1, '`nowhere/heads/record/checkpoint` is missing'],
  ['no keys', ['verify', 'log'], 2, '`--keys` is missing: give the public keys'],
  ['a file that has none', ['verify', 'log', '--keys', 'log/checkpoint'], 2, 'is no verifier key of Ed25519'],
])('%s is said', async (_named, args, exit, said) => {
  const { code, stdout, stderr } = await record(...args);
  expect({ code, said: stdout + stderr }).toEqual({ code: exit, said: expect.stringContaining(said) });
});
