/** The sealer may die at any moment and goes on; a log that was rolled back or rewritten is never signed again. */
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { signerNamed, writeQuickly } from '../../test/tlog.js';
import { Rewritten, openCheckpoint } from './heads/checkpoint.js';
import type { WriteWhole } from '../durable.js';
import { GrowingLog } from './growing-log.js';
import { LogKeys } from './heads/log-keys.js';
import { leafHash, rootOf } from './tree/merkle.js';
import { NoteFault, type NoteSigner } from './heads/note.js';
import { LeafSource, Sealer } from './sealer.js';
import { TileFault, Tiles } from './tiles.js';

const ORIGIN = 'assent.example/record';

const folders: string[] = [];

afterEach(async () => {
  for (const made of folders.splice(0)) await rm(made, { recursive: true });
});

async function newFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'sealer-'));
  folders.push(made);
  return made;
}

class Entries extends LeafSource {
  readonly entries: Uint8Array[] = [];

  grow(to: number, word = 'entry'): this {
    while (this.entries.length < to) this.entries.push(Buffer.from(`${word} ${this.entries.length}`));
    return this;
  }

  override async resume() {}

  override async keep() {}

  override async *leavesFrom(index: number, most: number) {
    yield* this.entries.slice(index, index + most);
  }

  rootAt(size: number): Uint8Array {
    return rootOf(this.entries.slice(0, size).map((entry) => leafHash(entry)));
  }
}

class Keys extends LogKeys {
  constructor(
    readonly current: NoteSigner[],
    readonly former: NoteSigner[] = [],
  ) {
    super();
  }

  override async signers() {
    return this.current;
  }

  override async known() {
    return [...this.former, ...this.current];
  }
}

function world(folder: string, keys = new Keys([signerNamed(ORIGIN)])) {
  const source = new Entries();
  const troubles: string[] = [];
  const log = join(folder, 'log');
  const copies = join(folder, 'copies');
  const open = (write: WriteWhole = writeQuickly) =>
    Sealer.open(source, {
      folder: log,
      copies,
      origin: ORIGIN,
      keys,
      onTrouble: (message) => void troubles.push(message),
      write,
    });
  const head = async () =>
    openCheckpoint(await readFile(join(log, 'checkpoint')), ORIGIN, await keys.known());
  return { source, keys, troubles, log, copies, open, head };
}

describe('a sealer', () => {
  it('signs the head of all that was written, again when there is more, and hands out each head', async () => {
    const { source, open, head, copies } = world(await newFolder());
    const sealer = await open();
    await sealer.seal();
    await expect(head()).rejects.toThrow('ENOENT');
    for (const size of [1, 255, 256, 2_000]) {
      source.grow(size);
      await sealer.seal();
      await sealer.seal();
      expect(await head()).toMatchObject({ size, root: source.rootAt(size) });
    }
    expect((await readdir(copies)).toSorted()).toEqual(
      [1, 255, 256, 2_000].map((size) => `${String(size).padStart(16, '0')}.checkpoint`),
    );
  });

  it('signs on the way through a long past', async () => {
    const { source, open, head } = world(await newFolder());
    const sizes = new Set<number>();
    source.grow(70_000);
    const sealer = await open(async (path, bytes) => {
      await writeQuickly(path, bytes);
      if (path.endsWith('checkpoint')) sizes.add((await head()).size);
    });
    await sealer.seal();
    expect([...sizes]).toEqual([65_536, 70_000]);
  });

  it('goes on after what it could not write', async () => {
    const { source, open, head } = world(await newFolder());
    source.grow(3);
    let left = 1;
    const sealer = await open(async (path, bytes) => {
      if (left-- > 0) throw new Error('the disk is full');
      await writeQuickly(path, bytes);
    });
    await expect(sealer.seal()).rejects.toThrow('the disk is full');
    await sealer.seal();
    expect((await head()).size).toBe(3);
  });

  it('that must end signs what it has taken, and goes on later', async () => {
    const { source, open, head } = world(await newFolder());
    source.grow(3_000);
    const sealer = await open();
    await sealer.seal(AbortSignal.abort());
    const { size } = await head();
    expect(size).toBeLessThan(1_024);
    expect(await head()).toMatchObject({ root: source.rootAt(size) });
    await sealer.seal();
    expect((await head()).size).toBe(3_000);
  });

  it('signs with the old and the new key while a key changes, and knows both afterwards', async () => {
    const folder = await newFolder();
    const [older, newer] = [signerNamed(ORIGIN), signerNamed(ORIGIN)];
    for (const [size, keys] of [
      [1, new Keys([older])],
      [2, new Keys([older, newer])],
      [3, new Keys([newer], [older])],
    ] as const) {
      const { source, open, head } = world(folder, keys);
      source.grow(size);
      await (await open()).seal();
      expect((await head()).size).toBe(size);
    }
  });
});

