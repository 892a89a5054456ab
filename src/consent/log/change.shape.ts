/** The shapes of a record and its changes on the wire. */
import { AGE_BANDS, CHOICES, SAID, SIGNALS, type UserRecord, WAYS } from '../../decision/consent-event.js';
import {
  TEXT,
  WHOLE,
  YES_OR_NO,
  listOf,
  mapOf,
  named,
  objectOf,
  said,
  wordOf,
} from '../../http/contract/shapes.js';

export const AGE_BAND = wordOf(AGE_BANDS);
export const CHOICE = wordOf(CHOICES);
/** What a change makes of a choice. */
export const CHOICE_OR_NONE = wordOf(SAID);
export const SIGNAL = wordOf(SIGNALS);
/** How a change came about. */
export const WAY = wordOf(WAYS);
export const CHANGED_BY_KIND = wordOf(['user', 'service', 'engine']);
/** Who made a change. */
export const CHANGED_BY = named('ChangedBy', objectOf({ kind: CHANGED_BY_KIND, id: TEXT }));

/** What a user has said, as far as it matters to decisions. */
export const RECORD_MEMBERS = {
  choices: said(
    'by purpose',
    mapOf(named('RecordedChoice', objectOf({ choice: CHOICE, notice: WHOLE, signal: YES_OR_NO }))),
  ),
  signals: listOf(SIGNAL),
  visibility: said('the level that was set, by visibility group', mapOf(TEXT)),
};

/** The members of a record, as JSON. */
export function recordMembers({
  choices,
  signals,
  visibility = new Map<string, string>(),
}: Pick<UserRecord, 'choices' | 'signals' | 'visibility'>) {
  return {
    choices: Object.fromEntries(choices),
    signals: [...signals],
    visibility: Object.fromEntries(visibility),
  };
}
