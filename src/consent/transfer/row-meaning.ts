/** What a row of an import changes in the current record, under the policy in force. */
import {
  type ChoiceChange,
  type ConsentChange,
  NO_NOTICE,
  type UserRecord,
  type VisibilityChange,
  applyChange,
} from '../../decision/consent-event.js';
import { type Purpose, noticeOf, settingIn } from '../../decision/policy.js';
import { groupsOf, levelPlace } from '../../decision/visibility.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { settledProfile } from '../settings/changes/choices.js';
import { hasRoomFor } from '../settings/changes/room-for-choices.js';
import type { Ends } from '../log/settlement/ends.js';
import { RowRefused } from './import-refusals.js';
import type { ImportRow, LevelInRow, SaidInRow } from './import-row.js';
import { visibilityTopic } from '../log/settlement/event-rules.js';
import {
  type StandingChoice,
  type StandingLevel,
  UNKNOWN_CHOICE,
  choiceKeyOf,
  importedAt,
  levelKeyOf,
} from '../log/settlement/standing-choices.js';

/** What stands, to which the rows' own is added. */
export type Standing = {
  /** By user and purpose, see `choiceKeyOf`. */
  readonly choices: Map<string, StandingChoice>;
  /** By user and visibility group, see `levelKeyOf`. */
  readonly levels: Map<string, StandingLevel>;
};

/** The changes of a row. */
export type RowChanges = {
  readonly changes: readonly ConsentChange[];
  /** Those to which the row's `at` does not apply. */
  readonly timeless: readonly ConsentChange[];
};

/**
 * The row as it applies now: a time in it may have passed.
 *
 * @param sure the time by which minors come of age
 */
export function asOf(row: ImportRow, now: number, sure: number): ImportRow {
  const { adultFrom, ...others } = row;
  const { said } = others;
  const ended = said?.until !== undefined && said.until <= now;
  return {
    ...others,
    ...(adultFrom === undefined ? {} : adultFrom <= sure ? { ageBand: 'adult' } : { adultFrom }),
    ...(said !== undefined && ended ? { said: { purpose: said.purpose, choice: 'denied' } } : {}),
  };
}

/**
 * What a row changes in a record.
 *
 * @param now when it is imported, in milliseconds since the Unix epoch
 * @throws RowRefused
 */
export function changesOf(
  row: ImportRow,
  before: UserRecord,
  ends: Ends,
  policy: PolicyVersion,
  standing: Standing,
  now: number,
): RowChanges {
  const { region = before.region, ageBand = before.ageBand, adultFrom, said, signal, user, saidAt } = row;
  const changes: ConsentChange[] = [];
  const timeless: ConsentChange[] = [];
  const isProfile = row.region !== undefined || row.ageBand !== undefined;
  if (isProfile)
    changes.push(
      ...settledProfile(before, ends, { region, ageBand, ...(adultFrom === undefined ? {} : { adultFrom }) }),
    );
  if (signal !== undefined && !before.signals.has(signal)) changes.push({ kind: 'signal', signal });
  const record = changes.reduce(applyChange, before);
  const set = row.level === undefined ? undefined : levelIn(row, row.level, record, policy, standing, now);
  const then = set === undefined ? record : applyChange(record, set.change);
  if (said !== undefined) {
    const key = choiceKeyOf(user, said.purpose);
    const time = importedAt(said.choice, saidAt, now);
    const stands = standing.choices.get(key);
    const choice =
      said.choice === 'denied'
        ? denialIn(said.purpose, time, then, policy, stands)
        : grantIn(said, time, then, policy, ends.ofGrant(said.purpose), stands);
    if (choice !== undefined) {
      changes.push(choice);
      const { until } = choice;
      // over what was taken back here, or lapsed, a denial has no time: no later grant of a row opens it
      const isOverNothing = stands !== undefined && !then.choices.has(said.purpose);
      if (isOverNothing) timeless.push(choice);
      standing.choices.set(key, {
        isHere: false,
        at: now,
        saidAt: isOverNothing ? Infinity : time,
        ...(until === undefined ? {} : { until }),
      });
    }
  }
  if (set === undefined) return { changes, timeless };
  const { change, saidAt: time } = set;
  standing.levels.set(levelKeyOf(user, change.group), { isHere: false, saidAt: time, at: now });
  if (time === undefined) timeless.push(change);
  return { changes: [...changes, change], timeless };
}

