/** Lists in sentences for people. */

/** `a, b and c`. @param word the word before the last */
export function listOf(parts: readonly string[], word: 'and' | 'or'): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${word} ${last}`;
}

/** Ids and words, in backticks for sentences. */
export function eachQuoted(words: readonly string[]): string[] {
  return words.map((word) => `\`${word}\``);
}
