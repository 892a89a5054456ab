import { ConsentStore } from '../consent/consent.store.js';
import type { ConsentEvent, NewConsentEvent } from '../decision/consent-event.js';
import { fromRow, toRow } from './consent-row.js';

/** The consent log in memory, gone with the process. For tests, and as the reference of what the port means. */
export class MemoryConsentStore extends ConsentStore {
  private readonly log: ConsentEvent[] = [];

  async append(events: readonly NewConsentEvent[]): Promise<number> {
    if (events.length === 0) {
      throw new RangeError('a block of consent events cannot be empty; append at least one');
    }
    const first = this.log.length + 1;
    const block = events.map((event, place) => inLog(event, first + place));
    for (const event of block) {
      this.log.push(event);
    }
    return first;
  }

  async read(after: number, limit: number): Promise<ConsentEvent[]> {
    return this.log.slice(after, after + limit);
  }

  async readUser(user: string, after: number, limit: number): Promise<ConsentEvent[]> {
    return this.log.filter((event) => event.user === user && event.revision > after).slice(0, limit);
  }

  async head(): Promise<number> {
    return this.log.length;
  }

  onLost(): void {
    // Nobody else can reach this memory.
  }
}

/** A copy that later changes to the caller's object do not reach. */
function inLog(event: NewConsentEvent, revision: number): ConsentEvent {
  const row = toRow(event);
  if (Object.values(row).some((value) => typeof value === 'string' && UNSTORABLE.test(value))) {
    throw new Error(
      'a consent event has text that PostgreSQL cannot store; leave out NUL and unpaired surrogates',
    );
  }
  return fromRow({ ...row, revision });
}

const UNSTORABLE = /[\0\p{Surrogate}]/u;
