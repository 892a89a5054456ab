/** A log that grows: entries are taken in memory, and written as tiles. */
import { EMPTY_ROOT, Frontier, isSame, leafHash, peaksOf, rootOf } from './tree/merkle.js';
import {
  MAX_ENTRY,
  TILE_WIDTH,
  type EntryBundle,
  TileFault,
  type HashTile,
  tilePath,
  type Tiles,
  bundleOf,
  edgeOf,
} from './tiles.js';

type Full = { readonly id: HashTile | EntryBundle; readonly bytes: Uint8Array };

export class GrowingLog {
  /** Tiles that are full and not yet written. */
  private readonly full: Full[] = [];

  private constructor(
    private readonly tiles: Tiles,
    private readonly frontier: Frontier,
    /** Hashes of the tile at the right edge, for each level from that of the leaves. */
    private readonly edge: Uint8Array[][],
    /** Entries of the bundle at the right edge. */
    private bundle: Uint8Array[],
  ) {}

  /**
   * The log as it was at a size, from its tiles.
   *
   * @throws TileFault when they do not have it
   */
  static async open(tiles: Tiles, size: number): Promise<GrowingLog> {
    const edge: Uint8Array[][] = [];
    for (const tile of edgeOf(size)) {
      while (edge.length < tile.level) edge.push([]);
      edge.push(await tiles.hashes(tile));
    }
    const peaks = edge.toReversed().flatMap((hashes) =>
      peaksOf(0, hashes.length).map(({ height, index }) => {
        const width = 2 ** height;
        return rootOf(hashes.slice(index * width, (index + 1) * width));
      }),
    );
    const [index, width] = [Math.floor(size / TILE_WIDTH), size % TILE_WIDTH];
    const bundle = width === 0 ? [] : await tiles.entries(index, width);
    const other = bundle.findIndex(
      (entry, place) => !isSame(leafHash(entry), edge[0]?.[place] ?? EMPTY_ROOT),
    );
    if (other >= 0)
      throw new TileFault(
        tilePath({ level: 'entries', index, width }),
        `has another entry ${index * TILE_WIDTH + other} than its tile says`,
      );
    return new GrowingLog(tiles, new Frontier(size, peaks), edge, bundle);
  }

  get size(): number {
    return this.frontier.leaves;
  }

  root(): Uint8Array {
    return this.frontier.root();
  }

  /** Takes an entry, in memory. @throws Error when it is too long */
  append(entry: Uint8Array): void {
    if (entry.length > MAX_ENTRY)
      throw new Error(`entry ${this.size} of the log has ${entry.length} bytes, but may have ${MAX_ENTRY}`);
    const leaf = leafHash(entry);
    this.frontier.append(leaf);
    this.bundle.push(entry);
    if (this.bundle.length === TILE_WIDTH) {
      const index = this.size / TILE_WIDTH - 1;
      this.full.push({ id: { level: 'entries', index, width: TILE_WIDTH }, bytes: bundleOf(this.bundle) });
      this.bundle = [];
    }
    this.push(leaf, 0);
  }

  private push(hash: Uint8Array, level: number): void {
    const hashes = (this.edge[level] ??= []);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    const index = this.size / TILE_WIDTH ** (level + 1) - 1;
    this.full.push({ id: { level, index, width: TILE_WIDTH }, bytes: Buffer.concat(hashes) });
    this.edge[level] = [];
    this.push(rootOf(hashes), level + 1);
  }

  /** Writes the tiles that are full, so that memory holds few of them. */
  async writeFull(): Promise<void> {
    // one that could not be written is written the next time
    for (let next = this.full[0]; next !== undefined; next = this.full[0]) {
      await this.tiles.write(next.id, next.bytes);
      this.full.shift();
    }
  }

  /** Writes all that a tree of the present size needs. */
  async write(): Promise<void> {
    await this.writeFull();
    const [index, width] = [Math.floor(this.size / TILE_WIDTH), this.bundle.length];
    if (width > 0) await this.tiles.write({ level: 'entries', index, width }, bundleOf(this.bundle));
    for (const tile of edgeOf(this.size))
      await this.tiles.write(tile, Buffer.concat(this.edge[tile.level] ?? []));
  }
}
