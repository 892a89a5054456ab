/** Whatever is changed in the folder of a log is found, and so is a whole folder that was made anew. */
import { cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, asyncProperty, integer, nat } from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { times } from '../../test/times.js';
import { signerNamed, writeQuickly } from '../../test/tlog.js';
import { GrowingLog } from './growing-log.js';
import { Rewritten, signCheckpoint } from './heads/checkpoint.js';
import { copyName } from './heads/kept-heads.js';
import { NoteFault } from './heads/note.js';
import { TileFault, Tiles } from './tiles.js';
import { verifyLog } from './verify-log.js';

const ORIGIN = 'assent.example/record';
const SIGNER = signerNamed(ORIGIN);
const SIZE = 66_000;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-log-'));
  await make(join(folder, 'log'), [300, 600, SIZE]);
  await make(join(folder, 'small'), [300, 600]);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A log with a checkpoint at each of these sizes, copied to `copies` inside it. */
async function make(dir: string, sizes: readonly number[], word = 'entry'): Promise<void> {
  const log = await GrowingLog.open(new Tiles(dir, writeQuickly), 0);
  for (const size of sizes) {
    while (log.size < size) log.append(Buffer.from(`${word} ${log.size}`));
    await log.write();
    const head = { origin: ORIGIN, size, root: log.root() };
    const note = Buffer.from(await signCheckpoint(head, [SIGNER]));
    await writeQuickly(join(dir, 'checkpoint'), note);
    await writeQuickly(join(dir, 'copies', copyName(size)), note);
  }
}

function verified(dir: string) {
  return verifyLog({ folder: dir, origin: ORIGIN, keys: [SIGNER], copies: join(dir, 'copies') });
}

async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** What is found in a copy of the small log that is damaged. */
async function damaged(damage: (dir: string) => Promise<unknown>): Promise<Error> {
  const dir = await mkdtemp(join(folder, 'damaged-'));
  await cp(join(folder, 'small'), dir, { recursive: true });
  try {
    await damage(dir);
    await verified(dir);
  } catch (error) {
    if (error instanceof Error) return error;
  } finally {
    await rm(dir, { recursive: true });
  }
  throw new Error('nothing was found');
}

describe('a log in a folder', () => {
  it('verifies, with all the checkpoints that were handed out', async () => {
    expect(await verified(join(folder, 'log'))).toMatchObject({ head: { size: SIZE }, copies: 3 });
    expect(await verified(join(folder, 'small'))).toMatchObject({ head: { size: 600 }, copies: 2 });
  });

  it('does not when a bit of any file is another, or a file is cut or missing', async () => {
    const files = await filesOf(join(folder, 'small'));
    // partial tiles that were completed since are gone
    expect(files).toHaveLength(11);
    for (const file of files) {
      const path = file.slice(join(folder, 'small').length + 1);
      const isCopy = path.startsWith('copies');
      const isNeeded = !path.includes('.p/') || path.endsWith('.p/88') || path.endsWith('.p/2');
      if (!isNeeded) continue;
      await assert(
        asyncProperty(nat(), integer({ min: 0, max: 7 }), async (chosen, bit) => {
          const fault = await damaged(async (dir) => {
            const bytes = await readFile(join(dir, path));
            const at = chosen % bytes.length;
            bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
            await writeFile(join(dir, path), bytes);
          });
          expect([TileFault, NoteFault]).toContain(fault.constructor);
          const level = /^tile\/(\w+)\/(.*)$/.exec(path);
          // an entry and its tile, or a tile and the one above, contradict each other: either may be the altered one
          if (level?.[1] === 'entries' || level?.[1] === '0')
            expect(fault.message).toMatch(/^`tile\/(entries|0)\//);
          else expect(fault.message).toContain(path);
        }),
        { numRuns: times(40, 4) },
      );
      const cut = await damaged(async (dir) => {
        const bytes = await readFile(join(dir, path));
        await writeFile(join(dir, path), bytes.subarray(0, -1));
      });
      expect(cut.message).toContain(path);
      // who handed out less says nothing against the log
      if (!isCopy) expect((await damaged((dir) => rm(join(dir, path)))).message).toContain(path);
    }
  });

  it('does not when entries are swapped, and says which is the first and where', async () => {
    const fault = await damaged(async (dir) => {
      const path = join(dir, 'tile/entries/001');
      const text = await readFile(path, 'latin1');
      await writeFile(
        path,
        text
          .replace('entry 300', 'entry 30x')
          .replace('entry 301', 'entry 300')
          .replace('entry 30x', 'entry 301'),
        'latin1',
      );
    });
    expect(fault.message).toBe(
      '`tile/entries/001` has at byte 484 another entry 300 than its tile says: the one or the other was altered',
    );
  });

  it('does not when an entry was altered together with its tile', async () => {
    const fault = await damaged(async (dir) => {
      const other = join(folder, 'other');
      await make(other, [600], 'forged');
      for (const path of ['tile/entries/000', 'tile/0/000']) await cp(join(other, path), join(dir, path));
      await rm(other, { recursive: true });
    });
    expect(fault.message).toMatch(
      /at 300 leaves than was signed: it was rewritten|`tile\/1\/000.p\/2` has at byte 0/,
    );
  });

  it('does not when all of it was made anew, by whoever has the key: the copies tell from which size', async () => {
    const fault = await damaged(async (dir) => {
      const other = join(folder, 'other');
      await make(other, [300], 'entry');
      await make(other, [700], 'forged');
      await rm(join(dir, 'tile'), { recursive: true });
      for (const path of ['tile', 'checkpoint'])
        await cp(join(other, path), join(dir, path), { recursive: true });
      await rm(other, { recursive: true });
    });
    expect(fault).toBeInstanceOf(Rewritten);
    expect(fault).toMatchObject({ size: 300 });
  });

  it('does not when an older state of it was put back', async () => {
    const fault = await damaged(async (dir) => {
      await rename(join(dir, 'copies', copyName(300)), join(dir, 'checkpoint'));
    });
    expect(fault.message).toBe(
      'the log has 300 leaves, but a checkpoint of 600 was handed out: it was rolled back',
    );
  });

  it('does not with the keys of others', async () => {
    const dir = join(folder, 'small');
    await expect(verifyLog({ folder: dir, origin: ORIGIN, keys: [signerNamed(ORIGIN)] })).rejects.toThrow(
      `\`${join(dir, 'checkpoint')}\` is signed by none of the keys given`,
    );
  });
});
