/** Each finding has a policy that shows it, and the same policy mended, about which nothing is found. */
import { describe, expect, it } from 'vitest';
import { reference } from '../../../test/property/arbitraries.js';
import { LINTS, type LintCode } from './lint-codes.js';
import { lint } from '../../../test/at-once.js';
import { type Field, LEGAL_BASES, type PolicyDocument, type Purpose, SETTINGS } from '../policy.js';

/** What nothing is found about, whatever the settings. */
const FACTS = {
  legal_basis: { EU: 'not_required', WORLD: 'not_required' },
  owner: 'Ads',
  review_by: '2027-06-30',
} as const;
const ADS: Purpose = {
  ...FACTS,
  id: 'ads',
  title: 'Ads',
  description: 'What you put in your profile is used to choose ads for you, unless you turn this off.',
  dpv: 'Advertising',
  settings: { EU: 'opt_in', WORLD: 'opt_out' },
  categories: ['profile'],
  obligations: ['pseudonymise'],
};
const MESSAGING: Purpose = {
  ...FACTS,
  id: 'messaging',
  title: 'Messages',
  description: 'Your messages are delivered to the people whom they are meant for, and to nobody else.',
  dpv: 'CommunicationManagement',
  settings: { EU: 'always', WORLD: 'always' },
  categories: ['private_message'],
};
const SKILLS: Field = {
  id: 'member.skills',
  category: 'profile',
  title: 'Skills',
  provenance: 'provided',
  identifiability: 'quasi',
};
const BODY: Field = { ...SKILLS, id: 'message.body', category: 'private_message', title: 'Messages' };
/** A policy in which nothing is found. */
const GOOD: PolicyDocument = {
  schema: 1,
  unknown_regime: 'EU',
  regimes: [
    { id: 'EU', title: 'European Union', regions: ['DE'] },
    { id: 'WORLD', title: 'The world', regions: ['*'] },
  ],
  obligations: [{ id: 'pseudonymise', description: 'Replace the id of the user by a code.' }],
  purposes: [ADS, MESSAGING],
  fields: [SKILLS, BODY],
  overlays: {
    minor_or_age_unknown: { never: ['ads'] },
    gpc: { regimes: ['WORLD'], opt_out: ['ads'] },
  },
  floor: { private_message: ['messaging'] },
};

const ads = (change: Partial<Purpose>): PolicyDocument => ({
  ...GOOD,
  purposes: [{ ...ADS, ...change }, MESSAGING],
});
const withoutFact = (fact: keyof typeof FACTS): PolicyDocument => {
  const { [fact]: _left, ...rest } = ADS;
  return { ...GOOD, purposes: [rest, MESSAGING] };
};
const skills = (change: Partial<Field>): PolicyDocument => ({
  ...GOOD,
  fields: [{ ...SKILLS, ...change }, BODY],
});
const also = (purpose: Partial<Purpose>): PolicyDocument => ({
  ...GOOD,
  purposes: [...GOOD.purposes, { ...ADS, id: 'research', title: 'Research', ...purpose }],
});
const adding = (field: Partial<Field>): PolicyDocument => ({
  ...GOOD,
  fields: [...GOOD.fields, { ...SKILLS, id: 'member.notes', title: 'Notes', ...field }],
});
const noisy = (budget: Partial<Purpose>): PolicyDocument => ({
  ...also({ id: 'figures', title: 'Figures', obligations: ['pseudonymise', 'dp_noise'], ...budget }),
  obligations: [...GOOD.obligations, { id: 'dp_noise', description: 'Add noise to figures.' }],
});
const NEVER = { EU: 'never', WORLD: 'never' } as const;

/** Skills with the levels of a group, read by messaging at the strictest. */
const levelled = (group: string, reading: Purpose['categories']): PolicyDocument => ({
  ...GOOD,
  purposes: [ADS, { ...MESSAGING, categories: reading }],
  visibility: [
    {
      id: 'skills',
      title: 'Skills',
      levels: [
        { id: 'everyone', title: 'Everyone', category: 'profile' },
        { id: 'only_me', title: 'Only me', category: 'private_message' },
      ],
      defaults: {
        adult: { EU: 'everyone', WORLD: 'everyone' },
        minor_or_age_unknown: { EU: 'only_me', WORLD: 'only_me' },
      },
    },
  ],
  fields: [group === '' ? SKILLS : { ...SKILLS, visibility: group }, BODY],
});

