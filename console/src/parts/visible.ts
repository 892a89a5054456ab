/** Texts that people wrote, as those must read them who decide about them. */

/**
 * Signs that turn the direction of what follows, and signs that show nothing (Unicode Technical Standards 39 and 55;
 * CVE-2021-42574). Not those that join letters: some languages write them.
 */
export const HIDDEN =
  /[\p{Bidi_Control}\p{Zl}\p{Zp}\u00ad\u180e\u200b\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]/gu;

/** A sign by its number, as `‹U+202E›`. */
export function numberOf(code: number): string {
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** The text with each of its hidden signs as its number, so that it reads in the order in which it is kept. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (sign) => numberOf(sign.codePointAt(0) ?? 0));
}
