/**
 * The record as Parquet files, which DuckDB, Spark, Trino and pandas read as they are: closed segments, a table of
 * decisions, one of sets and one of discharges, sorted by person and time. Files are named by what they are of, so that one that is written
 * again is the same file.
 *
 * `<folder>/<table>/<day>/<writer>-<sequence>-<part>.parquet`; the day is that of the last record of the segment.
 */
import { access, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { makeFolder, whereMissing } from '../../disk.js';
import { DAY_MS, dayText } from '../../time.js';
import { Failures } from '../../work/failures.js';
import { inBackground } from '../../work/slices.js';
import { segmentName } from '../segment/segment-format.js';
import { endAmong, readSegment } from '../segment/segment-reader.js';
import { lockWriter, sequencesIn, writersIn } from '../segment/writer-folder.js';
import { COLUMNS, type LakeRow, type LakeTable, compareRows, rowsOf } from './lake-rows.js';

/** Rows of a file: as many as are sorted in memory. */
const PART_ROWS = 131_072;
/** A reader that looks for a person reads one group of a file. */
const GROUP_ROWS = 8_192;
const TABLES = ['decisions', 'sets', 'discharges'] as const;
/** Says up to which segment of each writer the files are written. */
const REACHED = 'reached.json';
const DAY = /^\d{4}-\d\d-\d\d$/;

export type LakeSettings = {
  /** Absolute path of the folder of the record. */
  readonly record: string;
  /** Absolute path of the folder of the lake. */
  readonly folder: string;
  /** After how many days a record is deleted; 0: never. */
  readonly days: number;
};

/** Notifications. */
export type LakeNews = {
  readonly onWritten: (written: { readonly segments: number; readonly rows: number }) => void;
};

export class Lake {
  /** @param now milliseconds since the Unix epoch */
  constructor(
    private readonly settings: LakeSettings,
    private readonly now: () => number,
    private readonly news: LakeNews,
  ) {}

  /**
   * Writes the segments that were closed since, and deletes days that were kept long enough. Only one process at a time
   * does; for the others there is nothing to do.
   *
   * @throws RecordDamage of a segment, or the system's error, once all has been done that could be
   */
  async follow(signal: AbortSignal): Promise<void> {
    const { record, folder } = this.settings;
    // where it is gone, it was on another disk: it must not come about on this one as the parent of another folder
    await access(record);
    makeFolder(folder, 0o700);
    const lock = lockWriter(folder);
    if (lock === undefined) return;
    try {
      const failures = new Failures();
      await failures.keep(this.writeClosed(signal, failures));
      await failures.keep(this.deleteOld());
      failures.end();
    } finally {
      lock.release();
    }
  }

  private async writeClosed(signal: AbortSignal, failures: Failures): Promise<void> {
    const { record, folder } = this.settings;
    const reached = await this.reached();
    const written = { segments: 0, rows: 0 };
    const writeWriter = async (writer: string): Promise<void> => {
      const sequences = await sequencesIn(join(record, writer));
      for (const sequence of sequences) {
        if (signal.aborted) return;
        if (sequence <= (reached.get(writer) ?? 0)) continue;
        const rows = await this.writeSegment(writer, sequence, sequence !== sequences.at(-1));
        if (rows === undefined) return;
        reached.set(writer, sequence);
        await writeWhole(join(folder, REACHED), JSON.stringify(Object.fromEntries(reached)));
        written.segments++;
        written.rows += rows;
      }
    };
    for (const writer of await writersIn(record)) await failures.keep(writeWriter(writer));
    if (written.segments > 0) this.news.onWritten(written);
  }

  /** @returns how many rows; `undefined` when the segment is not closed */
  private async writeSegment(
    writer: string,
    sequence: number,
    isFollowed: boolean,
  ): Promise<number | undefined> {
    const path = join(this.settings.record, writer, segmentName(sequence));
    const end = await endAmong(path, isFollowed);
    if (end === undefined) return undefined;
    const parts = TABLES.map((table) => {
      const folder = join(this.settings.folder, table, dayText(end.last));
      return new Parts(table, folder, `${writer}-${parse(path).name}`);
    });
    for await (const block of readSegment(path, false))
      for (const [table, row] of rowsOf(block)) {
        const of = parts[TABLES.indexOf(table)];
        if (of?.take(row) === 'full') await of.write();
      }
    for (const of of parts) await of.write();
    return parts.reduce((sum, { rows }) => sum + rows, 0);
  }

  private async deleteOld(): Promise<void> {
    const { days, folder } = this.settings;
    if (days === 0) return;
    const before = dayText(this.now() - days * DAY_MS);
    for (const table of TABLES)
      for (const day of await namesIn(join(folder, table)))
        if (DAY.test(day) && day < before) await rm(join(folder, table, day), { recursive: true });
  }

  /** Where this is lost, the same files are written again. */
  private async reached(): Promise<Map<string, number>> {
    const reached = new Map<string, number>();
    const text = await readFile(join(this.settings.folder, REACHED), 'utf8').catch(() => '{}');
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return reached;
    const there = new Set(await writersIn(this.settings.record));
    for (const [writer, sequence] of Object.entries(parsed))
      if (typeof sequence === 'number' && there.has(writer)) reached.set(writer, sequence);
    return reached;
  }
}

/** The files of one table that a segment becomes. */
class Parts {
  rows = 0;
  private part = 0;
  private waiting: LakeRow[] = [];

  constructor(
    private readonly table: LakeTable,
    private readonly folder: string,
    private readonly name: string,
  ) {}

  take(row: LakeRow): 'full' | undefined {
    return this.waiting.push(row) < PART_ROWS ? undefined : 'full';
  }

  async write(): Promise<void> {
    const rows = this.waiting.sort(compareRows);
    if (rows.length === 0) return;
    this.waiting = [];
    makeFolder(this.folder, 0o700);
    const bytes = await inBackground(parquetOf(this.table, rows));
    await writeWhole(join(this.folder, `${this.name}-${this.part++}.parquet`), bytes);
    this.rows += rows.length;
  }
}

function* parquetOf(table: LakeTable, rows: readonly LakeRow[]): Generator<undefined, Uint8Array, undefined> {
  const columnData = [];
  for (const { name, type, value } of COLUMNS[table]) {
    columnData.push({ name, type, data: rows.map(value), nullable: true });
    yield;
  }
  return new Uint8Array(
    parquetWriteBuffer({ columnData, rowGroupSize: GROUP_ROWS, statistics: true, createdBy: 'assent' }),
  );
}

/** The names in a folder; none where it is not there. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(whereMissing<string[]>([]));
}

async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  await writeFile(`${path}.unfinished`, bytes, { mode: 0o600 });
  await rename(`${path}.unfinished`, path);
}
