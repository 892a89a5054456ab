/** Everything that is held about a user, as one object (GDPR articles 15 and 20). */
import type { UserHistory } from '../settings/history.js';
import { TIME, listOf, named, objectOf } from '../../http/contract/shapes.js';
import { timeText } from '../../time.js';
import type { Tokens } from '../log/consistency-token.js';
import { EVENT, eventView } from './event.view.js';
import { SETTINGS, settingsView } from '../settings/settings.view.js';
import type { DatedEvent } from './dated-events.js';
import type { UserSettings } from '../settings/settings.js';

export const EXPORT = named(
  'Export',
  objectOf({ exported_at: TIME, settings: SETTINGS, history: listOf(EVENT) }),
);

/** The part before the history. */
export type ExportHead = ReturnType<typeof exportHead>;
export type ExportedEvent = ReturnType<typeof eventView>;

/** An export as text: the part before the history, its pages, and the end. */
export type ExportForm = {
  readonly head: (head: ExportHead) => string;
  readonly events: (events: readonly ExportedEvent[], isFirst: boolean) => string;
  readonly tail: string;
};

/**
 * @param at when it is exported, in milliseconds since the Unix epoch
 * @param language one of the policy's
 */
export function exportHead(
  user: string,
  settings: UserSettings,
  history: UserHistory,
  at: number,
  language: string,
  tokens: Tokens,
) {
  return {
    exported_at: timeText(at),
    // the settings say who the user is: where they live and how old they are
    settings: settingsView(user, settings, history, language, tokens),
  };
}

export const AS_JSON: ExportForm = {
  head: (head) => `${JSON.stringify(head).slice(0, -1)},"history":[`,
  events: (events, isFirst) => (isFirst ? '' : ',') + events.map((event) => JSON.stringify(event)).join(','),
  tail: ']}',
};

/** The pages of a history in an export. */
export function eventsIn(
  { events }: ExportForm,
  tokens: Tokens,
): (page: readonly DatedEvent[], isFirst: boolean) => string {
  return (page, isFirst) =>
    events(
      page.map(({ event, policy }) => eventView(event, policy, tokens)),
      isFirst,
    );
}
