/** Appends to a segment file. What was appended is on the disk when the promise resolves. */
import { type Hash, createHash } from 'node:crypto';
import { constants, fstatSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../disk.js';
import { type BlockHead, headOf } from '../block/block-decoder.js';
import { FRAME_BYTES } from '../block/frame.js';
import {
  type SegmentHeader,
  type SegmentTally,
  endFrame,
  headerBytes,
  segmentName,
} from './segment-format.js';

/** A write returns when the data, and what is needed to read it, is on the disk: as if `fdatasync(2)` followed (open(2)). */
const { O_CREAT, O_DSYNC, O_RDWR, O_TRUNC } = constants;

const NO_RECORDS: SegmentTally = { blocks: 0, decisions: 0, first: 0, last: 0 };

/** What of a file is intact. */
export type Intact = { readonly length: number; readonly hash: Hash; readonly tally: SegmentTally };

export class SegmentWriter {
  private constructor(
    private readonly file: FileHandle,
    private intact: Intact,
  ) {}

  /**
   * Makes a segment. It has its name only when its header is on the disk, so that there is none without one.
   *
   * @param folder of the writer
   * @throws the system's error
   */
  static async create(folder: string, header: SegmentHeader): Promise<SegmentWriter> {
    const path = join(folder, segmentName(header.sequence));
    const unfinished = `${path}.unfinished`;
    const file = await open(unfinished, O_CREAT | O_TRUNC | O_RDWR | O_DSYNC, 0o600);
    try {
      const bytes = headerBytes(header);
      await writeAll(file, bytes, 0);
      await rename(unfinished, path);
      await syncFolder(folder);
      const hash = createHash('sha256').update(bytes);
      return new SegmentWriter(file, { length: bytes.length, hash, tally: NO_RECORDS });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Goes on with a segment whose writer ended in the middle of it. What follows the intact part is cut off. */
  static async resume(path: string, intact: Intact): Promise<SegmentWriter> {
    const file = await open(path, O_RDWR | O_DSYNC);
    const segment = new SegmentWriter(file, intact);
    try {
      await segment.retreat();
      return segment;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** In bytes. */
  get length(): number {
    return this.intact.length;
  }

  get tally(): SegmentTally {
    return this.intact.tally;
  }

  /**
   * @param isOwn asked once it is written: whether nobody else may have ended the segment meanwhile
   * @throws the system's error; the segment is then to be ended after `retreat`
   */
  async append(block: Buffer, isOwn = () => true): Promise<void> {
    const { length, hash, tally } = this.intact;
    const writing = writeAll(this.file, block, length);
    // meanwhile, because the write waits for the disk
    const longer = hash.copy().update(block);
    const head = headOf(block.subarray(FRAME_BYTES));
    await writing;
    if (this.isGone()) throw new Error('its file was removed');
    if (!isOwn()) throw new Error('the lock of its folder was removed');
    this.intact = { length: length + block.length, hash: longer, tally: tallied(tally, head) };
  }

  /** Cuts off what a failed write left. */
  async retreat(): Promise<void> {
    await this.file.truncate(this.intact.length);
    await this.file.datasync();
  }

  /**
   * Closes the segment.
   *
   * @param isLast whether the writer ends
   * @returns the SHA-256 of the file
   */
  async end(isLast: boolean): Promise<Buffer> {
    const { length, hash, tally } = this.intact;
    const end = endFrame({ ...tally, isLast, digest: hash.copy().digest() });
    await writeAll(this.file, end, length);
    await this.abandon();
    return hash.copy().update(end).digest();
  }

  /** Whether the file is no longer in any folder. */
  isGone(): boolean {
    return fstatSync(this.file.fd).nlink === 0;
  }

  /** What is intact: for the header of the segment after, when this one is gone. */
  digest(): Buffer {
    return this.intact.hash.copy().digest();
  }

  /** Lets go of the file as it is. */
  async abandon(): Promise<void> {
    // what was written is on the disk (O_DSYNC), whatever close(2) says
    await this.file.close().catch(() => undefined);
  }
}

export function tallied(tally: SegmentTally, { first, last, decisions }: BlockHead): SegmentTally {
  return {
    blocks: tally.blocks + 1,
    decisions: tally.decisions + decisions,
    first: tally.blocks === 0 ? first : Math.min(tally.first, first),
    last: Math.max(tally.last, last),
  };
}

async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let written = 0; written < bytes.length;)
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
}
