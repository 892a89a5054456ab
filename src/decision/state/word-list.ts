const BLOCK_BITS = 12;
const BLOCK_MASK = (1 << BLOCK_BITS) - 1;

/** Words by place, in blocks, so that growth copies nothing. */
export class Words {
  private readonly blocks: Uint32Array[] = [];
  length = 0;

  get bytes(): number {
    return (this.blocks.length << BLOCK_BITS) * 4;
  }

  get(at: number): number {
    return this.blocks[at >>> BLOCK_BITS]?.[at & BLOCK_MASK] ?? 0;
  }

  set(at: number, value: number): void {
    const block = this.blocks[at >>> BLOCK_BITS];
    if (block !== undefined) block[at & BLOCK_MASK] = value;
  }

  push(value: number): void {
    if ((this.length & BLOCK_MASK) === 0) this.blocks.push(new Uint32Array(1 << BLOCK_BITS));
    this.set(this.length++, value);
  }
}
