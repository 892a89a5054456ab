/** Work that is never urgent: each piece is done again and again, with a rest in between, beside the answering of questions. */
import { setTimeout as delay } from 'node:timers/promises';

export type Chore = {
  /** To follow "could not". */
  readonly name: string;
  /** The rest after it was done, in milliseconds. */
  readonly restMs: number;
  /** Whether a rest comes before the first time: a process that starts has more urgent work. */
  readonly restsFirst?: boolean;
  /** Whether it is done once more at the close, for a second. */
  readonly isDoneAtTheClose?: boolean;
  /** Does what there is to do, and stops early, with what it did whole, when it is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Notifications. */
export type ChoreNews = {
  /** A chore failed, and why; it is tried again after its rest. */
  readonly onTrouble: (name: string, error: unknown) => void;
  /** A chore was done. */
  readonly onDone: (name: string) => void;
};

/** How long the last work may take before it is aborted. */
const CLOSE_MS = 1_000;

export class Chores {
  private readonly stopping = new AbortController();
  private readonly running: readonly Promise<void>[];

  constructor(
    chores: readonly Chore[],
    private readonly news: ChoreNews,
  ) {
    this.running = chores.map((chore) => this.follow(chore));
  }

  /** Lets each finish what it is at. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private async follow({ name, restMs, restsFirst, run, isDoneAtTheClose }: Chore): Promise<void> {
    const { signal } = this.stopping;
    const done = () => this.news.onDone(name);
    const told = (error: unknown) => this.news.onTrouble(name, error);
    // only an abort ends it early
    const rest = () => delay(restMs, undefined, { signal, ref: false }).catch(() => undefined);
    if (restsFirst === true) await rest();
    while (!signal.aborted) {
      await run(signal).then(done, told);
      await rest();
    }
    if (isDoneAtTheClose === true) await run(AbortSignal.timeout(CLOSE_MS)).then(done, told);
  }
}
