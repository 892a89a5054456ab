/** Terms of the W3C Data Privacy Vocabulary 2.3 for policies and events. */
import type { ChoiceChange, SignalChange, Way } from '../../decision/consent-event.js';
import { placeOf } from '../../decision/places.js';
import type { Provenance, Setting } from '../../decision/policy.js';
import { timeText } from '../../time.js';

/** Values of JSON-LD. */
export type Json = string | number | boolean | readonly Json[] | Node;
/** A JSON-LD node. */
export type Node = { readonly [name: string]: Json };

/** The vocabularies whose terms are used, by their prefix. */
export const PREFIXES = {
  dpv: 'https://w3id.org/dpv#',
  'dpv-27560': 'https://w3id.org/dpv/schema/dpv-27560#',
  'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#',
  'legal-eu': 'https://w3id.org/dpv/legal/eu#',
  'legal-gb': 'https://w3id.org/dpv/legal/gb#',
  'legal-hk': 'https://w3id.org/dpv/legal/hk#',
  'legal-us': 'https://w3id.org/dpv/legal/us#',
  loc: 'https://w3id.org/dpv/loc#',
  dct: 'http://purl.org/dc/terms/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  schema: 'https://schema.org/',
  skos: 'http://www.w3.org/2004/02/skos/core#',
  xsd: 'http://www.w3.org/2001/XMLSchema#',
} as const;
/** A term by its prefix, as in `dpv:Purpose`. */
export type Term = `${keyof typeof PREFIXES}:${string}`;

/** Base of terms of extensions that a policy names itself. */
export const PUBLISHED_EXTENSIONS = 'https://w3id.org/dpv/';

/** What the law leaves the user, by the setting of the purpose. */
export const INVOLVEMENT: Readonly<Record<Setting, readonly Term[]>> = {
  always: ['dpv:CannotOptOutFromProcess'],
  opt_out: ['dpv:OptingOutFromProcess', 'dpv:ObjectingToProcess'],
  opt_in: ['dpv:OptingInToProcess', 'dpv:WithdrawingFromProcess'],
  never: ['dpv:CannotOptInToProcess'],
};

/** Consent is the legal basis where the purpose needs it; the policy does not name any other basis. */
export function legalBases(
  setting: Setting,
  change: ChoiceChange | SignalChange,
  via: Way,
  isGdpr: boolean,
): Term[] {
  if (setting !== 'opt_in') return ['dpv:LegalBasis'];
  const isGrant = change.kind === 'choice' && change.choice === 'granted';
  return [isGrant ? consentBy(via) : 'dpv:Consent', ...(isGdpr ? ['eu-gdpr:A6-1-a' as const] : [])];
}

/** The right by which the user changes what they said. */
export function rightTo(setting: Setting, isGdpr: boolean): Node {
  if (!isGdpr) return { '@type': 'dpv:DataSubjectRight', 'dct:title': 'right to change what was said' };
  return setting === 'opt_in'
    ? { '@type': ['dpv:DataSubjectRight', 'eu-gdpr:A7-3'], 'dct:title': 'right to withdraw consent' }
    : { '@type': ['dpv:DataSubjectRight', 'eu-gdpr:A21'], 'dct:title': 'right to object' };
}

/** A choice on a settings page is about one thing; elsewhere it may have come with others. */
export function consentBy(via: Way): Term {
  return via === 'settings' ? 'dpv:ExplicitlyExpressedConsent' : 'dpv:ExpressedConsent';
}

/** The ways to make a choice, in words for people. */
export const METHODS: Readonly<Record<Way, string>> = {
  settings: 'choice on a settings page',
  gpc: 'opt-out preference signal of the browser (Global Privacy Control)',
  tcf: 'consent string of the IAB Transparency and Consent Framework',
  import: 'import from an earlier system',
  expiry: 'end of the time that the grant was given for',
  lapse: 'end of the time after which the policy lets consent lapse',
  birthday: 'coming of age',
};

/** Data of a special category (GDPR article 9). */
export const SPECIAL: Term = 'dpv:SpecialCategoryPersonalData';
/** Terms for the provenance of data. */
export const PROVENANCE: Readonly<
  Record<Provenance, { readonly kind: Term; readonly source: Term; readonly processing: Term }>
> = {
  provided: {
    kind: 'dpv:ProvidedPersonalData',
    source: 'dpv:DataSubjectDataSource',
    processing: 'dpv:Collect',
  },
  observed: {
    kind: 'dpv:ObservedPersonalData',
    source: 'dpv:DataSubjectDataSource',
    processing: 'dpv:Observe',
  },
  inferred: {
    kind: 'dpv:InferredPersonalData',
    source: 'dpv:DataControllerDataSource',
    processing: 'dpv:Infer',
  },
  third_party: {
    kind: 'dpv:CollectedPersonalData',
    source: 'dpv:ThirdPartyDataSource',
    processing: 'dpv:Acquire',
  },
};

/**
 * Laws that the vocabulary has a term for. They depend on where the user lives, not on the names of the policy's
 * regimes.
 */
export function lawsOf(region: string | null): readonly Term[] {
  if (region === null) return [];
  // a territory with its own code is not part of its country here, whichever of its codes is given
  const place = placeOf(region);
  const country = place.slice(0, 2);
  if (GDPR_COUNTRIES.has(country)) return ['legal-eu:law-GDPR'];
  return LAWS.get(place) ?? LAWS.get(country) ?? [];
}

/** The European Union, with the parts that have their own codes, and the rest of the EEA. */
const GDPR_COUNTRIES: ReadonlySet<string> = new Set(
  (
    'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK ' +
    'AX GF GP MF MQ RE YT IS LI NO'
  ).split(' '),
);
const LAWS: ReadonlyMap<string, readonly Term[]> = new Map([
  ['GB', ['legal-gb:law-GDPR', 'legal-gb:law-DPA']],
  ['HK', ['legal-hk:law-PDPO']],
  ['US-CA', ['legal-us:law-CA-CCPA', 'legal-us:law-CA-CPRA']],
]);

/** A reference to a term. */
export function is(term: Term): Node {
  return { '@id': term };
}

/** @param at milliseconds since the Unix epoch */
export function time(at: number): Node {
  return { '@type': 'xsd:dateTime', '@value': timeText(at) };
}
