/**
 * Opt-outs that are not confirmed yet, here or in another process: an opt-in that races with one is refused (decision
 * 002).
 */
import { type ConsentChange, type LogEntry, isKept } from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import { MACHINE } from '../../../fleet/machine.js';
import { type Terms, unconfirmedFor } from '../../../fleet/terms.js';
import { visibilityTopic } from './event-rules.js';
import type { ChangeRequest } from './settlement.js';
import { choiceKeyOf } from './standing-choices.js';

export class OptOutsUnderWay {
  /** Opt-outs that this process received, counted by user and purpose. */
  private readonly closing = new Map<string, number>();
  /** Opt-outs that other processes wrote, by user and purpose, in the order in which they were read. */
  private readonly elsewhere = new Map<string, { readonly revision: number; readonly until: number }>();

  constructor(private readonly terms: Terms) {}

  /** Counts the opt-outs of the changes as under way. @returns a function that ends this, once they are settled */
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

  /** Records an entry that another process has written. */
  note(entry: LogEntry): void {
    // an expiry is not an opt-out
    if (!isKept(entry) || entry.by.kind === 'engine') return;
    const closed = closedBy(entry.change);
    if (closed === undefined) return;
    const key = choiceKeyOf(entry.user, closed);
    // re-inserted, so that the map stays ordered by `until`
    this.elsewhere.delete(key);
    const until = MACHINE.clocks().monotonic + unconfirmedFor(this.terms);
    this.elsewhere.set(key, { revision: entry.revision, until });
  }

  /** Records that the entries of others up to a revision are confirmed. */
  confirmed(reached: number): void {
    for (const [key, { revision }] of this.elsewhere) if (revision <= reached) this.elsewhere.delete(key);
  }

  /** Refuses a grant that races with an opt-out in this process. */
  refuses({ user, opens = NOTHING }: ChangeRequest): DomainError | undefined {
    return opens.some((purpose) => this.closing.has(choiceKeyOf(user, purpose))) ? inProgress() : undefined;
  }

  /** Refuses a grant that races with an opt-out that another process wrote and may not have confirmed yet. */
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

/** What a change may close, as requests call it. Which levels are stricter than another, only a policy knows. */
function closedBy(change: ConsentChange): string | undefined {
  if (change.kind === 'visibility') return visibilityTopic(change.group);
  return change.kind === 'choice' && change.choice === 'denied' ? change.purpose : undefined;
}

function inProgress(): DomainError {
  return new DomainError(
    'opt_out_in_progress',
    'read the settings again, and ask the user again before you grant it',
  );
}
