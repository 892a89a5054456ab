/**
 * A policy document becomes CASL rules, or the complete list of what is wrong with it.
 *
 * In a rule, the action is a purpose, the subject type a category, the fields are fields at levels, and the conditions
 * are about the attributes that `ability.ts` resolves. In CASL the last matching rule wins, so a purpose's rules are
 * emitted in reverse: the permit first, the first check at the end. `reason` on the winning rule is the answer.
 *
 * Every condition of a denial is written so that a missing or strange attribute denies.
 */
import {
  type Ask,
  type CaseStanding,
  type PolicyRule,
  type RuleConditions,
  askRules,
  choiceName,
} from './ability.js';
import { type Closed, type FieldKind, type Partition, fieldKinds, partitioner } from './field-kinds.js';
import {
  CASE_CONDITIONS,
  CATEGORIES,
  type Category,
  type Condition,
  type Field,
  type PolicyDocument,
  type Purpose,
  type Setting,
  dependenciesOf,
  entryOf,
  lineageOf,
  UNKNOWN_REGION,
  regimeResolver,
  regimesHearingGpc,
  regimesOfDecisions,
  settingIn,
} from '../policy.js';
import type { DenyReason } from '../reasons.js';
import type { Steps } from '../steps.js';
import { type CompileError, validateSteps } from './validate.js';
import {
  type FieldAtLevel,
  type FieldsAtLevels,
  type Part,
  categoryAt,
  fieldsAtLevels,
} from '../visibility.js';

/** A sound document, with everything that decisions need from it. */
export type CompiledPolicy = {
  readonly document: PolicyDocument;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly fields: ReadonlyMap<string, Field>;
  /** What the rules and the table are about. */
  readonly atLevels: FieldsAtLevels;
  /** Per purpose, all purposes that must be open for it to be open; see `dependenciesOf`. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** Per purpose, those of its dependencies that Global Privacy Control opts out of where it is heard. */
  readonly closedBySignal: ReadonlyMap<string, readonly string[]>;
  /** Per purpose. */
  readonly rules: ReadonlyMap<string, readonly PolicyRule[]>;
  /** The reference semantics: asks the rules. */
  readonly ask: Ask;
  /** Which of the fields that a field is made of gave the answer; `undefined`: it did so itself. */
  readonly sourceOf: (...asked: Parameters<Ask>) => string | undefined;
  /** Regime id of a region; `null`: the region is unknown. */
  readonly regimeOf: (region: string | null) => string;
  /** The regime in decisions: the same, but `UNKNOWN_REGION` for an unknown region. */
  readonly regimeInDecisions: (region: string | null) => string;
};

export type CompileResult =
  | { readonly ok: true; readonly policy: CompiledPolicy }
  | { readonly ok: false; readonly errors: readonly CompileError[] };

/**
 * Compiles a document, or returns everything that is wrong with it; never a part of it. The document must not change
 * meanwhile.
 */
export function* compileSteps(document: PolicyDocument): Steps<CompileResult> {
  const errors = yield* validateSteps(document);
  if (errors.length > 0) return { ok: false, errors };
  const purposes = new Map(document.purposes.map((purpose) => [purpose.id, purpose]));
  const dependencies = new Map(document.purposes.map(({ id }) => [id, dependenciesOf(id, purposes)]));
  const { opt_out: closing } = document.overlays.gpc;
  yield;
  const atLevels = fieldsAtLevels(document);
  const rules = yield* rulesOf(document, purposes, dependencies, atLevels.all);
  const regimeOf = regimeResolver(document);
  const policy = {
    document,
    purposes,
    fields: new Map(document.fields.map((field) => [field.id, field])),
    atLevels,
    dependencies,
    closedBySignal: new Map(
      [...dependencies].map(([purpose, ids]) => [purpose, ids.filter((id) => closing.includes(id))]),
    ),
    rules,
    ...askRules(rules),
    regimeOf: (region: string | null) => regimeOf(region) ?? document.unknown_regime,
    regimeInDecisions: (region: string | null) => regimeOf(region) ?? UNKNOWN_REGION,
  };
  return { ok: true, policy };
}

/** Whether the purpose, with all that it depends on, is on for users of whom nothing is known. */
export function isAlwaysOn({ document, purposes, dependencies }: CompiledPolicy, purpose: string): boolean {
  return (dependencies.get(purpose) ?? []).every(
    (id) => settingIn(document, entryOf(purposes, id), UNKNOWN_REGION) === 'always',
  );
}

