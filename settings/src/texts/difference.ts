/** Which words of a text are new, and which were taken out. */

export type Piece = { readonly kind: 'same' | 'new' | 'gone'; readonly text: string };

/** Longer texts are not compared: people would not read their marks either. */
const MOST = 1_000_000;

/** A longest common subsequence, word by word; `undefined`: they are too long. @param language of both */
export function differenceOf(before: string, now: string, language: string): readonly Piece[] | undefined {
  const one = wordsIn(before, language);
  const other = wordsIn(now, language);
  const width = other.length + 1;
  if (one.length * width > MOST) return undefined;
  // how many words the ends of both texts, from these places on, have in common
  const common = new Uint16Array((one.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = one.length - 1; i >= 0; i--)
    for (let j = other.length - 1; j >= 0; j--)
      common[i * width + j] =
        one[i] === other[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const pieces: { kind: Piece['kind']; text: string }[] = [];
  const add = (kind: Piece['kind'], text = '') => {
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += text;
    else pieces.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length)
    if (i < one.length && j < other.length && one[i] === other[j]) {
      add('same', one[i++]);
      j++;
    } else if (j >= other.length || (i < one.length && at(i + 1, j) >= at(i, j + 1))) add('gone', one[i++]);
    else add('new', other[j++]);
  return pieces;
}

/** The words, each with the space after it: alone, spaces would be found equal between words that are not. */
function wordsIn(text: string, language: string): string[] {
  const words: string[] = [];
  for (const { segment } of new Intl.Segmenter(language, { granularity: 'word' }).segment(text))
    if (words.length > 0 && segment.trim() === '') words.push(`${words.pop()}${segment}`);
    else words.push(segment);
  return words;
}
