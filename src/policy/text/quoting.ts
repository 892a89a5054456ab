/** Texts that people wrote, and how messages name them and their places. */

/** Control characters, tabs and ends of lines aside; halves of characters, which a hash could not tell apart. */
const UNPRINTABLE = /[^\P{Cc}\t\r\n]|\p{Cs}/u;

/** Most characters of what people wrote that a message repeats. */
const MAX_QUOTED = 60;

/** Whether everything in a text can be shown and kept. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/** What somebody wrote, in backticks, on one line and not too long. */
export function quoted(text: string): string {
  return `\`${shortened(text)}\``;
}

/** A place as people read it: `purposes[3].settings.UK`. */
export function readablePath(path: readonly (string | number)[]): string {
  return path.reduce<string>((above, key) => {
    if (typeof key === 'number') return `${above}[${key}]`;
    if (!/^[\w-]{1,64}$/.test(key)) return `${above}["${shortened(key)}"]`;
    return above === '' ? key : `${above}.${key}`;
  }, '');
}

/** A text that somebody else wrote, fit for a message. */
export function shortened(text: string): string {
  // what cannot be shown, what would end the line and what would turn the writing direction
  const shown = text
    .slice(0, 2 * MAX_QUOTED)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const signs = Array.from(shown);
  return signs.length > MAX_QUOTED ? `${signs.slice(0, MAX_QUOTED).join('')}…` : shown;
}
