/**
 * The policy document: what may be done with which data, for whom, under which law.
 *
 * A document is written by people (`policies/`), validated in shape by `policies/policy.schema.json`, and in meaning by
 * `compile`. Nothing here depends on a live system: a document always means the same.
 */

import { isOfACountry, placeOf, placesAround } from './places.js';

export const SETTINGS = ['always', 'opt_out', 'opt_in', 'never'] as const;
/**
 * What a purpose needs in a regime, from lax to strict: `always` nothing, `opt_out` that the user did not object,
 * `opt_in` that the user granted it, `never` cannot be satisfied.
 */
export type Setting = (typeof SETTINGS)[number];

export const CATEGORIES = ['public', 'profile', 'engagement', 'private_message'] as const;
/** What kind of data a field holds. */
export type Category = (typeof CATEGORIES)[number];

export const PROVENANCES = ['provided', 'observed', 'inferred', 'third_party'] as const;
/** Where the data of a field comes from. */
export type Provenance = (typeof PROVENANCES)[number];

export const CONDITIONS = [
  'automated_only',
  'case_id',
  'two_person',
  'expires_72h',
  'reported_items_only',
  'authorised_reviewer',
  'legal_ref',
  'own_data_only',
] as const;
/** What the engine itself verifies before it permits. */
export type Condition = (typeof CONDITIONS)[number];

/** The conditions that only an open case can satisfy. */
export const CASE_CONDITIONS: ReadonlySet<Condition> = new Set([
  'case_id',
  'two_person',
  'expires_72h',
  'reported_items_only',
  'authorised_reviewer',
]);

/** The one action. A second one (`write`, `share`) would be a new column of the meaning, not a new name. */
export const ACTION = 'read';

/** The region that represents every unlisted region. */
export const ANY_REGION = '*';

export type Regime = {
  readonly id: string;
  readonly title: string;
  /** ISO 3166-1 alpha-2 or ISO 3166-2 codes, or {@link ANY_REGION}. The longest code that fits a user's region wins. */
  readonly regions: readonly string[];
  readonly translations?: Translations<{ readonly title: string }>;
};

export type Obligation = {
  readonly id: string;
  readonly description: string;
  readonly translations?: Translations<{ readonly description: string }>;
};

/** What a client may do besides asking for its purposes, each with its meaning. */
export const SCOPES = {
  'users:write': "set users' region and age band",
  'settings:read': "read users' settings",
  'choices:write': "record users' choices and signals on their behalf",
  'users:erase': 'erase users',
  'users:export': 'export everything that is held about a user',
  'choices:import': "take in users' profiles, choices, levels and signals from an earlier system",
  'choices:export': "read all users' profiles, choices, levels and signals",
  'changes:read': 'follow whose settings change, for its own purposes',
  'decisions:cache': 'keep answers for its own purposes until they change',
  'permits:export': 'read of all users what its own purposes may read of them',
  'attributes:write': 'register attributes of users for the consent balance alone',
  'policies:read': 'read policies and drafts',
  'policies:write': 'open and edit drafts of the policy',
  'cases:write': 'open, close and reassign cases of reported items',
} as const;
export type Scope = keyof typeof SCOPES;

/** A client, and the most that it may ask for and do. */
export type Client = {
  /** As its tokens name it. */
  readonly id: string;
  readonly description?: string;
  readonly purposes: readonly string[];
  readonly scopes: readonly Scope[];
};

export const UNLISTED_CLIENTS = ['token', 'refuse'] as const;
/** What an unlisted client may do: what its token says, or nothing. */
export type UnlistedClients = (typeof UNLISTED_CLIENTS)[number];

/** The part of a policy about clients. */
export type ClientRules = {
  readonly clients?: readonly Client[];
  /** Absent: `token`. */
  readonly unlisted_clients?: UnlistedClients;
};

/** The obligation to add noise that a {@link DpBudget} pays for. */
export const DP_NOISE = 'dp_noise';