/** Whether the level of a row is one that its group does not have, and so counts as its strictest. */
export function isTakenAsStrictest({ level }: ImportRow, { document }: PolicyVersion): boolean {
  const group = level === undefined ? undefined : groupsOf(document).get(level.group);
  return group?.levels.every(({ id }) => id !== level?.level) ?? false;
}

/** A level of which only the record is known: treated as set here. */
const UNKNOWN_LEVEL: StandingLevel = { isHere: true, saidAt: -Infinity, at: -Infinity };

/**
 * The level that a row sets, unless it is older than the one that stands. Once a level of unknown time, or one that was
 * set here, has had a part in what stands, no time is written: no later row may set a wider one.
 *
 * @throws RowRefused
 */
function levelIn(
  { user, saidAt }: ImportRow,
  { group: id, level: named }: LevelInRow,
  record: UserRecord,
  { document }: PolicyVersion,
  { levels }: Standing,
  now: number,
): { readonly change: VisibilityChange; readonly saidAt: number | undefined } | undefined {
  const group = groupsOf(document).get(id);
  if (group === undefined) throw new RowRefused('group_unknown');
  const place = levelPlace(group, named);
  const level = group.levels[place]?.id ?? named;
  const setTo = (to: string, time: number | undefined) => ({
    change: { kind: 'visibility', group: id, level: to } as const,
    saidAt: time,
  });
  const recorded = record.visibility?.get(id);
  if (recorded === undefined) {
    if (!hasRoomFor(record, [visibilityTopic(id)])) throw new RowRefused('too_many_choices');
    return setTo(level, saidAt);
  }
  const stands = levels.get(levelKeyOf(user, id)) ?? UNKNOWN_LEVEL;
  const standing = levelPlace(group, recorded);
  if (stands.isHere) {
    if (place < standing) throw new RowRefused('stricter_stands');
    const isLater = saidAt === undefined || saidAt >= (stands.saidAt ?? stands.at);
    return place > standing && isLater ? setTo(level, undefined) : undefined;
  }
  if (stands.saidAt === undefined) {
    if (place < standing) throw new RowRefused('stricter_stands');
    return place > standing ? setTo(level, undefined) : undefined;
  }
  if (saidAt === undefined) {
    if (place === 0 && standing > 0) throw new RowRefused('stricter_stands');
    return setTo(place < standing ? recorded : level, undefined);
  }
  // a clock that is ahead makes no level wider than it was when it was recorded
  if (place < standing) return Math.min(saidAt, now) > stands.saidAt ? setTo(level, saidAt) : undefined;
  const wider = Math.min(stands.saidAt, stands.at);
  const isLater = place === standing ? saidAt > stands.saidAt : saidAt >= wider;
  return isLater ? setTo(level, saidAt) : undefined;
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
  const counts = recorded?.choice === 'denied' ? !isHere && time > saidAt : time >= saidAt;
  return counts ? { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: false } : undefined;
}

/** The grant of a row, unless it is older than the current choice. @throws RowRefused against a denial */
function grantIn(
  { purpose, notice = NO_NOTICE, until }: SaidInRow,
  time: number,
  record: UserRecord,
  policy: PolicyVersion,
  end: number | undefined,
  stands: StandingChoice | undefined,
): ChoiceChange | undefined {
  const { isHere, saidAt, until: ends } = stands ?? UNKNOWN_CHOICE;
  const known = knownIn(purpose, record, policy);
  if (notice > noticeOf(known)) throw new RowRefused('notice_ahead');
  const setting = settingIn(policy.document, known, policy.regimeOf(record.region));
  const counting = setting === 'opt_in' ? notice : NO_NOTICE;
  const grant = { kind: 'choice', purpose, choice: 'granted', notice: counting, signal: false } as const;
  const ending = until === undefined ? grant : { ...grant, until };
  const recorded = record.choices.get(purpose);
  // a choice that was taken back here, or lapsed, is opened by no import
  if (recorded === undefined) return stands === undefined ? ending : undefined;
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
