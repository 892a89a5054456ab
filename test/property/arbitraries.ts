/**
 * Policies, users and questions for the property tests. Everything is drawn as small numbers and then spelled out, so
 * that drawing is cheap and a counterexample shrinks to few purposes, few fields and little said.
 */
import * as fc from 'fast-check';
import type { RequestFacts } from '../../src/decision/rules/ability.js';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import {
  AGE_BANDS,
  EMPTY_RECORD,
  type RecordedChoice,
  type UserRecord,
} from '../../src/decision/consent-event.js';
import {
  ANY_REGION,
  CASE_CONDITIONS,
  CATEGORIES,
  CONDITIONS,
  type Category,
  DP_NOISE,
  type DpBudget,
  type Field,
  PROVENANCES,
  LEGAL_BASES,
  type PolicyDocument,
  type Purpose,
  SETTINGS,
  type Setting,
  type Transform,
  type VisibilityGroup,
  noticeOf,
  strictness,
} from '../../src/decision/policy.js';
import type { WholeQuestion } from '../../src/decision/rules/reference.js';
import { expectedDependencies } from '../oracle.js';
import { times } from '../times.js';
import { REFERENCE } from '../reference-policy.js';
import { compile } from '../at-once.js';

/** How often every property is tried. A failure prints the seed and the path that reproduce it. */
export const RUNS = times(3_000, 1_000);

export function compiled(document: PolicyDocument): CompiledPolicy {
  const result = compile(document);
  if (result.ok) return result.policy;
  throw new Error(
    `a policy that is sound by construction does not compile: ${JSON.stringify(result.errors)}`,
  );
}

/** The policy of `policies/`. */
export const reference = compiled(REFERENCE);

/** What the property needs: a policy, and a question about it. */
export type World = { readonly policy: CompiledPolicy; readonly question: WholeQuestion };

/** Every standing of a case. */
export const CASES = [
  'none',
  'not_approved',
  'closed',
  'expired',
  'out_of_scope',
  'other_reader',
  'valid',
] as const;

// ---------------------------------------------------------------------------------------------------- drawing

/** Mostly zero, which stands for nothing. */
const seldom = (max: number) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(max) });

const MOST_PURPOSES = 5;
const MOST_FIELDS = 4;
/** Most purposes that one rests on, as a rule: the cells of the decision table multiply by four with each. */
const MOST_DEPENDENCIES = 3;
const ALL_PURPOSES = 2 ** MOST_PURPOSES - 1;

/** Ids among them that mean something to CASL, to JavaScript or to paths, and none of it here. */
const PURPOSE_IDS = [
  'ads',
  'ads.personal',
  'ads.personal.deep',
  'ai',
  'all',
  'constructor',
  'manage',
  'to_string',
];
const FIELD_IDS = ['length', 'member.skills', 'message', 'message.body', 'name'];
const MOST_DERIVED = 3;
const DERIVED_IDS = ['ad.segment', 'constructor', 'member.embedding', 'members'];
/** Plain, copying and releasing. */
const TRANSFORMS: readonly Transform[] = [
  { id: 'constructor', title: 'A guess', description: 'A guess.' },
  { id: 'copy', title: 'A copy', description: 'A copy.', copies: true },
  {
    id: 'count',
    title: 'A count',
    description: 'A count.',
    release: { method: 'aggregate', at_least: 1_000 },
  },
];
const GROUP_IDS = ['constructor', 'posts'];
const LEVEL_IDS = ['connections', 'constructor', 'everyone', 'only_me'];
const OBLIGATION_IDS = ['constructor', 'min_cohort_50', 'pseudonymise', DP_NOISE];
/** What purposes that are obliged to noise have to pay for it. */
const BUDGETS: readonly (DpBudget | undefined)[] = [
  undefined,
  { epsilon: '1', period: 'month' },
  { epsilon: '0.25', delta: '0.000001', period: 'day' },
  { epsilon: '1.0', delta: '0', period: 'week' },
];
const REGIME_IDS = ['LAND', 'LAND_BY', 'SEA'];
const REGIONS = ['US-CA', 'US', 'DE', 'GB', 'CA'];
/** A region for each regime alone: none may be without. */
const OWN_REGIONS = ['AQ', 'BR', 'CN'];
/** Where users live: listed regions, places within them, places that no regime lists, and nobody knows where. */
const LIVED_IN = [...REGIONS, ...OWN_REGIONS, 'US-NY', 'DE-BE', 'ZW', null];

