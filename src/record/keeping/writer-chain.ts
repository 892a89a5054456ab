/** The segments of one writer, one after another: closes the one that is full or old, and begins the next one. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { makeFolderIn } from '../../disk.js';
import { NOTHING_BEFORE, SECRET_BYTES, WRITER_BYTES } from '../segment/segment-format.js';
import { isClosed } from '../segment/record-tail.js';
import { SegmentWriter } from '../segment/segment-writer.js';
import { type WriterLock, lockWriter } from '../segment/writer-folder.js';

export type ChainSettings = {
  /** Absolute path of the folder of the record. */
  readonly folder: string;
  readonly log: string;
  /** A segment is closed when it is longer, or older than this many milliseconds by the clock that never is set. */
  readonly mostBytes: number;
  readonly mostMs: number;
};

/** How often it is looked whether the folder is still where others find it. */
const LOOK_MS = 1_000;

export class WriterChain {
  readonly writer = randomBytes(WRITER_BYTES).toString('hex');
  private readonly folder: string;
  private lock: WriterLock | undefined;
  private segment: SegmentWriter | undefined;
  private openedAt = 0;
  private lookedAt = 0;
  private sequence = 0;
  private previous: Buffer = NOTHING_BEFORE;
  private secret: Buffer = randomBytes(SECRET_BYTES);
  private blocks = 0;

  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly settings: ChainSettings,
    private readonly now: () => number,
  ) {
    this.folder = join(settings.folder, this.writer);
  }

  get nextBlock(): number {
    return this.blocks;
  }

  /** The block is on the disk when it resolves. @throws the system's error; call `ready` before the next one */
  async append(block: Buffer): Promise<void> {
    if (this.segment === undefined) throw new Error('the record is not open');
    // before it is written, too: it is not to be written over the end that another process may have given the segment
    if (this.hasLostLock) await this.ready();
    await this.segment.append(block, () => !this.hasLostLock);
    this.blocks++;
  }

  /**
   * Begins the next segment if this one is long or old enough, others can take the writer for ended, or the folder was moved
   * away.
   *
   * @throws the system's error; call `ready` after it
   */
  async turn(): Promise<void> {
    const { segment } = this;
    if (segment === undefined) return;
    if (!this.hasLostLock && !this.isDue(segment) && !(await this.wasMoved())) return;
    // not after a failure: a block that it has left may have been read, and is the same in the next segment
    this.secret = randomBytes(SECRET_BYTES);
    await this.ready();
  }

  /** Begins a segment: at first, after another one, and after a failure. @throws the system's error */
  async ready(): Promise<void> {
    // the folder of the record is not made anew: where it was on another disk, that disk is missing
    await makeFolderIn(this.settings.folder, this.writer);
    // before anything is written: without its lock, another process may be closing the segment
    await this.holdLock();
    await this.leave(false);
    await this.begin();
  }

  async close(): Promise<void> {
    await this.leave(true);
    this.lock?.release();
    this.lock = undefined;
  }

  private get hasLostLock(): boolean {
    return this.lock?.isGone() !== false;
  }

  private async wasMoved(): Promise<boolean> {
    const now = performance.now();
    if (now - this.lookedAt < LOOK_MS) return false;
    this.lookedAt = now;
    return (await this.lock?.isInPlace()) === false;
  }

  private isDue({ tally, length }: SegmentWriter): boolean {
    if (tally.blocks === 0) return false;
    return length >= this.settings.mostBytes || performance.now() - this.openedAt >= this.settings.mostMs;
  }

  /** Locks anew where the file of the lock was removed, or the folder was moved away and made again. */
  private async holdLock(): Promise<void> {
    if ((await this.lock?.isInPlace()) === true) return;
    const lock = lockWriter(this.folder);
    if (lock === undefined) throw new Error(`\`${this.folder}\` is in use by another process`);
    try {
      // what would follow the end is neither counted nor sealed
      if (await isClosed(this.folder))
        throw new Error(
          `another process has closed \`${this.folder}\`, because its lock was removed: start this process again`,
        );
    } catch (error) {
      lock.release();
      throw error;
    }
    this.lock?.release();
    this.lock = lock;
  }

  private async begin(): Promise<void> {
    const { writer } = this;
    this.segment = await SegmentWriter.create(this.folder, {
      writer,
      sequence: this.sequence + 1,
      firstBlock: this.blocks,
      openedAt: this.now(),
      previous: this.previous,
      secret: this.secret,
      log: this.settings.log,
    });
    this.sequence++;
    this.openedAt = performance.now();
  }

  private async leave(isLast: boolean): Promise<void> {
    const { segment } = this;
    if (segment === undefined) return;
    if (segment.isGone()) {
      this.previous = segment.digest();
      await segment.abandon();
    } else {
      await segment.retreat();
      this.previous = await segment.end(isLast);
    }
    this.segment = undefined;
  }
}
