/**
 * What a decision means, read line by line from the specification (docs/meaning.md) in the
 * plainest code there is: no CASL, nothing compiled, nothing remembered. It is slow and obvious on purpose. The tests
 * hold `decide` equal to it; where the two differ, one of them has misread the specification.
 */
import type { UserRecord } from '../src/decision/consent-event.js';
import { isOfACountry, placeOf, placesAround } from '../src/decision/places.js';
import {
  ANY_REGION,
  CASE_CONDITIONS,
  type Field,
  type Level,
  type PolicyDocument,
  type Provenance,
  type Purpose,
} from '../src/decision/policy.js';
import { type Decision, type DenyReason, REASONS, type Reason } from '../src/decision/reasons.js';
import type { WholeQuestion } from '../src/decision/rules/reference.js';

/**
 * The decision that the specification asks for.
 *
 * @param canBeRecorded whether the service can record it
 */
export function expectedDecision(
  document: PolicyDocument,
  question: WholeQuestion,
  canBeRecorded = true,
): Decision {
  // before the lines: what cannot be recorded is not answered
  if (!canBeRecorded) return { permit: false, reason: 'record_unavailable', obligations: [] };
  const { reason, source } = expectedAnswer(document, question);
  const told = source === undefined || source === question.field ? {} : { source };
  if (reason !== 'permitted') return { permit: false, reason, obligations: [], ...told };
  return {
    permit: true,
    reason,
    obligations: expectedObligations(document, question.purpose, question.field),
  };
}

/** What callers must do with a field that they read for a purpose. */
export function expectedObligations(document: PolicyDocument, purpose: string, field: string): string[] {
  const all = [
    ...(document.purposes.find(({ id }) => id === purpose)?.obligations ?? []),
    ...madeOf(
      document,
      document.fields.find(({ id }) => id === field),
    ).flatMap(({ field: one }) => one.release?.obligations ?? []),
  ];
  return [...new Set(all)];
}

/** The reason of {@link expectedDecision}. */
export function expectedReason(document: PolicyDocument, question: WholeQuestion): Reason {
  return expectedAnswer(document, question).reason;
}

/** A line of the specification that fails, and the field that it fails for. */
type Answer = { readonly reason: Reason; readonly source?: string };

/** The first line of the specification that fails, or `permitted`. */
function expectedAnswer(document: PolicyDocument, question: WholeQuestion): Answer {
  // line 1: anything not named in the policy is denied
  const purpose = document.purposes.find(({ id }) => id === question.purpose);
  if (purpose === undefined) return { reason: 'unknown_purpose' };
  if (question.action !== 'read') return { reason: 'unknown_action' };
  const asked = document.fields.find(({ id }) => id === question.field);
  if (asked === undefined) return { reason: 'unknown_field' };
  // it is what it is made of: each of these must be open, itself first
  const all = madeOf(document, asked);
  for (const { field } of all)
    if (categoryOf(field) === 'unclassified') return { reason: 'field_unclassified', source: field.id };
  // what was released is closed by its floors alone
  const whole = all.filter(({ released }) => !released);

  // line 2: the client's credentials list the purpose
  if (!question.clientPurposes.has(purpose.id)) return { reason: 'purpose_not_allowed_for_client' };

  // at which level of its group: a field is then data of each category down to that level
  const categoriesOf = (field: Field) => {
    const own = categoryOf(field);
    if (own === undefined || own === 'unclassified') return [];
    return [own, ...levelsDownTo(document, field, question).map((one) => one.category)];
  };

  // line 3: the floors of its categories
  for (const { field } of all)
    for (const category of categoriesOf(field)) {
      const floor = document.floor[category];
      if (floor !== undefined && !floor.includes(purpose.id)) return { reason: 'floor', source: field.id };
    }

  // line 4: the prohibited purpose, its descendants and its ancestors; and who is outside `only`
  for (const { field } of whole) {
    const prohibited = { reason: 'field_prohibited', source: field.id } as const;
    for (const never of field.never ?? [])
      if (isWithin(document, purpose.id, never) || isWithin(document, never, purpose.id)) return prohibited;
    if (field.only !== undefined && !field.only.includes(purpose.id)) return prohibited;
  }

  // line 5: the purpose's own rule
  for (const { field } of whole)
    for (const category of categoriesOf(field))
      if (!purpose.categories.includes(category)) return { reason: 'category_not_allowed', source: field.id };
  for (const { field } of whole)
    if (purpose.provenance !== undefined && !purpose.provenance.includes(provenanceOf(document, field)))
      return { reason: 'provenance_not_allowed', source: field.id };

  // line 6: consent; line 7: conditions; line 8: permit
  return {
    reason:
      consentFault(document, purpose, question.record) ?? conditionFault(purpose, question) ?? 'permitted',
  };
}

