/**
 * What is done with the record beside answering: with a server database in a thread of its own, so that no answer waits
 * for it; the embedded database belongs to the thread that opened it.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Database } from '../store/database/database.js';
import { Chores } from '../work/chores.js';
import { LOGS, type LogName } from '../record/proof/heads.js';
import type { ChoreLog, ThreadLine } from '../work/chore-log.js';
import { Failing, newsOf } from '../work/failing.js';
import { choresOf } from './chores-of.js';
import type { SigningNews } from './sealing/sealing-chores.js';

/** A thread that failed begins again after this. */
const PAUSE_MS = 5_000;

export type Upkeep = {
  /** Of each log that this process signs: whether nothing more of it can be signed. */
  readonly signing: ReadonlyMap<LogName, boolean>;
  /** Lets each chore finish what it is at. */
  readonly close: () => Promise<void>;
};

/** What a thread tells. */
export type ThreadMessage = { readonly line: ThreadLine } | { readonly signing: SigningNews };

export function startUpkeep(
  config: Config,
  writer: string | undefined,
  database: Database,
  logger: Logger,
): Upkeep {
  const signing = new Map<LogName, boolean>();
  const onSigning = ([name, hasStopped]: SigningNews) =>
    void (hasStopped === undefined ? signing.delete(name) : signing.set(name, hasStopped));
  if (database.kind === 'server') {
    const thread = new Thread(config.worker, writer, logger, onSigning);
    return { signing, close: () => thread.close() };
  }
  const chores = doChores(config, writer, database, logger, onSigning);
  return { signing, close: () => chores.close() };
}

/** Does the chores in this thread. @param writer of the record of this process */
export function doChores(
  config: Config,
  writer: string | undefined,
  database: Database,
  log: ChoreLog,
  onSigning: (news: SigningNews) => void,
): Chores {
  return new Chores(choresOf(config, writer, database, log, onSigning), newsOf(log));
}

class Thread {
  private thread: Worker | undefined;
  private ended: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;
  private readonly failing: Failing;

  constructor(
    private readonly worker: number,
    private readonly writer: string | undefined,
    private readonly logger: Logger,
    private readonly onSigning: (news: SigningNews) => void,
  ) {
    const works = 'the upkeep of the record goes on again';
    this.failing = new Failing(logger, { level: 'error', fails: 'the upkeep of the record failed', works });
    this.start();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.thread?.postMessage('close');
    await this.ended;
  }

  private start(): void {
    // it reads the same settings
    const argv = [String(this.worker), ...(this.writer === undefined ? [] : [this.writer])];
    const thread = new Worker(new URL('./thread.js', import.meta.url), { argv });
    thread.unref();
    this.thread = thread;
    thread.on('message', (message: ThreadMessage) => this.hear(message));
    thread.on('error', (error) => this.failing.failed(error));
    this.ended = new Promise((resolve) => {
      thread.once('exit', () => {
        this.thread = undefined;
        for (const name of LOGS) this.onSigning([name, undefined]);
        if (!this.isClosed) this.timer = setTimeout(() => this.start(), PAUSE_MS).unref();
        resolve();
      });
    });
  }

  private hear(message: ThreadMessage): void {
    this.failing.worked();
    if ('signing' in message) return this.onSigning(message.signing);
    const [level, fields, said] = message.line;
    this.logger[level](fields, said);
  }
}