/** `research` requires `share`. */
const sharing = (research: Purpose['settings'], share: Purpose['settings']): PolicyDocument => ({
  ...GOOD,
  purposes: [
    ...GOOD.purposes,
    { ...ADS, id: 'share', settings: share, obligations: [] },
    { ...ADS, id: 'research', requires: ['share'], settings: research, obligations: [] },
  ],
});

/** A policy in two languages, with the titles of `ads` in each. */
const told = ({ en, de }: { readonly en: string; readonly de: string }): PolicyDocument => ({
  ...GOOD,
  languages: ['en', 'de'],
  regimes: GOOD.regimes.map((regime) => ({ ...regime, translations: { de: { title: regime.title } } })),
  obligations: GOOD.obligations.map((obligation) => ({
    ...obligation,
    translations: { de: { description: obligation.description } },
  })),
  purposes: [
    { ...ADS, title: en, translations: { de: { title: de, description: ADS.description } } },
    {
      ...MESSAGING,
      translations: { de: { title: MESSAGING.title, description: MESSAGING.description } },
    },
  ],
  fields: GOOD.fields.map((field) => ({ ...field, translations: { de: { title: field.title } } })),
});

type Example = {
  readonly when: string;
  readonly shows: PolicyDocument;
  readonly before?: PolicyDocument;
  readonly at: string;
  readonly says: string;
  readonly mended: PolicyDocument;
};

/** The two regimes with more regions. */
function listing(one: readonly string[], other: readonly string[]) {
  return GOOD.regimes.map((regime, at) => ({
    ...regime,
    regions: [...regime.regions, ...(at === 0 ? one : other)],
  }));
}

/** A policy in two languages, with the titles of the level `only_me` in each. */
function titledLevel({
  en,
  de,
  group = 'Skills',
}: {
  readonly en: string;
  readonly de: string;
  readonly group?: string;
}): PolicyDocument {
  const { languages, regimes, obligations, purposes } = told({ en: 'Ads', de: 'Werbung' });
  const { visibility = [], fields, ...others } = levelled('skills', ['private_message', 'profile']);
  return {
    ...others,
    ...(languages === undefined ? {} : { languages }),
    regimes,
    obligations,
    purposes: purposes.map((one) =>
      one.id === 'messaging' ? { ...one, categories: ['private_message', 'profile'] } : one,
    ),
    visibility: visibility.map((one) => ({
      ...one,
      title: group,
      translations: { de: { title: 'Kenntnisse' } },
      levels: one.levels.map((level) => ({
        ...level,
        title: level.id === 'only_me' ? en : 'Everyone',
        translations: { de: { title: level.id === 'only_me' ? de : 'Alle' } },
      })),
    })),
    fields: fields.map((field) => ({ ...field, translations: { de: { title: field.title } } })),
  };
}

/** The day on which findings are looked for. */
const TODAY = '2027-01-31';
/** The policy with a figure over the skills of many. */
const counted = (change: Partial<Field>, review = '2027-06-30'): PolicyDocument => ({
  ...GOOD,
  purposes: [ADS, MESSAGING, { ...ADS, id: 'stats', categories: ['public'] }],
  transforms: [
    {
      id: 'count',
      title: 'A count',
      description: 'A count.',
      release: { method: 'aggregate', at_least: 1_000 },
    },
  ],
  fields: [
    SKILLS,
    BODY,
    {
      id: 'figure',
      title: 'A figure',
      derived_from: ['member.skills'],
      transform: 'count',
      release: { category: 'public', reason: 'Nobody is in it alone.', review },
      identifiability: 'none',
      ...change,
    },
    { ...SKILLS, id: 'member.name', category: 'public' },
  ],
});

