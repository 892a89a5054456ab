/** The tree of a log as files (C2SP tlog-tiles): tiles of up to 256 hashes, and bundles of as many entries. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../disk.js';
import { type WriteWhole, writeDurably } from '../durable.js';
import { HASH_BYTES, type Place, rootOf, rootOfPeaks } from './tree/merkle.js';

export const TILE_WIDTH = 256;

/** The height of a tile's tree. */
const TILE_HEIGHT = 8;

/** The most bytes of an entry: its length is written in 16 bits. */
export const MAX_ENTRY = 65_535;

/** A tile of hashes, by its place. */
export type HashTile = {
  /** How many tiles are below it. */
  readonly level: number;
  /** How many tiles of its level are left of it. */
  readonly index: number;
  /** How many hashes it has, 1 to 256. */
  readonly width: number;
};

/** A bundle of entries, which are those of the hashes of a tile of level 0. */
export type EntryBundle = Omit<HashTile, 'level'> & { readonly level: 'entries' };

/** A file of the log is missing, or does not have what it must have. */
export class TileFault extends Error {
  /** @param path inside the log's folder */
  constructor(
    readonly path: string,
    fault: string,
    options?: ErrorOptions,
  ) {
    super(`\`${path}\` ${fault}`, options);
    this.name = 'TileFault';
  }
}

/** Where it is, below the folder of the log. */
export function tilePath({ level, index, width }: HashTile | EntryBundle): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, place) => (place === groups.length - 1 ? group : `x${group}`)).join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** The tiles at the right edge of a tree that are not full, from the leaves upwards, and how wide they are. */
export function edgeOf(size: number): HashTile[] {
  const edge: HashTile[] = [];
  for (let [level, hashes] = [0, size]; hashes > 0; level++) {
    const [index, width] = [Math.floor(hashes / TILE_WIDTH), hashes % TILE_WIDTH];
    if (width > 0) edge.push({ level, index, width });
    hashes = index;
  }
  return edge;
}

/** The files of one log. */
export class Tiles {
  /** @param folder that which has `checkpoint` and `tile` */
  constructor(
    private readonly folder: string,
    private readonly writeWhole: WriteWhole = writeDurably,
  ) {}

  /** Writes a tile, and removes the partial ones that it completes. */
  async write(id: HashTile | EntryBundle, bytes: Uint8Array): Promise<void> {
    const path = join(this.folder, tilePath(id));
    await this.writeWhole(path, bytes);
    if (id.width === TILE_WIDTH) await rm(`${path}.p`, { recursive: true, force: true });
  }

  /**
   * The hashes of a tile; of one that was completed since, the first ones.
   *
   * @throws TileFault when it is missing or does not have them
   */
  async hashes(id: HashTile): Promise<Uint8Array[]> {
    const { path, bytes, isWhole } = await this.read(id);
    const expected = (isWhole ? TILE_WIDTH : id.width) * HASH_BYTES;
    if (bytes.length !== expected)
      throw new TileFault(path, `has ${bytes.length} bytes, but a tile of ${expected} belongs there`);
    return Array.from({ length: id.width }, (_, place) =>
      bytes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES),
    );
  }

  /** The entries of a bundle; the rest as {@link hashes}. */
  async entries(index: number, width: number): Promise<Uint8Array[]> {
    const { path, bytes, isWhole } = await this.read({ level: 'entries', index, width });
    const entries: Uint8Array[] = [];
    let at = 0;
    while (at + 2 <= bytes.length && at + 2 + bytes.readUInt16BE(at) <= bytes.length) {
      const end = at + 2 + bytes.readUInt16BE(at);
      entries.push(bytes.subarray(at + 2, end));
      at = end;
    }
    if (at !== bytes.length) throw new TileFault(path, `ends inside an entry: byte ${at} begins none`);
    const expected = isWhole ? TILE_WIDTH : width;
    if (entries.length !== expected)
      throw new TileFault(path, `has ${entries.length} entries, but must have ${expected}`);
    return entries.slice(0, width);
  }

  /**
   * The hashes of a proof in the tree of a size.
   *
   * @param path what `inclusionPath` or `consistencyPath` list
   * @throws TileFault when a tile is missing or does not have what it must have
   */
  async proof(path: readonly Place[][], size: number): Promise<Uint8Array[]> {
    const proof: Uint8Array[] = [];
    for (const places of path) {
      const peaks: Uint8Array[] = [];
      for (const place of places) peaks.push(await this.node(place, size));
      proof.push(rootOfPeaks(peaks));
    }
    return proof;
  }

  /** The hash of a perfect subtree in the tree of a size. */
  private async node({ height, index }: Place, size: number): Promise<Uint8Array> {
    const level = Math.floor(height / TILE_HEIGHT);
    const count = 2 ** (height % TILE_HEIGHT);
    const [tile, first] = [Math.floor((index * count) / TILE_WIDTH), (index * count) % TILE_WIDTH];
    const ofLevel = Math.floor(size / TILE_WIDTH ** level);
    const hashes = await this.hashes({
      level,
      index: tile,
      width: Math.min(TILE_WIDTH, ofLevel - tile * TILE_WIDTH),
    });
    return rootOf(hashes.slice(first, first + count));
  }

  private async read(id: HashTile | EntryBundle): Promise<{ path: string; bytes: Buffer; isWhole: boolean }> {
    const whole = tilePath({ ...id, width: TILE_WIDTH });
    for (const path of new Set([tilePath(id), whole])) {
      const bytes = await readFile(join(this.folder, path)).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (bytes !== undefined) return { path, bytes, isWhole: path === whole };
    }
    throw new TileFault(tilePath(id), 'is missing');
  }
}

/** The bytes of a bundle: each entry after its length in 16 bits, big-endian. */
export function bundleOf(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]),
  );
}
