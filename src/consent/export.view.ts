/** Everything that is held about a user, as one object (GDPR articles 15 and 20). */
import type { UserHistory } from './history.js';
import type { Tokens } from './consistency-token.js';
import { eventView } from './rights.views.js';
import { settingsView } from './settings.view.js';
import type { DatedEvent } from './user-events.js';
import type { UserSettings } from './user-settings.js';

export type UserExport = ReturnType<typeof exportView>;

/**
 * @param at when it is exported, in milliseconds since the Unix epoch
 * @param language one of the policy's
 */
export function exportView(
  user: string,
  settings: UserSettings,
  history: UserHistory,
  events: readonly DatedEvent[],
  at: number,
  language: string,
  tokens: Tokens,
) {
  return {
    exported_at: new Date(at).toISOString(),
    // the settings say who the user is: where they live and how old they are
    settings: settingsView(user, settings, history, language, tokens),
    history: events.map(({ event, policy }) => eventView(event, policy, tokens)),
  };
}
