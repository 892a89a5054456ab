import type { Choice, UserRecord } from '../../decision/consent-event.js';
import { type Purpose, type Setting, dependenciesOf, settingIn } from '../../decision/policy.js';
import type { Reason } from '../../decision/reasons.js';
import { REASON_CODES } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { type VisibilitySetting, visibilityOn } from './visibility.js';

/** The current state of one purpose for a user. */
export type PurposeSetting = {
  readonly purpose: Purpose;
  readonly setting: Setting;
  readonly choice: Choice | null;
  /** Whether data may be used for the purpose as far as the user is concerned. */
  readonly on: boolean;
  readonly reason: Reason;
  /** The choices that the law of the user's region leaves. */
  readonly offers: readonly Choice[];
};

/** Purposes for a record, all of them or some with all that they depend on. */
export type PurposesOn = {
  readonly record: UserRecord;
  readonly regime: string;
  readonly policy: PolicyVersion;
  readonly purposes: readonly PurposeSetting[];
};

/** All purposes, and who may see what. */
export type UserSettings = PurposesOn & {
  readonly revision: number;
  readonly visibility: readonly VisibilitySetting[];
};

/** The state of every purpose for a record, by the same rules that decide. */
export function settingsOn(policy: PolicyVersion, record: UserRecord, revision: number): UserSettings {
  const all = purposesOn(policy, record, [...policy.purposes.values()]);
  return { ...all, revision, visibility: visibilityOn(policy, record) };
}

/** The same of some purposes, and of what they depend on. @param wanted ids; the policy may lack some */
export function someOn(policy: PolicyVersion, record: UserRecord, wanted: readonly string[]): PurposesOn {
  const ids = new Set(
    wanted.flatMap((id) => (policy.purposes.has(id) ? [id, ...dependenciesOf(id, policy.purposes)] : [])),
  );
  return purposesOn(
    policy,
    record,
    [...policy.purposes.values()].filter(({ id }) => ids.has(id)),
  );
}

function purposesOn(policy: PolicyVersion, record: UserRecord, wanted: readonly Purpose[]): PurposesOn {
  const regime = policy.regimeOf(record.region);
  const consent = policy.table.consentOf(record);
  const purposes = wanted.map((purpose) => settingNow(policy, purpose, regime, record, consent));
  return { record, regime, policy, purposes };
}

function settingNow(
  policy: PolicyVersion,
  purpose: Purpose,
  regime: string,
  record: UserRecord,
  consent: (purpose: number) => number,
): PurposeSetting {
  const setting = settingIn(policy.document, purpose, regime);
  const choice = record.choices.get(purpose.id)?.choice ?? null;
  const place = policy.table.purposeIndex(purpose.id);
  const reason =
    place === undefined ? 'consent_unavailable' : (REASON_CODES[consent(place)] ?? 'consent_unavailable');
  return { purpose, setting, choice, on: reason === 'permitted', reason, offers: offersOf(setting) };
}

/** @param member JSON Pointer of the purpose; absent: the address names it */
export function noSuchPurpose(member?: string): DomainError {
  return new DomainError(
    'purpose_not_found',
    `correct the purpose${member === undefined ? ' in the address' : ''}; \`GET …/settings\` lists the valid ones`,
    member,
  );
}

/** A purpose that is always on takes no choice; one that is closed takes a denial, which holds elsewhere too. */
export function offersOf(setting: Setting): readonly Choice[] {
  switch (setting) {
    case 'always':
      return [];
    case 'never':
      return ['denied'];
    case 'opt_in':
    case 'opt_out':
      return ['granted', 'denied'];
  }
}
