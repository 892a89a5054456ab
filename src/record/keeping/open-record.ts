/** Opens the record of decisions: closes what ended processes left, begins a writer, and deletes what was kept long enough. */
import { diskFaultOf, makeFolder } from '../../disk.js';
import { NO_RECORDING } from './no-recording.js';
import { RecordRetention, type RecordRetentionNews } from './record-retention.js';
import { type RecordWatch, Recorder, type RecorderNews } from './recorder.js';
import type { RecordMode } from './record-mode.js';
import type { Recording } from '../recording.js';
import { type RecoveryNews, closeAbandoned } from './recovery.js';

export type RecordSettings = {
  readonly mode: RecordMode;
  /** Absolute path of the folder of the record. */
  readonly folder: string;
  /** After how many days a record is deleted; 0: never. */
  readonly days: number;
  /** Which consent log its users and revisions are of. */
  readonly log: string;
};

export type RecordNews = RecorderNews & RecoveryNews & RecordRetentionNews;

export type OpenRecord = {
  readonly recording: Recording;
  /** The name of its folder in that of the record; absent: nothing is recorded. */
  readonly writer?: string;
  /** How it does; absent: nothing is recorded. */
  readonly watch?: RecordWatch;
  /** Writes what is left. @throws Error when some decisions could not be written */
  readonly close: () => Promise<void>;
};

/**
 * @param now milliseconds since the Unix epoch
 * @throws Error with a message for people when the record cannot be written
 */
export async function openRecord(
  { mode, folder, days, log }: RecordSettings,
  now: () => number,
  news: RecordNews,
): Promise<OpenRecord> {
  if (mode === 'off') return { recording: NO_RECORDING, close: async () => undefined };
  try {
    // only for the owner: it says who did what with whose data
    makeFolder(folder, 0o700);
    await closeAbandoned(folder, now, news);
    const recorder = await Recorder.open({ folder, log, isFast: mode === 'fast' }, now, news);
    const retention = new RecordRetention(folder, recorder.writer, days, now, news);
    retention.start();
    return {
      recording: recorder,
      watch: recorder,
      writer: recorder.writer,
      close: async () => {
        await retention.close();
        await recorder.close();
      },
    };
  } catch (cause) {
    const fault = diskFaultOf(cause) ?? 'make it writable';
    throw new Error(
      `cannot write the record to \`${folder}\`: ${fault}; or set RECORD_DIR to another folder`,
      {
        cause,
      },
    );
  }
}
