/** Texts of others, as they may be repeated in a message: what it says must not change what a log or a terminal shows. */

/** Most UTF-16 units of such a text. */
const LONGEST = 500;
/** Control characters, those that are not seen or change the direction, and separators of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The text, cut off, with escapes in place of control characters. */
export function shown(text: string): string {
  const escaped = text.slice(0, LONGEST).replace(UNSEEN, escapeOf);
  return escaped.slice(0, LONGEST).toWellFormed();
}

/** A character, as it may stand in a log. */
export function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
