/** `npm run -s consent -- import FILE`: sends lines from the server's position on, until all are taken in. */
import { once } from 'node:events';
import { setTimeout as pass } from 'node:timers/promises';
import { linesIn } from '../../consent/transfer/import-lines.js';
import { mustHaveFolder } from '../files.js';
import { Progress } from './progress.js';
import { type Reject, Rejects } from './rejects.js';
import { READING_OPTIONS, RowFile } from './rows.js';
import { ConsentServer, SERVER_HELP, ServerAway, ServerRefusal, ServerUnknown } from './server.js';
import { jsonOf } from '../../json.js';
import { Json, SERVER_OPTIONS } from '../server.js';
import { type Summary, end } from './summary.js';
import { type Command, UsageError, argumentsOf, say } from '../terminal.js';

/** How long a server may be away before the command gives up; calling it again continues. */
const PATIENCE_MS = 120_000;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** Maximum number of lines sent beyond those answered: the server keeps the refusals of that many. */
const WINDOW = 8_192;
const ID = /^[A-Za-z0-9._-]{1,128}$/;

export const importFile: Command = {
  help: `usage: npm run -s consent -- import FILE [options]

Takes users' profiles, choices and levels in from an earlier system: CSV with a header, or NDJSON, each also with .gz. Called again
with the same file, or killed and called again, it goes on from where it was; nothing is taken in twice or left out.

  --format FORMAT      csv or ndjson; default: what the name of the file ends in
  --delimiter CHAR     what is between the cells of CSV: , ; | or tab; default ,
  --encoding NAME      how the file is written: utf-8, windows-1252, utf-16le and what else the Encoding Standard names;
                       default utf-8, and a file that is not is refused
  --rejects FILE       where rejected lines are listed; default FILE.rejects.ndjson
  --id ID              what the import is known by; default the hash of the file. Needed when FILE is -, standard input
  --dry-run            check the file alone: nothing is sent, so what only the service knows is not found
${SERVER_HELP}

If no server ever answered, the command fails at once. If one goes away later, it retries for ${PATIENCE_MS / 60_000} minutes and reports
each attempt; after that, run the same command again to go on.

exit code: 0 every line was taken, 1 some were rejected, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      {
        ...READING_OPTIONS,
        rejects: { type: 'string' },
        id: { type: 'string' },
        'dry-run': { type: 'boolean' },
        ...SERVER_OPTIONS,
      },
      ['FILE'],
    );
    const [name = ''] = positionals;
    const file = await RowFile.open(name, values);
    const listed = values.rejects ?? (file.isStdin ? 'import.rejects.ndjson' : `${name}.rejects.ndjson`);
    mustHaveFolder(listed);
    const rejects = new Rejects(listed);
    if (values['dry-run'] === true) {
      const { checkFile } = await import('./check.js');
      return checkFile(file, rejects);
    }
    if (file.isStdin && values.id === undefined)
      throw new UsageError('standard input has no id of its own: give one with --id, and the same to go on');
    const id = values.id ?? (await file.id());
    if (!ID.test(id))
      throw new UsageError('--id takes 1 to 128 letters, digits, dots, dashes and underscores');
    const work = new Import(file, id, ConsentServer.from(values), rejects);
    const summary = await work.run();
    sayBefore(work, id);
    return end(summary, rejects);
  },
};

/** Says which lines the counts cover, if an earlier command took in some of them. */
function sayBefore({ before, line }: Import, id: string): void {
  if (before === 0) return;
  say(
    before === line
      ? `the import \`${id}\` was taken in before: nothing was sent, and its counts are those of then; to take it in again, give another --id`
      : `an earlier command came to line ${before.toLocaleString('en')}, and this one went on: the counts are of all lines`,
  );
}

type Mark = { readonly line: number; readonly summary: Summary };

class Import {
  private readonly progress = new Progress('rows');
  private mark: Mark = {
    line: 0,
    summary: {
      changed: 0,
      unchanged: 0,
      refused: 0,
      reasons: new Map(),
      permitsNothing: 0,
      takenAsStrictest: 0,
    },
  };
  private readonly path: string;
  private found: number | undefined;

  constructor(
    private readonly file: RowFile,
    id: string,
    private readonly server: ConsentServer,
    private readonly rejects: Rejects,
  ) {
    this.path = `/v1/imports/${id}`;
  }

  /** The last line that earlier commands have taken in. */
  get before(): number {
    return this.found ?? 0;
  }

  /** The last line that was taken in. */
  get line(): number {
    return this.mark.line;
  }