const EXAMPLES: Readonly<Record<LintCode, readonly Example[]>> = {
  regime_without_regions: [
    {
      when: 'a regime lists no region',
      shows: {
        ...GOOD,
        regimes: [...GOOD.regimes, { id: 'MOON', title: 'The moon', regions: [] }],
        purposes: GOOD.purposes.map((one) => ({ ...one, settings: { ...one.settings, MOON: 'always' } })),
      },
      at: 'regimes.2.regions',
      says: 'no user can live under `MOON`: list its regions, or remove it',
      mended: {
        ...GOOD,
        unknown_regime: 'MOON',
        regimes: [...GOOD.regimes, { id: 'MOON', title: 'Where nobody knows', regions: [] }],
        purposes: GOOD.purposes.map((one) => ({
          ...one,
          settings: { ...one.settings, MOON: one.settings['EU'] ?? 'never' },
          legal_basis: { ...FACTS.legal_basis, MOON: 'not_required' },
        })),
      },
    },
  ],
  place_under_two_laws: [
    {
      when: 'a territory is listed by one of its codes here and by the other there',
      shows: { ...GOOD, regimes: listing(['SJ'], ['NO-21']) },
      at: 'regimes.1.regions.1',
      says: '`NO-21` in `WORLD` and `SJ` in `EU` name one place: move one of them; until then its people are decided as if nobody knew where they live',
      mended: { ...GOOD, regimes: listing(['SJ', 'NO-21'], []) },
    },
  ],
  region_unknown: [
    {
      when: 'a regime lists a code that no country has',
      shows: { ...GOOD, regimes: listing(['ZZ'], []) },
      at: 'regimes.0.regions.1',
      says: 'no country has the code `ZZ`, so no user can live there: correct it, or remove it',
      mended: { ...GOOD, regimes: listing(['ZA'], []) },
    },
  ],
  obligation_unused: [
    {
      when: 'no purpose has an obligation',
      shows: ads({ obligations: [] }),
      at: 'obligations.0',
      says: 'no purpose has the obligation `pseudonymise`: add it where it belongs, or remove it',
      mended: { ...ads({ obligations: [] }), obligations: [] },
    },
  ],
  description_missing: [
    {
      when: 'a description has no words',
      shows: ads({ description: ' … ' }),
      at: 'purposes.0.description',
      says: 'the description of `ads` is empty: tell users which of their data is used for what, and what changes when it is off',
      mended: GOOD,
    },
  ],
  description_short: [
    {
      when: 'a description is short',
      shows: ads({ description: 'We choose ads for you.' }),
      at: 'purposes.0.description',
      says: 'the description of `ads` has fewer than 40 characters: tell users which of their data is used for what, and what changes when it is off',
      mended: ads({ description: 'We choose ads for you by what is in your profile.' }),
    },
  ],
  description_repeats_title: [
    {
      when: 'a description repeats its title, however often and in whatever case',
      shows: ads({
        title: 'Personalised Ads',
        description: 'Ads: personalised ads. PERSONALISED ads! Personalised ads.',
      }),
      at: 'purposes.0.description',
      says: 'the description of `ads` only repeats the title: tell users which of their data is used for what, and what changes when it is off',
      mended: ads({ title: 'Personalised Ads' }),
    },
  ],
  opt_in_unreachable: [
    {
      when: 'users are asked to opt in where a purpose that is required is never open',
      shows: sharing({ EU: 'opt_in', WORLD: 'opt_in' }, { EU: 'never', WORLD: 'opt_in' }),
      at: 'purposes.3.settings',
      says: 'users in `EU` are asked to opt in to `research`, but nothing can be read by that, because the setting there of `share` is never: make it never there, or open what it depends on and a field that it reads',
      mended: sharing({ EU: 'never', WORLD: 'opt_in' }, { EU: 'never', WORLD: 'opt_in' }),
    },
    {
      when: 'users are asked to opt in where everything is closed, nowhere else',
      shows: sharing({ EU: 'opt_in', WORLD: 'opt_in' }, NEVER),
      at: 'purposes.3.settings',
      says: 'users in `EU` and `WORLD` are asked to opt in to `research`, but nothing can be read by that, because the setting there of `share` is never: make it never there, or open what it depends on and a field that it reads',
      mended: sharing({ EU: 'opt_in', WORLD: 'opt_in' }, { EU: 'opt_in', WORLD: 'always' }),
    },
    {
      when: 'users are asked to opt in to what reads no field',
      shows: also({ categories: ['public'], obligations: [] }),
      at: 'purposes.2.settings',
      says: 'users in `EU` are asked to opt in to `research`, but nothing can be read by that: make it never there, or open what it depends on and a field that it reads',
      mended: {
        ...also({ categories: ['public'] }),
        fields: [SKILLS, BODY, { ...SKILLS, id: 'post', category: 'public' }],
      },
    },
    {
      when: 'neither a purpose nor anything that depends on it reads a field',
      shows: {
        ...GOOD,
        purposes: [
          ...GOOD.purposes,
          { ...ADS, id: 'root', categories: ['public'], obligations: [] },
          {
            ...ADS,
            id: 'leaf',
            parent: 'root',
            categories: ['public'],
            settings: { EU: 'always', WORLD: 'always' },
            obligations: [],
          },
        ],
      },
      at: 'purposes.2.settings',
      says: 'users in `EU` are asked to opt in to `root`, but nothing can be read by that: make it never there, or open what it depends on and a field that it reads',
      mended: {
        ...GOOD,
        purposes: [
          ...GOOD.purposes,
          { ...ADS, id: 'root', categories: [], obligations: [] },
          { ...ADS, id: 'leaf', parent: 'root', settings: { EU: 'always', WORLD: 'always' } },
        ],
      },
    },
  ],
  category_unread: [
    {
      when: 'no field has the category',
      shows: ads({ categories: ['profile', 'public'] }),
      at: 'purposes.0.categories.1',
      says: '`ads` lists `public`, but no field of that category is open to it: remove the category, or look at its fields, at the floor and at the provenances that `ads` reads',
      mended: {
        ...ads({ categories: ['profile', 'public'] }),
        fields: [SKILLS, BODY, { ...SKILLS, id: 'post', category: 'public' }],
      },
    },
    {
      when: 'all its fields are closed to the purpose',
      shows: {
        ...ads({ categories: ['profile', 'public'] }),
        fields: [SKILLS, BODY, { ...SKILLS, id: 'post', category: 'public', never: ['ads'] }],
        purposes: [
          { ...ADS, categories: ['profile', 'public'] },
          MESSAGING,
          { ...MESSAGING, id: 'feed', categories: ['public'] },
        ],
      },
      at: 'purposes.0.categories.1',
      says: '`ads` lists `public`, but no field of that category is open to it: remove the category, or look at its fields, at the floor and at the provenances that `ads` reads',
      mended: {
        ...GOOD,
        fields: [SKILLS, BODY, { ...SKILLS, id: 'post', category: 'public', never: ['ads'] }],
        purposes: [ADS, MESSAGING, { ...MESSAGING, id: 'feed', categories: ['public'] }],
      },
    },
    {
      when: 'the floor closes the category to the purpose',
      shows: {
        ...also({ id: 'research' }),
        floor: { ...GOOD.floor, profile: ['ads'] },
      },
      at: 'purposes.2.categories.0',
      says: '`research` lists `profile`, but no field of that category is open to it: remove the category, or look at its fields, at the floor and at the provenances that `research` reads',
      mended: { ...also({ id: 'research' }), floor: { ...GOOD.floor, profile: ['ads', 'research'] } },
    },
  ],
  provenance_unread: [
    {
      when: 'no field that is open to the purpose has the provenance',
      shows: ads({ provenance: ['provided', 'inferred'] }),
      at: 'purposes.0.provenance.1',
      says: '`ads` lists `inferred`, but no field that is open to it is of that provenance: remove the provenance, or open a field that has it',
      mended: ads({ provenance: ['provided'] }),
    },
  ],
  budget_missing: [
    {
      when: 'a purpose is obliged to noise that nothing pays for',
      shows: noisy({}),
      at: 'purposes.2.obligations.1',
      says: '`figures` is obliged to `dp_noise`, but has no `dp_budget` to pay for figures: give it one, or remove the obligation',
      mended: noisy({ dp_budget: { epsilon: '1', period: 'month' } }),
    },
  ],
  dpv_unknown: [
    {
      when: 'a purpose is said to be one that is misspelt',
      shows: ads({ dpv: 'Advertizing' }),
      at: 'purposes.0.dpv',
      says: '`ads` is said to be `Advertizing`, which is no purpose of the Data Privacy Vocabulary: did you mean `Advertising`?',
      mended: ads({ dpv: 'Advertising' }),
    },
    {
      when: 'a purpose is said to be something else of the vocabulary',
      shows: ads({ dpv: 'LegitimateInterest' }),
      at: 'purposes.0.dpv',
      says: '`ads` is said to be `LegitimateInterest`, which is no purpose of the Data Privacy Vocabulary: name one of https://w3id.org/dpv',
      mended: ads({}),
    },
  ],
  basis_missing: [
    {
      when: 'no legal basis is named',
      shows: withoutFact('legal_basis'),
      at: 'purposes.0',
      says: 'no legal basis of `ads` is named in `EU` and `WORLD`: name it in `legal_basis`, or `not_required` where the law asks for none',
      mended: ads({}),
    },
    {
      when: 'no legal basis is named where it is used, elsewhere it is',
      shows: ads({ legal_basis: { EU: 'consent' } }),
      at: 'purposes.0.legal_basis',
      says: 'no legal basis of `ads` is named in `WORLD`: name it in `legal_basis`, or `not_required` where the law asks for none',
      mended: ads({ legal_basis: { EU: 'consent', WORLD: 'legitimate_interest' } }),
    },
  ],
  basis_contradicts_setting: [
    {
      when: 'a purpose that is on unless people say no is said to rest on their consent',
      shows: ads({ legal_basis: { EU: 'consent', WORLD: 'consent' } }),
      at: 'purposes.0.legal_basis.WORLD',
      says: 'the legal basis of `ads` in `WORLD` is `consent`, which goes with `opt_in`, but its setting there is `opt_out`: change one of the two',
      mended: ads({ legal_basis: { EU: 'consent', WORLD: 'implied_consent' } }),
    },
    {
      when: 'people are asked for a consent that the purpose is said not to need',
      shows: ads({ legal_basis: { EU: 'legitimate_interest', WORLD: 'legitimate_interest' } }),
      at: 'purposes.0.legal_basis.EU',
      says: 'the legal basis of `ads` in `EU` is `legitimate_interest`, which goes with `always` or `opt_out`, but its setting there is `opt_in`: change one of the two',
      mended: ads({ legal_basis: { EU: 'consent', WORLD: 'legitimate_interest' } }),
    },
  ],
  owner_missing: [
    {
      when: 'nobody is said to answer for a purpose',
      shows: withoutFact('owner'),
      at: 'purposes.0',
      says: 'nobody is said to answer for `ads`: name the team or the role in `owner`',
      mended: ads({}),
    },
  ],
  review_missing: [
    {
      when: 'no day is set for the review of a purpose',
      shows: withoutFact('review_by'),
      at: 'purposes.0',
      says: 'no day is set for the next review of `ads`: set one in `review_by`',
      mended: ads({}),
    },
  ],
  review_overdue: [
    {
      when: 'the day of its review is past',
      shows: ads({ review_by: '2027-01-30' }),
      at: 'purposes.0.review_by',
      says: '`ads` was to be looked at again by 2027-01-30: look at it, record the review, and set another day',
      mended: ads({ review_by: TODAY }),
    },
  ],
  terms_unreachable: [
    {
      when: 'a purpose with conditions is never open',
      shows: also({ settings: NEVER, conditions: ['legal_ref'], obligations: [] }),
      at: 'purposes.2.conditions',
      says: '`research` is never open, so no decision gets to its conditions and obligations: remove them, or open the purpose somewhere',
      mended: also({ settings: NEVER, obligations: [] }),
    },
    {
      when: 'a purpose with obligations requires one that is never open',
      shows: {
        ...GOOD,
        purposes: [
          ...GOOD.purposes,
          { ...ADS, id: 'share', settings: NEVER, obligations: [] },
          { ...ADS, id: 'research', requires: ['share'], settings: { EU: 'opt_out', WORLD: 'opt_out' } },
        ],
      },
      at: 'purposes.3.obligations',
      says: '`research` is never open, so no decision gets to its conditions and obligations: remove them, or open the purpose somewhere',
      mended: {
        ...GOOD,
        purposes: [
          ...GOOD.purposes,
          { ...ADS, id: 'share' },
          { ...ADS, id: 'research', requires: ['share'] },
        ],
      },
    },
  ],
  field_unused: [
    {
      when: 'no purpose reads the category of a field',
      shows: adding({ category: 'public' }),
      at: 'fields.2',
      says: 'no purpose can ever read `member.notes`: do not collect it, or let a purpose read it',
      mended: {
        ...adding({ category: 'public' }),
        purposes: [ADS, { ...MESSAGING, categories: ['private_message', 'public'] }],
      },
    },
    {
      when: 'the only purpose that may read a field is never open',
      shows: {
        ...ads({ settings: NEVER, obligations: [] }),
        obligations: [],
        overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
      },
      at: 'fields.0',
      says: 'no purpose can ever read `member.skills`: do not collect it, or let a purpose read it',
      mended: GOOD,
    },
    {
      when: 'a field has no category yet',
      shows: adding({ category: 'unclassified' }),
      at: 'fields.2',
      says: '`member.notes` has no category, so nobody may read it: classify it',
      mended: adding({}),
    },
  ],
  only_unread: [
    {
      when: 'a purpose in `only` does not read the category',
      shows: skills({ only: ['ads', 'messaging'] }),
      at: 'fields.0.only.1',
      says: '`member.skills` is open to `messaging` by its `only`, but the floor or the categories and provenances of `messaging` keep it closed: remove it here, or let it read `profile` fields of provenance `provided`',
      mended: skills({ only: ['ads'] }),
    },
  ],
  client_unopened: [
    {
      when: 'a client may ask for nothing and do nothing',
      shows: { ...GOOD, clients: [{ id: 'feed', purposes: [], scopes: [] }] },
      at: 'clients.0',
      says: 'client `feed` may ask for nothing and do nothing; list what it asks for, or remove it',
      mended: { ...GOOD, clients: [{ id: 'feed', purposes: [], scopes: ['settings:read'] }] },
    },
    {
      when: 'no purpose of a client is ever open',
      shows: {
        ...ads({ settings: { EU: 'never', WORLD: 'never' } }),
        clients: [{ id: 'ads', purposes: ['ads'], scopes: [] }],
      },
      at: 'clients.0',
      says: 'client `ads` may ask for nothing that is ever open: `ads` can never read anything; list what it asks for, or remove it',
      mended: { ...GOOD, clients: [{ id: 'ads', purposes: ['ads'], scopes: [] }] },
    },
  ],
  client_purpose_unread: [
    {
      when: 'one of the purposes of a client is never open',
      shows: {
        ...ads({ settings: { EU: 'never', WORLD: 'never' } }),
        clients: [{ id: 'all', purposes: ['messaging', 'ads'], scopes: [] }],
      },
      at: 'clients.0.purposes.1',
      says: 'client `all` may ask for `ads`, which can never read anything: open the purpose to a field, or take it from the list',
      mended: { ...GOOD, clients: [{ id: 'all', purposes: ['messaging', 'ads'], scopes: [] }] },
    },
  ],
  purpose_unasked: [
    {
      when: 'unlisted clients are refused, and none that is listed may ask for a purpose',
      shows: {
        ...GOOD,
        unlisted_clients: 'refuse',
        clients: [{ id: 'all', purposes: ['messaging'], scopes: [] }],
      },
      at: 'purposes.0',
      says: 'no client may ask for `ads`, and those that are not listed are refused: list it for the client that needs it, or remove it',
      mended: { ...GOOD, clients: [{ id: 'all', purposes: ['messaging'], scopes: [] }] },
    },
  ],
  visibility_unused: [
    {
      when: 'no field is in a visibility group',
      shows: levelled('', ['private_message']),
      at: 'visibility.0',
      says: 'no field is in the visibility group `skills`, so what members set for it decides nothing: name it in the `visibility` of its fields, or remove it',
      mended: levelled('skills', ['private_message', 'profile']),
    },
  ],
  level_unread: [
    {
      when: 'no purpose reads all that a level makes of the fields of its group',
      shows: levelled('skills', ['private_message']),
      at: 'visibility.0.levels.1',
      says: 'no purpose can ever read a field of `skills` at the level `only_me`: do not offer the level, or let a purpose read `private_message` data as well as that of the wider levels',
      mended: levelled('skills', ['private_message', 'profile']),
    },
  ],
  overlay_unreachable: [
    {
      when: 'a purpose that is closed for minors is closed for everyone',
      shows: {
        ...also({ settings: NEVER, obligations: [] }),
        overlays: { ...GOOD.overlays, minor_or_age_unknown: { never: ['ads', 'research'] } },
      },
      at: 'overlays.minor_or_age_unknown.never.1',
      says: '`research` is closed for everyone already, so closing it for minors changes nothing: remove it, or open the purpose for adults',
      mended: also({ settings: NEVER, obligations: [] }),
    },
    {
      when: 'a signal closes a purpose where it is never open',
      shows: {
        ...ads({ settings: { EU: 'never', WORLD: 'opt_out' } }),
        overlays: { ...GOOD.overlays, gpc: { regimes: ['EU'], opt_out: ['ads'] } },
      },
      at: 'overlays.gpc.opt_out.0',
      says: '`ads` is closed already wherever the signal counts, so the signal changes nothing: remove it, or add the regimes in which the signal is to close it',
      mended: ads({ settings: { EU: 'never', WORLD: 'opt_out' } }),
    },
  ],
  category_widened: [
    {
      when: 'a new field comes into a category that a purpose reads',
      before: GOOD,
      shows: adding({}),
      at: 'fields.2',
      says: '`member.notes` is new in `profile`, which 1 purpose reads already, so it may read it from the start: `ads`; name in its `only` those that shall read it, if not all shall',
      mended: adding({ only: ['ads'] }),
    },
    {
      when: 'a field is classified into a category that purposes read',
      before: skills({ category: 'unclassified' }),
      shows: also({}),
      at: 'fields.0',
      says: '`member.skills` is new in `profile`, which 1 purpose reads already, so it may read it from the start: `ads`; name in its `only` those that shall read it, if not all shall',
      mended: { ...also({}), fields: [{ ...SKILLS, only: ['ads', 'research'] }, BODY] },
    },
  ],
  floor_field_replaced: [
    {
      when: 'a private message goes out and another field comes in as something else',
      before: adding({ id: 'message.note', category: 'private_message' }),
      shows: adding({ only: ['ads'] }),
      at: 'fields.2',
      says: '`member.notes` came in as `profile` while `message.note` went out from under the floor of `private_message`: if it holds any of the same data, give it the category it had',
      mended: adding({ category: 'private_message', only: ['messaging'] }),
    },
  ],
  floor_field_reclassified: [
    {
      when: 'a private message becomes something else',
      before: adding({ category: 'private_message' }),
      shows: adding({}),
      at: 'fields.2.category',
      says: '`member.notes` moves from `private_message`, whose floor protects it, to `profile`: leave it where it was, unless it never held such data',
      mended: adding({ category: 'private_message' }),
    },
  ],
  release_wider_than_sources: [
    {
      when: 'a figure is released to a purpose that may read nothing of it',
      shows: counted({}),
      at: 'fields.2.release',
      says: '`figure` is released to `stats`, which may read none of what it is made of: name in the `only` of the field those that shall read it, if not all shall',
      mended: counted({ release: { category: 'profile', reason: 'Nobody.', review: '2027-06-30' } }),
    },
  ],
  release_overdue: [
    {
      when: 'the day of its review is past',
      shows: counted({}, '2027-01-30'),
      at: 'fields.2.release.review',
      says: 'the release of `figure` was to be looked at again by 2027-01-30: look at it, and give it another day or end it',
      mended: counted({ release: { category: 'profile', reason: 'Nobody.', review: TODAY } }),
    },
  ],
  translation_missing: [
    {
      when: 'a language lacks a text of a purpose and all of a field',
      shows: {
        ...told({ en: 'Ads', de: 'Werbung' }),
        purposes: told({ en: 'Ads', de: 'Werbung' }).purposes.map((one) =>
          one.id === ADS.id ? { ...one, translations: { de: { title: 'Werbung' } } } : one,
        ),
        fields: GOOD.fields.map((field) =>
          field.id === SKILLS.id ? field : { ...field, translations: { de: { title: 'Nachricht' } } },
        ),
      },
      at: 'languages.1',
      says: 'readers of `de` get the texts of `ads` (description) and `member.skills` in `en`: add them under `translations`',
      mended: told({ en: 'Ads', de: 'Werbung' }),
    },
    {
      when: 'nothing is written in a language yet',
      shows: {
        ...GOOD,
        languages: ['en', 'fr'],
        categories: [{ id: 'public', title: 'What anyone can see' }],
      },
      at: 'languages.1',
      says: 'readers of `fr` get the texts of `EU`, `WORLD`, `public`, `ads`, `messaging` and 2 more in `en`: add them under `translations`',
      mended: GOOD,
    },
  ],
  translation_left: [
    {
      when: 'a purpose is reworded for the readers of one language alone',
      before: told({ en: 'Ads by what you told us', de: 'Werbung nach Ihren Angaben' }),
      shows: told({ en: 'Ads by what you told us', de: 'Werbung nach allem, was Sie tun' }),
      at: 'purposes.0',
      says: 'the text of `ads` changes in `de` and stays in `en`: change it there as well, unless it said the right thing already',
      mended: told({ en: 'Ads by what you do', de: 'Werbung nach allem, was Sie tun' }),
    },
    {
      when: 'a level is reworded for the readers of one language alone',
      before: titledLevel({ en: 'Only you', de: 'Nur Sie' }),
      shows: titledLevel({ en: 'Only you', de: 'Sie und Ihre Kontakte' }),
      at: 'visibility.0.levels.1',
      says: 'the text of `only_me` changes in `de` and stays in `en`: change it there as well, unless it said the right thing already',
      mended: titledLevel({ en: 'You and your connections', de: 'Sie und Ihre Kontakte' }),
    },
    {
      when: 'a visibility group is reworded for the readers of one language alone',
      before: titledLevel({ en: 'Only you', de: 'Nur Sie' }),
      shows: titledLevel({ en: 'Only you', de: 'Nur Sie', group: 'Abilities' }),
      at: 'visibility.0',
      says: 'the text of `skills` changes in `en` and stays in `de`: change it there as well, unless it said the right thing already',
      mended: titledLevel({ en: 'Only you', de: 'Nur Sie' }),
    },
  ],
};

