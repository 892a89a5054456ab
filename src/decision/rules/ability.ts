/**
 * The safe wrapper over CASL: the reference semantics of a policy.
 *
 * CASL permits too easily when it is used loosely: a type name instead of an object ignores conditions, a missing field
 * ignores fields, a name with `*` is a pattern, `manage` and `all` mean everything. So there is one entry point, `ask`:
 * it always passes a field and an object made here, fields match exactly, and no name means everything.
 */
import {
  type ConditionsMatcher,
  type FieldMatcher,
  type MongoAbility,
  type MongoQuery,
  createMongoAbility,
  mongoQueryMatcher,
} from '@casl/ability';
import type { AgeBand } from '../consent-event.js';
import type { Category } from '../policy.js';
import { type Reason, isReason } from '../reasons.js';

/** The state of a choice under the policy: `outdated` is a grant on terms that have changed since. */
export type ChoiceStanding = 'none' | 'granted' | 'outdated' | 'denied';

/**
 * The state of the case that a request names, once the engine has verified it. `out_of_scope`: it is not about this
 * purpose, user, field or item; `other_reader`: the reader is not one of its readers, or did not prove who they are.
 */
export type CaseStanding =
  'none' | 'valid' | 'not_approved' | 'closed' | 'expired' | 'out_of_scope' | 'other_reader';

/** What the engine has verified about a request, besides the question itself. */
export type RequestFacts = {
  readonly actor: 'automated' | 'human';
  readonly case: CaseStanding;
  /** Whether a legal reference (a court order's file number, say) was given. */
  readonly legalReference: boolean;
  /** Whether the request is made on behalf of the user whose data is read. */
  readonly ownData: boolean;
};

/** Everything a decision may depend on besides the purpose and the field. Finite, and resolved only by the engine. */
export type Attributes = {
  readonly category: Category;
  readonly client: 'bound' | 'unbound';
  readonly record: 'known' | 'absent' | 'unavailable';
  readonly regime: string;
  readonly age: AgeBand;
  /** Whether Global Privacy Control closes the purpose: the user sends it, and no later grant prevails over it. */
  readonly gpc: boolean;
  /** Per dependency of the purpose, keyed by {@link choiceKey}. */
  readonly choices: Readonly<Record<string, ChoiceStanding>>;
  readonly actor: 'automated' | 'human';
  readonly case: CaseStanding;
  readonly legal_reference: boolean;
  readonly own_data: boolean;
};

/** Conditions of a rule, on attribute paths. Equality and membership only. */
export type RuleConditions = {
  readonly [path: string]:
    | { readonly $ne: string | boolean }
    | { readonly $in: readonly string[] }
    | { readonly $nin: readonly string[] };
};

type PolicyAbility = MongoAbility<[string, Category | Attributes]>;

/** A rule as CASL takes it; where several hold, the last one wins. */
export type PolicyRule = {
  /** Id of the purpose. */
  readonly action: string;
  readonly subject: Category;
  /** Ids of its fields; absent: all. Rules about the same fields share the list. */
  readonly fields?: string[];
  readonly conditions?: RuleConditions;
  readonly reason: Reason;
  /** Which of the fields that these are made of denies; absent: they do so themselves. */
  readonly source?: string;
  /** Whether it denies. */
  readonly inverted?: true;
};

/** Name of a purpose's choice within `choices`: CASL splits paths at dots, and purpose ids have dots. */
export function choiceName(purpose: string): string {
  return purpose.replaceAll('.', '/');
}

/** Asks the rules for one cell. */
export type Ask = (purpose: string, field: string, attributes: Attributes) => Reason;

/**
 * Asks the rules of a policy. The ability of a purpose is built at its first question and then kept: building costs far
 * more than asking.
 *
 * @param rules per id of a purpose
 */
export function askRules(rules: ReadonlyMap<string, readonly PolicyRule[]>): {
  readonly ask: Ask;
  readonly sourceOf: (...asked: Parameters<Ask>) => string | undefined;
} {
  const abilities = new Map<string, PolicyAbility>();
  const matchers = sharedMatchers();
  const abilityOf = (purpose: string): PolicyAbility | undefined => {
    const built = abilities.get(purpose);
    const own = rules.get(purpose);
    if (built !== undefined || own === undefined) return built;
    const ability = createMongoAbility<PolicyAbility>([...own], {
      anyAction: '*',
      anySubjectType: '*',
      detectSubjectType: (subject) => (typeof subject === 'string' ? subject : subject.category),
      ...matchers,
    });
    abilities.set(purpose, ability);
    return ability;
  };
  const ruleFor = (...[purpose, field, attributes]: Parameters<Ask>) =>
    abilityOf(purpose)?.relevantRuleFor(purpose, attributes, field);
  return {
    ask: (...asked) => {
      const rule = ruleFor(...asked);
      // every rule of a compiled policy has a reason; a field that no rule covers was never classified
      const reason = rule?.reason ?? 'field_unclassified';
      if (!isReason(reason)) return 'field_unclassified';
      return (reason === 'permitted') === (rule?.inverted === false) ? reason : 'field_unclassified';
    },
    sourceOf: (...asked) => {
      const rule: object = ruleFor(...asked)?.origin ?? {};
      return 'source' in rule && typeof rule.source === 'string' ? rule.source : undefined;
    },
  };
}

/**
 * Matchers for CASL: exact fields, CASL's own conditions; each made once for all rules that share the list or
 * conditions.
 */
function sharedMatchers(): { fieldMatcher: FieldMatcher; conditionsMatcher: ConditionsMatcher<MongoQuery> } {
  return {
    fieldMatcher: once((fields) => {
      const exact = new Set<string>(fields);
      return (field) => exact.has(field);
    }),
    conditionsMatcher: once(mongoQueryMatcher),
  };
}

/** A memoised function. */
function once<Of extends object, Made>(make: (of: Of) => Made): (of: Of) => Made {
  const made = new WeakMap<Of, Made>();
  return (of) => {
    const known = made.get(of);
    if (known !== undefined) return known;
    const fresh = make(of);
    made.set(of, fresh);
    return fresh;
  };
}
