/** Holds a record against its log, without the service: every block that is there is the one that was signed, and none is missing. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Checkpoint } from '../../tlog/heads/checkpoint.js';
import { isSame } from '../../tlog/tree/merkle.js';
import { TILE_WIDTH, Tiles } from '../../tlog/tiles.js';
import { type KeptLog, verifyLog } from '../../tlog/verify-log.js';
import { inSlices } from '../../work/slices.js';
import { type WriterRead, readWriter } from '../segment/record-reader.js';
import { removedTooEarly } from '../segment/removed-segments.js';
import { segmentName } from '../segment/segment-format.js';
import { type ReadBlock, RecordDamage } from '../segment/segment-reader.js';
import { writersIn } from '../segment/writer-folder.js';
import { leafOf, readLeaf } from './leaf-of-block.js';

export type VerifiedRecord = {
  readonly head: Checkpoint;
  /** How many heads that were handed out the log continues. */
  readonly copies: number;
  /** Blocks that are there and are the ones that were signed. */
  readonly sealed: number;
  /** Blocks after the last head. */
  readonly unsealed: number;
  /** Blocks that were signed, and that retention has removed since. */
  readonly removed: number;
  /** The latest time of a record that was removed, in milliseconds since the Unix epoch. */
  readonly removedUntil?: number;
};

/** Leaves that follow one another in the log and in the record of their writer. */
type Run = { readonly index: number; readonly number: number; count: number };

/**
 * @param folder of the record
 * @param keptSince retention has removed nothing that is not older, in milliseconds since the Unix epoch; a signed head says
 *   how old a record is, even where it is gone
 * @param onFault called with the first place of each writer where its record is not what was signed, in words
 * @throws as `verifyLog`, when the log itself is not the one that was signed; the system's error
 */
export async function verifyRecord(
  folder: string,
  log: KeptLog,
  keptSince: number,
  onFault: (fault: string) => void,
): Promise<VerifiedRecord> {
  const runs = new Map<string, Run[]>();
  const { head, copies } = await verifyLog(log, (entry, index) => {
    const fault = addTo(runs, entry, index);
    if (fault !== undefined) onFault(fault);
  });
  const entries = new Entries(new Tiles(log.folder), head.size);
  const totals = { sealed: 0, unsealed: 0, removed: 0, removedUntil: -1 };
  const writers = new Set([...(await writersIn(folder)), ...runs.keys()]);
  for (const writer of [...writers].sort()) {
    const own = new WriterHeld(join(folder, writer), runs.get(writer) ?? [], entries, keptSince);
    const found = await own.hold();
    totals.sealed += found.sealed;
    totals.unsealed += found.unsealed;
    totals.removed += found.removed;
    totals.removedUntil = Math.max(totals.removedUntil, found.removedUntil);
    if (found.fault !== undefined) onFault(found.fault);
  }
  const { removedUntil, ...counts } = totals;
  return { head, copies, ...counts, ...(removedUntil < 0 ? {} : { removedUntil }) };
}

/** @returns what is wrong with it */
function addTo(runs: Map<string, Run[]>, entry: Uint8Array, index: number): string | undefined {
  const leaf = readLeaf(entry);
  if (leaf === undefined) return `entry ${index} of the log is none of a record`;
  const { writer, number } = leaf;
  const own = runs.get(writer) ?? [];
  runs.set(writer, own);
  const last = own.at(-1);
  const due = last === undefined ? 0 : last.number + last.count;
  if (number < due)
    return `entry ${index} of the log is of block ${number} of the writer ${writer} once more`;
  if (last !== undefined && number === due && index === last.index + last.count) last.count++;
  else own.push({ index, number, count: 1 });
  return undefined;
}

/** The entries of a log, each bundle read once while they are asked for in their order. */
class Entries {
  private bundle: { readonly index: number; readonly entries: readonly Uint8Array[] } | undefined;

  constructor(
    private readonly tiles: Tiles,
    private readonly size: number,
  ) {}

  async at(place: number): Promise<Uint8Array> {
    const index = Math.floor(place / TILE_WIDTH);
    if (this.bundle?.index !== index) {
      const width = Math.min(TILE_WIDTH, this.size - index * TILE_WIDTH);
      this.bundle = { index, entries: await this.tiles.entries(index, width) };
    }
    return this.bundle.entries[place % TILE_WIDTH] ?? Buffer.of();
  }
}