  /** @throws Error when it cannot be completed */
  async run(): Promise<Summary> {
    let wait = FIRST_WAIT_MS;
    let since = performance.now();
    for (;;) {
      const before = this.mark.line;
      try {
        await this.findMark();
        return await this.send();
      } catch (error) {
        this.progress.clear();
        if (!mayPass(error)) throw error;
        if (this.mark.line > before) [wait, since] = [FIRST_WAIT_MS, performance.now()];
        if (this.file.isStdin && this.file.bytes > 0)
          throw new Error(`${error.message}; give the same input again with the same --id to go on`, {
            cause: error,
          });
        const left = PATIENCE_MS - (performance.now() - since);
        if (left < 0)
          throw new Error(`${error.message}; run the same command again to go on`, { cause: error });
        process.stderr.write(
          `${error.message}\ntrying again in ${wait / 1000} s, and for ${Math.ceil(left / 1000)} s before giving up\n`,
        );
        await pass(wait);
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      }
    }
  }

  private async findMark(): Promise<void> {
    try {
      const found = await this.server.get(this.path);
      this.mark = markOf(found);
      this.rejects.goOnFrom(this.mark.line, found.at('refused_lately').list.map(rejectOf));
    } catch (error) {
      if (!(error instanceof ServerRefusal && error.code === 'import_not_found')) throw error;
      this.rejects.goOnFrom(0, []);
    }
    this.found ??= this.mark.line;
  }

  private async send(): Promise<Summary> {
    const { body, answer } = await this.server.open('POST', `${this.path}?from=${this.mark.line + 1}`);
    const told = this.listen(answer);
    const over = new AbortController();
    // the answer says what went wrong
    const ended = told.then(
      () => over.abort(),
      () => over.abort(),
    );
    let sent = this.mark.line;
    try {
      for await (const lines of this.file.lines(this.mark.line)) {
        for (let at = 0; at < lines.length && !over.signal.aborted; at += WINDOW_STEP) {
          const part = lines.slice(at, at + WINDOW_STEP);
          sent += part.length;
          while (!over.signal.aborted && sent - this.mark.line > WINDOW)
            await Promise.race([this.answered(), ended]);
          if (!over.signal.aborted && !body.write(`${part.join('\n')}\n`))
            await Promise.race([once(body, 'drain').catch(() => undefined), ended]);
        }
        if (over.signal.aborted) break;
      }
      body.end();
      return await told;
    } finally {
      body.destroy();
    }
  }

  private wake: () => void = () => undefined;

  /** Resolves when more lines were answered. */
  private answered(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  /** Reads the server's reports. @throws ServerAway when they end before the import does */
  private async listen(answer: Promise<AsyncIterable<Uint8Array>>): Promise<Summary> {
    try {
      let refused: Reject[] = [];
      for await (const lines of linesIn(await answer)) {
        for (const line of lines) {
          const told = new Json(jsonOf(typeof line === 'string' ? line : ''));
          if (told.at('reason').isThere) refused.push(rejectOf(told));
          else if (told.at('ended').isThere) throw new ServerAway(told.at('error').text);
          else {
            // write the refusals to the file before moving the mark: the window is counted from it
            this.rejects.add(refused);
            refused = [];
            this.mark = markOf(told);
            if (told.at('done').isThere) return this.mark.summary;
          }
        }
        const { bytes, size } = this.file;
        this.progress.at(this.mark.line, size === undefined ? undefined : bytes / size);
        this.wake();
      }
    } catch (error) {
      if (error instanceof ServerAway || error instanceof ServerRefusal || error instanceof ServerUnknown)
        throw error;
      throw new ServerAway('the connection broke', { cause: error });
    } finally {
      this.progress.clear();
    }
    throw new ServerAway('the server ended the connection');
  }
}

/** Lines of one write. */
const WINDOW_STEP = 1_024;

/** Whether to retry. If somebody else imports the same file, that import ends, or completes in our place. */
function mayPass(error: unknown): error is Error {
  return error instanceof ServerAway || (error instanceof ServerRefusal && error.code === 'import_elsewhere');
}

function markOf(told: Json): Mark {
  const summary = told.at('summary');
  const reasons = Object.keys(Object(summary.at('reasons').value)).map(
    (reason) => [reason, summary.at('reasons').at(reason).number] as const,
  );
  return {
    line: told.at('line').number,
    summary: {
      changed: summary.at('changed').number,
      unchanged: summary.at('unchanged').number,
      refused: summary.at('refused').number,
      reasons: new Map(reasons),
      permitsNothing: summary.at('permits_nothing').number,
      takenAsStrictest: summary.at('taken_as_strictest').number,
    },
  };
}

function rejectOf(told: Json): Reject {
  return { line: told.at('line').number, reason: told.at('reason').text, error: told.at('error').text };
}
