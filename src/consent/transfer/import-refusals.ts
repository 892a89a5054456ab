/**
 * Why a row of an import is refused: a closed set, each with one sentence; for a time, also what it looks like. Only
 * the codes are stored, so no sentence may depend on the row's content.
 */
import { AGE_BANDS, CHOICES, SIGNALS } from '../../decision/consent-event.js';
import { eachQuoted } from '../../decision/lists.js';
import { DomainError } from '../../errors.js';
import { COLUMNS } from './row-columns.js';
import { TIME_SLIPS, type TimeSlip, sentenceOfSlip } from '../../time.js';

const oneOf = (values: readonly string[]) => `must be one of ${eachQuoted(values).join(', ')}`;

export const REFUSALS = {
  not_readable: 'the line cannot be read: give one JSON object in which no name occurs twice',
  too_few_cells:
    'the line has fewer cells than the header has columns: give one for each, empty where nothing is known',
  too_many_cells:
    'the line has more cells than the header has columns: put a cell in which a delimiter stands into quotes',
  quote_not_valid:
    'a quote is open where the line ends, or stands inside a cell: put the whole cell into quotes, and double each quote in it',
  too_long: 'the line is longer than a row can be: give at most 16,384 bytes',
  not_utf_8: 'the line is not UTF-8: write the file in UTF-8, or say how it is written with --encoding',
  member_not_known: `the row has a member, or a column, that nothing is known of: correct its name, or take it out; known are ${eachQuoted(COLUMNS).join(', ')}`,
  user_not_valid:
    '`user` must be an id: 1 to 256 bytes of text in Unicode normal form C, without white space at its ends, and without control, invisible and directional characters',
  user_is_me: '`me` stands for whoever asks, and is the id of nobody: give the id of the user',
  region_not_valid:
    '`region` must be an ISO 3166-1 alpha-2 or ISO 3166-2 code in upper case such as `DE`, `GB` (not `UK`) or `US-CA`, not the name of a country, or `unknown`',
  age_band_not_valid: `\`age_band\` ${oneOf(AGE_BANDS)}`,
  adult_from_not_valid:
    '`adult_from` must be a time such as `2027-05-01T00:00:00Z`, beside the age band `minor`',
  purpose_not_valid: '`purpose` must be the id of a purpose, and stand beside a `choice`',
  choice_not_valid: `\`choice\` ${oneOf(CHOICES)}, and stand beside a \`purpose\``,
  notice_not_valid:
    '`notice` must be a whole number from 1 up; in JSON without quotes, `"notice":1` and not `"notice":"1"`',
  until_not_valid: '`until` must be a time such as `2027-01-31T12:00:00Z`, beside a grant',
  group_not_valid: '`group` must be the id of a visibility group, and stand beside a `level`',
  level_not_valid: '`level` must be the id of a level, and stand beside a `group`',
  language_not_valid: '`language` must be a BCP 47 tag such as `de` or `pt-BR`',
  at_not_valid:
    '`at` must be a time that has passed: `2024-05-31`, `2024-05-31T12:00:00Z`, or milliseconds since 1970; and none before 2000',
  signal_not_valid: `\`signal\` ${oneOf(SIGNALS)}`,
  says_nothing: 'the row says nothing of the user: give a region, an age band, a choice, a level or a signal',
  purpose_unknown: 'the policy names no such purpose: correct it, or publish a policy that does',
  group_unknown: 'the policy names no such visibility group: correct it, or publish a policy that does',
  notice_ahead: '`notice` is later than the one in force: nobody can have been shown it',
  denial_stands: 'a denial stands, and an import grants nothing against one: ask the user',
  stricter_stands: 'a stricter level stands, and an import sets no wider one against it: ask the user',
  too_many_choices: 'the record of the user keeps no more choices and levels',
  came_back_at_not_valid:
    '`came_back_at` must be a time that has passed, such as `2027-01-31T12:00:00Z`: when the user, who was erased, registered anew',
  user_erased:
    'the user was erased, and an import does not bring them back: leave them out, or, if they have registered anew since, say when in `came_back_at`',
  too_many_users:
    'there is no room for new users: ask the operators to make room, then import the row again; rows of users who are known are not affected',
} as const;

export type RefusalReason = keyof typeof REFUSALS;

/** Why a line holds no row, as the reader of the file finds it. */
export const LINE_FAULTS = [
  'not_readable',
  'quote_not_valid',
  'too_few_cells',
  'too_many_cells',
  'too_long',
  'not_utf_8',
] as const;
export type LineFault = (typeof LINE_FAULTS)[number];

const TIME_REASONS = [
  'adult_from_not_valid',
  'until_not_valid',
  'came_back_at_not_valid',
  'at_not_valid',
] as const;
type TimeReason = (typeof TIME_REASONS)[number];

/** Codes for a region that is only misspelt. */
export const REGION_MISSPELT = 'region_not_valid spelling';

/** A reason; for a time or a region followed by a space and what it looks like. */
export type Refusal = RefusalReason | `${TimeReason} ${TimeSlip}` | typeof REGION_MISSPELT;

export function refusalOf(reason: TimeReason, slip: TimeSlip | undefined): Refusal {
  return slip === undefined ? reason : `${reason} ${slip}`;
}

type Told = { readonly reason: RefusalReason; readonly error: string };

const TOLD: ReadonlyMap<string, Told> = new Map([
  ...Object.keys(REFUSALS)
    .filter(isRefusalReason)
    .map((reason): [Refusal, Told] => [reason, { reason, error: REFUSALS[reason] }]),
  [
    REGION_MISSPELT,
    {
      reason: 'region_not_valid',
      error:
        '`region` must be in upper case, with `-` and nothing else in it: did you mean a code such as `US-CA` where you wrote one such as `us-ca` or `US_CA`?',
    },
  ],
  ...TIME_REASONS.flatMap((reason) =>
    TIME_SLIPS.map((slip): [Refusal, Told] => [
      refusalOf(reason, slip),
      { reason, error: `\`${reason.replace('_not_valid', '')}\` ${sentenceOfSlip(slip)}` },
    ]),
  ),
]);

export function isRefusal(text: string): text is Refusal {
  return TOLD.has(text);
}

/** A refusal for people and for programs. */
export function toldOf(refusal: Refusal): Told {
  const told = TOLD.get(refusal);
  // INVARIANT: the map has every refusal
  if (told === undefined) throw new Error(`there is no refusal \`${refusal}\``);
  return told;
}

export function isRefusalReason(text: string): text is RefusalReason {
  return Object.hasOwn(REFUSALS, text);
}

/** Reasons that need the log or the policy, so that a dry run cannot know them. */
export const SERVICE_REASONS = [
  'purpose_unknown',
  'group_unknown',
  'notice_ahead',
  'denial_stands',
  'stricter_stands',
  'too_many_choices',
  'user_erased',
  'too_many_users',
] as const;
type ServiceReason = (typeof SERVICE_REASONS)[number];

/** A row that is not taken in; the import goes on. */
export class RowRefused extends DomainError {
  constructor(readonly reason: ServiceReason) {
    super('invalid_request', REFUSALS[reason]);
    this.name = 'RowRefused';
  }
}
