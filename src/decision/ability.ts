/**
 * The safe wrapper over CASL: the reference semantics of a policy.
 *
 * CASL says yes too easily when it is asked loosely: a type name instead of an object ignores conditions, a missing
 * field ignores fields, a name with `*` is a pattern, `manage` and `all` mean everything. So there is one way in, `ask`:
 * it always passes a field and an object made here, fields match exactly, and no name means everything.
 */
import { type MongoAbility, type RawRuleOf, createMongoAbility } from '@casl/ability';
import type { AgeBand } from './consent-event.js';
import type { Category } from './policy.js';
import { type Reason, isReason } from './reasons.js';

/** How a choice stands against the policy: `outdated` is a grant on terms that have changed since. */
export type ChoiceStanding = 'none' | 'granted' | 'outdated' | 'denied';

/** How the case that a request names stands, once the engine has verified it. */
export type CaseStanding = 'none' | 'valid' | 'expired' | 'out_of_scope';

/** What the engine has verified about a request, beyond who is asked about what. */
export type RequestFacts = {
  readonly actor: 'automated' | 'human';
  readonly case: CaseStanding;
  /** Whether a legal reference (a court order's file number, say) was given. */
  readonly legalReference: boolean;
  /** Whether the request is made on behalf of the very user whose data is read. */
  readonly ownData: boolean;
};

/** Everything a decision may depend on besides the purpose and the field. Finite, and resolved by the engine alone. */
export type Attributes = {
  readonly category: Category;
  readonly client: 'bound' | 'unbound';
  readonly record: 'known' | 'absent' | 'unavailable';
  readonly regime: string;
  readonly age: AgeBand;
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

export type PolicyAbility = MongoAbility<[string, Category | Attributes]>;
export type PolicyRule = RawRuleOf<PolicyAbility> & { readonly reason: Reason };

/** Name of a purpose's choice within `choices`: CASL splits paths at dots, and purpose ids have dots. */
export function choiceName(purpose: string): string {
  return purpose.replaceAll('.', '/');
}

/** Asks the rules for one cell. */
export type Ask = (purpose: string, field: string, attributes: Attributes) => Reason;

/** Builds the ability of a policy. Once per version: it is far dearer to build than to ask. */
export function askRules(rules: readonly PolicyRule[]): Ask {
  const ability = createMongoAbility<PolicyAbility>([...rules], {
    anyAction: '*',
    anySubjectType: '*',
    detectSubjectType: (subject) => (typeof subject === 'string' ? subject : subject.category),
    fieldMatcher: (fields) => {
      const exact = new Set<string>(fields);
      return (field) => exact.has(field);
    },
  });
  return (purpose, field, attributes) => {
    const rule = ability.relevantRuleFor(purpose, attributes, field);
    // every rule of a compiled policy has a reason; a field that no rule covers was never classified
    const reason = rule?.reason ?? 'field_unclassified';
    if (!isReason(reason)) return 'field_unclassified';
    return (reason === 'permitted') === (rule?.inverted === false) ? reason : 'field_unclassified';
  };
}