const purposePlan = fc.record({
  id: fc.nat(PURPOSE_IDS.length - 1),
  parent: fc.nat(MOST_PURPOSES),
  requires: seldom(ALL_PURPOSES),
  settings: fc.tuple(fc.nat(11), fc.nat(11), fc.nat(11)),
  categories: fc.oneof(fc.constant(15), fc.integer({ min: 1, max: 15 })),
  provenance: seldom(15),
  conditions: seldom(2 ** CONDITIONS.length - 1),
  obligations: fc.oneof(fc.nat(7), fc.nat(15)),
  budget: fc.nat(BUDGETS.length - 1),
  notice: fc.nat(3),
  consistency: seldom(1),
});

const fieldPlan = fc.record({
  id: fc.nat(FIELD_IDS.length - 1),
  category: fc.nat(CATEGORIES.length * 3),
  provenance: fc.nat(PROVENANCES.length - 1),
  never: seldom(ALL_PURPOSES),
  only: seldom(ALL_PURPOSES),
  group: fc.nat(3),
});

const derivedPlan = fc.record({
  id: fc.nat(DERIVED_IDS.length - 1),
  sources: fc.integer({ min: 1, max: 2 ** (MOST_FIELDS + MOST_DERIVED) - 1 }),
  turned: fc.boolean(),
  transform: fc.nat(TRANSFORMS.length - 1),
  category: fc.nat(CATEGORIES.length - 1),
  obligations: fc.nat(7),
  never: seldom(ALL_PURPOSES),
  only: seldom(ALL_PURPOSES),
});

const groupPlan = fc.record({
  levels: fc.uniqueArray(fc.nat(LEVEL_IDS.length - 1), { minLength: 2, maxLength: 3 }),
  categories: fc.tuple(...LEVEL_IDS.map(() => fc.nat(CATEGORIES.length - 1))),
  adult: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
  minor: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)),
});

const policyPlan = fc.record({
  regimes: fc.integer({ min: 1, max: REGIME_IDS.length }),
  unknown: fc.nat(REGIME_IDS.length - 1),
  others: fc.nat(REGIME_IDS.length - 1),
  regions: fc.tuple(...REGIONS.map(() => fc.nat(REGIME_IDS.length))),
  purposes: fc.uniqueArray(purposePlan, {
    minLength: 1,
    maxLength: MOST_PURPOSES,
    selector: ({ id }) => id,
  }),
  groups: fc.array(groupPlan, { maxLength: GROUP_IDS.length }),
  fields: fc.uniqueArray(fieldPlan, { minLength: 1, maxLength: MOST_FIELDS, selector: ({ id }) => id }),
  derived: fc.uniqueArray(derivedPlan, { maxLength: MOST_DERIVED, selector: ({ id }) => id }),
  turned: fc.boolean(),
  youth: seldom(ALL_PURPOSES),
  gpcRegimes: fc.nat(2 ** REGIME_IDS.length - 1),
  gpc: seldom(ALL_PURPOSES),
  floors: fc.tuple(
    seldom(ALL_PURPOSES),
    seldom(ALL_PURPOSES),
    seldom(ALL_PURPOSES),
    fc.oneof(fc.constant(ALL_PURPOSES), fc.nat(ALL_PURPOSES)),
  ),
});
type PolicyPlan = typeof policyPlan extends fc.Arbitrary<infer T> ? T : never;
type PurposePlan = PolicyPlan['purposes'][number];
type FieldPlan = PolicyPlan['fields'][number];
type DerivedPlan = PolicyPlan['derived'][number];
type GroupPlan = PolicyPlan['groups'][number];

const MOST_CHOICES = 6;

const userPlan = fc.record({
  kind: fc.nat(11),
  region: fc.nat(LIVED_IN.length - 1),
  age: fc.nat(5),
  choices: fc.array(fc.nat(9), { minLength: MOST_CHOICES, maxLength: MOST_CHOICES }),
  /** Whose grants were given after the user was shown a signal: none, all, or some. */
  shown: fc.oneof(fc.constant(0), fc.constant(2 ** MOST_CHOICES - 1), fc.nat(2 ** MOST_CHOICES - 1)),
  gpc: fc.nat(2),
  levels: fc.tuple(...GROUP_IDS.map(() => fc.nat(LEVEL_IDS.length + 2))),
});
type UserPlan = typeof userPlan extends fc.Arbitrary<infer T> ? T : never;

