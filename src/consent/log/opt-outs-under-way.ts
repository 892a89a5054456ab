/** Opt-outs that are not confirmed yet, here or in another process: an opt-in that races with one is refused (decision 002). */
import { type LogEntry, isKept } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { MACHINE } from '../../fleet/machine.js';
import { type Terms, unconfirmedFor } from '../../fleet/terms.js';
import type { ChangeRequest } from './settlement.js';
import { choiceKeyOf } from './standing-choices.js';

export class OptOutsUnderWay {
  /** Those that this process has taken, counted by user and purpose. */
  private readonly closing = new Map<string, number>();
  /** Those that other processes have written, by user and purpose, in the order in which they were read. */
  private readonly elsewhere = new Map<string, { readonly revision: number; readonly until: number }>();

  constructor(private readonly terms: Terms) {}

  /** Counts what the changes close as being closed. @returns ends that: they are settled */
  begin(requests: readonly ChangeRequest[]): () => void {
    const keys = requests.flatMap(({ user, closes = NOTHING }) =>
      closes.map((purpose) => choiceKeyOf(user, purpose)),
    );
    for (const key of keys) this.closing.set(key, (this.closing.get(key) ?? 0) + 1);
    return () => {
      for (const key of keys) {
        const left = (this.closing.get(key) ?? 1) - 1;
        if (left > 0) this.closing.set(key, left);
        else this.closing.delete(key);
      }
    };
  }

  /** Takes note of an entry that another process has written. */
  note(entry: LogEntry): void {
    // what ended by itself races with nobody
    if (!isKept(entry) || entry.by.kind === 'engine') return;
    if (entry.change.kind !== 'choice' || entry.change.choice !== 'denied') return;
    const key = choiceKeyOf(entry.user, entry.change.purpose);
    // the last ones stay at the end
    this.elsewhere.delete(key);
    const until = MACHINE.clocks().monotonic + unconfirmedFor(this.terms);
    this.elsewhere.set(key, { revision: entry.revision, until });
  }

  /** Takes note that what others have written up to a revision is confirmed. */
  confirmed(reached: number): void {
    for (const [key, { revision }] of this.elsewhere) if (revision <= reached) this.elsewhere.delete(key);
  }

  /** Refuses a grant of what an opt-out is closing that this process has taken. */
  refuses({ user, opens = NOTHING }: ChangeRequest): DomainError | undefined {
    return opens.some((purpose) => this.closing.has(choiceKeyOf(user, purpose))) ? inProgress() : undefined;
  }

  /** Refuses a grant of what an opt-out has closed that another process took and has perhaps not confirmed yet. */
  refusesElsewhere({ user, opens = NOTHING }: ChangeRequest): DomainError | undefined {
    if (this.elsewhere.size === 0) return undefined;
    const now = MACHINE.clocks().monotonic;
    for (const [key, { until }] of this.elsewhere) {
      if (until > now) break;
      this.elsewhere.delete(key);
    }
    return opens.some((purpose) => this.elsewhere.has(choiceKeyOf(user, purpose))) ? inProgress() : undefined;
  }
}

const NOTHING: readonly string[] = [];

function inProgress(): DomainError {
  return new DomainError(
    'opt_out_in_progress',
    'read the settings again, and ask the user again before you grant it',
  );
}
