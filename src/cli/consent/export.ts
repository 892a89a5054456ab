/**
 * `npm run -s consent -- export [FILE]`: writes all rows of the server to a file, which appears only when it is
 * complete.
 */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Line, linesIn } from '../../consent/transfer/import-lines.js';
import { EXPORTED } from '../../consent/transfer/row-columns.js';
import { diskFaultOf } from '../../disk.js';
import { mustHaveFolder } from '../files.js';
import { cellOf, guarded } from './csv.js';
import { Progress } from './progress.js';
import { type Format, formatOf } from './rows.js';
import { ConsentServer, SERVER_HELP } from './server.js';
import { jsonOf } from '../../json.js';
import { SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, argumentsOf, count } from '../terminal.js';

export const exportAll: Command = {
  help: `usage: npm run -s consent -- export [FILE] [options]

Writes the profiles, choices, levels and signals of all users as rows that import takes: to standard output, or to a file,
which is compressed if its name ends in .gz.

  --format FORMAT      csv or ndjson; default: what the name of the file ends in, ndjson on standard output
  --no-guard           in CSV, write cells that a spreadsheet would run as they are; by default a ' stands before them,
                       which import takes away again
${SERVER_HELP}

exit code: 0 it is written, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { format: { type: 'string' }, 'no-guard': { type: 'boolean' }, ...SERVER_OPTIONS },
      ['[FILE]'],
    );
    const [file] = positionals;
    const { format, gzip } = formatOf(
      file ?? '',
      values.format ?? (file === undefined ? 'ndjson' : undefined),
    );
    if (file !== undefined) mustHaveFolder(file);
    const server = ConsentServer.from(values);
    const { body, answer } = await server.open('GET', '/v1/exports/choices');
    body.end();
    const response = await answer;
    const written = new Written(Number(response.headers['assent-users'] ?? 0), values['no-guard'] !== true);
    const rows = written.as(format, response);
    if (file === undefined) await pipeline(rows, process.stdout, { end: false });
    else await intoFile(rows, file, gzip);
    written.end();
    return EXIT.fine;
  },
};

async function intoFile(rows: AsyncIterable<string>, file: string, gzip: boolean): Promise<void> {
  const unfinished = `${file}.unfinished`;
  const sink = createWriteStream(unfinished, { mode: 0o600 });
  try {
    if (gzip) await pipeline(rows, createGzip(), sink);
    else await pipeline(rows, sink);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new Error(`the export broke off, and nothing was written: ${diskFaultOf(error) ?? 'try again'}`, {
      cause: error,
    });
  }
}

/** What was written, counted. */
class Written {
  private readonly progress = new Progress('rows');
  private users = 0;
  private rows = 0;
  private last = '';

  constructor(
    private readonly expected: number,
    private readonly isGuarded: boolean,
  ) {}

  async *as(format: Format, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
    if (format === 'csv') yield `${EXPORTED.join(',')}\n`;
    for await (const lines of linesIn(chunks)) {
      const texts = lines.map((line) => this.take(line, format));
      this.progress.at(this.rows, this.expected === 0 ? undefined : this.users / this.expected);
      yield `${texts.join('\n')}\n`;
    }
  }

  end(): void {
    this.progress.clear();
    process.stderr.write(`${count(this.rows, 'row')} of ${count(this.users, 'user')}\n`);
  }

  private take(line: Line, format: Format): string {
    if (typeof line !== 'string')
      throw new Error(`the server sent a line that cannot be read (${line.fault})`);
    const value = jsonOf(line);
    const row = new Map<string, unknown>(Object.entries(Object(value)));
    const user = String(row.get('user'));
    this.rows++;
    if (user !== this.last) this.users++;
    this.last = user;
    return format === 'ndjson'
      ? line
      : EXPORTED.map((column) => cellOf(guarded(textOf(row.get(column)), this.isGuarded))).join(',');
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