/** Denies every purpose that the client's credentials do not list. */
const UNBOUND = {
  conditions: { client: { $ne: 'bound' } },
  reason: 'purpose_not_allowed_for_client',
  inverted: true,
} as const;

/** The data from which the rules of all purposes are made. */
type Sources = {
  readonly document: PolicyDocument;
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** Per purpose, its ancestors and itself. */
  readonly lineages: ReadonlyMap<string, ReadonlySet<string>>;
  /** Per purpose, where it has which settings. */
  readonly regimes: ReadonlyMap<string, RegimesBySetting>;
};

function* rulesOf(
  document: PolicyDocument,
  purposes: ReadonlyMap<string, Purpose>,
  dependencies: ReadonlyMap<string, readonly string[]>,
  fields: readonly FieldAtLevel[],
): Steps<Map<string, PolicyRule[]>> {
  const kinds = yield* fieldKinds(fields);
  const partitions = CATEGORIES.map((category) => ({
    category,
    partition: partitioner(kinds.filter(({ like }) => categoryAt(like) === category)),
  }));
  const regimeIds = regimesOfDecisions(document);
  const sources = {
    document,
    purposes,
    lineages: new Map(document.purposes.map(({ id }) => [id, lineageOf(id, purposes)])),
    regimes: new Map(
      document.purposes.map((purpose) => [purpose.id, regimesBySetting(document, purpose, regimeIds)]),
    ),
  };
  const rules = new Map<string, PolicyRule[]>();
  for (const purpose of document.purposes) {
    const on = entryOf(dependencies, purpose.id).map((id) => entryOf(purposes, id));
    const denials = [...conditionDenials(purpose), ...consentDenials(sources, on, regimeIds)];
    const own: PolicyRule[] = [];
    for (const { category, partition } of partitions) {
      const parts = partition(({ like }) => closedBecause(purpose, like, sources));
      addCategoryRules(own, purpose.id, category, parts, denials);
    }
    rules.set(purpose.id, own);
    yield;
  }
  return rules;
}

/** Adds the rules of a purpose about a category, the first check last. */
function addCategoryRules(
  rules: PolicyRule[],
  action: string,
  subject: Category,
  { open, closed }: Partition,
  denials: readonly Denial[],
): void {
  if (open.length > 0) {
    rules.push({ action, subject, fields: open, reason: 'permitted' });
    for (const { reason, conditions } of denials)
      rules.push({ action, subject, fields: open, conditions, reason, inverted: true });
  }
  for (const one of closed) rules.push({ action, subject, ...one, inverted: true });
  rules.push({ action, subject, ...UNBOUND });
}

/**
 * Lines 3 to 5: the first reason that closes a field to a purpose for every user, and the first of its parts that gives
 * it.
 */
function closedBecause(
  purpose: Purpose,
  { field, parts }: FieldKind['like'],
  { document, lineages }: Sources,
): Closed | undefined {
  const lineage = lineages.get(purpose.id);
  const prohibits = (never: string) =>
    lineage?.has(never) === true || lineages.get(never)?.has(purpose.id) === true;
  const allows: readonly (readonly [DenyReason, (part: Part) => boolean])[] = [
    [
      'floor',
      ({ floors }) => floors.every((category) => document.floor[category]?.includes(purpose.id) !== false),
    ],
    [
      'field_prohibited',
      ({ never, only }) => never?.some(prohibits) !== true && only?.includes(purpose.id) !== false,
    ],
    [
      'category_not_allowed',
      ({ categories }) => categories.every((category) => purpose.categories.includes(category)),
    ],
    [
      'provenance_not_allowed',
      ({ provenance }) => provenance === undefined || purpose.provenance?.includes(provenance) !== false,
    ],
  ];
  for (const [reason, isAllowedBy] of allows) {
    const part = parts.find((one) => !isAllowedBy(one));
    if (part !== undefined) return { reason, ...(part.of === field.id ? {} : { source: part.of }) };
  }
  return undefined;
}

type RegimesBySetting = { readonly [S in Setting]: readonly string[] };