/** A field that counts: whole, or, where a release lies between, by its floors alone. */
type Counting = { readonly field: Field; readonly released: boolean };

/** The field itself, then its sources in their order, each followed by what it is made of. */
function madeOf(document: PolicyDocument, field: Field | undefined, released = false): Counting[] {
  if (field === undefined) return [];
  const sources = (field.derived_from ?? []).flatMap((source) =>
    madeOf(
      document,
      document.fields.find(({ id }) => id === source),
      released || field.release !== undefined,
    ),
  );
  return [{ field, released }, ...sources];
}

/** What the field itself is, whatever it is made of. */
function categoryOf(field: Field): Field['category'] {
  return field.release === undefined ? field.category : field.release.category;
}

/** Inferred, unless it is a copy of what was provided. */
function provenanceOf(document: PolicyDocument, field: Field): Provenance {
  if (field.provenance !== undefined) return field.provenance;
  const copies = document.transforms?.find(({ id }) => id === field.transform)?.copies === true;
  const [, ...sources] = madeOf(document, field);
  return copies &&
    field.release === undefined &&
    sources.every((one) => provenanceOf(document, one.field) === 'provided')
    ? 'provided'
    : 'inferred';
}

/** A question about data of several people: what is known of each, and who of them exercises their rights. */
export type QuestionOfSeveral = {
  readonly question: WholeQuestion;
  readonly people: readonly { readonly record: UserRecord | 'unavailable'; readonly ownData: boolean }[];
};

/**
 * The decision about data of several people: permitted if it is for each of them alone, else what the first of them who
 * is denied would be told. It names that person by position, unless what they are told says nothing of anybody: whether
 * the state can be read, what the request states, and lines 1 to 5 where they say the same of everybody.
 */
export function expectedOfSeveral(
  document: PolicyDocument,
  { question, people }: QuestionOfSeveral,
): { readonly decision: Decision; readonly closedBy?: number } {
  const alone = people.map(({ record, ownData }) =>
    expectedDecision(document, { ...question, record, facts: { ...question.facts, ownData } }),
  );
  const closedBy = alone.findIndex(({ permit }) => !permit);
  const decision = alone[Math.max(closedBy, 0)];
  if (decision === undefined) throw new Error('a question is about somebody');
  if (closedBy < 0) return { decision };
  const { line } = REASONS[decision.reason];
  const isOfOne =
    line === 6
      ? decision.reason !== 'consent_unavailable'
      : line === 7
        ? decision.reason === 'not_own_data'
        : alone.some(({ reason, source }) => reason !== decision.reason || source !== decision.source);
  return isOfOne ? { decision, closedBy } : { decision };
}

/** The levels of the field's group from the widest to the one that holds; none without a group. */
function levelsDownTo(
  document: PolicyDocument,
  field: Field,
  { purpose, record, visibility }: WholeQuestion,
): readonly Level[] {
  const group = document.visibility?.find(({ id }) => id === field.visibility);
  if (group === undefined) return [];
  // a level that the group does not have is the strictest
  const isAt = (level: string | undefined) => {
    const place = group.levels.findIndex(({ id }) => id === level);
    return place < 0 ? group.levels.length : place + 1;
  };
  // nothing is said of this item: then what the member said counts alone
  const item = visibility === undefined ? 1 : isAt(visibility);
  // a user of whom nothing is known has the strictest level; what line 6 says of them all the same comes first
  if (record === 'unavailable') return group.levels.slice(0, item);
  if (!record.registered) return isAlwaysOn(document, purpose) ? group.levels : group.levels.slice(0, item);
  const set = record.visibility?.get(group.id);
  const defaults = record.ageBand === 'adult' ? group.defaults.adult : group.defaults.minor_or_age_unknown;
  const member = isAt(set ?? defaults[expectedRegime(document, record.region)]);
  return group.levels.slice(0, Math.max(item, member));
}

/**
 * The regime of a region: that of the longest code it begins with, by whichever code of a place it is listed or lived in,
 * then that of the country the territory is counted to, else the rest of the world's; nobody knows it where a place lies
 * in two, and where no country has the region.
 */
export function expectedRegime(document: PolicyDocument, region: string | null): string {
  return knownRegime(document, region) ?? document.unknown_regime;
}

