/** What is on the disk is what C2SP tlog-tiles says must be there, and a log goes on from it as if it had never stopped. */
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { array, assert, asyncProperty, integer } from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { times } from '../../test/times.js';
import { writeQuickly } from '../../test/tlog.js';
import { GrowingLog } from './growing-log.js';
import {
  Frontier,
  consistencyPath,
  inclusionPath,
  isConsistent,
  isIncluded,
  leafHash,
  rootOf,
} from './tree/merkle.js';
import { type HashTile, TileFault, Tiles, edgeOf, tilePath } from './tiles.js';

const folders: string[] = [];

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tiles-'));
  folders.push(made);
  return made;
}

afterEach(async () => {
  for (const made of folders.splice(0)) await rm(made, { recursive: true });
});

function entryAt(index: number): Buffer {
  return Buffer.from(`entry ${index}`.repeat(index % 5));
}

function rootAt(size: number): Uint8Array {
  return rootOf(Array.from({ length: size }, (_, index) => leafHash(entryAt(index))));
}

async function grow(log: GrowingLog, size: number): Promise<void> {
  while (log.size < size) log.append(entryAt(log.size));
  await log.write();
}

async function filesIn(of: string): Promise<string[]> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(of.length + 1))
    .toSorted();
}

describe('the path of a tile', () => {
  it('is in groups of three digits, all but the last marked', () => {
    const at = (index: number, width = 256) => tilePath({ level: 0, index, width });
    expect(at(1_234_067)).toBe('tile/0/x001/x234/067');
    expect(at(0)).toBe('tile/0/000');
    expect(at(999)).toBe('tile/0/999');
    expect(at(1_000, 1)).toBe('tile/0/x001/000.p/1');
    expect(tilePath({ level: 'entries', index: 7, width: 255 })).toBe('tile/entries/007.p/255');
  });

  it('names the partial tiles of the example of the standard', () => {
    expect(edgeOf(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect(edgeOf(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(edgeOf(0)).toEqual([]);
  });
});

describe('a log on the disk', () => {
  it('is the files that the standard asks for, each with the hashes that it defines', async () => {
    const dir = await folder();
    const size = 70_000;
    const log = await GrowingLog.open(new Tiles(dir), 0);
    await grow(log, size);

    const full = (level: number, count: number): HashTile[] =>
      Array.from({ length: count }, (_, index) => ({ level, index, width: 256 }));
    const tiles = [...full(0, 273), ...full(1, 1), ...edgeOf(size)];
    const bundles = tiles
      .filter(({ level }) => level === 0)
      .map((tile) => ({ ...tile, level: 'entries' as const }));
    expect(await filesIn(dir)).toEqual([...tiles, ...bundles].map(tilePath).toSorted());

    const leaves = Array.from({ length: size }, (_, index) => leafHash(entryAt(index)));
    for (const tile of tiles) {
      const under = 256 ** tile.level;
      const expected = Array.from({ length: tile.width }, (_, place) => {
        const begin = (tile.index * 256 + place) * under;
        return rootOf(leaves.slice(begin, begin + under));
      });
      expect(await readFile(join(dir, tilePath(tile)))).toEqual(Buffer.concat(expected));
    }
    const last = await readFile(join(dir, 'tile/entries/273.p/112'));
    expect(last.subarray(0, 2 + 3 * 11)).toEqual(
      Buffer.concat([Buffer.of(0, 0x21), Buffer.from('entry 69888'.repeat(3))]),
    );
  });

  it('goes on after each stop with the root of one that never stopped', async () => {
    await assert(
      asyncProperty(array(integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 5 }), async (steps) => {
        const tiles = new Tiles(await folder(), writeQuickly);
        const whole = new Frontier();
        let size = 0;
        for (const step of steps) {
          const log = await GrowingLog.open(tiles, size);
          size += step;
          await grow(log, size);
          while (whole.leaves < size) whole.append(leafHash(entryAt(whole.leaves)));
          expect(log.root()).toEqual(whole.root());
        }
        // and at each earlier stop, though later ones have written since
        let before = 0;
        for (const step of steps) {
          before += step;
          expect((await GrowingLog.open(tiles, before)).root()).toEqual(rootAt(before));
        }
      }),
      { numRuns: times(60, 10) },
    );
  });

  it('proves each of its entries, and that it continues each earlier size', async () => {
    const tiles = new Tiles(await folder(), writeQuickly);
    const log = await GrowingLog.open(tiles, 0);
    const size = 66_000;
    await grow(log, size);
    for (const index of [0, 1, 255, 256, 40_000, 65_535, 65_536, 65_900, size - 1]) {
      const proof = await tiles.proof(inclusionPath(index, size), size);
      expect(isIncluded(leafHash(entryAt(index)), index, size, proof, log.root())).toBe(true);
    }
    for (const first of [0, 1, 200, 256, 257, 65_535, 65_536, 65_537, 65_999, size]) {
      const proof = await tiles.proof(consistencyPath(first, size), size);
      expect(isConsistent({ size: first, root: rootAt(first) }, { size, root: log.root() }, proof)).toBe(
        true,
      );
    }
  });

  it('takes entries of up to 65,535 bytes, and says which is longer', async () => {
    const tiles = new Tiles(await folder());
    const log = await GrowingLog.open(tiles, 0);
    const long = Buffer.alloc(65_535, 7);
    log.append(long);
    await log.write();
    expect(await tiles.entries(0, 1)).toEqual([long]);
    expect(() => log.append(Buffer.alloc(65_536))).toThrow('entry 1 of the log has 65536 bytes');
  });
});

describe('a damaged log', () => {
  async function damaged(path: string, damage: (file: string) => Promise<void>): Promise<unknown> {
    const dir = await folder();
    await grow(await GrowingLog.open(new Tiles(dir, writeQuickly), 0), 300);
    await damage(join(dir, path));
    return GrowingLog.open(new Tiles(dir), 300).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  it.each([
    ['a missing tile', 'tile/0/001.p/44', rm, '`tile/0/001.p/44` is missing'],
    [
      'a short tile',
      'tile/0/001.p/44',
      (file: string) => truncate(file, 100),
      'has 100 bytes, but a tile of 1408',
    ],
    [
      'a cut bundle',
      'tile/entries/001.p/44',
      (file: string) => truncate(file, 50),
      'ends inside an entry: byte ',
    ],
    [
      'a bundle of fewer entries',
      'tile/entries/001.p/44',
      (file: string) => writeFile(file, Buffer.of(0, 0)),
      'has 1 entries, but must have 44',
    ],
    [
      'another entry',
      'tile/entries/001.p/44',
      async (file: string) => {
        const bytes = await readFile(file);
        bytes.writeUInt8(0, bytes.length - 1);
        await writeFile(file, bytes);
      },
      'has another entry 299 than its tile says',
    ],
  ])('with %s says which file', async (_named, path, damage, said) => {
    const fault = await damaged(path, damage);
    expect(fault).toBeInstanceOf(TileFault);
    expect(fault).toMatchObject({ message: expect.stringContaining(said), path });
  });
});
