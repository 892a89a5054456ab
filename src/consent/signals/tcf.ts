/**
 * Maps the purposes of a policy to those of the IAB Transparency and Consent Framework: what a TC string closes, and
 * what a TC string can say about a user's settings. Pure. The rule for conflicts is in `docs/signals.md`.
 */
import type { Choice, RecordedChoice, UserRecord } from '../../decision/consent-event.js';
import type { Purpose, Setting } from '../../decision/policy.js';
import { DAY_MS } from '../../time.js';
import { DISCLOSED_VENDORS, POLICY_VERSION, type TcContent, type TcString } from './tc-string.js';

/** Something that the other side cannot express, and why it has no effect. */
export type NotRepresented = { readonly what: string; readonly why: string };

/** What a TC string does to a user's choices. Purposes by id, in the order of the policy. */
export type Heard = {
  /** Purposes that it closes. */
  readonly closed: readonly string[];
  /** Purposes that it refuses but that were denied already. */
  readonly unchanged: readonly string[];
  readonly notRepresented: readonly NotRepresented[];
};

/** The framework's purposes, 1 to 11 as of TCF 2.3. */
const TCF_PURPOSES: readonly number[] = Array.from({ length: 11 }, (_, index) => index + 1);
/** Purposes that must not be based on legitimate interest since TCF 2.2, and that version of the policies. */
const CONSENT_ALONE: ReadonlySet<number> = new Set([1, 3, 4, 5, 6]);
const NO_INTEREST_SINCE = 4;
/** Versions of the framework's policies that a TC string of version 2 can have. */
const FIRST_POLICY_VERSION = 2;

/**
 * What a TC string closes for a user. It never opens anything.
 *
 * @param regime the user's, as the settings of purposes name it
 * @param grantedAt when the user gave the current grant for a purpose, in milliseconds since the Unix epoch
 * @param saidAt the time of the string, see `saidAtIn`
 */
export function hearTcString(
  tc: TcString,
  purposes: Iterable<Purpose>,
  regime: string,
  record: UserRecord,
  grantedAt: (purpose: string) => number,
  saidAt: number | undefined,
): Heard {
  const closed: string[] = [];
  const unchanged: string[] = [];
  const notRepresented: NotRepresented[] = [];
  const listed = new Set<number>();
  for (const purpose of purposes) {
    const { id } = purpose;
    const numbers = tcfNumbersOf(purpose);
    for (const number of numbers) listed.add(number);
    const setting = purpose.settings[regime] ?? 'never';
    const recorded = record.choices.get(id);
    if (!numbers.some((number) => isRefused(tc, setting, number))) {
      if (numbers.length > 0 && !isOpen(setting, recorded))
        notRepresented.push({
          what: `a yes to \`${id}\``,
          why: 'a signal never opens anything: it was given on the notice of the consent management platform',
        });
    } else if (setting === 'always')
      notRepresented.push({ what: `a no to \`${id}\``, why: `it is always on in \`${regime}\`` });
    else if (setting !== 'never') {
      if (recorded?.choice === 'denied') unchanged.push(id);
      else if (recorded !== undefined && prevails(recorded, grantedAt(id), saidAt))
        notRepresented.push({
          what: `a no to \`${id}\``,
          why: 'the user granted it after the string was last updated',
        });
      else closed.push(id);
    }
  }
  return { closed, unchanged, notRepresented: [...notRepresented, ...beyondPurposes(tc, listed, saidAt)] };
}

/** The purposes that a TC string could close for some user, in any regime and with any choices. */
export function closableBy(tc: TcString, purposes: Iterable<Purpose>): string[] {
  return [...purposes]
    .filter((purpose) => tcfNumbersOf(purpose).some((number) => isRefused(tc, 'opt_in', number)))
    .map(({ id }) => id);
}

/** The current state of a purpose for a user. */
type Standing = {
  readonly purpose: Purpose;
  readonly setting: Setting;
  readonly choice: Choice | null;
  readonly on: boolean;
};

/**
 * What a TC string can say about a user's settings: a bit is set only if it is true for every purpose that it stands
 * for.
 */