describe('a sealer that dies', () => {
  /** Dies at a write: nothing of it is there, or a part under the name of what is unfinished, or all of it. */
  const DEATHS: Record<string, WriteWhole> = {
    before: async () => undefined,
    within: async (path, bytes) => {
      await writeQuickly(`${path}.unfinished`, bytes.subarray(0, bytes.length / 2));
    },
    after: writeQuickly,
  };

  it.each(Object.entries(DEATHS))('%s any of its writes goes on as if it had not', async (_at, die) => {
    const keys = new Keys([signerNamed(ORIGIN)]);
    for (let survived = 0, isDead = true; isDead; survived++) {
      const { source, open, head, log } = world(await newFolder(), keys);
      isDead = false;
      let writes = 0;
      const dying = await open(async (path, bytes) => {
        if (writes++ === survived) {
          isDead = true;
          await die(path, bytes);
        }
        if (isDead) throw new Error('killed');
        await writeQuickly(path, bytes);
      });
      for (const size of [2, 257, 520]) {
        source.grow(size);
        await dying.seal().catch(() => undefined);
      }
      const reopened = await open();
      await reopened.seal();
      source.grow(800);
      await reopened.seal();
      expect(await head()).toMatchObject({ size: 800, root: source.rootAt(800) });
      expect((await GrowingLog.open(new Tiles(log), 800)).root()).toEqual(source.rootAt(800));
    }
  });
});

describe('a log that is not what was signed', () => {
  async function sealed(size = 300) {
    const folder = await newFolder();
    const made = world(folder);
    made.source.grow(size);
    await (await made.open()).seal();
    return { ...made, folder };
  }

  it('is not signed when it was put back to an older state', async () => {
    const { source, open, log, copies, folder } = await sealed();
    await cp(log, join(folder, 'old'), { recursive: true });
    source.grow(400);
    await (await open()).seal();
    await rm(log, { recursive: true });
    await cp(join(folder, 'old'), log, { recursive: true });
    // what was written meanwhile is still there: all is well
    await (await open()).seal();
    expect(await readdir(copies)).toHaveLength(2);

    await rm(log, { recursive: true });
    await cp(join(folder, 'old'), log, { recursive: true });
    source.entries.length = 350;
    const sealer = await open();
    await expect(sealer.seal()).rejects.toThrow(
      'the log has 350 leaves, but a checkpoint of 400 was handed out: it was rolled back',
    );
    source.grow(500, 'forged');
    await expect(sealer.seal()).rejects.toThrow('another root at 400 leaves');
    await expect(sealer.seal()).rejects.toThrow(Rewritten);
  });

  it('is not signed when it was made anew with another past', async () => {
    const { source, open, log } = await sealed();
    await rm(log, { recursive: true });
    source.entries.splice(17, 1, Buffer.from('forged'));
    const sealer = await open();
    await expect(sealer.seal()).rejects.toThrow(expect.objectContaining({ size: 300 }));
    await expect(readFile(join(log, 'checkpoint'))).rejects.toThrow('ENOENT');
  });

  it('does not open when its own head is older than its copy says, with another past', async () => {
    const { source, open, log, copies, folder } = await sealed();
    await rm(log, { recursive: true });
    await cp(copies, join(folder, 'kept'), { recursive: true });
    await rm(copies, { recursive: true });
    source.entries.splice(17, 1, Buffer.from('forged'));
    source.grow(400);
    await (await open()).seal();
    await rm(copies, { recursive: true });
    await cp(join(folder, 'kept'), copies, { recursive: true });
    await expect(open()).rejects.toThrow('the log with 400 leaves does not continue that with 300');
  });

  it('does not open when its head or a tile of its edge was altered', async () => {
    const { open, log } = await sealed();
    const tile = join(log, 'tile/1/000.p/1');
    const bytes = await readFile(tile);
    await writeFile(
      tile,
      bytes.map((byte) => byte ^ 1),
    );
    await expect(open()).rejects.toThrow('do not make the root that was signed at 300 leaves');
    await rm(tile);
    await expect(open()).rejects.toThrow(TileFault);
    await writeFile(tile, bytes);
    await open();
    await writeFile(
      join(log, 'checkpoint'),
      (await readFile(join(log, 'checkpoint'), 'utf8')).replace('300', '301'),
    );
    await expect(open()).rejects.toThrow(NoteFault);
  });

  it('goes on without its copies while their folder is not there, and hands the next one out', async () => {
    const { source, open, copies, head, troubles } = await sealed(1);
    await rm(copies, { recursive: true });
    await writeFile(copies, 'a file in its place');
    source.grow(2);
    await expect(open()).rejects.toThrow('ENOTDIR');
    await rm(copies);
    const sealer = await open();
    await writeFile(copies, 'a file in its place');
    await sealer.seal();
    expect((await head()).size).toBe(2);
    expect(troubles).toEqual([expect.stringContaining('the checkpoint at 2 leaves could not be copied to')]);
    await rm(copies);
    await sealer.seal();
    expect(await readdir(copies)).toEqual(['0000000000000002.checkpoint']);
  });
});
