/** Chooses the coding of an answer: RFC 9110, section 12.5.3. */

/** The better one first. */
const CODINGS = ['br', 'gzip'] as const;
export type Coding = (typeof CODINGS)[number];

/** `gzip;q=0.8`; anything else in the header is ignored. */
const ENTRY = /^([a-z0-9-]{1,20}|\*)(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?$/;
/** Maximum characters of a header that are read. */
const MAX_LENGTH = 1_000;
/** An answer as it is is always possible; what its reader names counts before that. */
const AS_IT_IS = 0.0001;

/**
 * The coding of an answer; `undefined`: none, the answer is sent as it is.
 *
 * @param header `Accept-Encoding`, as it came; without it nothing is compressed
 */
export function acceptedCoding(header: string | undefined): Coding | undefined {
  if (header === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const part of header.slice(0, MAX_LENGTH).toLowerCase().split(',')) {
    const [, coding, weight = '1'] = ENTRY.exec(part.trim()) ?? [];
    if (coding !== undefined) weights.set(coding, Number(weight));
  }
  const others = weights.get('*') ?? 0;
  let [best, most]: [Coding | undefined, number] = [undefined, weights.get('identity') ?? AS_IT_IS];
  for (const coding of CODINGS) {
    const weight = weights.get(coding) ?? others;
    if (weight > 0 && (weight > most || (best === undefined && weight === most)))
      [best, most] = [coding, weight];
  }
  return best;
}
