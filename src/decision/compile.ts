/**
 * A policy document becomes CASL rules, or the complete list of what is wrong with it.
 *
 * In a rule, the action is a purpose, the subject type a category, the fields are field ids, and the conditions speak
 * of the attributes that `ability.ts` resolves. In CASL the last matching rule wins, so a purpose's rules are emitted
 * from the permit up to the line that is checked first, and `reason` on the winning rule is the answer.
 *
 * Every condition of a denial is written so that a missing or strange attribute denies.
 */
import { type Ask, type PolicyRule, type RuleConditions, askRules, choiceName } from './ability.js';
import {
  CASE_CONDITIONS,
  CATEGORIES,
  type Category,
  type Condition,
  type Field,
  type PolicyDocument,
  type Purpose,
  dependenciesOf,
  lineageOf,
  UNKNOWN_REGION,
  regimeResolver,
  regimesOfDecisions,
  settingIn,
} from './policy.js';
import type { DenyReason } from './reasons.js';
import { type CompileError, validate } from './validate.js';

/** A document that is known to be sound, with all that deciding needs of it. */
export type CompiledPolicy = {
  readonly document: PolicyDocument;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly fields: ReadonlyMap<string, Field>;
  /** Per purpose, all purposes that must be open for it to be open; see `dependenciesOf`. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly rules: readonly PolicyRule[];
  /** The reference semantics: asks the rules. */
  readonly ask: Ask;
  /** Regime id of a region; `null`: the region is unknown. */
  readonly regimeOf: (region: string | null) => string;
  /** What decisions call it: the same, but for an unknown region `UNKNOWN_REGION`. */
  readonly regimeInDecisions: (region: string | null) => string;
};

export type CompileResult =
  | { readonly ok: true; readonly policy: CompiledPolicy }
  | { readonly ok: false; readonly errors: readonly CompileError[] };

/** Compiles a document, or says everything that is wrong with it. Nothing half-compiles. */
export function compile(document: PolicyDocument): CompileResult {
  const errors = validate(document);
  if (errors.length > 0) return { ok: false, errors };
  const purposes = new Map(document.purposes.map((purpose) => [purpose.id, purpose]));
  const rules = rulesOf(document, purposes);
  const regimeOf = regimeResolver(document);
  const policy = {
    document,
    purposes,
    fields: new Map(document.fields.map((field) => [field.id, field])),
    dependencies: new Map(document.purposes.map(({ id }) => [id, dependenciesOf(id, purposes)])),
    rules,
    ask: askRules(rules),
    regimeOf,
    regimeInDecisions: (region: string | null) => (region === null ? UNKNOWN_REGION : regimeOf(region)),
  };
  return { ok: true, policy };
}

function rulesOf(document: PolicyDocument, purposes: ReadonlyMap<string, Purpose>): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const purpose of document.purposes) {
    for (const category of CATEGORIES) {
      const open: string[] = [];
      const closed = new Map<DenyReason, string[]>();
      for (const field of document.fields) {
        if (field.category !== category) continue;
        const reason = closedBecause(purpose, field, category, document, purposes);
        if (reason === undefined) open.push(field.id);
        else closed.set(reason, [...(closed.get(reason) ?? []), field.id]);
      }
      const on = { action: purpose.id, subject: category };
      if (open.length > 0) {
        rules.push({ ...on, fields: open, reason: 'permitted' });
        const denials = [...conditionDenials(purpose), ...consentDenials(purpose, document, purposes)];
        for (const { reason, conditions } of denials)
          rules.push({ ...on, fields: open, conditions, reason, inverted: true });
      }
      for (const [reason, fields] of closed) rules.push({ ...on, fields, reason, inverted: true });
      rules.push({
        ...on,
        conditions: { client: { $ne: 'bound' } },
        reason: 'purpose_not_allowed_for_client',
        inverted: true,
      });
    }
  }
  return rules;
}

/** Lines 3 to 5: what closes a field to a purpose whoever the user is, the first that holds. */
function closedBecause(
  purpose: Purpose,
  field: Field,
  category: Category,
  document: PolicyDocument,
  purposes: ReadonlyMap<string, Purpose>,
): DenyReason | undefined {
  const floor = document.floor[category];
  if (floor !== undefined && !floor.includes(purpose.id)) return 'floor';
  const lineage = lineageOf(purpose.id, purposes);
  const prohibits = (never: string) =>
    lineage.includes(never) || lineageOf(never, purposes).includes(purpose.id);
  if (field.never?.some(prohibits) === true) return 'field_prohibited';
  if (field.only !== undefined && !field.only.includes(purpose.id)) return 'field_prohibited';
  if (!purpose.categories.includes(category)) return 'category_not_allowed';
  if (purpose.provenance !== undefined && !purpose.provenance.includes(field.provenance))
    return 'provenance_not_allowed';
  return undefined;
}

