/** Deletes records that were kept long enough (GDPR article 5(1)(e)), a whole segment at a time. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../disk.js';
import { SureClock } from '../../sure-clock.js';
import { DAY_MS, MINUTE_MS } from '../../time.js';
import { readThrough } from './recovery.js';
import { noteRemoved, removedFrom } from '../segment/removed-segments.js';
import { type SegmentEnd, segmentName } from '../segment/segment-format.js';
import { endAmong, readSegment } from '../segment/segment-reader.js';
import { lockEnded, sequencesIn, writersIn } from '../segment/writer-folder.js';

/** Notifications. */
export type RecordRetentionNews = {
  readonly onRemoved: (removed: { readonly segments: number; readonly decisions: number }) => void;
  readonly onNotRemoved: (error: unknown) => void;
  /** The clock leapt ahead, and nothing is removed on its word yet. @param days how far */
  readonly onLeap: (days: number) => void;
};

const REST_MS = 60 * MINUTE_MS;

export class RecordRetention {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private clock: SureClock | undefined;

  /**
   * @param folder of the record
   * @param own the writer of this process; those of others are swept when they have ended
   * @param days after which a record is deleted; 0: never
   * @param now milliseconds since the Unix epoch
   * @param steady milliseconds since any moment, whatever the clock is set to
   */
  constructor(
    private readonly folder: string,
    private readonly own: string,
    private readonly days: number,
    private readonly now: () => number,
    private readonly news: RecordRetentionNews,
    private readonly steady: () => number = () => performance.now(),
  ) {}

  /** Sweeps now, and then every hour. */
  start(): void {
    if (this.days === 0) return;
    this.working = this.sweepIfSure()
      .catch((error: unknown) => this.news.onNotRemoved(error))
      .then(() => {
        this.timer = setTimeout(() => this.start(), REST_MS).unref();
      });
  }

  async close(): Promise<void> {
    await this.working;
    clearTimeout(this.timer);
  }

  /**
   * Sweeps unless the clock has leapt far ahead, of itself or of the newest record: then nothing is removed for a day.
   *
   * @throws as {@link sweep}
   */
  async sweepIfSure(): Promise<void> {
    this.clock ??= new SureClock((await newestIn(this.folder)) ?? this.now(), this.steady);
    const leap = this.clock.leapAt(this.now());
    if (leap === undefined) return this.sweep();
    this.news.onLeap(Math.floor(leap / DAY_MS));
  }

  /**
   * Tells of each writer of which a segment is damaged: it keeps that one and what follows it, so that somebody looks at it.
   *
   * @throws the system's error when the folder cannot be read
   */
  async sweep(): Promise<void> {
    const before = this.now() - this.days * DAY_MS;
    for (const writer of await writersIn(this.folder))
      await this.sweepUnlocked(writer, before).catch((error: unknown) => this.news.onNotRemoved(error));
  }

  private async sweepUnlocked(writer: string, before: number): Promise<void> {
    const folder = join(this.folder, writer);
    const lock = writer === this.own ? undefined : await lockEnded(folder);
    if (writer !== this.own && lock === undefined) return;
    try {
      await this.sweepWriter(folder, before);
    } finally {
      lock?.release();
    }
  }

  /** From the first segment on, so that what is left has no gap. */
  private async sweepWriter(folder: string, before: number): Promise<void> {
    const noted = await removedFrom(folder);
    let segments = 0;
    let decisions = 0;
    const sequences = await sequencesIn(folder);
    try {
      for (const sequence of sequences) {
        const file = join(folder, segmentName(sequence));
        const end = await endAmong(file, sequence !== sequences.at(-1));
        if (end === undefined || (await datedAt(file, end)) >= before) break;
        if (!noted.has(sequence)) {
          const { header, tally, digest } = await readThrough(readSegment(file, false));
          const { firstBlock: first_block } = header;
          const hash = digest.toString('hex');
          await noteRemoved(folder, { sequence, first_block, ...tally, hash, is_last: end.isLast });
        }
        await rm(file);
        segments++;
        decisions += end.decisions;
      }
    } finally {
      if (segments > 0) {
        await syncFolder(folder);
        this.news.onRemoved({ segments, decisions });
      }
    }
  }
}

/** The time of the newest record in segments that are closed; absent: there is none, or none that can be read. */
async function newestIn(folder: string): Promise<number | undefined> {
  const times: number[] = [];
  for (const writer of await writersIn(folder))
    for (const sequence of (await sequencesIn(join(folder, writer))).toReversed()) {
      const file = join(folder, writer, segmentName(sequence));
      const end = await endAmong(file, false).catch(() => undefined);
      if (end === undefined || end.blocks === 0) continue;
      times.push(end.last);
      break;
    }
  return times.length === 0 ? undefined : Math.max(...times);
}

/** The time of its last record; where it has none, when it was begun: only it may say that its writer ended. */
async function datedAt(file: string, { blocks, last }: SegmentEnd): Promise<number> {
  return blocks > 0 ? last : (await readThrough(readSegment(file, false))).header.openedAt;
}