export const BUDGET_PERIODS = ['day', 'week', 'month', 'year'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** The most that figures of a purpose may tell about one person in each period, together (differential privacy). */
export type DpBudget = {
  /** Exact decimals. */
  readonly epsilon: string;
  /** Absent: 0. */
  readonly delta?: string;
  /** In UTC; weeks are those of ISO 8601. */
  readonly period: BudgetPeriod;
};

export const LEGAL_BASES = [
  'consent',
  'implied_consent',
  'contract',
  'legal_obligation',
  'vital_interest',
  'public_interest',
  'legitimate_interest',
  'not_required',
] as const;
/**
 * What makes a purpose lawful: the letters of GDPR article 6(1), consent that is not expressed, where a law knows it
 * (PIPEDA, principle 4.3.6), and `not_required`, where the law asks for no basis.
 */
export type LegalBasis = (typeof LEGAL_BASES)[number];

/** Texts in other languages of the policy than the first, by language, as far as they are written yet. */
export type Translations<T> = Readonly<Record<string, Partial<T>>>;

/** What users read of a category. */
export type CategoryTexts = {
  readonly id: Category;
  readonly title: string;
  readonly translations?: Translations<{ readonly title: string }>;
};

export type Purpose = {
  readonly id: string;
  /** Parent in the tree. What closes the parent closes the purpose. */
  readonly parent?: string;
  /** Purposes that must be open too. */
  readonly requires?: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly translations?: Translations<{ readonly title: string; readonly description: string }>;
  /** Term of the W3C Data Privacy Vocabulary, https://w3id.org/dpv#TERM. */
  readonly dpv: string;
  /** Term of a DPV extension for the processing, `ai#ModelTraining`. */
  readonly processing?: string;
  /** IAB TCF purposes (1–11) and special purposes (`SP1`). */
  readonly tcf?: readonly (number | string)[];
  /** Setting per regime id. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** By regime id. No decision depends on it, nor on `owner` and `review_by`. */
  readonly legal_basis?: Readonly<Record<string, LegalBasis>>;
  /** By regime id, after which time a grant lapses: a calendar duration, see `timeAfter`. Absent: never. */
  readonly lapses_after?: Readonly<Record<string, string>>;
  readonly categories: readonly Category[];
  /** Provenances it may read; absent: any. */
  readonly provenance?: readonly Provenance[];
  readonly conditions?: readonly Condition[];
  readonly obligations?: readonly string[];
  /** Absent: no figure of it can be paid for. */
  readonly dp_budget?: DpBudget;
  /** Version of the terms a user grants. Raised on a material change; earlier grants are then outdated. Default 1. */
  readonly notice?: number;
  /**
   * `confirmed`: its decisions, and those of purposes that depend on it, rest on what the database confirms. Absent: on
   * what a process with a lease has applied.
   */
  readonly consistency?: 'confirmed';
  /** The team or the role that answers for it. */
  readonly owner?: string;
  /** The day by which somebody looks at it again, YYYY-MM-DD. */
  readonly review_by?: string;
};

/** Who may see what a member keeps at it, and what kind of data that makes it. */
export type Level = {
  readonly id: string;
  readonly title: string;
  readonly translations?: Translations<{ readonly title: string }>;
  /** A category that the fields of the group have at this level and at every stricter one, besides their own. */
  readonly category: Category;
};

/** Fields whose members decide, together, who may see them. */
export type VisibilityGroup = {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly translations?: Translations<{ readonly title: string; readonly description?: string }>;
  /** From the widest to the strictest. */
  readonly levels: readonly Level[];
  /** The level of members who have set none, by regime id. */
  readonly defaults: {
    readonly adult: Readonly<Record<string, string>>;
    readonly minor_or_age_unknown: Readonly<Record<string, string>>;
  };
};

export const DEIDENTIFICATIONS = [
  'differential_privacy',
  'k_anonymity',
  'redaction',
  'synthetic_data',
] as const;

/** How data stops being that of single users. */
export type ReleaseMethod = {
  readonly method: 'aggregate' | 'deidentified';
  /** The fewest users of an aggregate. */
  readonly at_least?: number;
  /** How it is de-identified. */
  readonly by?: (typeof DEIDENTIFICATIONS)[number];
};

/** How fields are made of others. */
export type Transform = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly translations?: Translations<{ readonly title: string; readonly description: string }>;
  /** It only copies: what is made of provided data is provided. */
  readonly copies?: boolean;
  /** Fields made by it have a {@link Release}. Absent: they may be used only for what all of their sources may. */
  readonly release?: ReleaseMethod;
};

/** What a field is that a transform releases from the rules of its sources, their floors excepted. */
export type Release = {
  readonly category: Category;
  /** Besides those of the purpose. */
  readonly obligations?: readonly string[];
  /** Why this is no longer data of single users. */
  readonly reason: string;
  /** The day by which somebody looks at it again, YYYY-MM-DD. */
  readonly review: string;
};

