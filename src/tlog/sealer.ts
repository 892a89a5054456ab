/** Follows what is written once and never changed, keeps its log, and signs the log's head from time to time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inBackground } from '../work/slices.js';
import { type Checkpoint, Rewritten, assertContinues, signCheckpoint } from './heads/checkpoint.js';
import { type WriteWhole, writeDurably } from '../durable.js';
import { GrowingLog } from './growing-log.js';
import { CHECKPOINT, copiesIn, copyName, readHead } from './heads/kept-heads.js';
import type { LogKeys } from './heads/log-keys.js';
import { consistencyPath, isSame } from './tree/merkle.js';
import { Tiles } from './tiles.js';

/** How many leaves are asked for at a time. */
const MOST_LEAVES = 1_024;

/** After so many leaves a head is signed while there are still more, so that a long way is not gone twice. */
const LEAVES_PER_HEAD = 64 * MOST_LEAVES;

/** What a log is of. */
export abstract class LeafSource {
  /**
   * Goes on after the leaves that were signed.
   *
   * @param size how many these are
   * @param log has them, should the source not know any more how far it was
   */
  abstract resume(size: number, log: Tiles): Promise<void>;

  /**
   * Leaves from a place on, in their order, each always the same, and none that a crash can still take away.
   *
   * @param most how many at most; fewer only when there are no more
   */
  abstract leavesFrom(index: number, most: number): AsyncIterable<Uint8Array>;

  /**
   * Is told that a head is about to be signed. When it resolves, the source can `resume` there, and still at the head before.
   *
   * @param size of the head; all leaves before it were taken
   * @param before size of the head before
   */
  abstract keep(size: number, before: number): Promise<void>;
}

export type SealerOptions = {
  /** Folder of the log; only one sealer may write there. */
  readonly folder: string;
  /** Folder that gets a copy of each checkpoint; absent: none. */
  readonly copies?: string;
  /** Which log it is, see {@link Checkpoint}. */
  readonly origin: string;
  readonly keys: LogKeys;
  /** Called when something could not be done; it is tried again. */
  readonly onTrouble: (message: string, cause: unknown) => void;
  /** Writes files that are there whole or not at all. */
  readonly write?: WriteWhole;
};

export class Sealer {
  private constructor(
    private readonly source: LeafSource,
    private readonly options: SealerOptions,
    private readonly write: WriteWhole,
    private readonly tiles: Tiles,
    private readonly log: GrowingLog,
    /** The last head that was signed. */
    private signed: Checkpoint | undefined,
    /** The last head that was handed out, as long as the log is not known to have it. */
    private awaited: Checkpoint | undefined,
    /** Size of the last head that was handed out. */
    private handedOut: number,
  ) {}

  /**
   * Goes on where the last checkpoint says.
   *
   * @throws NoteFault, TileFault or Rewritten when the log is not the one that was signed
   */
  static async open(source: LeafSource, options: SealerOptions): Promise<Sealer> {
    const { folder, copies, origin, keys, write = writeDurably } = options;
    const tiles = new Tiles(folder, write);
    const known = await keys.known();
    const signed = await readHead(join(folder, CHECKPOINT), origin, known);
    const size = signed?.size ?? 0;
    const log = await GrowingLog.open(tiles, size);
    if (signed !== undefined && !isSame(log.root(), signed.root))
      throw new Rewritten(
        `the tiles in \`${folder}\` do not make the root that was signed at ${signed.size} leaves: restore them`,
        signed.size,
      );
    const last = copies === undefined ? undefined : (await copiesIn(copies)).at(-1);
    const copy = last === undefined ? undefined : await readHead(last, origin, known);
    const isBehind = copy !== undefined && copy.size > log.size;
    if (copy !== undefined && signed !== undefined && !isBehind)
      assertContinues(copy, signed, await tiles.proof(consistencyPath(copy.size, signed.size), signed.size));
    await source.resume(size, tiles);
    return new Sealer(
      source,
      options,
      write,
      tiles,
      log,
      signed,
      isBehind ? copy : undefined,
      copy?.size ?? 0,
    );
  }

  /** How many leaves were taken. */
  get size(): number {
    return this.log.size;
  }

  /**
   * Takes what was written since, and signs the head if the log grew. One call at a time.
   *
   * @param signal when it is aborted, the head is signed with what was taken by then
   * @throws Rewritten when the source does not have what was signed or handed out before; nothing more is signed then
   */
  async seal(signal?: AbortSignal): Promise<void> {
    for (;;) {
      const taken = await this.take(signal);
      const isAborted = signal?.aborted === true;
      const isLast = taken < MOST_LEAVES && !isAborted;
      if (isLast) this.assertReached();
      const isEnd = isLast || isAborted;
      const isDue = isEnd || this.log.size - (this.signed?.size ?? 0) >= LEAVES_PER_HEAD;
      if (isDue && this.awaited === undefined) await this.sign();
      if (isEnd) break;
    }
    await this.handOut();
  }

  /** @returns how many leaves there were */
  private async take(signal: AbortSignal | undefined): Promise<number> {
    const leaves: Uint8Array[] = [];
    for await (const leaf of this.source.leavesFrom(this.log.size, MOST_LEAVES)) {
      leaves.push(leaf);
      if (signal?.aborted === true) break;
    }
    await inBackground(this.append(leaves));
    await this.log.writeFull();
    return leaves.length;
  }

  private *append(leaves: readonly Uint8Array[]): Generator<undefined, void, undefined> {
    for (const leaf of leaves) {
      this.log.append(leaf);
      const { awaited } = this;
      if (this.log.size === awaited?.size && isSame(this.log.root(), awaited.root)) this.awaited = undefined;
      yield;
    }
  }

  private async sign(): Promise<void> {
    const { folder, origin, keys } = this.options;
    const next = { origin, size: this.log.size, root: this.log.root() };
    const before = this.signed?.size ?? 0;
    if (next.size === before) return;
    await this.log.write();
    await this.source.keep(next.size, before);
    if (this.signed !== undefined)
      assertContinues(
        this.signed,
        next,
        await this.tiles.proof(consistencyPath(this.signed.size, next.size), next.size),
      );
    await this.write(join(folder, CHECKPOINT), Buffer.from(await signCheckpoint(next, await keys.signers())));
    this.signed = next;
  }

  /** @throws Rewritten when a head that was handed out is not one of the log's */
  private assertReached(): void {
    const { awaited, log } = this;
    if (awaited === undefined) return;
    throw new Rewritten(
      log.size < awaited.size
        ? `the log has ${log.size} leaves, but a checkpoint of ${awaited.size} was handed out: it was rolled back`
        : `the log has another root at ${awaited.size} leaves than the checkpoint that was handed out: it was rewritten`,
      awaited.size,
    );
  }

  /** Copies the head to the folder of copies. */
  private async handOut(): Promise<void> {
    const { copies, folder, onTrouble } = this.options;
    if (copies === undefined || this.signed === undefined || this.handedOut >= this.signed.size) return;
    const { size } = this.signed;
    try {
      await this.write(join(copies, copyName(size)), await readFile(join(folder, CHECKPOINT)));
      this.handedOut = size;
    } catch (cause) {
      onTrouble(`the checkpoint at ${size} leaves could not be copied to \`${copies}\``, cause);
    }
  }
}