const questionPlan = fc.record({
  purpose: fc.nat(1_000),
  field: fc.nat(1_000),
  astray: fc.nat(40),
  bound: fc.nat(9),
  others: fc.nat(ALL_PURPOSES),
  actor: fc.nat(2),
  case: fc.nat(8),
  legal: fc.nat(2),
  own: fc.nat(2),
  item: fc.nat(LEVEL_IDS.length + 2),
});
type QuestionPlan = typeof questionPlan extends fc.Arbitrary<infer T> ? T : never;

// ------------------------------------------------------------------------------------------------ spelling out

/** The entry at a place; places past the end begin anew. */
export function at<T>(list: readonly T[], place: number): T {
  const index = place % list.length;
  for (const entry of list.slice(index, index + 1)) return entry;
  throw new RangeError('an empty list has no entries');
}

/** The entries whose bits are set. */
function masked<T>(list: readonly T[], mask: number): T[] {
  return list.filter((_, index) => ((mask >> index) & 1) === 1);
}

/** The member, or nothing at all when its list is empty: an absent member and an empty one differ. */
function unlessEmpty<K extends string, T>(name: K, list: readonly T[]): { [_ in K]?: readonly T[] } {
  const member: { [_ in K]?: readonly T[] } = {};
  return list.length === 0 ? member : { ...member, [name]: list };
}

/** always, opt_out and opt_in each three or four times as often as never. */
const DRAWN_SETTINGS: readonly Setting[] = [
  ...(['always', 'always', 'always', 'opt_out', 'opt_out', 'opt_out', 'opt_out'] as const),
  ...(['opt_in', 'opt_in', 'opt_in', 'opt_in', 'never'] as const),
];

function purposeOf(
  plan: PurposePlan,
  above: readonly Purpose[],
  regimes: readonly string[],
  unknown: string,
): Purpose {
  const id = at(PURPOSE_IDS, plan.id);
  const drawn = regimes.map(
    (regime, index) => [regime, at(DRAWN_SETTINGS, at(plan.settings, index))] as const,
  );
  // not knowing the region must never open more than knowing it
  const strictest = drawn.reduce<Setting>(
    (found, [, setting]) => (strictness(setting) > strictness(found) ? setting : found),
    'always',
  );
  const conditions = masked(CONDITIONS, plan.conditions);
  const obligations = masked(OBLIGATION_IDS, plan.obligations);
  const budget = obligations.includes(DP_NOISE) ? BUDGETS[plan.budget] : undefined;
  const needsCase = conditions.some((condition) => CASE_CONDITIONS.has(condition));
  const parent = parentOf(id, plan.parent, above);
  const required: string[] = [];
  for (const one of masked(above, plan.requires))
    if (restsOn([...required, one.id, parent.parent ?? id], above).size < MOST_DEPENDENCIES)
      required.push(one.id);
  return {
    id,
    ...parent,
    ...unlessEmpty('requires', required),
    title: id,
    description: id,
    dpv: 'Purpose',
    settings: Object.fromEntries([...drawn, [unknown, strictest]]),
    categories: masked(CATEGORIES, plan.categories),
    ...unlessEmpty('provenance', masked(PROVENANCES, plan.provenance)),
    ...unlessEmpty('conditions', [
      ...(needsCase && !conditions.includes('case_id') ? (['case_id'] as const) : []),
      ...conditions,
    ]),
    ...unlessEmpty('obligations', obligations),
    ...(budget === undefined ? {} : { dp_budget: budget }),
    ...(plan.notice === 0 ? {} : { notice: plan.notice }),
    ...(plan.consistency === 0 ? {} : { consistency: 'confirmed' }),
  };
}

/** These purposes, and what they rest on; those that are not among `above` count for nothing. */
function restsOn(ids: readonly string[], above: readonly Purpose[]): Set<string> {
  const found = new Set<string>();
  for (const { id, parent, requires } of above.toReversed())
    if (ids.includes(id) || found.has(id))
      for (const one of [id, ...(parent === undefined ? [] : [parent]), ...(requires ?? [])]) found.add(one);
  return found;
}

