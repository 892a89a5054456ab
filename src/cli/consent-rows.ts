/** Rows of a file as lines of an import: CSV or NDJSON, compressed or not, a chunk at a time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { linesIn } from '../consent/import-lines.js';
import { COLUMNS, type Column } from '../consent/row-columns.js';
import { UsageError } from './policy-terminal.js';

export const FORMATS = ['csv', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

/** Most bytes of a record of CSV: where a quote is not closed, so much is taken for one. */
const RECORD_BYTES = 65_536;
const ID_LENGTH = 32;

/** How a file is written, by its name. @throws UsageError when that does not tell */
export function formatOf(
  file: string,
  given: string | undefined,
): { readonly format: Format; readonly gzip: boolean } {
  const gzip = file.endsWith('.gz');
  const name = gzip ? file.slice(0, -'.gz'.length) : file;
  const told = given ?? /\.(csv|ndjson|jsonl)$/.exec(name)?.[1]?.replace('jsonl', 'ndjson');
  const format = FORMATS.find((one) => one === told);
  if (format === undefined)
    throw new UsageError(
      given === undefined
        ? `the name \`${file}\` does not say how the file is written: end it in .csv or .ndjson, or give --format`
        : `there is no format \`${given}\`: it is csv or ndjson`,
    );
  return { format, gzip };
}

/** A file of rows, which may be read more than once; `-` is standard input, which may not. */
export class RowFile {
  /** Bytes of the file that have been read. */
  bytes = 0;

  private constructor(
    readonly name: string,
    /** Bytes of all of it; absent of standard input. */
    readonly size: number | undefined,
    private readonly format: Format,
    private readonly gzip: boolean,
  ) {}

  /** @throws UsageError when there is no such file */
  static async open(name: string, given: string | undefined): Promise<RowFile> {
    const { format, gzip } = formatOf(name, given);
    if (name === '-') return new RowFile(name, undefined, format, gzip);
    const size = await stat(name).then(
      (found) => found.size,
      () => {
        throw new UsageError(`there is no file \`${name}\``);
      },
    );
    return new RowFile(name, size, format, gzip);
  }

  get isStdin(): boolean {
    return this.name === '-';
  }

  /** What the file is known by: the first 16 bytes of its SHA-256, in hexadecimal. */
  async id(): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.name)) hash.update(chunk);
    return hash.digest('hex').slice(0, ID_LENGTH);
  }

  /**
   * The rows as lines of an import, each with its number; those up to `after` are left out. A header is no line. A row
   * that cannot be read is a line that says so.
   *
   * @throws Error when the file cannot be read on
   */
  async *lines(after: number): AsyncGenerator<readonly string[], void> {
    this.bytes = 0;
    const chunks = this.chunks();
    let number = 0;
    for await (const rows of this.format === 'csv' ? recordsIn(chunks) : linesIn(chunks)) {
      const skipped = Math.min(rows.length, Math.max(0, after - number));
      const first = number + skipped + 1;
      number += rows.length;
      if (skipped < rows.length) yield rows.slice(skipped).map((row, index) => numbered(row, first + index));
    }
  }

  private chunks(): AsyncIterable<Uint8Array> {
    const source: Readable = this.isStdin
      ? process.stdin
      : createReadStream(this.name, { highWaterMark: 1 << 18 });
    if (!this.gzip) return this.counted(source);
    // an error on the way is that of its end
    return pipeline(this.counted(source), createGunzip(), () => undefined);
  }

  private async *counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

/** A line of the import: the number last, because of two members of one name the last one counts. */
function numbered(row: string | Readonly<Record<string, unknown>> | undefined, line: number): string {
  if (row === undefined) return unreadable(line);
  if (typeof row !== 'string') return JSON.stringify({ ...row, line });
  const end = row.trimEnd();
  return end.startsWith('{') && end.endsWith('}')
    ? `${end.slice(0, -1)}${end.length > 2 ? ',' : ''}"line":${line}}`
    : unreadable(line);
}

function unreadable(line: number): string {
  return JSON.stringify({ line, error: 'it cannot be read' });
}

type Cells = Readonly<Partial<Record<Column, string | number>>>;

/** Records of CSV (RFC 4180) as rows; `undefined` stands for one that cannot be read. */
async function* recordsIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<(Cells | undefined)[], void> {
  let columns: readonly Column[] | undefined;
  let rows: (Cells | undefined)[] = [];
  let trouble: Error | undefined;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: RECORD_BYTES,
    on_record: (record: readonly string[]) => {
      if (columns === undefined) {
        const header = columnsIn(record);
        if (header instanceof Error) trouble = header;
        else columns = header;
      } else rows.push(rowIn(record, columns));
      // taken here, in order with those that were skipped: the stream has nothing to hold
      return undefined;
    },
    on_skip: () => {
      rows.push(undefined);
      return undefined;
    },
  });
  parser.on('error', (error) => (trouble = error));
  parser.resume();
  // an error has its own listener
  const written = (chunk?: Uint8Array) =>
    new Promise<void>((resolve) => {
      if (chunk === undefined) parser.end(() => resolve());
      else parser.write(chunk, () => resolve());
    });
  for await (const chunk of chunks) {
    await written(chunk);
    if (trouble !== undefined) throw trouble;
    if (rows.length > 0) yield rows.splice(0);
  }
  await written();
  if (trouble !== undefined) throw trouble;
  if (rows.length > 0) yield rows;
}

/** @returns an error when the header names what is no column */
function columnsIn(header: readonly string[]): Column[] | Error {
  const columns: Column[] = [];
  for (const cell of header) {
    const name = cell.trim().toLowerCase();
    const column = COLUMNS.find((one) => one === name);
    if (column === undefined)
      return new Error(`the header names \`${cell}\`, which is no column: they are ${COLUMNS.join(', ')}`);
    columns.push(column);
  }
  return columns.includes('user') && new Set(columns).size === columns.length
    ? columns
    : new Error('the header must name `user`, and each column once');
}

function rowIn(record: readonly string[], columns: readonly Column[]): Cells | undefined {
  if (record.length !== columns.length) return undefined;
  const row: Partial<Record<Column, string | number>> = {};
  for (const [place, column] of columns.entries()) {
    const cell = record[place] ?? '';
    if (cell !== '') row[column] = isNumber(column) && /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
  }
  return row;
}

function isNumber(column: Column): boolean {
  return column === 'notice' || column === 'at';
}
