/** Verifies a log that lies in a folder, from its entries up to its signed heads. */
import { join } from 'node:path';
import { type Checkpoint, Rewritten } from './heads/checkpoint.js';
import { CHECKPOINT, copiesIn, readHead } from './heads/kept-heads.js';
import { NoteFault, type NoteKey } from './heads/note.js';
import { HASH_BYTES, Frontier, isSame, leafHash, rootOf } from './tree/merkle.js';
import { type HashTile, TILE_WIDTH, TileFault, Tiles, tilePath } from './tiles.js';

export type KeptLog = {
  /** The folder that has `checkpoint` and `tile`. */
  readonly folder: string;
  readonly origin: string;
  /** The public halves of all keys that may have signed. */
  readonly keys: readonly NoteKey[];
  /** Folder of the checkpoints that were handed out; absent: none is held against the log. */
  readonly copies?: string;
};

export type VerifiedLog = {
  readonly head: Checkpoint;
  /** How many checkpoints that were handed out it continues. */
  readonly copies: number;
};

/**
 * Reads every entry and every tile.
 *
 * @param onEntry gets each entry in its order
 * @throws NoteFault for a head that is not one, TileFault for the first file that is missing or altered, Rewritten when
 * the log is not the one that was signed; each says where
 */
export async function verifyLog(
  { folder, origin, keys, copies }: KeptLog,
  onEntry: (entry: Uint8Array, index: number) => void = () => undefined,
): Promise<VerifiedLog> {
  const head = await readHead(join(folder, CHECKPOINT), origin, keys);
  if (head === undefined) throw new NoteFault(`\`${join(folder, CHECKPOINT)}\` is missing`);
  const handedOut: Checkpoint[] = [];
  for (const path of copies === undefined ? [] : await copiesIn(copies)) {
    const copy = await readHead(path, origin, keys);
    if (copy !== undefined) handedOut.push(copy);
  }
  const newer = handedOut.find(({ size }) => size > head.size);
  if (newer !== undefined)
    throw new Rewritten(
      `the log has ${head.size} leaves, but a checkpoint of ${newer.size} was handed out: it was rolled back`,
      newer.size,
    );
  const log = new ReadLog(new Tiles(folder), head.size, onEntry);
  for (const known of [...handedOut, head].toSorted((one, other) => one.size - other.size)) {
    await log.readTo(known.size);
    if (!isSame(log.root(), known.root))
      throw new Rewritten(
        `the log has another root at ${known.size} leaves than was signed: it was rewritten`,
        known.size,
      );
  }
  await log.end();
  return { head, copies: handedOut.length };
}

/** A log that is read entry by entry, and held against its tiles. */
class ReadLog {
  private readonly frontier = new Frontier();
  /** Hashes of the tile at the right edge, for each level, as the entries make them. */
  private readonly edge: Uint8Array[][] = [];
  private bundle: Uint8Array[] = [];
  private tile: Uint8Array[] = [];

  constructor(
    private readonly tiles: Tiles,
    private readonly size: number,
    private readonly onEntry: (entry: Uint8Array, index: number) => void,
  ) {}

  root(): Uint8Array {
    return this.frontier.root();
  }

  async readTo(size: number): Promise<void> {
    while (this.frontier.leaves < size) {
      const [index, place] = [
        Math.floor(this.frontier.leaves / TILE_WIDTH),
        this.frontier.leaves % TILE_WIDTH,
      ];
      if (place === 0) {
        const width = Math.min(TILE_WIDTH, this.size - this.frontier.leaves);
        this.bundle = await this.tiles.entries(index, width);
        this.tile = await this.tiles.hashes({ level: 0, index, width });
      }
      const entry = this.bundle[place] ?? Buffer.of();
      const leaf = leafHash(entry);
      if (!isSame(leaf, this.tile[place] ?? Buffer.of()))
        throw new TileFault(
          tilePath({ level: 'entries', index, width: this.bundle.length }),
          `has at byte ${this.byteOf(place)} another entry ${this.frontier.leaves} than its tile says: the one or the other was altered`,
        );
      this.onEntry(entry, this.frontier.leaves);
      this.frontier.append(leaf);
      await this.push(leaf, 0);
    }
  }

  /** Reads the tiles above the entries that are not full. */
  async end(): Promise<void> {
    for (const [level, hashes] of this.edge.entries())
      if (level > 0 && hashes.length > 0) await this.compare(level, hashes);
  }

  private async push(hash: Uint8Array, level: number): Promise<void> {
    const hashes = (this.edge[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    if (level > 0) await this.compare(level, hashes);
    this.edge[level] = [];
    await this.push(rootOf(hashes), level + 1);
  }

  private async compare(level: number, hashes: readonly Uint8Array[]): Promise<void> {
    const count = Math.floor(this.frontier.leaves / TILE_WIDTH ** level);
    const tile: HashTile = { level, index: Math.ceil(count / TILE_WIDTH) - 1, width: hashes.length };
    const read = await this.tiles.hashes(tile);
    const other = hashes.findIndex((hash, place) => !isSame(hash, read[place] ?? Buffer.of()));
    if (other >= 0)
      throw new TileFault(
        tilePath(tile),
        `has at byte ${other * HASH_BYTES} another hash than the tile below makes: the one or the other was altered`,
      );
  }

  /** Where an entry begins in its bundle. */
  private byteOf(place: number): number {
    return this.bundle.slice(0, place).reduce((sum, { length }) => sum + 2 + length, 0);
  }
}
