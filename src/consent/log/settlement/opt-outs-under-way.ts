/**
 * Opt-outs that are not confirmed yet, here or in another process: an opt-in that races with one is refused (decision
 * 002).
 */
import { type ConsentChange, type LogEntry, isKept } from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import { MACHINE, type Machine } from '../../../fleet/machine.js';
import { type Terms, answeredWithin, outlived } from '../../../fleet/terms.js';
import { signalTopic, visibilityTopic } from './event-rules.js';
import type { ChangeRequest } from './settlement.js';
import { choiceKeyOf } from './standing-choices.js';

/**
 * A process that starts takes opt-outs of this time for unconfirmed: far longer than it takes to answer one, because it
 * compares the clocks of different machines.
 */
const RECENT_MS = 60_000;

/** What of a change may race with others. */
type Racing = Pick<ChangeRequest, 'user' | 'closes' | 'opens'>;

export class OptOutsUnderWay {
  /** Opt-outs that this process received. */
  private readonly closing = new Counts();
  /** Opt-ins that wait in this process to be settled, by user and purpose. */
  private readonly opening = new Map<string, Set<Racing>>();
  /** Those of them that came, or waited, while an opt-out of another process was not confirmed. */
  private readonly raced = new WeakSet<Racing>();
  /** Opt-outs that other processes wrote, by revision, ascending. */
  private readonly elsewhere = new Map<number, { readonly key: string; readonly until: number }>();
  private readonly closingElsewhere = new Counts();

  constructor(
    private readonly terms: Terms,
    private readonly machine: Pick<Machine, 'clocks'> = MACHINE,
  ) {}

  /** Counts the opt-outs of the changes as under way. @returns a function that ends this, once they are settled */
  begin(requests: readonly Racing[]): () => void {
    const closing = requests.flatMap(({ user, closes }) => keysOf(user, closes));
    for (const key of closing) this.closing.add(key);
    for (const request of requests)
      for (const key of keysOf(request.user, request.opens)) {
        this.opening.set(key, (this.opening.get(key) ?? new Set()).add(request));
        if (this.closesElsewhere(key)) this.raced.add(request);
      }
    return () => {
      for (const key of closing) this.closing.remove(key);
      for (const request of requests)
        for (const key of keysOf(request.user, request.opens)) {
          const waiting = this.opening.get(key);
          if (waiting?.delete(request) === true && waiting.size === 0) this.opening.delete(key);
        }
    };
  }

  /** Records an entry that another process has written. */
  note(entry: LogEntry): void {
    // an expiry is not an opt-out
    if (!isKept(entry) || entry.by.kind === 'engine') return;
    const closed = closedBy(entry.change);
    if (closed === undefined) return;
    this.forgetAnswered();
    const key = choiceKeyOf(entry.user, closed);
    // whoever wrote it answers within this time, or with `not_confirmed`
    const until =
      this.machine.clocks().monotonic + outlived({ ...this.terms, lease: answeredWithin(this.terms) });
    this.elsewhere.set(entry.revision, { key, until });
    this.closingElsewhere.add(key);
    // it may be confirmed, and forgotten, before they are settled
    for (const request of this.opening.get(key) ?? []) this.raced.add(request);
  }

  /** Records an entry that was in the log when this process started. */
  noteOfBefore(entry: LogEntry): void {
    if (entry.at >= this.machine.clocks().wall - RECENT_MS) this.note(entry);
  }

  /** Records that the entries that another process wrote as one block are confirmed. */
  confirmed(first: number, last: number): void {
    for (const revision of this.elsewhere.keys()) {
      if (revision > last) break;
      if (revision >= first) this.forget(revision);
    }
  }

  /** Refuses a grant that comes while an opt-out is not confirmed. */
  refuses({ user, opens }: Racing): DomainError | undefined {
    const isRacing = keysOf(user, opens).some((key) => this.closing.has(key) || this.closesElsewhere(key));
    return isRacing ? inProgress() : undefined;
  }

  /** Refuses a grant that came, or waited, while an opt-out that another process wrote was not confirmed. */
  refusesWaiting(request: Racing): DomainError | undefined {
    return this.raced.has(request) ? inProgress() : undefined;
  }

  private closesElsewhere(key: string): boolean {
    this.forgetAnswered();
    return this.closingElsewhere.has(key);
  }

  private forgetAnswered(): void {
    if (this.elsewhere.size === 0) return;
    const now = this.machine.clocks().monotonic;
    for (const [revision, { until }] of this.elsewhere) {
      if (until > now) break;
      this.forget(revision);
    }
  }

  private forget(revision: number): void {
    const optOut = this.elsewhere.get(revision);
    if (optOut === undefined) return;
    this.elsewhere.delete(revision);
    this.closingElsewhere.remove(optOut.key);
  }
}

/** How often each of some keys was added and not removed. */
class Counts {
  private readonly counts = new Map<string, number>();

  has(key: string): boolean {
    return this.counts.has(key);
  }

  add(key: string): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  remove(key: string): void {
    const left = (this.counts.get(key) ?? 1) - 1;
    if (left > 0) this.counts.set(key, left);
    else this.counts.delete(key);
  }
}

const NOTHING: readonly string[] = [];

/** What a change may close, as requests call it. Which levels are stricter than another, only a policy knows. */
function closedBy(change: ConsentChange): string | undefined {
  if (change.kind === 'visibility') return visibilityTopic(change.group);
  if (change.kind === 'signal') return change.withdrawn === true ? undefined : signalTopic(change.signal);
  // a grant that was taken back is closed, where the law asks for one
  return change.kind === 'choice' && change.choice !== 'granted' ? change.purpose : undefined;
}

function keysOf(user: string, purposes: readonly string[] = NOTHING): readonly string[] {
  return purposes.map((purpose) => choiceKeyOf(user, purpose));
}

function inProgress(): DomainError {
  return new DomainError(
    'opt_out_in_progress',
    'read the settings again, and ask the user again before you grant it',
  );
}
