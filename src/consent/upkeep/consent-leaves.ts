/** The entries of the consent log as the leaves of a Merkle log: leaf n is that of revision n + 1. */
import { Rewritten } from '../../tlog/heads/checkpoint.js';
import { isSame } from '../../tlog/tree/merkle.js';
import { LeafSource } from '../../tlog/sealer.js';
import { TILE_WIDTH, type Tiles } from '../../tlog/tiles.js';
import { chainLeaf } from '../log/chain-leaf.js';
import type { ConsentStore } from '../log/consent.store.js';

export class ConsentLeaves extends LeafSource {
  /** Leaves that were given, or signed, the first of them at `from`. */
  private leaves: Uint8Array[] = [];
  private from = 0;

  constructor(private readonly store: Pick<ConsentStore, 'links'>) {
    super();
  }

  override async resume(size: number, log: Tiles): Promise<void> {
    this.from = Math.max(0, size - 1);
    const first = this.from - (this.from % TILE_WIDTH);
    const bundle = size === 0 ? [] : await log.entries(first / TILE_WIDTH, size - first);
    this.leaves = bundle.slice(-1);
  }

  /** @throws Rewritten when the log no longer has what it had */
  override async *leavesFrom(index: number, most: number): AsyncGenerator<Uint8Array, void> {
    const before = this.leaves[index - 1 - this.from];
    const from = index - (before === undefined ? 0 : 1);
    const links = await this.store.links(from, most + index - from);
    const leaves = links.map(chainLeaf);
    if (before !== undefined && !isSame(leaves[0] ?? Buffer.of(), before))
      throw new Rewritten(
        `the consent log has another entry ${index} than was sealed: it was rewritten, or restored from a backup`,
        index,
      );
    const gap = links.findIndex(({ revision }, place) => revision !== from + 1 + place);
    if (gap >= 0) throw new Rewritten(`the consent log lacks revision ${from + 1 + gap}`, index);
    this.from = from;
    this.leaves = leaves;
    yield* leaves.slice(index - from);
  }

  override async keep(): Promise<void> {
    // the size says it all
  }
}
