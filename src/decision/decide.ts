/**
 * One question, one answer. What a decision means is written line by line in docs/meaning.md; here the inputs are
 * resolved to attributes, and the rules that `compile` made are asked.
 */
import type { Attributes, CaseStanding, ChoiceStanding } from './ability.js';
import { choiceName } from './ability.js';
import type { CompiledPolicy } from './compile.js';
import type { UserRecord } from './consent-event.js';
import { ACTION, type Category, noticeOf } from './policy.js';
import type { Reason } from './reasons.js';

/** What the engine has verified about a request, beyond who is asked about what. */
export type RequestFacts = {
  readonly actor: 'automated' | 'human';
  readonly case: CaseStanding;
  /** Whether a legal reference (a court order's file number, say) was given. */
  readonly legalReference: boolean;
  /** Whether the request is made on behalf of the very user whose data is read. */
  readonly ownData: boolean;
};

export type Question = {
  readonly purpose: string;
  readonly action: string;
  readonly field: string;
  /** Purposes that the client's credentials list. */
  readonly clientPurposes: ReadonlySet<string>;
  /** The user's record, or `unavailable` when the consent state cannot be read or proved fresh. */
  readonly record: UserRecord | 'unavailable';
  readonly facts: RequestFacts;
};

export type Decision = {
  readonly permit: boolean;
  readonly reason: Reason;
  /** What the caller must do with what it reads. Empty on a deny. */
  readonly obligations: readonly string[];
};

/** Decides a well-formed question. Never throws: what it does not know, it denies. */
export function decide(policy: CompiledPolicy, question: Question): Decision {
  const purpose = policy.purposes.get(question.purpose);
  if (purpose === undefined) return deny('unknown_purpose');
  if (question.action !== ACTION) return deny('unknown_action');
  const field = policy.fields.get(question.field);
  if (field === undefined) return deny('unknown_field');
  if (field.category === 'unclassified') return deny('field_unclassified');
  const reason = policy.ask(purpose.id, field.id, attributesOf(policy, purpose.id, field.category, question));
  return reason === 'permitted'
    ? { permit: true, reason, obligations: purpose.obligations ?? [] }
    : deny(reason);
}

/**
 * Whether a purpose is open as far as the user is concerned, whoever asks and with whatever case: the answer for the
 * settings page. It is `decide` with everything but consent satisfied, on a field the purpose may read.
 *
 * @param field a field that the policy itself opens to the purpose, see `openFields`
 */
export function decideConsent(
  policy: CompiledPolicy,
  purpose: string,
  field: string,
  record: UserRecord,
): Decision {
  return decide(policy, {
    purpose,
    action: ACTION,
    field,
    clientPurposes: new Set([purpose]),
    record,
    facts: { actor: 'automated', case: 'valid', legalReference: true, ownData: true },
  });
}

function deny(reason: Reason): Decision {
  return { permit: false, reason, obligations: [] };
}

function attributesOf(
  policy: CompiledPolicy,
  purpose: string,
  category: Category,
  question: Question,
): Attributes {
  const { record, facts } = question;
  const shared = {
    category,
    client: question.clientPurposes.has(purpose) ? 'bound' : 'unbound',
    actor: facts.actor,
    case: facts.case,
    legal_reference: facts.legalReference,
    own_data: facts.ownData,
  } as const;
  if (record === 'unavailable' || !record.registered)
    return {
      ...shared,
      record: record === 'unavailable' ? 'unavailable' : 'absent',
      regime: policy.document.unknown_regime,
      age: 'unknown',
      gpc: false,
      choices: standings(policy, purpose, undefined),
    };
  return {
    ...shared,
    record: 'known',
    regime: policy.regimeOf(record.region),
    age: record.ageBand,
    gpc: record.signals.has('gpc'),
    choices: standings(policy, purpose, record),
  };
}

function standings(
  policy: CompiledPolicy,
  purpose: string,
  record: UserRecord | undefined,
): Record<string, ChoiceStanding> {
  // no prototype: a purpose may be called `constructor`
  const choices: Record<string, ChoiceStanding> = Object.create(null);
  for (const id of policy.dependencies.get(purpose) ?? [])
    choices[choiceName(id)] = standingOf(policy, id, record);
  return choices;
}

/** How the user's choice for one purpose stands against the policy's present notice. */
export function standingOf(
  policy: CompiledPolicy,
  id: string,
  record: UserRecord | undefined,
): ChoiceStanding {
  const recorded = record?.choices.get(id);
  if (recorded === undefined) return 'none';
  if (recorded.choice === 'denied') return 'denied';
  const purpose = policy.purposes.get(id);
  return purpose !== undefined && recorded.notice >= noticeOf(purpose) ? 'granted' : 'outdated';
}
