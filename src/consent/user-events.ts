/** The events of a user as they and the law want to see them: each with the policy version it was made under. */
import type { ConsentEvent } from '../decision/consent-event.js';
import type { PolicyStore } from '../policy/policy.store.js';
import { type ConsentStore, eventsOf } from './consent.store.js';

/** An event with the id of the policy version that was in force. */
export type DatedEvent = { readonly event: ConsentEvent; readonly policy: string | null };

export class UserEvents {
  constructor(
    private readonly log: ConsentStore,
    private readonly policies: PolicyStore,
  ) {}

  /** Events of a user with a revision above `after`, the oldest first, at most `limit`. */
  async page(user: string, after: number, limit: number): Promise<DatedEvent[]> {
    return this.dated(await this.log.readUser(user, after, limit));
  }

  /** All events of a user up to a revision. */
  async whole(user: string, until: number): Promise<DatedEvent[]> {
    const events: ConsentEvent[] = [];
    for await (const event of eventsOf(this.log, user, 0, until)) events.push(event);
    return this.dated(events);
  }

  private async dated(events: readonly ConsentEvent[]): Promise<DatedEvent[]> {
    const dated: DatedEvent[] = [];
    // from the newest on: what was in force then, was in force since the place where it was published
    let inForce: { readonly after: number; readonly version: string } | undefined;
    for (const event of events.toReversed()) {
      if (inForce === undefined || event.revision <= inForce.after)
        inForce = await this.policies.publicationBefore(event.revision);
      dated.push({ event, policy: inForce?.version ?? null });
    }
    return dated.reverse();
  }
}
