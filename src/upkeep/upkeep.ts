/**
 * What is done with the record beside answering: with a server database in a thread of its own, so that no answer waits
 * for it; the embedded database belongs to the thread that opened it.
 */
import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Database } from '../store/database/database.js';
import { Chores } from '../work/chores.js';
import type { ChoreLog, ThreadLine } from '../work/chore-log.js';
import { Failing, newsOf } from '../work/failing.js';
import { choresOf } from './chores-of.js';

/** A thread that failed begins again after this. */
const PAUSE_MS = 5_000;

export type Upkeep = {
  /** Lets each chore finish what it is at. */
  readonly close: () => Promise<void>;
};

export function startUpkeep(
  config: Config,
  writer: string | undefined,
  database: Database,
  logger: Logger,
): Upkeep {
  if (database.kind === 'embedded') return doChores(config, writer, database, logger);
  const thread = new Thread(config.worker, writer, logger);
  return { close: () => thread.close() };
}

/** Does the chores in this thread. @param writer of the record of this process */
export function doChores(
  config: Config,
  writer: string | undefined,
  database: Database,
  log: ChoreLog,
): Upkeep {
  return new Chores(choresOf(config, writer, database, log), newsOf(log));
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
    thread.on('message', ([level, fields, message]: ThreadLine) => this.logger[level](fields, message));
    thread.on('error', (error) => this.failing.failed(error));
    this.ended = new Promise((resolve) => {
      thread.once('exit', () => {
        this.thread = undefined;
        if (!this.isClosed) this.timer = setTimeout(() => this.start(), PAUSE_MS).unref();
        resolve();
      });
    });
  }
}