export function sayInTcf(
  standings: readonly Standing[],
): TcContent & { readonly notRepresented: readonly NotRepresented[] } {
  const consents: number[] = [];
  const legitimateInterests: number[] = [];
  const notRepresented: NotRepresented[] = [];
  for (const number of TCF_PURPOSES) {
    const meant = standings.filter(({ purpose }) => tcfNumbersOf(purpose).includes(number));
    const on = meant.filter((standing) => standing.on);
    if (meant.length === 0) notRepresented.push({ what: `TCF purpose ${number}`, why: NO_PURPOSE });
    else if (on.length === meant.length) {
      const byConsent = on.every(({ setting, choice }) => setting === 'opt_in' || choice === 'granted');
      const byInterest =
        !CONSENT_ALONE.has(number) &&
        on.every(({ setting }) => setting === 'opt_out' || setting === 'always');
      if (byConsent) consents.push(number);
      if (byInterest) legitimateInterests.push(number);
      if (!byConsent && !byInterest)
        notRepresented.push({
          what: `TCF purpose ${number}`,
          why: `${namesOf(on)} rest neither all on a consent nor all on a legitimate interest that TCF allows`,
        });
    } else if (on.length > 0) {
      const off = meant.filter((standing) => !standing.on);
      notRepresented.push({
        what: namesOf(on),
        why: `on, but TCF purpose ${number} also stands for what is off: ${namesOf(off)}`,
      });
    }
  }
  const beyond = standings.filter(({ purpose }) => tcfNumbersOf(purpose).length === 0);
  if (beyond.length > 0)
    notRepresented.push({ what: namesOf(beyond), why: 'they have no TCF purpose that a user can refuse' });
  notRepresented.push({
    what: 'vendors',
    why: 'the policy knows none: no vendor is disclosed, and none has a bit',
  });
  return { consents, legitimateInterests, notRepresented };
}

const NO_PURPOSE = 'no purpose of the policy stands for it';

/** The TCF purposes of a purpose. Special purposes (`SP1`) are not among them: nobody can refuse those. */
function tcfNumbersOf({ tcf = [] }: Purpose): number[] {
  return tcf.filter((entry) => typeof entry === 'number');
}

/** Whether the string refuses a TCF purpose, for a purpose with this setting. */
function isRefused(tc: TcString, setting: Setting, number: number): boolean {
  if (number === 1 && tc.purposeOneTreatment) return false;
  if (tc.consents.has(number)) return false;
  const mayBeInterest = tc.policyVersion < NO_INTEREST_SINCE || !CONSENT_ALONE.has(number);
  return setting === 'opt_in' || !mayBeInterest || !tc.legitimateInterests.has(number);
}

function isOpen(setting: Setting, recorded: RecordedChoice | undefined): boolean {
  if (setting === 'always') return true;
  if (setting === 'opt_out') return recorded?.choice !== 'denied';
  return setting === 'opt_in' && recorded?.choice === 'granted';
}

/**
 * Whether a grant is later than the string. The string gives only the day: on that day, only a grant against a signal
 * counts as later. If the string has no valid day, no grant does.
 */
function prevails({ choice, signal }: RecordedChoice, at: number, saidAt: number | undefined): boolean {
  if (saidAt === undefined) return false;
  return choice === 'granted' && at >= (signal ? saidAt : saidAt + DAY_MS);
}

/** What the string says about anything but purposes of the policy. */
function beyondPurposes(
  tc: TcString,
  listed: ReadonlySet<number>,
  saidAt: number | undefined,
): NotRepresented[] {
  const { consents, legitimateInterests } = tc;
  const numbers = new Set([...TCF_PURPOSES, ...consents, ...legitimateInterests]);
  const unknown = tc.policyVersion < FIRST_POLICY_VERSION || tc.policyVersion > POLICY_VERSION;
  const counted: readonly (readonly [number, string, string])[] = [
    [tc.vendorConsents, 'vendor consents', NO_VENDORS],
    [tc.vendorLegitimateInterests, 'vendor legitimate interests', NO_VENDORS],
    [tc.publisherRestrictions, 'publisher restrictions', 'they restrict vendors, and the policy knows none'],
    [tc.customPurposes, 'custom purposes', 'they are the publisher’s own, and not numbered by TCF'],
    [tc.specialFeatures, 'special features', 'an opt-in to a feature opens nothing'],
  ];
  return [
    ...[...numbers]
      .filter((number) => !listed.has(number))
      .toSorted((a, b) => a - b)
      .map((number) => ({ what: `TCF purpose ${number}`, why: NO_PURPOSE })),
    ...counted
      .filter(([count]) => count > 0)
      .map(([count, what, why]) => ({ what: `${count} ${what}`, why })),
    ...(tc.purposeOneTreatment
      ? [
          {
            what: '`PurposeOneTreatment`',
            why: 'purpose 1 was not put to the user, so its bit is no refusal',
          },
        ]
      : []),
    ...(saidAt === undefined
      ? [
          {
            what: 'the day on which it was last updated',
            why: 'nobody can have said it then; what it refuses was taken as said now',
          },
        ]
      : []),
    ...(unknown
      ? [
          {
            what: `policy version ${tc.policyVersion}`,
            why: 'it is not known here; purposes were read as in TCF 2.3',
          },
        ]
      : []),
    ...(tc.policyVersion >= POLICY_VERSION && !tc.segments.has(DISCLOSED_VENDORS)
      ? [
          {
            what: 'disclosed vendors',
            why: 'the segment is missing, which TCF 2.3 demands; refusals count all the same',
          },
        ]
      : []),
  ];
}

const NO_VENDORS = 'the policy is about purposes, and knows no vendors';

function namesOf(standings: readonly Standing[]): string {
  return standings.map(({ purpose }) => `\`${purpose.id}\``).join(', ');
}