describe.each(Object.entries(EXAMPLES))('%s', (code, examples) => {
  it.each(examples)(
    'is found when $when, and not when that is mended',
    ({ shows, before, at, says, mended }) => {
      const found = lint(shows, before, TODAY).filter((one) => one.code === code);
      expect(found.map(({ path, message }) => ({ at: path.join('.'), says: message }))).toEqual([
        { at, says },
      ]);
      expect(lint(mended, before, TODAY)).toEqual([]);
    },
  );
});

describe('findings', () => {
  it('have a code each, and every code has an example', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(Object.keys(LINTS).sort());
  });

  it('are none for the reference policy, nor for the policy that the examples spoil', () => {
    expect(lint(reference.document)).toEqual([]);
    expect(lint(reference.document, reference.document)).toEqual([]);
    expect(lint(GOOD, GOOD)).toEqual([]);
  });

  it('are none about a change where a translation is new, or gone', () => {
    const complete = told({ en: 'Ads', de: 'Werbung' });
    const partial = {
      ...complete,
      purposes: complete.purposes.map((one) => ({
        ...one,
        translations: { de: { title: one.translations?.['de']?.title ?? '' } },
      })),
    };
    expect(lint(complete, partial)).toEqual([]);
    expect(lint(partial, complete).map(({ code }) => code)).toEqual(['translation_missing']);
  });

  it.each(LEGAL_BASES.flatMap((basis) => SETTINGS.map((setting) => ({ basis, setting }))))(
    'are none about $basis as the basis of a purpose that is $setting, or say what it goes with',
    ({ basis, setting }) => {
      const found = lint(ads({ settings: { EU: 'never', WORLD: setting }, legal_basis: { WORLD: basis } }));
      // GDPR articles 4(11), 6(1) and 21, written out
      const fits =
        setting === 'never' ||
        basis === 'not_required' ||
        ((basis === 'consent') === (setting === 'opt_in') &&
          (basis === 'implied_consent' ? setting === 'opt_out' : true) &&
          (basis === 'legal_obligation' || basis === 'vital_interest' ? setting === 'always' : true));
      expect(found.some(({ code }) => code === 'basis_contradicts_setting')).toBe(!fits);
    },
  );

  it('are none for a document that does not compile', () => {
    const document = {
      ...GOOD,
      unknown_regime: 'NOWHERE',
      obligations: [...GOOD.obligations, { id: 'x', description: 'x' }],
    };
    expect(lint(document)).toEqual([]);
  });

  it('name purposes that would read a new field from the start, and no more than five of them', () => {
    const others = reference.document.fields.slice(0, -1);
    const last = reference.document.fields.at(-1);
    expect(
      lint(reference.document, { ...reference.document, fields: others }).map(({ message }) => message),
    ).toEqual([
      expect.stringMatching(
        new RegExp(`^\`${last?.id}\` is new in .* \\d+ purposes read already, .* and \\d+ more; `),
      ),
    ]);
  });
});