/** None, or a purpose further up; where the dots of the name tell, one within what they name. */
function parentOf(id: string, drawn: number, above: readonly Purpose[]): { parent?: string } {
  const named = above.findLast((purpose) => id.startsWith(`${purpose.id}.`));
  const eligible = above.filter((purpose) => named === undefined || isWithin(purpose, named, above));
  if (eligible.length === 0 || (named === undefined && drawn === 0)) return {};
  return { parent: at(eligible, drawn).id };
}

function isWithin(purpose: Purpose, other: Purpose, all: readonly Purpose[]): boolean {
  if (purpose.id === other.id) return true;
  const parent = all.find(({ id }) => id === purpose.parent);
  return parent !== undefined && isWithin(parent, other, all);
}

/** A group whose levels only get stricter, as its defaults do for minors and where the region is unknown. */
function groupOf(
  plan: GroupPlan,
  place: number,
  regimes: readonly string[],
  unknown: string,
): VisibilityGroup {
  const id = at(GROUP_IDS, place);
  const categories = plan.categories.toSorted((a, b) => a - b);
  const levels = plan.levels.map((level, index) => ({
    id: at(LEVEL_IDS, level),
    title: id,
    category: at(CATEGORIES, at(categories, index)),
  }));
  const adult = regimes.map((_, index) => at(plan.adult, index) % levels.length);
  const minor = adult.map((level, index) => Math.max(level, at(plan.minor, index) % levels.length));
  const defaults = (places: readonly number[]) =>
    Object.fromEntries(
      regimes.map((regime, index) => [
        regime,
        at(levels, regime === unknown ? Math.max(...places) : at(places, index)).id,
      ]),
    );
  return {
    id,
    title: id,
    levels,
    defaults: { adult: defaults(adult), minor_or_age_unknown: defaults(minor) },
  };
}

/** What closes a field by itself; an `only` names nothing that the `never` closes. */
function closingOf(
  plan: Pick<FieldPlan, 'never' | 'only'>,
  purposes: readonly Purpose[],
): Pick<Field, 'never' | 'only'> {
  const never = masked(purposes, plan.never);
  const barred = (one: Purpose) =>
    never.some((other) => isWithin(one, other, purposes) || isWithin(other, one, purposes));
  const only = masked(purposes, plan.only).filter((one) => !barred(one));
  return {
    ...unlessEmpty(
      'never',
      never.map((one) => one.id),
    ),
    ...unlessEmpty(
      'only',
      only.map((one) => one.id),
    ),
  };
}

/** A field made of some of those before it. */
function derivedOf(plan: DerivedPlan, before: readonly Field[], purposes: readonly Purpose[]): Field {
  const id = at(DERIVED_IDS, plan.id);
  const some = masked(before, plan.sources);
  const sources = (some.length === 0 ? before.slice(0, 1) : some).map((field) => field.id);
  const transform = at(TRANSFORMS, plan.transform);
  return {
    id,
    title: id,
    derived_from: plan.turned ? sources.toReversed() : sources,
    transform: transform.id,
    ...(transform.release === undefined
      ? {}
      : {
          release: {
            category: at(CATEGORIES, plan.category),
            ...unlessEmpty('obligations', masked(OBLIGATION_IDS, plan.obligations)),
            reason: 'Nobody is in it alone.',
            review: '2027-01-31',
          },
        }),
    identifiability: 'none',
    ...closingOf(plan, purposes),
  };
}

function fieldOf(plan: FieldPlan, purposes: readonly Purpose[], groups: readonly VisibilityGroup[]): Field {
  const id = at(FIELD_IDS, plan.id);
  const group = groups[plan.group];
  // the widest level must not make it less strict than it is
  const eligible = CATEGORIES.slice(
    0,
    1 + CATEGORIES.indexOf(group?.levels[0]?.category ?? 'private_message'),
  );
  return {
    id,
    // one in thirteen is unclassified
    category: plan.category === CATEGORIES.length * 3 ? 'unclassified' : at(eligible, plan.category),
    ...(group === undefined ? {} : { visibility: group.id }),
    title: id,
    provenance: at(PROVENANCES, plan.provenance),
    identifiability: 'quasi',
    ...closingOf(plan, purposes),
  };
}

