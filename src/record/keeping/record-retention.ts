/** Deletes records that were kept long enough (GDPR article 5(1)(e)), a whole segment at a time. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS, MINUTE_MS } from '../../time.js';
import { readThrough } from './recovery.js';
import { noteRemoved, removedFrom } from '../segment/removed-segments.js';
import { segmentName } from '../segment/segment-format.js';
import { endOfFile, readSegment } from '../segment/segment-reader.js';
import { syncFolder } from '../segment/segment-writer.js';
import { lockEnded, sequencesIn, writersIn } from '../segment/writer-folder.js';

/** Notifications. */
export type RecordRetentionNews = {
  readonly onRemoved: (removed: { readonly segments: number; readonly decisions: number }) => void;
  readonly onNotRemoved: (error: unknown) => void;
};

const REST_MS = 60 * MINUTE_MS;

export class RecordRetention {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  /**
   * @param folder of the record
   * @param own the writer of this process; those of others are swept when they have ended
   * @param days after which a record is deleted; 0: never
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly folder: string,
    private readonly own: string,
    private readonly days: number,
    private readonly now: () => number,
    private readonly news: RecordRetentionNews,
  ) {}

  /** Sweeps now, and then every hour. */
  start(): void {
    if (this.days === 0) return;
    this.working = this.sweep()
      .catch((error: unknown) => this.news.onNotRemoved(error))
      .then(() => {
        this.timer = setTimeout(() => this.start(), REST_MS).unref();
      });
  }

  async close(): Promise<void> {
    await this.working;
    clearTimeout(this.timer);
  }

  /** @throws the system's error, and RecordDamage of a segment that is due: it stays, so that somebody looks at it */
  async sweep(): Promise<void> {
    const before = this.now() - this.days * DAY_MS;
    for (const writer of await writersIn(this.folder)) {
      const folder = join(this.folder, writer);
      const lock = writer === this.own ? undefined : await lockEnded(folder);
      if (writer !== this.own && lock === undefined) continue;
      try {
        await this.sweepWriter(folder, before);
      } finally {
        lock?.release();
      }
    }
  }

  /** From the first segment on, so that what is left has no gap. */
  private async sweepWriter(folder: string, before: number): Promise<void> {
    const noted = await removedFrom(folder);
    let segments = 0;
    let decisions = 0;
    for (const sequence of await sequencesIn(folder)) {
      const file = join(folder, segmentName(sequence));
      const end = await endOfFile(file);
      if (end === undefined || end.last >= before) break;
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
    if (segments === 0) return;
    await syncFolder(folder);
    this.news.onRemoved({ segments, decisions });
  }
}