/** What one writer has written, held against its leaves. */
class WriterHeld {
  sealed = 0;
  unsealed = 0;
  removed = 0;
  removedUntil = -1;
  fault: string | undefined;
  /** The run of the leaf that is due, and how many of it are done. */
  private run = 0;
  private done = 0;
  /** Where the last block ends that was read. */
  private end = 'its beginning';

  constructor(
    private readonly folder: string,
    private readonly runs: readonly Run[],
    private readonly entries: Entries,
    private readonly keptSince: number,
  ) {}

  async hold(): Promise<this> {
    if (!existsSync(this.folder)) this.fault = this.missing(`\`${this.folder}\` is not there`);
    else
      try {
        await this.compareAll();
      } catch (error) {
        if (!(error instanceof RecordDamage)) throw error;
        this.fault = error.message;
      }
    return this;
  }

  private async compareAll(): Promise<void> {
    const blocks = readWriter(this.folder);
    for (;;) {
      const next = await blocks.next();
      this.fault = next.done === true ? await this.finish(next.value) : await this.compare(next.value);
      if (next.done === true || this.fault !== undefined) return;
    }
  }

  private get due(): { readonly index: number; readonly number: number } | undefined {
    const run = this.runs[this.run];
    return run && { index: run.index + this.done, number: run.number + this.done };
  }

  private advance(count: number): void {
    this.done += count;
    if (this.done < (this.runs[this.run]?.count ?? 0)) return;
    this.run++;
    this.done = 0;
  }

  private async compare(block: ReadBlock): Promise<string | undefined> {
    const { number, at, end, sequence } = block;
    const file = join(this.folder, segmentName(sequence));
    const removed = await this.skipRemoved(number);
    if (removed !== undefined) return removed;
    this.end = `byte ${end} of \`${file}\``;
    const { due } = this;
    if (due === undefined) {
      this.unsealed++;
      return undefined;
    }
    if (due.number > number)
      return `the record \`${file}\` has at byte ${at} a block that was never sealed, although later ones were: block ${number}`;
    const leaf = await inSlices(leafOf(block));
    if (!isSame(leaf, await this.entries.at(due.index)))
      return `the record \`${file}\` is not what was signed, from byte ${at} to ${end}: block ${number}, entry ${due.index} of the log`;
    this.sealed++;
    this.advance(1);
    return undefined;
  }

  /** What is left was removed by retention, or is missing. */
  private async finish({ removed }: WriterRead): Promise<string | undefined> {
    const fault = await this.skipRemoved(removed?.nextBlock ?? 0);
    if (fault !== undefined || this.due !== undefined)
      return fault ?? this.missing(`its record ends at ${this.end}`);
    // of what was never sealed only the line tells how old it was
    return removed !== undefined && removed.until >= this.keptSince
      ? removedTooEarly(`segments of the writer ${basename(this.folder)}`, removed.until)
      : undefined;
  }

  /**
   * The reader has seen that nothing before this block is missing but what retention has noted.
   *
   * @returns what is wrong with it: it was too young
   */
  private async skipRemoved(number: number): Promise<string | undefined> {
    for (let { due } = this; due !== undefined && due.number < number; { due } = this) {
      const left = (this.runs[this.run]?.count ?? 0) - this.done;
      const count = Math.min(left, number - due.number);
      const until = readLeaf(await this.entries.at(due.index + count - 1))?.last ?? -1;
      if (until >= this.keptSince)
        return removedTooEarly(
          `blocks ${due.number} to ${due.number + count - 1} of the writer ${basename(this.folder)}`,
          until,
        );
      this.removed += count;
      this.removedUntil = Math.max(this.removedUntil, until);
      this.advance(count);
    }
    return undefined;
  }

  private missing(because: string): string | undefined {
    const { due } = this;
    const last = this.runs.at(-1);
    if (due === undefined || last === undefined) return undefined;
    const until = last.number + last.count - 1;
    return `${because}, but blocks ${due.number} to ${until} of this writer were signed, from entry ${due.index} of the log on: restore them from a copy`;
  }
}