function documentOf(plan: PolicyPlan): PolicyDocument {
  const ids = REGIME_IDS.slice(0, plan.regimes);
  const unknown = at(ids, plan.unknown);
  const purposes: Purpose[] = [];
  for (const one of [...plan.purposes].sort((a, b) => a.id - b.id))
    purposes.push(purposeOf(one, purposes, ids, unknown));
  const groups = plan.groups.map((one, place) => groupOf(one, place, ids, unknown));
  const fields = plan.fields.map((one) => fieldOf(one, purposes, groups));
  for (const one of plan.derived) fields.push(derivedOf(one, fields, purposes));
  const names = purposes.map(({ id }) => id);
  const floor = Object.fromEntries(
    CATEGORIES.map((category, index): [Category, readonly string[] | undefined] => {
      const listed = masked(names, at(plan.floors, index));
      return [category, category !== 'private_message' && listed.length === 0 ? undefined : listed];
    }).filter(([, listed]) => listed !== undefined),
  );
  return {
    schema: 1,
    unknown_regime: unknown,
    regimes: ids.map((id, index) => ({
      id,
      title: id,
      regions: [
        at(OWN_REGIONS, index),
        ...REGIONS.filter((_, region) => at(plan.regions, region) === index),
        ...(plan.others % ids.length === index ? [ANY_REGION] : []),
      ],
    })),
    obligations: OBLIGATION_IDS.map((id) => ({ id, description: id })),
    // an order in the document other than that of the tree
    purposes: (plan.turned ? purposes.toReversed() : purposes).map((purpose) => withinFloor(purpose, floor)),
    ...(groups.length === 0 ? {} : { visibility: groups }),
    ...(plan.derived.length === 0 ? {} : { transforms: TRANSFORMS }),
    // also before what they are made of
    fields: plan.turned ? fields.toReversed() : fields,
    overlays: {
      minor_or_age_unknown: { never: masked(names, plan.youth) },
      gpc: {
        regimes: masked(ids, plan.gpcRegimes),
        // what is on for users of whom nothing is known cannot be closed by a signal that is not known either
        opt_out: masked(purposes, plan.gpc)
          .filter(({ settings }) => settings[unknown] !== 'always')
          .map(({ id }) => id),
      },
    },
    floor,
  };
}

/** A purpose reads private messages only where the floor names it. */
function withinFloor(purpose: Purpose, floor: PolicyDocument['floor']): Purpose {
  if (floor.private_message?.includes(purpose.id) === true) return purpose;
  const categories = purpose.categories.filter((category) => category !== 'private_message');
  return { ...purpose, categories: categories.length === 0 ? ['public'] : categories };
}

/** A user who said something for these purposes, and for one that the policy no longer has. */
function recordOf(
  plan: UserPlan,
  purposes: readonly Purpose[],
  regions: readonly (string | null)[],
  groups: readonly string[],
): UserRecord {
  const choices = new Map<string, RecordedChoice>();
  purposes.forEach((purpose, index) => {
    const drawn = at(plan.choices, index);
    const today = noticeOf(purpose);
    const signal = ((plan.shown >> (index % MOST_CHOICES)) & 1) === 1;
    // 0 and 1: nothing said; most of the rest granted, now and then on earlier terms or on none
    if (drawn === 2 || drawn === 3) choices.set(purpose.id, { choice: 'denied', notice: 0, signal });
    if (drawn === 4) choices.set(purpose.id, { choice: 'granted', notice: 0, signal });
    if (drawn === 5) choices.set(purpose.id, { choice: 'granted', notice: today - 1, signal });
    if (drawn > 5) choices.set(purpose.id, { choice: 'granted', notice: today, signal });
  });
  if (plan.choices[0] === 1) choices.set('retired', { choice: 'granted', notice: 1, signal: false });
  // a level that the group does not have now and then, and mostly none
  const levels = groups.flatMap((group, index) => {
    const level = [...LEVEL_IDS, 'gone'][at(plan.levels, index)];
    return level === undefined ? [] : [[group, level] as const];
  });
  const said = {
    choices,
    signals: new Set(plan.gpc === 2 ? (['gpc'] as const) : []),
    ...(levels.length === 0 ? {} : { visibility: new Map(levels) }),
  };
  if (plan.kind === 10) return { ...EMPTY_RECORD, ...said };
  return {
    registered: true,
    region: at(regions, plan.region),
    ageBand: plan.age > 2 ? 'adult' : at(AGE_BANDS, plan.age),
    ...said,
  };
}

