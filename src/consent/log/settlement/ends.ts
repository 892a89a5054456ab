/**
 * When a user's grants and their minority end. It is part of the current state: a grant until May is not a grant until
 * June. Only the log stores it; the records do not.
 */
import type { NewConsentEvent } from '../../../decision/consent-event.js';
import type { Deadline } from '../consent.store.js';
import { deadlineOf, isLeftBySignal, isSuperseded, topicOf } from './event-rules.js';

export class Ends {
  static readonly NONE = new Ends(new Map());

  /** @param times in milliseconds since the Unix epoch, by the subject of what ends */
  private constructor(readonly times: ReadonlyMap<string, number>) {}

  /** By user; users without ends are left out. */
  static in(deadlines: readonly Deadline[]): Map<string, Ends> {
    const byUser = new Map<string, Ends>();
    for (const { event, later } of deadlines)
      if (!isSuperseded(event, later))
        byUser.set(event.user, (byUser.get(event.user) ?? Ends.NONE).after(event));
    return byUser;
  }

  /** When a minor comes of age; `undefined`: not known, or not a minor. */
  get adultFrom(): number | undefined {
    return this.times.get(topicOf({ kind: 'profile' }));
  }

  /** When the current grant of a purpose ends; `undefined`: never, or there is no grant. */
  ofGrant(purpose: string): number | undefined {
    return this.times.get(topicOf({ kind: 'choice', purpose }));
  }

  /** After one more event of the user. */
  after(event: Omit<NewConsentEvent, 'at'>): Ends {
    if (isLeftBySignal(event)) return this;
    const subject = topicOf(event.change);
    const due = deadlineOf(event);
    if (due === undefined && !this.times.has(subject)) return this;
    const times = new Map(this.times);
    if (due === undefined) times.delete(subject);
    else times.set(subject, due);
    return new Ends(times);
  }
}
