/** The blocks of all writers of a record as the leaves of a log, in the order in which they were found. */
import { join } from 'node:path';
import { type WriteWhole, writeDurably } from '../../durable.js';
import { LeafSource } from '../../tlog/sealer.js';
import { TILE_WIDTH, type Tiles } from '../../tlog/tiles.js';
import { inBackground } from '../../work/slices.js';
import { BEGINNING, type Position, blocksAfter, isClosed } from '../segment/record-tail.js';
import { writersIn } from '../segment/writer-folder.js';
import { leafOf, readLeaf } from './leaf-of-block.js';
import { keepPositions, keptPositions } from './positions.js';

export class RecordLeaves extends LeafSource {
  /** How far each writer was taken after `base` leaves. */
  private writers = new Map<string, Position>();
  private base = 0;
  /** The leaves after that: whose they are, and the position after each. */
  private taken: (readonly [writer: string, position: Position])[] = [];
  private readonly ended = new Set<string>();
  /** What was told of already. */
  private readonly damages = new Set<string>();

  /**
   * @param folder of the record
   * @param log folder of the log
   * @param onDamage called once for each place where a record cannot be read, or is not as it was written; the other writers
   *   are sealed
   */
  constructor(
    private readonly folder: string,
    private readonly log: string,
    private readonly onDamage: (damage: unknown) => void,
    private readonly write: WriteWhole = writeDurably,
  ) {
    super();
  }

  override async resume(size: number, log: Tiles): Promise<void> {
    const kept = await keptPositions(this.log, size);
    this.writers = new Map(kept ?? (await positionsOf(size, log)));
    // not kept with the positions, which are not signed: whoever is said to have ended is sealed no more
    this.ended.clear();
    this.base = size;
    this.taken = [];
  }

  override async *leavesFrom(index: number, most: number): AsyncGenerator<Uint8Array, void> {
    this.settle(index);
    let left = most;
    for (const writer of await writersIn(this.folder)) {
      if (this.ended.has(writer)) continue;
      const folder = join(this.folder, writer);
      const position = this.writers.get(writer) ?? BEGINNING;
      const { length } = this.taken;
      let isEnded = false;
      try {
        // looked at before the blocks: what is written in between must not be missed
        isEnded = await isClosed(folder);
        for await (const next of blocksAfter(folder, position)) {
          const leaf = await inBackground(leafOf(next.block));
          this.taken.push([writer, next.position]);
          yield leaf;
          if (--left === 0) return;
        }
      } catch (error) {
        // whatever keeps one from being read, the others are sealed
        const said = error instanceof Error ? error.message : String(error);
        if (!this.damages.has(said)) this.onDamage(error);
        this.damages.add(said);
        continue;
      }
      // not yet when there were some: these may be asked for again
      if (isEnded && this.taken.length === length) this.ended.add(writer);
    }
  }

  override async keep(size: number, before: number): Promise<void> {
    this.settle(size);
    await keepPositions(this.log, size, before, this.writers, this.write);
  }

  /** What is after so many leaves will be asked for again. */
  private settle(size: number): void {
    for (const [writer, position] of this.taken.slice(0, size - this.base))
      this.writers.set(writer, position);
    this.taken = [];
    this.base = size;
  }
}

/** The numbers of the blocks that are next, from the leaves themselves. */
async function positionsOf(size: number, log: Tiles): Promise<Map<string, Position>> {
  const positions = new Map<string, Position>();
  for (let first = 0; first < size; first += TILE_WIDTH)
    for (const entry of await log.entries(first / TILE_WIDTH, Math.min(TILE_WIDTH, size - first))) {
      const leaf = readLeaf(entry);
      if (leaf !== undefined) positions.set(leaf.writer, { ...BEGINNING, nextBlock: leaf.number + 1 });
    }
  return positions;
}
