/** Regions as callers write them: ISO 3166-1 alpha-2 or ISO 3166-2 codes in upper case, or `unknown`. */
import { isISO31661Alpha2 } from 'class-validator';

const UNKNOWN = 'unknown';

/** Whether the text is an ISO 3166-1 alpha-2 or ISO 3166-2 code in upper case (`DE`, `US-CA`), or `unknown`. */
export function isRegion(text: unknown): boolean {
  if (text === UNKNOWN) return true;
  return (
    typeof text === 'string' && /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(text) && isISO31661Alpha2(text.slice(0, 2))
  );
}

/** What is wrong with what is no region, to follow the name of what is at fault. */
export function faultOfRegion(value: unknown): string {
  const meant = typeof value === 'string' ? regionMeant(value) : undefined;
  return `must be an ISO 3166-1 alpha-2 or ISO 3166-2 code such as \`DE\` or \`US-CA\`, or \`${UNKNOWN}\`${meant === undefined ? '' : `: did you mean \`${meant}\`?`}`;
}

/** What countries are called by others than ISO, or in its code of three letters. */
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
  return isRegion(code) ? code : codeOfName(name);
}

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