function factsOf(plan: QuestionPlan): RequestFacts {
  return {
    actor: plan.actor === 0 ? 'human' : 'automated',
    case: at(CASES, Math.min(plan.case, CASES.length - 1)),
    legalReference: plan.legal > 0,
    ownData: plan.own > 0,
  };
}

function questionOf(
  plan: QuestionPlan,
  user: UserPlan,
  { document }: CompiledPolicy,
  regions: readonly (string | null)[],
): WholeQuestion {
  const purpose = at(document.purposes, plan.purpose);
  const dependencies = expectedDependencies(document, purpose.id);
  const record = recordOf(user, [...dependencies, ...document.purposes], regions, groupIdsOf(document));
  return {
    purpose: plan.astray === 38 ? 'retired' : purpose.id,
    action: plan.astray === 39 ? 'write' : 'read',
    field: plan.astray === 40 ? 'member' : at(document.fields, plan.field).id,
    clientPurposes: new Set([
      ...(plan.bound === 0 ? [] : [purpose.id]),
      ...masked(document.purposes, plan.others)
        .map(({ id }) => id)
        .filter((id) => id !== purpose.id),
    ]),
    record: user.kind === 11 ? 'unavailable' : record,
    facts: factsOf(plan),
    visibility: [...LEVEL_IDS, 'gone'][plan.item],
  };
}

function groupIdsOf({ visibility = [] }: PolicyDocument): string[] {
  return visibility.map(({ id }) => id);
}

/** A counterexample prints as the document and the question, not as compiled rules. */
function world(policy: CompiledPolicy, question: WholeQuestion): World {
  const print = () =>
    `${policy === reference ? 'the reference policy' : JSON.stringify(policy.document)}\n${fc.stringify(question)}`;
  return Object.defineProperty({ policy, question }, fc.toStringMethod, { value: print, enumerable: false });
}

// ----------------------------------------------------------------------------------------------- what is drawn

/** Small sound policies: trees, requirements, floors and overlays of every kind. */
export const soundDocuments: fc.Arbitrary<PolicyDocument> = policyPlan.map(documentOf);

/** A question about a small sound policy of its own. */
export const generatedWorlds: fc.Arbitrary<World> = fc
  .tuple(soundDocuments, userPlan, questionPlan)
  .map(([document, user, question]) => {
    const policy = compiled(document);
    return world(policy, questionOf(question, user, policy, LIVED_IN));
  });

/** Questions about a policy. */
export function questionsOn(policy: CompiledPolicy): fc.Arbitrary<WholeQuestion> {
  return fc
    .tuple(userPlan, questionPlan)
    .map(([user, question]) => questionOf(question, user, policy, LIVED_IN));
}

/** Where users of the reference policy live: at least one region of each regime. */
const REFERENCE_REGIONS = [
  'DE',
  'NO',
  'GB',
  'JE',
  'CA',
  'CA-QC',
  'HK',
  'US-CA',
  'US',
  'US-NY',
  'PR',
  'BR',
  null,
];

/** A question about the reference policy. */
export const referenceWorlds: fc.Arbitrary<World> = fc
  .tuple(userPlan, questionPlan)
  .map(([user, question]) => world(reference, questionOf(question, user, reference, REFERENCE_REGIONS)));

/** Regions that users of the policy may live in. */
export function regionsOf({ policy }: World): readonly (string | null)[] {
  return policy === reference ? REFERENCE_REGIONS : LIVED_IN;
}

/** Users of a policy, registered or not. */
export function usersOf({ document }: CompiledPolicy): fc.Arbitrary<UserRecord> {
  const regions = document === reference.document ? REFERENCE_REGIONS : LIVED_IN;
  return userPlan.map((plan) => recordOf(plan, document.purposes, regions, groupIdsOf(document)));
}

// ---------------------------------------------------------------------------- documents of the right shape alone

const anyPurposeId = fc.constantFrom(...PURPOSE_IDS.slice(0, 5), 'nobody.knows', 'ads.stray.deep');
const anyRegimeId = fc.constantFrom(...REGIME_IDS, 'NOWHERE');
const some = <T>(ids: fc.Arbitrary<T>, minLength = 0) => fc.uniqueArray(ids, { minLength, maxLength: 3 });
const often = { freq: 3 };

function absentOr<K extends string, T>(name: K, value: T | undefined): { [_ in K]?: T } {
  const member: { [_ in K]?: T } = {};
  return value === undefined ? member : { ...member, [name]: value };
}

