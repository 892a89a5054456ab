/** Regions as callers write them: ISO 3166-1 alpha-2 or ISO 3166-2 codes in upper case, or `unknown`. */
import { isISO31661Alpha2 } from 'class-validator';
import { iso31662 } from 'iso-3166';
import { nearest } from '../../decision/nearest.js';
import { PLACES_OF_TWO_CODES } from '../../decision/places.js';

const UNKNOWN = 'unknown';

/** Names of subdivisions by their codes; and former or alternative codes of places. */
const SUBDIVISIONS: ReadonlyMap<string, string> = new Map([
  ...PLACES_OF_TWO_CODES.filter((code) => code.length > 2).map((code) => [code, ''] as const),
  ...iso31662.map(({ code, name }) => [code, name.toLowerCase()] as const),
]);

/**
 * Whether the text is an ISO 3166-1 alpha-2 or ISO 3166-2 code in upper case (`DE`, `US-CA`), or `unknown`. An unknown
 * subdivision would get the law of its country, whichever one was meant.
 */
export function isRegion(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  // the library also accepts lower case, which no regime has
  return text === UNKNOWN || SUBDIVISIONS.has(text) || (/^[A-Z]{2}$/.test(text) && isISO31661Alpha2(text));
}

/** The fault of an invalid region, to follow its name. */
export function faultOfRegion(value: unknown): string {
  const meant = typeof value === 'string' ? regionMeant(value) : undefined;
  return `must be an ISO 3166-1 alpha-2 or ISO 3166-2 code such as \`DE\` or \`US-CA\`, or \`${UNKNOWN}\`${meant === undefined ? '' : `: did you mean \`${meant}\`?`}`;
}

/** Names of countries other than ISO's, and three-letter codes. */
const OTHERWISE: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
  ['USA', 'US'],
]);
/** Longest text that can be the name of a country. */
const LONGEST_NAME = 60;

function regionMeant(text: string): string | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  const name = text.trim().toLowerCase();
  if (name === UNKNOWN) return UNKNOWN;
  const [country = '', ...parts] = name.toUpperCase().split(/[-_]/);
  const code = [OTHERWISE.get(country) ?? country, ...parts].join('-');
  return isRegion(code) ? code : (subdivisionMeant(code) ?? codeOfName(name));
}

/** The only subdivision of the country that has this name, these letters in another order, or is one typo away. */
function subdivisionMeant(wrong: string): string | undefined {
  const country = wrong.slice(0, 3);
  const ofCountry = [...SUBDIVISIONS].filter(([code]) => code.startsWith(country));
  const letters = lettersOf(wrong);
  const ways: ((code: string, name: string) => boolean)[] = [
    (_code, name) => name === wrong.slice(country.length).toLowerCase(),
    (code) => lettersOf(code) === letters,
    (code) => nearest(wrong, [code], 1) !== undefined,
  ];
  const found = ways
    .map((isMeant) => ofCountry.filter(([code, name]) => isMeant(code, name)))
    .find((some) => some.length > 0);
  const [only, another] = found ?? [];
  return another === undefined ? only?.[0] : undefined;
}

const lettersOf = (code: string): string => Array.from(code).toSorted().join('');

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
let codes: ReadonlyMap<string, string> | undefined;

/** The code of a country by its English name; read when it is first wanted. */
function codeOfName(name: string): string | undefined {
  codes ??= namesOfCountries();
  return codes.get(name);
}

function namesOfCountries(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const all = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  return new Map(
    all.filter((code) => isISO31661Alpha2(code)).map((code) => [names.of(code)?.toLowerCase() ?? code, code]),
  );
}
