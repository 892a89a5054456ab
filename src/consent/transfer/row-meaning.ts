/** What a row of an import changes in the current record, under the policy in force. */
import {
  type ChoiceChange,
  type ConsentChange,
  NO_NOTICE,
  type UserRecord,
  applyChange,
} from '../../decision/consent-event.js';
import { type Purpose, noticeOf, settingIn } from '../../decision/policy.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { settledProfile } from '../settings/choices.js';
import { hasRoomFor } from '../settings/room-for-choices.js';
import type { Ends } from '../log/settlement/ends.js';
import { RowRefused } from './import-refusals.js';
import type { ImportRow, SaidInRow } from './import-row.js';
import {
  type StandingChoice,
  UNKNOWN_CHOICE,
  choiceKeyOf,
  importedAt,
} from '../log/settlement/standing-choices.js';

/** The row as it applies now: a time in it may have passed. */
export function asOf(row: ImportRow, now: number): ImportRow {
  const { adultFrom, ...others } = row;
  const { said } = others;
  const ended = said?.until !== undefined && said.until <= now;
  return {
    ...others,
    ...(adultFrom === undefined ? {} : adultFrom <= now ? { ageBand: 'adult' } : { adultFrom }),
    ...(said !== undefined && ended ? { said: { purpose: said.purpose, choice: 'denied' } } : {}),
  };
}

/**
 * What a row changes in a record.
 *
 * @param standing the current choices, to which the row's own is added
 * @param now when it is imported, in milliseconds since the Unix epoch
 * @throws RowRefused
 */
export function changesOf(
  row: ImportRow,
  before: UserRecord,
  ends: Ends,
  policy: PolicyVersion,
  standing: Map<string, StandingChoice>,
  now: number,
): ConsentChange[] {
  const { region = before.region, ageBand = before.ageBand, adultFrom, said, signal, user, saidAt } = row;
  const changes: ConsentChange[] = [];
  const isProfile = row.region !== undefined || row.ageBand !== undefined;
  if (isProfile)
    changes.push(
      ...settledProfile(before, ends, { region, ageBand, ...(adultFrom === undefined ? {} : { adultFrom }) }),
    );
  if (signal !== undefined && !before.signals.has(signal)) changes.push({ kind: 'signal', signal });
  if (said === undefined) return changes;
  const record = changes.reduce(applyChange, before);
  const key = choiceKeyOf(user, said.purpose);
  const time = importedAt(said.choice, saidAt, now);
  const choice =
    said.choice === 'denied'
      ? denialIn(said.purpose, time, record, policy, standing.get(key))
      : grantIn(said, time, record, policy, ends.ofGrant(said.purpose), standing.get(key));
  if (choice === undefined) return changes;
  const { until } = choice;
  standing.set(key, { isHere: false, saidAt: time, ...(until === undefined ? {} : { until }) });
  return [...changes, choice];
}

function knownIn(purpose: string, record: UserRecord, policy: PolicyVersion): Purpose {
  const known = policy.purposes.get(purpose);
  if (known === undefined) throw new RowRefused('purpose_unknown');
  if (!hasRoomFor(record, [purpose])) throw new RowRefused('too_many_choices');
  return known;
}

/** The denial of a row, unless it is older than the current choice. */
function denialIn(
  purpose: string,
  time: number,
  record: UserRecord,
  policy: PolicyVersion,
  { isHere, saidAt }: StandingChoice = UNKNOWN_CHOICE,
): ChoiceChange | undefined {
  knownIn(purpose, record, policy);
  const recorded = record.choices.get(purpose);
  // a later denial is recorded although one holds: a grant from between the two must not open anything
  const counts =
    recorded?.choice === 'denied' ? !isHere && time > saidAt : recorded === undefined || time >= saidAt;
  return counts ? { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: false } : undefined;
}

/** The grant of a row, unless it is older than the current choice. @throws RowRefused against a denial */
function grantIn(
  { purpose, notice = NO_NOTICE, until }: SaidInRow,
  time: number,
  record: UserRecord,
  policy: PolicyVersion,
  end: number | undefined,
  { isHere, saidAt, until: ends }: StandingChoice = UNKNOWN_CHOICE,
): ChoiceChange | undefined {
  const known = knownIn(purpose, record, policy);
  if (notice > noticeOf(known)) throw new RowRefused('notice_ahead');
  const setting = settingIn(policy.document, known, policy.regimeOf(record.region));
  const counting = setting === 'opt_in' ? notice : NO_NOTICE;
  const grant = { kind: 'choice', purpose, choice: 'granted', notice: counting, signal: false } as const;
  const ending = until === undefined ? grant : { ...grant, until };
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) return ending;
  const isDenied = recorded.choice === 'denied';
  if (isHere || time === -Infinity) {
    if (isDenied) throw new RowRefused('denial_stands');
    // an import never extends a grant: the earlier end wins, and the higher notice
    const last = Math.min(until ?? Infinity, end ?? Infinity);
    if (last === (end ?? Infinity) && recorded.notice >= counting) return undefined;
    const best = Math.max(recorded.notice, counting);
    return { ...grant, notice: best, ...(last === Infinity ? {} : { until: last }) };
  }
  if (isDenied && (saidAt === Infinity || saidAt === time)) throw new RowRefused('denial_stands');
  if (time !== saidAt) return time > saidAt ? ending : undefined;
  // of two grants with the same time, the one that closes more wins
  const least = Math.min(recorded.notice, counting);
  const first = Math.min(until ?? Infinity, ends ?? Infinity);
  if (least === recorded.notice && first === (ends ?? Infinity)) return undefined;
  return { ...grant, notice: least, ...(first === Infinity ? {} : { until: first }) };
}

/** Whether the grant of a row is in force but does not count where an opt-in is needed. */
export function permitsNothing(
  { said }: ImportRow,
  before: UserRecord,
  changes: readonly ConsentChange[],
  policy: PolicyVersion,
): boolean {
  if (said?.choice !== 'granted') return false;
  const { choices, region } = changes.reduce(applyChange, before);
  const stands = choices.get(said.purpose);
  const purpose = policy.purposes.get(said.purpose);
  return (
    stands?.choice === 'granted' &&
    purpose !== undefined &&
    stands.notice < noticeOf(purpose) &&
    settingIn(policy.document, purpose, policy.regimeOf(region)) === 'opt_in'
  );
}