/**
 * A field has a category and a provenance, or it is made of others (`derived_from`, `transform`), and both follow from
 * those.
 */
export type Field = {
  readonly id: string;
  /** `unclassified`: registered, but not classified yet; nobody may read it. Absent: it is made of others. */
  readonly category?: Category | 'unclassified';
  readonly title: string;
  readonly description?: string;
  readonly translations?: Translations<{ readonly title: string; readonly description?: string }>;
  /** Absent: it is made of others. */
  readonly provenance?: Provenance;
  /** Ids of the fields that it is made of. */
  readonly derived_from?: readonly string[];
  /** Id of the transform that makes it. */
  readonly transform?: string;
  /** Present exactly where the transform releases. */
  readonly release?: Release;
  /** Id of a removed field whose data it may hold. */
  readonly replaces?: string;
  readonly identifiability: 'direct' | 'quasi' | 'none';
  /** Id of its visibility group. */
  readonly visibility?: string;
  /** GDPR article 9 data. */
  readonly special_category?: boolean;
  /** Data from which article 9 data could be guessed. */
  readonly special_category_risk?: boolean;
  /** Purposes it is closed to, with all their descendants and ancestors. */
  readonly never?: readonly string[];
  /** The only purposes it is open to. */
  readonly only?: readonly string[];
};

/** A field that is gone, with all that closed it, so that its data cannot come back as something less strict. */
export type RemovedField = {
  readonly id: string;
  /** What it was, and all that it was made of. Empty: it was unclassified. */
  readonly categories: readonly Category[];
  readonly provenances: readonly Provenance[];
  /** Ids of the visibility groups that it was in. */
  readonly visibility?: readonly string[];
  /** As in {@link Field}; these purposes may be gone as well. */
  readonly never?: readonly string[];
  readonly only?: readonly string[];
};

export type PolicyDocument = ClientRules & {
  readonly schema: 1;
  /** BCP 47 tags; the first is the language of titles and descriptions. Absent: only English. */
  readonly languages?: readonly string[];
  /** Regime of users whose region is unknown: the strictest. */
  readonly unknown_regime: string;
  readonly regimes: readonly Regime[];
  readonly obligations: readonly Obligation[];
  /** Absent: readers of data see no titles of categories, nor descriptions of fields. */
  readonly categories?: readonly CategoryTexts[];
  readonly purposes: readonly Purpose[];
  readonly visibility?: readonly VisibilityGroup[];
  readonly transforms?: readonly Transform[];
  readonly fields: readonly Field[];
  readonly removed?: readonly RemovedField[];
  readonly overlays: {
    /** Purposes closed for minors and for users of unknown age. */
    readonly minor_or_age_unknown: { readonly never: readonly string[] };
    /** Global Privacy Control: in these regimes the signal opts the user out of these purposes. */
    readonly gpc: { readonly regimes: readonly string[]; readonly opt_out: readonly string[] };
  };
  /** Per category, the only purposes that any version may ever open it to. */
  readonly floor: { readonly [C in Category]?: readonly string[] };
};

/**
 * The regime of users of unknown region in decisions: it has the settings of `unknown_regime`, and every signal counts
 * in it, so that missing information never opens anything. No regime may have this id; ids are upper case.
 */
export const UNKNOWN_REGION = 'unknown';

/** All regimes that a user can have in a decision. */
export function regimesOfDecisions(document: PolicyDocument): string[] {
  return [...document.regimes.map(({ id }) => id), UNKNOWN_REGION];
}

/** The regimes of decisions in which Global Privacy Control is heard: an unknown region hears every signal. */
export function regimesHearingGpc({ overlays }: PolicyDocument): string[] {
  return [...overlays.gpc.regimes, UNKNOWN_REGION];
}

/** The setting of a purpose in a regime of decisions; `never` where there is none. */
export function settingIn(document: PolicyDocument, purpose: Purpose, regime: string): Setting {
  return purpose.settings[regime === UNKNOWN_REGION ? document.unknown_regime : regime] ?? 'never';
}

/**
 * The entry of an id that must exist: continuing without it would ignore what it closes.
 *
 * @throws Error when it does not exist
 */