function regimesBySetting(
  document: PolicyDocument,
  purpose: Purpose,
  regimes: readonly string[],
): RegimesBySetting {
  const where = (setting: Setting) =>
    regimes.filter((regime) => settingIn(document, purpose, regime) === setting);
  return {
    always: where('always'),
    opt_out: where('opt_out'),
    opt_in: where('opt_in'),
    never: where('never'),
  };
}

type Denial = { readonly reason: DenyReason; readonly conditions: RuleConditions };

/**
 * Line 6, in reverse: the first check last.
 *
 * @param dependencies of the purpose, itself included
 * @param regimeIds all regimes that a user can have in a decision
 */
function consentDenials(
  { document, regimes }: Sources,
  dependencies: readonly Purpose[],
  regimeIds: readonly string[],
): Denial[] {
  const choices = dependencies.map(({ id }) => ({
    key: `choices.${choiceName(id)}`,
    settings: entryOf(regimes, id),
  }));
  const needsOptIn = choices.filter(({ settings }) => settings.opt_in.length > 0);
  const takesChoices = choices.filter(({ settings }) => settings.opt_in.length + settings.opt_out.length > 0);
  const anyOf = (ids: readonly string[]) => dependencies.some((dependency) => ids.includes(dependency.id));

  const denials: Denial[] = [];
  for (const { key, settings } of needsOptIn)
    denials.push({
      reason: 'notice_outdated',
      conditions: { regime: { $in: settings.opt_in }, [key]: { $ne: 'granted' } },
    });
  if (anyOf(document.overlays.minor_or_age_unknown.never))
    denials.push({ reason: 'age', conditions: { age: { $ne: 'adult' } } });
  if (anyOf(document.overlays.gpc.opt_out))
    denials.push({
      reason: 'signal_opted_out',
      conditions: {
        regime: { $in: regimesHearingGpc(document) },
        gpc: { $ne: false },
      },
    });
  for (const { key, settings } of takesChoices)
    denials.push({
      reason: 'opted_out',
      conditions: {
        regime: { $in: [...settings.opt_in, ...settings.opt_out] },
        [key]: { $nin: ['none', 'granted', 'outdated'] },
      },
    });
  for (const { key, settings } of needsOptIn)
    denials.push({
      reason: 'needs_opt_in',
      conditions: { regime: { $in: settings.opt_in }, [key]: { $nin: ['granted', 'outdated', 'denied'] } },
    });
  const closed = new Set(choices.flatMap(({ settings }) => settings.never));
  denials.push({
    reason: 'regime_never',
    conditions: { regime: { $nin: regimeIds.filter((regime) => !closed.has(regime)) } },
  });
  if (choices.some(({ settings }) => !settings.always.includes(UNKNOWN_REGION)))
    denials.push({ reason: 'unknown_user', conditions: { record: { $ne: 'known' } } });
  denials.push({ reason: 'consent_unavailable', conditions: { record: { $nin: ['known', 'absent'] } } });
  return denials;
}

/** Per reason of a case, in reverse, the standings that it does not hold for: what is strange needs a case. */
const CASE_DENIALS = (
  [
    ['case_reader', 'other_reader'],
    ['case_scope', 'out_of_scope'],
    ['case_expired', 'expired'],
    ['case_closed', 'closed'],
    ['case_not_approved', 'not_approved'],
    ['needs_case', 'none'],
  ] as const satisfies readonly (readonly [DenyReason, CaseStanding])[]
).map(([reason], place, all) => ({
  reason,
  unless: ['valid', ...all.slice(0, place).map(([, standing]) => standing)],
}));

/** Line 7, in reverse: the first check last. */
function conditionDenials(purpose: Purpose): Denial[] {
  const conditions = purpose.conditions ?? [];
  const has = (condition: Condition) => conditions.includes(condition);
  const denials: Denial[] = [];
  if (has('own_data_only')) denials.push({ reason: 'not_own_data', conditions: { own_data: { $ne: true } } });
  if (has('legal_ref'))
    denials.push({ reason: 'needs_legal_reference', conditions: { legal_reference: { $ne: true } } });
  if (conditions.some((condition) => CASE_CONDITIONS.has(condition)))
    denials.push(
      ...CASE_DENIALS.map(({ reason, unless }) => ({ reason, conditions: { case: { $nin: unless } } })),
    );
  if (has('automated_only'))
    denials.push({ reason: 'needs_automated_actor', conditions: { actor: { $ne: 'automated' } } });
  return denials;
}
