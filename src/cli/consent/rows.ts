/** Rows of a file as lines of an import: CSV or NDJSON, compressed or not, a chunk at a time. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Line, NOT_UTF_8, linesIn } from '../../consent/transfer/import-lines.js';
import { type LineFault, REFUSALS } from '../../consent/transfer/import-refusals.js';
import { COLUMNS, type Column } from '../../consent/transfer/row-columns.js';
import { didYouMean } from '../../decision/nearest.js';
import { DELIMITERS, cellsIn, unguarded } from './csv.js';
import { UsageError } from '../terminal.js';

export const FORMATS = ['csv', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

const ID_LENGTH = 32;

/** The format of a file, by its name. @throws UsageError when the name does not say it */
export function formatOf(
  file: string,
  given: string | undefined,
): { readonly format: Format; readonly gzip: boolean } {
  const gzip = file.endsWith('.gz');
  const name = gzip ? file.slice(0, -'.gz'.length) : file;
  if (given === undefined && name.endsWith('.tsv'))
    throw new UsageError(`\`${file}\` is CSV with tabs between its cells: give --format csv --delimiter tab`);
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

/** The options that say how to read a file. */
export const READING_OPTIONS = {
  format: { type: 'string' },
  delimiter: { type: 'string' },
  encoding: { type: 'string' },
} as const;
type Reading = { readonly format?: string; readonly delimiter?: string; readonly encoding?: string };

/** By their byte-order marks, in hexadecimal. */
const WIDE: ReadonlyMap<string, string> = new Map([
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
]);

/** A file of rows, which may be read more than once; `-` is standard input, which can be read only once. */
export class RowFile {
  /** Bytes of the file that have been read. */
  bytes = 0;

  private constructor(
    readonly name: string,
    /** Bytes of all of it; absent of standard input. */
    readonly size: number | undefined,
    private readonly format: Format,
    private readonly gzip: boolean,
    private readonly delimiter: string,
    /** Absent: not given, so it must be UTF-8. */
    private readonly encoding: string | undefined,
  ) {}

  /** @throws UsageError when there is no such file, or it cannot be read so */
  static async open(name: string, given: Reading): Promise<RowFile> {
    const { format, gzip } = formatOf(name, given.format);
    const delimiter = delimiterOf(given.delimiter);
    const encoding = given.encoding === undefined ? undefined : encodingOf(given.encoding);
    const file = (size?: number) => new RowFile(name, size, format, gzip, delimiter, encoding);
    if (name === '-') return file();
    const { size } = await stat(name).catch(() => {
      throw new UsageError(`there is no file \`${name}\``);
    });
    const found = file(size);
    await found.check();
    return found;
  }

  get isStdin(): boolean {
    return this.name === '-';
  }

  /**
   * Identifies the rows: the first 16 bytes of the SHA-256 of the file, in hexadecimal. Read with other options it has
   * other rows.
   */
  async id(): Promise<string> {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(this.name)) hash.update(chunk);
    if (this.delimiter !== ',') hash.update(`delimiter ${this.delimiter}`);
    if (this.isDecoded) hash.update(`encoding ${this.encoding}`);
    return hash.digest('hex').slice(0, ID_LENGTH);
  }

  /**
   * The rows as lines of an import, each with its number; those up to `after` are left out. The header is not counted.
   * A row that cannot be read is a line that says so.
   *
   * @throws Error when the file cannot be read on
   */
  async *lines(after: number): AsyncGenerator<readonly string[], void> {
    this.bytes = 0;
    const texts = linesIn(this.chunks());
    let number = 0;
    for await (const rows of this.format === 'csv' ? recordsIn(texts, this.delimiter) : texts) {
      const skipped = Math.min(rows.length, Math.max(0, after - number));
      const first = number + skipped + 1;
      number += rows.length;
      if (skipped < rows.length) yield rows.slice(skipped).map((row, index) => numbered(row, first + index));
    }
  }

  /** Reads the whole file once to check its encoding, so that a wrong one is found before any row is sent. */
  private async check(): Promise<void> {
    if (this.encoding === undefined) {
      const found = await this.wideEncoding();
      if (found !== undefined)
        throw new UsageError(`the file is written in UTF-16: say so with --encoding ${found}`);
    }
    let line = 0;
    for await (const lines of linesIn(this.chunks())) {
      const found = this.encoding === undefined ? lines.indexOf(NOT_UTF_8) : -1;
      if (found >= 0)
        throw new UsageError(
          `line ${line + found + 1} of the file is not UTF-8: say how the file is written with --encoding, such as windows-1252 or utf-16le; with --encoding utf-8 such lines are rejected, and the others taken`,
        );
      line += lines.length;
    }
  }

  /** The encoding whose byte-order mark the file begins with, where that is one of two bytes a character. */
  private async wideEncoding(): Promise<string | undefined> {
    for await (const chunk of this.chunks())
      return WIDE.get(Buffer.from(chunk.subarray(0, 2)).toString('hex'));
    return undefined;
  }

  private get isDecoded(): boolean {
    return this.encoding !== undefined && this.encoding !== 'utf-8';
  }

  private chunks(): AsyncIterable<Uint8Array> {
    const source: Readable = this.isStdin
      ? process.stdin
      : createReadStream(this.name, { highWaterMark: 1 << 18 });
    const counted = this.counted(source);
    // an error in between is reported at the end
    const bytes = this.gzip ? pipeline(counted, createGunzip(), () => undefined) : counted;
    return this.isDecoded ? decoded(bytes, this.encoding) : bytes;
  }

  private async *counted(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }
}

