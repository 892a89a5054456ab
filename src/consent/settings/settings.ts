import type { Choice, UserRecord } from '../../decision/consent-event.js';
import { type Purpose, type Setting, settingIn } from '../../decision/policy.js';
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

export type UserSettings = {
  readonly record: UserRecord;
  readonly regime: string;
  readonly policy: PolicyVersion;
  readonly revision: number;
  readonly purposes: readonly PurposeSetting[];
  readonly visibility: readonly VisibilitySetting[];
};

/** The state of every purpose for a record, by the same rules that decide. */
export function settingsOn(policy: PolicyVersion, record: UserRecord, revision: number): UserSettings {
  const regime = policy.regimeOf(record.region);
  const consent = policy.table.consentOf(record);
  const purposes = [...policy.purposes.values()].map((purpose) =>
    settingNow(policy, purpose, regime, record, consent),
  );
  return { record, regime, policy, revision, purposes, visibility: visibilityOn(policy, record) };
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
