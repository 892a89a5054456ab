/** Chooses the language of an answer: RFC 9110, section 12.5.4, by the lookup of RFC 4647, section 3.4. */

/** Maximum characters of a header that are read; later entries matter least. */
const MAX_LENGTH = 1_000;

/** What the headers of an answer are set on. */
type Headed = { readonly header: (name: string, value: string) => Headed };

/** `de-CH;q=0.8`; anything else in the header is ignored. */
const RANGE = /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?))?$/i;

type Range = { readonly language: string; readonly weight: number };

/**
 * The language of an answer.
 *
 * @param header `Accept-Language`, as it came
 * @param languages BCP 47 tags, at least one; the first is the default
 */
export function acceptedLanguage(
  header: string | undefined,
  languages: readonly [string, ...string[]],
): string {
  const ranges = rangesOf(header ?? '');
  const unwanted = new Set(ranges.filter(({ weight }) => weight === 0).map(({ language }) => language));
  const left = languages.filter((language) => !unwanted.has(language.toLowerCase()));
  for (const { language } of ranges.filter(({ weight }) => weight > 0)) {
    const found = language === '*' ? left[0] : matching(language, left);
    if (found !== undefined) return found;
  }
  return left[0] ?? languages[0];
}

/**
 * As {@link acceptedLanguage}, and sets the answer's headers.
 *
 * @param asked a BCP 47 tag that the address names: it counts before the header, unless there is no such language
 */
export function answerLanguage(
  reply: Headed,
  header: string | undefined,
  languages: readonly [string, ...string[]],
  asked?: string,
): string {
  const named = asked === undefined ? undefined : matching(asked, languages);
  const language = named ?? acceptedLanguage(header, languages);
  void reply.header('content-language', language).header('vary', 'Accept-Language');
  return language;
}

/**
 * The language that a tag asks for, its own or a more general one (`de` for `de-CH`); `undefined` when there is none.
 */
export function matching(tag: string, languages: readonly string[]): string | undefined {
  let range = tag.toLowerCase();
  while (range !== '') {
    const found = languages.find((language) => language.toLowerCase() === range);
    if (found !== undefined) return found;
    range = range.slice(0, Math.max(0, range.lastIndexOf('-')));
    // a single letter or digit has no meaning without what followed it
    if (range.at(-2) === '-') range = range.slice(0, -2);
  }
  return undefined;
}

/** In order of preference. */
function rangesOf(header: string): Range[] {
  return header
    .slice(0, MAX_LENGTH)
    .split(',')
    .flatMap((part): Range[] => {
      const [, language, weight] = RANGE.exec(part.trim()) ?? [];
      return language === undefined
        ? []
        : [{ language: language.toLowerCase(), weight: Math.min(1, Number(weight ?? 1)) }];
    })
    .toSorted((a, b) => b.weight - a.weight);
}