function delimiterOf(given = ','): string {
  const delimiter = DELIMITERS.get(given === '\t' ? 'tab' : given);
  if (delimiter === undefined)
    throw new UsageError(`there is no delimiter \`${given}\`: it is ${[...DELIMITERS.keys()].join(' or ')}`);
  return delimiter;
}

/** The name of an encoding in the Encoding Standard. */
function encodingOf(given: string): string {
  try {
    return new TextDecoder(given, { fatal: true }).encoding;
  } catch {
    throw new UsageError(`there is no encoding \`${given}\`: it is such as utf-8, windows-1252 or utf-16le`);
  }
}

/** Bytes of another encoding as UTF-8. @throws Error at those that are none of it */
async function* decoded(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
): AsyncGenerator<Uint8Array, void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const textOf = (chunk?: Uint8Array) => {
    try {
      return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch (error) {
      throw new UsageError(`the file is not written in ${encoding}: give another --encoding`, {
        cause: error,
      });
    }
  };
  for await (const chunk of chunks) yield textOf(chunk);
  yield textOf();
}

/** A line of the import, with its number. */
function numbered(row: Line | Cells | Fault, line: number): string {
  if (typeof row !== 'string')
    return JSON.stringify('fault' in row ? { line, error: row.fault } : { ...row, line });
  const end = row.trimEnd();
  return end.startsWith('{') && end.endsWith('}')
    ? `${end.slice(0, -1)}${end.length > 2 ? ',' : ''}"line":${line}}`
    : JSON.stringify({ line, error: 'not_readable' });
}

/** Stands for a line that holds no row. */
type Fault = { readonly fault: LineFault };
type Cells = Readonly<Partial<Record<Column, string | number>>>;

/** Lines of CSV as rows. The first is the header; empty lines are skipped. */
export async function* recordsIn(
  lines: AsyncIterable<readonly Line[]>,
  delimiter: string,
): AsyncGenerator<readonly (Cells | Fault)[], void> {
  let columns: readonly Column[] | undefined;
  for await (const chunk of lines) {
    const rows: (Cells | Fault)[] = [];
    for (const line of chunk) {
      const text = typeof line === 'string' && line.endsWith('\r') ? line.slice(0, -1) : line;
      if (text === '') continue;
      if (columns === undefined) columns = columnsIn(text, delimiter);
      else rows.push(typeof text === 'string' ? rowIn(text, columns, delimiter) : text);
    }
    if (rows.length > 0) yield rows;
  }
  if (columns === undefined) throw new Error('the file is empty: its first line must be a header');
}

/** @throws Error when the header names what is no column */
function columnsIn(header: Line, delimiter: string): Column[] {
  if (typeof header !== 'string') throw new Error(`the header cannot be read: ${REFUSALS[header.fault]}`);
  if (header.includes('\r'))
    throw new Error('the lines of the file end in a carriage return alone: end them in a line feed');
  if (header.includes('\0'))
    throw new Error('the file is written in two bytes a character: say so with --encoding utf-16le');
  const cells = cellsIn(header, delimiter);
  if (cells === undefined) throw new Error(`the header cannot be read: ${REFUSALS.quote_not_valid}`);
  const other = [...DELIMITERS].find(([, one]) => one !== delimiter && header.includes(one));
  if (cells.length === 1 && other !== undefined)
    throw new Error(`the header is one cell: say what is between cells with --delimiter '${other[0]}'`);
  const named = cells.map((cell) => COLUMNS.find((one) => one === cell.trim().toLowerCase()));
  // a row is about a user, so its content must not be shown
  if (!named.some((column) => column !== undefined))
    throw new Error(
      `the file has no header: its first line names no column; put a line such as \`user,purpose,choice\` before it, with \`${delimiter === '\t' ? 'tab' : delimiter}\` between; the columns are ${COLUMNS.join(', ')}`,
    );
  const columns = cells.map((cell, place) => {
    const column = named[place];
    if (column === undefined)
      throw new Error(
        `the header names \`${cell}\`, which is no column${didYouMean(cell.trim(), COLUMNS, `they are ${COLUMNS.join(', ')}`)}`,
      );
    return column;
  });
  const twice = columns.find((column, place) => columns.indexOf(column) < place);
  if (twice !== undefined)
    throw new Error(`the header names \`${twice}\` twice: take the column out that is not meant`);
  if (!columns.includes('user'))
    throw new Error('the header does not name `user`: name the column so that has the ids of users');
  return columns;
}

function rowIn(line: string, columns: readonly Column[], delimiter: string): Cells | Fault {
  const record = cellsIn(line, delimiter);
  if (record === undefined) return { fault: 'quote_not_valid' };
  if (record.length < columns.length) return { fault: 'too_few_cells' };
  if (record.length > columns.length) return { fault: 'too_many_cells' };
  const row: Partial<Record<Column, string | number>> = {};
  for (const [place, column] of columns.entries()) {
    const cell = unguarded(record[place] ?? '');
    if (cell !== '') row[column] = isNumber(column) && /^\d{1,15}$/.test(cell) ? Number(cell) : cell;
  }
  return row;
}

function isNumber(column: Column): boolean {
  return column === 'notice' || column === 'at';
}
