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
  type Purpose,
} from '../src/decision/policy.js';
import type { Decision, DenyReason, Reason } from '../src/decision/reasons.js';
import type { WholeQuestion } from '../src/decision/rules/reference.js';

/** The decision that the specification asks for. */
export function expectedDecision(document: PolicyDocument, question: WholeQuestion): Decision {
  const reason = expectedReason(document, question);
  if (reason !== 'permitted') return { permit: false, reason, obligations: [] };
  const purpose = document.purposes.find(({ id }) => id === question.purpose);
  return { permit: true, reason, obligations: purpose?.obligations ?? [] };
}

/** The first line of the specification that fails, or `permitted`. */
export function expectedReason(document: PolicyDocument, question: WholeQuestion): Reason {
  // line 1: anything not named in the policy is denied
  const purpose = document.purposes.find(({ id }) => id === question.purpose);
  if (purpose === undefined) return 'unknown_purpose';
  if (question.action !== 'read') return 'unknown_action';
  const field = document.fields.find(({ id }) => id === question.field);
  if (field === undefined) return 'unknown_field';
  if (field.category === 'unclassified') return 'field_unclassified';

  // line 2: the client's credentials list the purpose
  if (!question.clientPurposes.has(purpose.id)) return 'purpose_not_allowed_for_client';

  // at which level of its group: the field is then data of each category down to that level
  const categories = [field.category, ...levelsDownTo(document, field, question).map((one) => one.category)];

  // line 3: the floors of its categories
  for (const category of categories) {
    const floor = document.floor[category];
    if (floor !== undefined && !floor.includes(purpose.id)) return 'floor';
  }

  // line 4: the prohibited purpose, its descendants and its ancestors; and who is outside `only`
  for (const never of field.never ?? [])
    if (isWithin(document, purpose.id, never) || isWithin(document, never, purpose.id))
      return 'field_prohibited';
  if (field.only !== undefined && !field.only.includes(purpose.id)) return 'field_prohibited';

  // line 5: the purpose's own rule
  for (const category of categories)
    if (!purpose.categories.includes(category)) return 'category_not_allowed';
  if (purpose.provenance !== undefined && !purpose.provenance.includes(field.provenance))
    return 'provenance_not_allowed';

  // line 6: consent; line 7: conditions; line 8: permit
  return consentFault(document, purpose, question.record) ?? conditionFault(purpose, question) ?? 'permitted';
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
    if (facts.case === 'expired') return 'case_expired';
    if (facts.case === 'out_of_scope') return 'case_scope';
  }
  if (conditions.includes('legal_ref') && !facts.legalReference) return 'needs_legal_reference';
  if (conditions.includes('own_data_only') && !facts.ownData) return 'not_own_data';
  return undefined;
}
