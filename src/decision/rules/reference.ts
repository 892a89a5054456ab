/**
 * Decides by asking the CASL rules directly: slow but obvious. Tests hold `decide` equal to it, for every cell and for
 * generated policies.
 */
import { type Attributes, type ChoiceStanding, type RequestFacts, choiceName } from './ability.js';
import type { CompiledPolicy } from './compile.js';
import type { UserRecord } from '../consent-event.js';
import { ACTION, type Category, UNKNOWN_REGION, noticeOf } from '../policy.js';
import type { Decision, Reason } from '../reasons.js';

/** A question with everything that its answer depends on. */
export type WholeQuestion = {
  readonly purpose: string;
  readonly action: string;
  readonly field: string;
  /** Purposes that the client's credentials list. */
  readonly clientPurposes: ReadonlySet<string>;
  /** The user's record, or `unavailable` when the consent state cannot be read or proved fresh. */
  readonly record: UserRecord | 'unavailable';
  readonly facts: RequestFacts;
};

/** Decides a well-formed question by the rules. */
export function decideByRules(policy: CompiledPolicy, question: WholeQuestion): Decision {
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

function deny(reason: Reason): Decision {
  return { permit: false, reason, obligations: [] };
}

function attributesOf(
  policy: CompiledPolicy,
  purpose: string,
  category: Category,
  question: WholeQuestion,
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
      regime: UNKNOWN_REGION,
      age: 'unknown',
      gpc: false,
      choices: standings(policy, purpose, undefined),
    };
  return {
    ...shared,
    record: 'known',
    regime: policy.regimeInDecisions(record.region),
    age: record.ageBand,
    gpc: signalStands(policy, purpose, record),
    choices: standings(policy, purpose, record),
  };
}

/**
 * Whether Global Privacy Control closes the purpose. A grant that the user gave after they were shown the signal
 * prevails over it, only for the granted purpose.
 */
function signalStands({ closedBySignal }: CompiledPolicy, purpose: string, record: UserRecord): boolean {
  if (!record.signals.has('gpc')) return false;
  const closed = closedBySignal.get(purpose) ?? [];
  // no rule uses it where the signal closes nothing
  if (closed.length === 0) return true;
  return closed.some((id) => {
    const said = record.choices.get(id);
    return said?.choice !== 'granted' || !said.signal;
  });
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

/** The state of the user's choice for one purpose, by the policy's current notice. */
function standingOf(policy: CompiledPolicy, id: string, record: UserRecord | undefined): ChoiceStanding {
  const recorded = record?.choices.get(id);
  if (recorded === undefined) return 'none';
  if (recorded.choice === 'denied') return 'denied';
  const purpose = policy.purposes.get(id);
  return purpose !== undefined && recorded.notice >= noticeOf(purpose) ? 'granted' : 'outdated';
}
