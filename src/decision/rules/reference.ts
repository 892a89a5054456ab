/**
 * Decides by asking the CASL rules directly: slow but obvious. Tests hold `decide` equal to it, for every cell and for
 * generated policies.
 */
import { type Attributes, type ChoiceStanding, type RequestFacts, choiceName } from './ability.js';
import { type CompiledPolicy, isAlwaysOn } from './compile.js';
import type { UserRecord } from '../consent-event.js';
import {
  ACTION,
  type Category,
  type Field,
  type Purpose,
  UNKNOWN_REGION,
  entryOf,
  noticeOf,
} from '../policy.js';
import type { Decision, Reason } from '../reasons.js';
import { type FieldAtLevel, categoryAt, defaultLevel, groupsOf, levelPlace } from '../visibility.js';

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
  /** The level that the item of the field has by itself; absent: the caller knows of none. */
  readonly visibility?: string | undefined;
};

/** Decides a well-formed question by the rules. */
export function decideByRules(policy: CompiledPolicy, question: WholeQuestion): Decision {
  const purpose = policy.purposes.get(question.purpose);
  if (purpose === undefined) return deny('unknown_purpose');
  if (question.action !== ACTION) return deny('unknown_action');
  const field = policy.fields.get(question.field);
  if (field === undefined) return deny('unknown_field');
  return decideAbout(
    policy,
    question,
    purpose,
    policy.atLevels.placeFrom(levelsFor(policy, question, field)),
  );
}

/** Decides about a field at a level, whatever the record and the item say of the level. */
export function decideAtLevel(policy: CompiledPolicy, question: WholeQuestion): Decision {
  const purpose = policy.purposes.get(question.purpose);
  if (purpose === undefined) return deny('unknown_purpose');
  return decideAbout(policy, question, purpose, policy.atLevels.placeOf(question.field));
}

function decideAbout(
  policy: CompiledPolicy,
  question: WholeQuestion,
  purpose: Purpose,
  place: number | undefined,
): Decision {
  const at = policy.atLevels.all[place ?? -1];
  if (at === undefined) return deny('unknown_field');
  const category = categoryAt(at);
  if (category === undefined) return deny('field_unclassified', sourceIn(at));
  const attributes = attributesOf(policy, purpose.id, category, question);
  const reason = policy.ask(purpose.id, at.id, attributes);
  if (reason !== 'permitted') return deny(reason, policy.sourceOf(purpose.id, at.id, attributes));
  return { permit: true, reason, obligations: obligationsOf(purpose, at) };
}

/** What callers must do with a field that they read for a purpose. */
export function obligationsOf(
  { obligations = [] }: Purpose,
  at: Pick<FieldAtLevel, 'obligations'>,
): readonly string[] {
  return at.obligations.length === 0 ? obligations : [...new Set([...obligations, ...at.obligations])];
}

/** What has no category yet, if it is not the field itself. */
function sourceIn({ field, unclassified }: FieldAtLevel): string | undefined {
  return unclassified === field.id ? undefined : unclassified;
}

/** The levels at which a field is asked about, of each group of what it is made of. */
function levelsFor(
  policy: CompiledPolicy,
  question: WholeQuestion,
  field: Field,
): Pick<FieldAtLevel, 'field' | 'levels'> {
  const { groups } = policy.atLevels.dataOf(field.id);
  return { field, levels: new Map(groups.map((group) => [group, levelFor(policy, question, group)])) };
}

/** The stricter of what the member's record and the item say. */
function levelFor(policy: CompiledPolicy, question: WholeQuestion, group: string): string {
  const { document } = policy;
  const { record, visibility } = question;
  const entry = entryOf(groupsOf(document), group);
  const own = visibility === undefined ? 0 : levelPlace(entry, visibility);
  // line 6 denies because nothing is known of the user: say that, not what follows from it
  if (record === 'unavailable' || (!record.registered && !isAlwaysOn(policy, question.purpose)))
    return entry.levels[own]?.id ?? '';
  const regime = policy.regimeInDecisions(record.region);
  const said = record.registered
    ? (record.visibility?.get(group) ?? defaultLevel(document, entry, regime, record.ageBand))
    : undefined;
  return entry.levels[Math.max(own, levelPlace(entry, said))]?.id ?? '';
}

function deny(reason: Reason, source?: string): Decision {
  return { permit: false, reason, obligations: [], ...(source === undefined ? {} : { source }) };
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