/** As {@link expectedRegime}; nothing where nobody knows it. */
export function knownRegime(document: PolicyDocument, region: string | null): string | undefined {
  if (region === null) return undefined;
  for (const place of placesAround(region)) {
    const ids = document.regimes
      .filter(({ regions }) => regions.some((code) => placeOf(code) === place))
      .map(({ id }) => id);
    if (ids.length > 0) return ids.length === 1 ? ids[0] : undefined;
  }
  return isOfACountry(region)
    ? document.regimes.find(({ regions }) => regions.includes(ANY_REGION))?.id
    : undefined;
}

/** The purpose, its ancestors, what any of them requires, and so on: all that must be open for it to be open. */
export function expectedDependencies(document: PolicyDocument, purpose: string): Purpose[] {
  const ids = new Set([purpose]);
  for (let before = 0; before < ids.size;) {
    before = ids.size;
    for (const { id, parent, requires } of document.purposes)
      if (ids.has(id)) for (const needed of [...(requires ?? []), parent ?? id]) ids.add(needed);
  }
  return document.purposes.filter(({ id }) => ids.has(id));
}

/** Whether the purpose is the other one or a descendant of it. */
function isWithin(document: PolicyDocument, purpose: string, other: string): boolean {
  if (purpose === other) return true;
  const parent = document.purposes.find(({ id }) => id === purpose)?.parent;
  return parent !== undefined && isWithin(document, parent, other);
}

/** Whether it is on for users of whom nothing is known, with all that it depends on. */
function isAlwaysOn(document: PolicyDocument, purpose: string): boolean {
  return expectedDependencies(document, purpose).every(
    ({ settings }) => settings[document.unknown_regime] === 'always',
  );
}

function consentFault(
  document: PolicyDocument,
  purpose: Purpose,
  record: UserRecord | 'unavailable',
): DenyReason | undefined {
  if (record === 'unavailable') return 'consent_unavailable';
  const dependencies = expectedDependencies(document, purpose.id);
  if (!record.registered && !isAlwaysOn(document, purpose.id)) return 'unknown_user';

  // of a user without a profile nothing is known: not where, not how old, and no choice or signal counts
  const regime = expectedRegime(document, record.registered ? record.region : null);
  const adult = record.registered && record.ageBand === 'adult';
  const choices: UserRecord['choices'] = record.registered ? record.choices : new Map();
  const gpc = record.registered && record.signals.has('gpc');

  const settingOf = ({ settings }: Purpose) => settings[regime] ?? 'never';
  const choiceOf = ({ id }: Pick<Purpose, 'id'>) => choices.get(id)?.choice;
  const { minor_or_age_unknown: youth, gpc: signal } = document.overlays;

  if (dependencies.some((one) => settingOf(one) === 'never')) return 'regime_never';
  if (dependencies.some((one) => settingOf(one) === 'opt_in' && choiceOf(one) === undefined))
    return 'needs_opt_in';
  if (dependencies.some((one) => settingOf(one) !== 'always' && choiceOf(one) === 'denied'))
    return 'opted_out';
  // where the region is unknown, every signal counts: knowing less never opens anything
  const heard = signal.regimes.includes(regime) || knownRegime(document, record.region) === undefined;
  // only a grant of that very purpose, given after the user was shown the signal, prevails over it
  const prevails = ({ id }: Purpose) => choiceOf({ id }) === 'granted' && choices.get(id)?.signal === true;
  if (gpc && heard && dependencies.some((one) => signal.opt_out.includes(one.id) && !prevails(one)))
    return 'signal_opted_out';
  if (!adult && dependencies.some(({ id }) => youth.never.includes(id))) return 'age';
  if (
    dependencies.some(
      (one) => settingOf(one) === 'opt_in' && (choices.get(one.id)?.notice ?? 0) < (one.notice ?? 1),
    )
  )
    return 'notice_outdated';
  return undefined;
}

function conditionFault(purpose: Purpose, { facts }: WholeQuestion): DenyReason | undefined {
  const conditions = purpose.conditions ?? [];
  if (conditions.includes('automated_only') && facts.actor !== 'automated') return 'needs_automated_actor';
  if (conditions.some((condition) => CASE_CONDITIONS.has(condition))) {
    if (facts.case === 'none') return 'needs_case';
    if (facts.case === 'not_approved') return 'case_not_approved';
    if (facts.case === 'closed') return 'case_closed';
    if (facts.case === 'expired') return 'case_expired';
    if (facts.case === 'out_of_scope') return 'case_scope';
    if (facts.case === 'other_reader') return 'case_reader';
  }
  if (conditions.includes('legal_ref') && !facts.legalReference) return 'needs_legal_reference';
  if (conditions.includes('own_data_only') && !facts.ownData) return 'not_own_data';
  return undefined;
}
