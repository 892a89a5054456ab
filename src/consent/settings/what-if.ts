import { type Choice, NO_NOTICE, type RecordedChoice } from '../../decision/consent-event.js';
import { noticeOf } from '../../decision/policy.js';
import { PERMITTED } from '../../decision/table/table.js';
import type { UserSettings } from './settings.js';

/**
 * Which purposes would be on if the user said this for these purposes now, on today's notices. The decision table
 * answers, so that it agrees with decisions.
 */
export function onIf(
  { record, policy }: UserSettings,
  choice: Choice,
  purposes: readonly string[],
): ReadonlySet<string> {
  const supposed = purposes.flatMap((id): [string, RecordedChoice][] => {
    const purpose = policy.purposes.get(id);
    const notice = purpose === undefined || choice === 'denied' ? NO_NOTICE : noticeOf(purpose);
    return [[id, { choice, notice, signal: false }]];
  });
  const answer = policy.table.consentOf({ ...record, choices: new Map([...record.choices, ...supposed]) });
  return new Set(
    [...policy.purposes.keys()].filter((id) => {
      const place = policy.table.purposeIndex(id);
      return place !== undefined && answer(place) === PERMITTED;
    }),
  );
}
