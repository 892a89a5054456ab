/** The segments of one writer, one after another: closes the one that is full or old, and begins the next one. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NOTHING_BEFORE, SECRET_BYTES, WRITER_BYTES } from '../segment/segment-format.js';
import { SegmentWriter, syncFolder } from '../segment/segment-writer.js';
import { type WriterLock, lockWriter } from '../segment/writer-folder.js';

export type ChainSettings = {
  /** Absolute path of the folder of the record. */
  readonly folder: string;
  readonly log: string;
  /** A segment is closed when it is longer, or older than this many milliseconds by the clock that never is set. */
  readonly mostBytes: number;
  readonly mostMs: number;
};

export class WriterChain {
  readonly writer = randomBytes(WRITER_BYTES).toString('hex');
  private readonly folder: string;
  private lock: WriterLock | undefined;
  private segment: SegmentWriter | undefined;
  private openedAt = 0;
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
    const { segment } = this;
    if (segment === undefined) throw new Error('the record is not open');
    await segment.append(block);
    this.blocks++;
  }

  /** Begins the next segment if this one is long or old enough. @throws the system's error; call `ready` after it */
  async turn(): Promise<void> {
    const { segment } = this;
    if (segment === undefined || segment.tally.blocks === 0) return;
    const age = performance.now() - this.openedAt;
    if (segment.length < this.settings.mostBytes && age < this.settings.mostMs) return;
    await this.leave(false);
    // not after a failure: a block that it has left may have been read, and is the same in the next segment
    this.secret = randomBytes(SECRET_BYTES);
    await this.begin();
  }

  /** Begins a segment where none can be written to: at first, and after a failure. @throws the system's error */
  async ready(): Promise<void> {
    await this.leave(false);
    // the folder of the record is not made anew: where it was on another disk, that disk is missing
    await mkdir(this.folder, { mode: 0o700 }).catch(ignoreExisting);
    this.lock ??= lockWriter(this.folder);
    if (this.lock === undefined) throw new Error(`\`${this.folder}\` is in use by another process`);
    await syncFolder(this.settings.folder);
    await this.begin();
  }

  async close(): Promise<void> {
    await this.leave(true);
    this.lock?.release();
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
      this.lock?.release();
      this.lock = undefined;
    } else {
      await segment.retreat();
      this.previous = await segment.end(isLast);
    }
    this.segment = undefined;
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}
