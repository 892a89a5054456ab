/** What TC strings refused, below choices that came after them: it is left when such a choice goes. Why: decision 056. */
import { type ChoiceChange, NO_NOTICE } from '../../../decision/consent-event.js';
import { type ConsentStore, eventsOf } from '../consent.store.js';
import { isRefusedByString, isTakenBack, nothingSaid } from './event-rules.js';

/**
 * The purposes that a TC string refused, whatever was said since. A string that comes after this was read replaces what was
 * said, or a grant prevails over it.
 */
export async function refusedByStrings(
  store: Pick<ConsentStore, 'readUser'>,
  user: string,
): Promise<ReadonlySet<string>> {
  const refused = new Set<string>();
  for await (const event of eventsOf(store, user)) {
    const { change } = event;
    if (change.kind !== 'choice') continue;
    if (isRefusedByString(change)) refused.add(change.purpose);
    else if (isTakenBack(event)) refused.delete(change.purpose);
  }
  return refused;
}

/** What a grant, or a denial by hand, leaves when it goes. @param refused by strings, see `refusedByStrings` */
export function leftOf(purpose: string, refused: ReadonlySet<string>): ChoiceChange {
  return refused.has(purpose)
    ? { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: true }
    : nothingSaid(purpose);
}
