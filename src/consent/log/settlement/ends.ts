/**
 * When a user's grants and their minority end. It is part of the current state: a grant until May is not a grant until
 * June. Only the log stores it; the records do not.
 */
import type { NewConsentEvent } from '../../../decision/consent-event.js';
import type { Deadline } from '../consent.store.js';
import { givenAt } from './lapses.js';
import { deadlineOf, isLeftBySignal, isSuperseded, topicOf } from './event-rules.js';

export class Ends {
  static readonly NONE = new Ends(new Map(), new Map());

  /**
   * @param times in milliseconds since the Unix epoch, by the subject of what ends
   * @param given when grants were given that can lapse, by their purpose
   */
  private constructor(
    readonly times: ReadonlyMap<string, number>,
    private readonly given: ReadonlyMap<string, number>,
  ) {}

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

  /** When the current grant of a purpose was given; `undefined`: not known, or it cannot lapse. */
  givenAt(purpose: string): number | undefined {
    return this.given.get(purpose);
  }

  /** After one more event of the user. */
  after(event: NewConsentEvent): Ends {
    if (isLeftBySignal(event)) return this;
    const { change } = event;
    const times = without(this.times, topicOf(change));
    const due = deadlineOf(event);
    if (due !== undefined) times.set(topicOf(change), due);
    if (change.kind !== 'choice') return new Ends(times, this.given);
    const given = without(this.given, change.purpose);
    if (change.choice === 'granted') given.set(change.purpose, givenAt(event));
    return new Ends(times, given);
  }
}

function without(times: ReadonlyMap<string, number>, key: string): Map<string, number> {
  const left = new Map(times);
  left.delete(key);
  return left;
}
