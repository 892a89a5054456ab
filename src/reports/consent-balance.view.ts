/** The consent balance on the wire, in one language. */
import { AGE_BANDS } from '../decision/consent-event.js';
import { entryOf, regimesOfDecisions } from '../decision/policy.js';
import {
  LANG,
  NUMBER,
  type Shape,
  TEXT,
  TIME,
  WHOLE,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../http/contract/shapes.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import { titleIn } from '../policy/words.js';
import { timeText } from '../time.js';
import { TITLED, titledView } from './attributes/attributes.view.js';
import type { Estimate, Mover, Row, Split } from './balance.js';
import type { DatedBalance } from './consent-balances.js';
import type { Told } from './told.js';

/** Digits after the point of shares and ratios, and of divergences, which are small. */
const DIGITS = 4;
const DIVERGENCE_DIGITS = 6;

const REGIME = {
  regime: objectOf(
    { id: said('`unknown`: the region of these users is not known', TEXT), title: TEXT },
    LANG,
  ),
};
const VALUE = { value: said('null: those who have none', orNull(TITLED)) };
const PART = said(
  'the share of all users who are counted here, drawn by chance; each is counted in one split alone',
  NUMBER,
);
const AGE_BAND = { age_band: wordOf(AGE_BANDS) };

const ESTIMATE = named(
  'Estimate',
  said(
    'a figure with the bounds of its 95 % interval, which cover what was rounded or not told, and chance',
    objectOf({ value: NUMBER, low: NUMBER, high: NUMBER }),
  ),
);

const USERS = {
  all: said('a multiple of the minimum; null: not told', orNull(WHOLE)),
  remaining: said('those for whom the purpose is on; null: not told', orNull(WHOLE)),
  left: said('those for whom it is not; null: not told', orNull(WHOLE)),
};

const FIGURES = {
  ...USERS,
  share_of_all: said('from 0 to 1; null: not told', orNull(NUMBER)),
  share_of_remaining: said('from 0 to 1; null: not told', orNull(NUMBER)),
  ratio: said('the share of those who remain over the share of all; null: not told', orNull(ESTIMATE)),
};

const splitMembers = (members: Readonly<Record<string, Shape>>, title: string) => ({
  divergence: said(
    'the Jensen–Shannon divergence between the shares of those who remain and of all, in bits, from 0 to 1; null: not told',
    orNull(ESTIMATE),
  ),
  cohorts: listOf(named(title, objectOf({ ...members, ...FIGURES }))),
});

const splitBy = (...[members, title]: Parameters<typeof splitMembers>) =>
  objectOf(splitMembers(members, title));

const moversBy = (members: Readonly<Record<string, Shape>>, title: string) =>
  said(
    'the cohorts whose share changes most, at most ten, the largest first',
    listOf(
      named(
        title,
        objectOf({
          ...members,
          difference: said('the share of those who remain, less the share of all', NUMBER),
        }),
      ),
    ),
  );

export const CONSENT_BALANCE = named(
  'ConsentBalance',
  objectOf({
    purpose: objectOf({ id: TEXT, title: TEXT }, LANG),
    language: TEXT,
    policy: said('the policy version that decides', TEXT),
    counted_at: said('once a day, in UTC, by each process', TIME),
    minimum: said('the fewest users of whom a number is told; numbers of users are multiples of it', WHOLE),
    part: PART,
    users: objectOf(USERS),
    by_regime: splitBy(REGIME, 'CohortByRegime'),
    by_age_band: splitBy(AGE_BAND, 'CohortByAgeBand'),
    by_regime_and_age_band: splitBy({ ...REGIME, ...AGE_BAND }, 'Cohort'),
    movers: moversBy({ ...REGIME, ...AGE_BAND }, 'Mover'),
    by_attribute: said(
      'in the order of their registration',
      listOf(
        named(
          'SplitByAttribute',
          objectOf({
            attribute: TITLED,
            part: PART,
            users: objectOf(USERS),
            ...splitMembers(VALUE, 'CohortByAttribute'),
            movers: moversBy(VALUE, 'MoverByAttribute'),
          }),
        ),
      ),
    ),
  }),
);

/**
 * @param policy the version that it was counted for
 * @param language one of the policy's
 */
export function consentBalanceView(
  balance: DatedBalance,
  policy: PolicyVersion,
  purpose: string,
  language: string,
) {
  const regimes = regimesOfDecisions(policy.document).map((id) => {
    const law = policy.document.regimes.find((regime) => regime.id === id);
    return {
      regime: {
        id,
        ...(law === undefined ? { title: id } : titleIn(policy.document, law, language)),
      },
    };
  });
  const ages = AGE_BANDS.map((band) => ({ age_band: band }));
  const both = regimes.flatMap((regime) => ages.map((age) => ({ ...regime, ...age })));
  return {
    purpose: {
      id: purpose,
      ...titleIn(policy.document, entryOf(policy.purposes, purpose), language),
    },
    language,
    policy: policy.id,
    counted_at: timeText(balance.countedAt),
    minimum: balance.minimum,
    part: balance.part,
    users: usersView(balance.users),
    by_regime: splitView(balance.byRegime, regimes),
    by_age_band: splitView(balance.byAgeBand, ages),
    by_regime_and_age_band: splitView(balance.byBoth, both),
    movers: moversView(balance.movers, both),
    by_attribute: balance.byAttribute.map(({ attribute, part, users, split, movers }) => {
      const values = [...attribute.values.map(titledView), null].map((value) => ({ value }));
      return {
        attribute: titledView(attribute),
        part: short(part),
        users: usersView(users),
        ...splitView(split, values),
        movers: moversView(movers, values),
      };
    }),
  };
}

function moversView(movers: readonly Mover[], cohorts: readonly object[]) {
  return movers.map(({ cohort, difference }) => ({ ...cohorts[cohort], difference: short(difference) }));
}

function splitView(split: Split, cohorts: readonly object[]) {
  return {
    divergence: estimateView(split.divergence, DIVERGENCE_DIGITS),
    cohorts: cohorts.map((cohort, place) => ({ ...cohort, ...rowView(split.rows[place]) })),
  };
}

function rowView(row: Row | undefined) {
  return {
    ...usersView(row ?? { remaining: 0, left: 0 }),
    share_of_all: row === undefined ? null : short(row.shareOfAll),
    share_of_remaining: row?.shareOfRemaining === undefined ? null : short(row.shareOfRemaining),
    ratio: estimateView(row?.ratio, DIGITS),
  };
}

function usersView({ remaining, left }: Told) {
  const toldOrNull = (users: number) => (users === 0 ? null : users);
  return { all: toldOrNull(remaining + left), remaining: toldOrNull(remaining), left: toldOrNull(left) };
}

function estimateView(estimate: Estimate | undefined, digits: number) {
  if (estimate === undefined) return null;
  const { value, low, high } = estimate;
  return { value: short(value, digits), low: short(low, digits), high: short(high, digits) };
}

function short(figure: number, digits = DIGITS): number {
  return Number(figure.toFixed(digits));
}
