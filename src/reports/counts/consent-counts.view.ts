/** Counts by purpose, regime and reason on the wire. */
import {
  NUMBER,
  TEXT,
  TIME,
  WHOLE,
  listOf,
  named,
  objectOf,
  orNull,
  said,
} from '../../http/contract/shapes.js';
import { DAY_MS, dayText, timeText } from '../../time.js';
import type { CountOfDay, ToldCount } from './consent-counts.store.js';

const USERS = said('a multiple of the minimum', WHOLE);

export const CONSENT_COUNTS = named(
  'ConsentCounts',
  objectOf({
    purpose: TEXT,
    days: said(
      'the earliest first; a day on which a policy was published has one for each version that was counted',
      listOf(
        named(
          'ConsentCountsOfDay',
          objectOf({
            day: said('in UTC', TEXT),
            policy: said('the policy version that it was counted for', TEXT),
            counted_at: TIME,
            part: said('the share of all users who are counted, drawn by chance', NUMBER),
            minimum: said(
              'the fewest users of whom a number is told; numbers of users are multiples of it',
              WHOLE,
            ),
            regimes: said(
              'only those of which something is told',
              listOf(
                named(
                  'ConsentCountsOfRegime',
                  objectOf({
                    regime: said('`unknown`: the region of these users is not known', TEXT),
                    users: USERS,
                    reasons: said(
                      'only those that are told',
                      listOf(
                        objectOf({
                          reason: said(
                            'as in the settings of these users; null: the purpose is off for them, and why is not told',
                            orNull(TEXT),
                          ),
                          users: USERS,
                        }),
                      ),
                    ),
                  }),
                ),
              ),
            ),
          }),
        ),
      ),
    ),
  }),
);

export function consentCountsView(purpose: string, counts: readonly CountOfDay[]) {
  return {
    purpose,
    days: counts.map(({ day, policy, at, part, minimum, told }) => ({
      day: dayText(day * DAY_MS),
      policy,
      counted_at: timeText(at),
      part,
      minimum,
      regimes: [...new Set(told.map(({ regime }) => regime))].map((regime) =>
        regimeView(
          regime,
          told.filter((one) => one.regime === regime),
        ),
      ),
    })),
  };
}

function regimeView(regime: string, told: readonly ToldCount[]) {
  return {
    regime,
    users: told.reduce((sum, { users }) => sum + users, 0),
    reasons: told.map(({ reason, users }) => ({ reason, users })),
  };
}
