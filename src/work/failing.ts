/**
 * What fails again and again is said once, then at most once a minute with how often it failed in the same way, and when it
 * works again: a log that is read in an outage has the line that matters.
 */
import { DomainError, ERRORS, StorageUnavailable } from '../errors.js';
import { MINUTE_MS } from '../time.js';
import type { ChoreLog } from './chore-log.js';
import type { ChoreNews } from './chores.js';

export type FailingWords = {
  readonly level: 'warn' | 'error';
  readonly fails: string;
  readonly works: string;
};

/** How many failures that differ are known at once. */
const MOST_KINDS = 32;

/** When a failure was said, and how often it came since. */
type Said = { at: number; times: number };

export class Failing {
  /** By why. */
  private readonly said = new Map<string, Said>();
  private times = 0;

  /** @param now milliseconds of a monotonic clock */
  constructor(
    private readonly log: ChoreLog,
    private readonly words: FailingWords,
    private readonly now: () => number = () => performance.now(),
  ) {}

  failed(error: unknown): void {
    const { level, fails } = this.words;
    const now = this.now();
    const why = String(error);
    const said = this.said.get(why);
    this.times++;
    if (said !== undefined && now - said.at < MINUTE_MS) {
      said.times++;
      return;
    }
    // failures that differ each time are not kept for ever
    if (this.said.size >= MOST_KINDS) this.said.clear();
    this.said.set(why, { at: now, times: 0 });
    this.log[level]({ ...toldOf(error), ...(said === undefined ? {} : { times: said.times + 1 }) }, fails);
  }

  worked(): void {
    if (this.times === 0) return;
    const { times } = this;
    this.times = 0;
    this.said.clear();
    this.log.info({ failed: times }, this.words.works);
  }
}

/** News of chores, for a log. */
export function newsOf(log: ChoreLog): ChoreNews {
  const chores = new Map<string, Failing>();
  const failing = (name: string): Failing => {
    const known = chores.get(name);
    if (known !== undefined) return known;
    const words = {
      level: 'warn',
      fails: `could not ${name}: trying again`,
      works: `can ${name} again`,
    } as const;
    const made = new Failing(log, words);
    chores.set(name, made);
    return made;
  };
  return {
    onTrouble: (name, error) => failing(name).failed(error),
    onDone: (name) => chores.get(name)?.worked(),
  };
}

/** A failure for the log: one of the database that is known by its words alone, any other with its stack. */
export function toldOf(error: unknown): { readonly because: string } | { readonly err: unknown } {
  const because = reasonOf(error);
  return because === undefined ? { err: error } : { because };
}

/** A failure in the words of operators, where it is one of the database that is known. */
export function reasonOf(error: unknown): string | undefined {
  if (error instanceof StorageUnavailable) return error.message;
  // its own words are for whoever called
  if (error instanceof DomainError && ERRORS[error.code].kind === 'unavailable')
    return error.cause === undefined ? WAITS : reasonOf(error.cause);
  if (error instanceof AggregateError) {
    const reasons = error.errors.map(reasonOf);
    return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join('; and ');
  }
  return undefined;
}

const WAITS =
  'it waits until this process may decide again: it cannot follow the consent log now, which lines before this one tell';
