/** Everything that is held about a user, as one object (GDPR articles 15 and 20). */
import type { DatedEvent } from '../consent/rights/dated-events.js';
import { EVENT, eventView } from '../consent/rights/event.view.js';
import type { Tokens } from '../consent/log/consistency-token.js';
import type { SettingsService } from '../consent/settings/settings.service.js';
import { SETTINGS, settingsView } from '../consent/settings/settings.view.js';
import type { UsersExtract } from '../evaluation/withdrawals/memberships.js';
import { USERS_EXTRACT, usersExtractView } from '../evaluation/withdrawals/memberships.view.js';
import { TIME, listOf, named, objectOf, orNull, said } from '../http/contract/shapes.js';
import { LOOKUPS, USE_OF_USER, type lookupView, type useOfUserView } from '../ledger/answers/uses.view.js';
import type { Said } from '../reports/attributes/attributes.js';
import { USERS_ATTRIBUTES, usersAttributeView } from '../reports/attributes/attributes.view.js';
import { timeText } from '../time.js';

export const EXPORT = named(
  'Export',
  objectOf({
    exported_at: TIME,
    settings: SETTINGS,
    extracts: listOf(USERS_EXTRACT),
    attributes: USERS_ATTRIBUTES,
    uses_complete_until: said(
      'uses that were recorded before are there; null: none were counted yet, or decisions are not recorded',
      orNull(TIME),
    ),
    history: listOf(EVENT),
    uses: said('who used what, the latest day first', listOf(USE_OF_USER)),
    lookups: LOOKUPS,
  }),
);

/** The part before what may be long. */
export type ExportHead = ReturnType<typeof exportHead>;
export type ExportedEvent = ReturnType<typeof eventView>;
export type ExportedUse = ReturnType<typeof useOfUserView>;
export type ExportedLookup = ReturnType<typeof lookupView>;

/** An export as text, in the order of its parts. */
export type ExportForm = {
  readonly head: (head: ExportHead) => string;
  readonly events: (events: readonly ExportedEvent[], isFirst: boolean) => string;
  readonly beforeUses: string;
  readonly uses: (uses: readonly ExportedUse[], isFirst: boolean) => string;
  readonly beforeLookups: string;
  readonly lookups: (lookups: readonly ExportedLookup[], isFirst: boolean) => string;
  readonly tail: string;
};

/** What is held about a user, but for what may be long. */
export type Held = Awaited<ReturnType<SettingsService['explained']>> & {
  readonly extracts: readonly UsersExtract[];
  readonly attributes: readonly Said[];
  /** Until when the ledger is complete; absent: nothing was counted. */
  readonly until: number | undefined;
};

/** @param language one of the policy's */
export function exportHead(
  user: string,
  { settings, history, at, extracts, attributes, until }: Held,
  language: string,
  tokens: Tokens,
) {
  return {
    exported_at: timeText(at),
    // the settings say who the user is: where they live and how old they are
    settings: settingsView(user, settings, history, language, tokens),
    extracts: extracts.map((extract) => usersExtractView(extract, settings.policy, language)),
    attributes: attributes.map(usersAttributeView),
    uses_complete_until: until === undefined ? null : timeText(until),
  };
}

export const AS_JSON: ExportForm = {
  head: (head) => `${JSON.stringify(head).slice(0, -1)},"history":[`,
  events: entriesIn,
  beforeUses: '],"uses":[',
  uses: entriesIn,
  beforeLookups: '],"lookups":[',
  lookups: entriesIn,
  tail: ']}',
};

function entriesIn(entries: readonly object[], isFirst: boolean): string {
  return (isFirst ? '' : ',') + entries.map((entry) => JSON.stringify(entry)).join(',');
}

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