const anyPurpose: fc.Arbitrary<Purpose> = fc
  .record({
    id: anyPurposeId,
    parent: fc.option(anyPurposeId, { nil: undefined }),
    requires: fc.option(some(anyPurposeId, 1), { nil: undefined }),
    settings: fc.dictionary(anyRegimeId, fc.constantFrom(...SETTINGS), { minKeys: 1, maxKeys: 4 }),
    categories: some(fc.constantFrom(...CATEGORIES), 1),
    conditions: fc.option(some(fc.constantFrom(...CONDITIONS), 1), { nil: undefined }),
    obligations: fc.option(some(fc.constantFrom(...OBLIGATION_IDS, 'nothing'), 1), { nil: undefined }),
  })
  .map(({ id, parent, requires, settings, categories, conditions, obligations }) => ({
    id,
    title: id,
    description: id,
    dpv: 'Purpose',
    // fast-check's dictionaries may have no prototype; documents that were parsed have one
    settings: { ...settings },
    categories,
    ...absentOr('parent', parent),
    ...absentOr('requires', requires),
    ...absentOr('conditions', conditions),
    ...absentOr('obligations', obligations),
  }));

/** What is said of a purpose for those who answer for it. */
export const anyFacts: fc.Arbitrary<Pick<Purpose, 'legal_basis' | 'owner' | 'review_by'>> = fc.record(
  {
    legal_basis: fc
      .dictionary(fc.constantFrom(...REGIME_IDS), fc.constantFrom(...LEGAL_BASES), { minKeys: 1, maxKeys: 4 })
      .map((bases) => ({ ...bases })),
    owner: fc.constantFrom('Ads', 'Core product: messaging', '# 1'),
    review_by: fc.constantFrom('2026-11-29', '2028-02-29'),
  },
  { requiredKeys: [] },
);

const anyField: fc.Arbitrary<Field> = fc
  .record({
    id: fc.constantFrom(...FIELD_IDS),
    category: fc.constantFrom(...CATEGORIES, 'unclassified' as const),
    provenance: fc.constantFrom(...PROVENANCES),
    never: fc.option(some(anyPurposeId, 1), { nil: undefined, ...often }),
    only: fc.option(some(anyPurposeId, 1), { nil: undefined, ...often }),
  })
  .map(({ id, category, provenance, never, only }) => ({
    id,
    category,
    title: id,
    provenance,
    identifiability: 'none',
    ...absentOr('never', never),
    ...absentOr('only', only),
  }));

const anyDocument: fc.Arbitrary<PolicyDocument> = fc.record({
  schema: fc.constant(1 as const),
  unknown_regime: anyRegimeId,
  regimes: fc.array(
    fc.record({
      id: anyRegimeId,
      title: fc.constant('A law'),
      regions: some(fc.constantFrom(...REGIONS, ANY_REGION), 1),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  obligations: fc.array(
    fc.record({ id: fc.constantFrom(...OBLIGATION_IDS), description: fc.constant('Do it.') }),
    { maxLength: 3 },
  ),
  purposes: fc.array(anyPurpose, { maxLength: 4 }),
  fields: fc.array(anyField, { maxLength: 3 }),
  overlays: fc.record({
    minor_or_age_unknown: fc.record({ never: some(anyPurposeId) }),
    gpc: fc.record({ regimes: some(anyRegimeId), opt_out: some(anyPurposeId) }),
  }),
  floor: fc.record(
    {
      public: some(anyPurposeId),
      profile: some(anyPurposeId),
      engagement: some(anyPurposeId),
      private_message: some(anyPurposeId),
    },
    { requiredKeys: [] },
  ),
});

const SECTIONS = [
  'unknown_regime',
  'regimes',
  'obligations',
  'purposes',
  'fields',
  'overlays',
  'floor',
] as const;

/** Documents that have the shape of a policy and may mean anything or nothing: some sections of a sound one replaced. */
export const shapedDocuments: fc.Arbitrary<PolicyDocument> = fc
  .tuple(soundDocuments, anyDocument, fc.nat(2 ** SECTIONS.length - 1), fc.boolean())
  .map(([sound, wild, mask, one]) => {
    const replaced = one ? [at(SECTIONS, mask)] : masked(SECTIONS, mask);
    return { ...sound, ...Object.fromEntries(replaced.map((section) => [section, wild[section]])) };
  });
