/** Texts that are compared and decided about: what a text hides from the eye is written out. */
import { Fragment } from 'react';

/**
 * Characters that are not seen, or turn the direction of what follows, so that a text reads otherwise than it is
 * (Unicode Technical Standard 55, section 3.1; Unicode Standard Annex 9, section 2).
 */
export const UNSEEN =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e0fff}]/gu;

/** A character by its number, as `U+202E`. */
export function numberOf(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A text with each of these characters by its number. */
export function Legible({ text }: { readonly text: string }) {
  const parts = text.split(UNSEEN);
  const hidden = text.match(UNSEEN) ?? [];
  return parts.map((part, place) => (
    <Fragment key={place}>
      {place === 0 ? null : (
        <code className="unseen">{numberOf(hidden[place - 1]?.codePointAt(0) ?? 0)}</code>
      )}
      {part}
    </Fragment>
  ));
}