export function entryOf<T>(entries: ReadonlyMap<string, T>, id: string): T {
  const entry = entries.get(id);
  if (entry === undefined) throw new Error(`\`${id}\` is not in the policy: compile it before it is used`);
  return entry;
}

/** The version of the terms on which a grant of the purpose is given today. */
export function noticeOf(purpose: Purpose): number {
  return purpose.notice ?? 1;
}

/** The language of titles and descriptions, then those of their translations. */
export function languagesOf({
  languages: [first = 'en', ...others] = [],
}: Pick<PolicyDocument, 'languages'>): readonly [string, ...string[]] {
  return [first, ...others];
}

/** The texts of an entry in a language of the policy; one that is not written in it is that of the first language. */
export function textsIn<T extends object>(
  entry: T & { readonly translations?: Translations<T> },
  language: string,
): T {
  return { ...entry, ...entry.translations?.[language] };
}

export const TEXT_MEMBERS = ['title', 'description'] as const;
/** A member of an entry that people read. */
export type TextMember = (typeof TEXT_MEMBERS)[number];

/** An entry that people read. */
export type Told = {
  readonly id: string;
  readonly translations?: Translations<{ readonly [M in TextMember]: string }>;
} & { readonly [M in TextMember]?: string };

/** A text of an entry in a language of the policy; `undefined`: it is not written in it. */
export function writtenIn(
  document: Pick<PolicyDocument, 'languages'>,
  entry: Told,
  member: TextMember,
  language: string,
): string | undefined {
  const [first] = languagesOf(document);
  return (language === first ? entry : entry.translations?.[language])?.[member];
}

/** How strict a setting is: a higher number permits a subset of what a lower one permits. */
export function strictness(setting: Setting): number {
  return SETTINGS.indexOf(setting);
}

/**
 * The dependencies of a purpose: itself, its ancestors, what they require, and so on until nothing new is found.
 * All of them must be open for the purpose to be open. Nearest first; a cycle ends the walk, it does not hang it.
 */
export function dependenciesOf(id: string, purposes: ReadonlyMap<string, Purpose>): string[] {
  return [...dependenciesOfAll([id], purposes)];
}

/** These purposes and the dependencies of each. */
export function dependenciesOfAll(
  ids: readonly string[],
  purposes: ReadonlyMap<string, Purpose>,
): Set<string> {
  const found = new Set(ids);
  // items added to a set during iteration are visited too
  for (const id of found) for (const next of restsOn(purposes.get(id))) found.add(next);
  return found;
}

/** What a purpose depends on directly; nothing for one that the policy does not have. */
export function restsOn(purpose: Purpose | undefined): readonly string[] {
  const { parent, requires = [] } = purpose ?? {};
  return parent === undefined ? requires : [parent, ...requires];
}

/** The purpose and its ancestors, nearest first. */
export function lineageOf(id: string, purposes: ReadonlyMap<string, Purpose>): Set<string> {
  const lineage = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !lineage.has(at); at = purposes.get(at)?.parent)
    lineage.add(at);
  return lineage;
}

/**
 * The regime of a region: that of the longest code that fits (`US-CA` before `US` before the rest of the world),
 * whichever of its codes a place is listed or recorded under. An unlisted territory has the regime of the country to
 * which ISO assigns it. `undefined`: unknown, because the region is unknown, no country has it, or the policy lists the
 * codes of one place under two laws.
 *
 * @param region ISO 3166-1 alpha-2 or ISO 3166-2; `null` when unknown
 */
export function regimeResolver(document: PolicyDocument): (region: string | null) => string | undefined {
  const laws = lawsByPlace(document);
  const others = document.regimes.find(({ regions }) => regions.includes(ANY_REGION))?.id;
  return (region) => {
    if (region === null) return undefined;
    for (const place of placesAround(region)) {
      const listed = laws.get(place);
      if (listed !== undefined) return listed.size === 1 ? [...listed.keys()][0] : undefined;
    }
    return isOfACountry(region) ? others : undefined;
  };
}

/** Per place, the regimes that list it, each with the code used. With more than one, its regime is unknown. */
export function lawsByPlace(document: PolicyDocument): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const laws = new Map<string, Map<string, string>>();
  for (const { id, regions } of document.regimes)
    for (const region of regions) {
      if (region === ANY_REGION) continue;
      const place = placeOf(region);
      const listed = laws.get(place) ?? new Map<string, string>();
      laws.set(place, listed.set(id, region));
    }
  return laws;
}