type Denial = { readonly reason: DenyReason; readonly conditions: RuleConditions };

/** Line 6, last to be checked first. */
function consentDenials(
  purpose: Purpose,
  document: PolicyDocument,
  purposes: ReadonlyMap<string, Purpose>,
): Denial[] {
  const dependencies = dependenciesOf(purpose.id, purposes).flatMap((id) => purposes.get(id) ?? []);
  const regimesWhere = (test: (regime: string) => boolean) => regimesOfDecisions(document).filter(test);
  const optIn = dependencies.map((dependency) => ({
    key: `choices.${choiceName(dependency.id)}`,
    regimes: regimesWhere((regime) => settingIn(document, dependency, regime) === 'opt_in'),
  }));
  const deniable = dependencies.map((dependency) => ({
    key: `choices.${choiceName(dependency.id)}`,
    regimes: regimesWhere((regime) =>
      ['opt_in', 'opt_out'].includes(settingIn(document, dependency, regime)),
    ),
  }));
  const anyOf = (ids: readonly string[]) => dependencies.some((dependency) => ids.includes(dependency.id));

  const denials: Denial[] = [];
  for (const { key, regimes } of optIn)
    if (regimes.length > 0)
      denials.push({
        reason: 'notice_outdated',
        conditions: { regime: { $in: regimes }, [key]: { $ne: 'granted' } },
      });
  if (anyOf(document.overlays.minor_or_age_unknown.never))
    denials.push({ reason: 'age', conditions: { age: { $ne: 'adult' } } });
  if (anyOf(document.overlays.gpc.opt_out))
    denials.push({
      reason: 'signal_opted_out',
      conditions: {
        regime: { $in: [...document.overlays.gpc.regimes, UNKNOWN_REGION] },
        gpc: { $ne: false },
      },
    });
  for (const { key, regimes } of deniable)
    if (regimes.length > 0)
      denials.push({
        reason: 'opted_out',
        conditions: { regime: { $in: regimes }, [key]: { $nin: ['none', 'granted', 'outdated'] } },
      });
  for (const { key, regimes } of optIn)
    if (regimes.length > 0)
      denials.push({
        reason: 'needs_opt_in',
        conditions: { regime: { $in: regimes }, [key]: { $nin: ['granted', 'outdated', 'denied'] } },
      });
  const open = regimesWhere((regime) =>
    dependencies.every((dependency) => settingIn(document, dependency, regime) !== 'never'),
  );
  denials.push({ reason: 'regime_never', conditions: { regime: { $nin: open } } });
  if (dependencies.some((dependency) => settingIn(document, dependency, UNKNOWN_REGION) !== 'always'))
    denials.push({ reason: 'unknown_user', conditions: { record: { $ne: 'known' } } });
  denials.push({ reason: 'consent_unavailable', conditions: { record: { $nin: ['known', 'absent'] } } });
  return denials;
}

/** Line 7, last to be checked first. */
function conditionDenials(purpose: Purpose): Denial[] {
  const conditions = purpose.conditions ?? [];
  const has = (condition: Condition) => conditions.includes(condition);
  const denials: Denial[] = [];
  if (has('own_data_only')) denials.push({ reason: 'not_own_data', conditions: { own_data: { $ne: true } } });
  if (has('legal_ref'))
    denials.push({ reason: 'needs_legal_reference', conditions: { legal_reference: { $ne: true } } });
  if (conditions.some((condition) => CASE_CONDITIONS.has(condition)))
    denials.push(
      { reason: 'case_scope', conditions: { case: { $ne: 'valid' } } },
      { reason: 'case_expired', conditions: { case: { $nin: ['valid', 'out_of_scope'] } } },
      { reason: 'needs_case', conditions: { case: { $nin: ['valid', 'out_of_scope', 'expired'] } } },
    );
  if (has('automated_only'))
    denials.push({ reason: 'needs_automated_actor', conditions: { actor: { $ne: 'automated' } } });
  return denials;
}
