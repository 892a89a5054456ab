/** The events of a user, each with the policy version that was in force. */
import type { ConsentEvent } from '../../decision/consent-event.js';
import type { PolicyStore } from '../../policy/policy.store.js';
import type { ConsentStore } from '../log/consent.store.js';

/** An event with the id of the policy version that was in force. */
export type DatedEvent = { readonly event: ConsentEvent; readonly policy: string | null };

type TextOfPage = (events: readonly DatedEvent[], isFirst: boolean) => string;

/** Events held in memory for each reader of a whole history: some 50 KB as text. */
const PAGE = 128;

export class UserEvents {
  constructor(
    private readonly log: ConsentStore,
    private readonly policies: PolicyStore,
  ) {}

  /** Events of a user with a revision above `after`, the oldest first, at most `limit`. */
  async page(user: string, after: number, limit: number): Promise<DatedEvent[]> {
    return this.dated(await this.log.readUser(user, after, limit));
  }

  /** Events of a user with a revision of at most `until`, the newest first, at most `limit`. */
  async pageBack(user: string, until: number, limit: number): Promise<DatedEvent[]> {
    const page = await this.log.readUserBack(user, until, limit);
    return (await this.dated(page.toReversed())).reverse();
  }

  /**
   * All events of a user up to a revision, the oldest first, as one text per page. Only one page is held while it waits
   * to be read.
   */
  async *texts(user: string, until: number, textOf: TextOfPage): AsyncGenerator<string, void> {
    for (let after = 0; after < until;) {
      const { text, last } = await this.textAfter(user, after, until, textOf);
      if (last === undefined) return;
      yield text;
      after = last;
    }
  }

  private async textAfter(user: string, after: number, until: number, textOf: TextOfPage) {
    const page = await this.log.readUser(user, after, PAGE);
    const events = await this.dated(page.filter(({ revision }) => revision <= until));
    return { text: textOf(events, after === 0), last: events.at(-1)?.event.revision };
  }

  private async dated(events: readonly ConsentEvent[]): Promise<DatedEvent[]> {
    const dated: DatedEvent[] = [];
    // newest first: one publication covers every event back to its own revision
    let inForce: { readonly after: number; readonly version: string | null } = {
      after: Infinity,
      version: null,
    };
    for (const event of events.toReversed()) {
      // before the first publication there is none to find
      if (event.revision <= inForce.after)
        inForce = (await this.policies.publicationBefore(event.revision)) ?? { after: 0, version: null };
      dated.push({ event, policy: inForce.version });
    }
    return dated.reverse();
  }
}
