/** Quotes texts that people wrote, and their places, in messages. */

/** Control characters except tabs and line ends; lone surrogates, which a hash could not distinguish. */
const UNPRINTABLE = /[^\P{Cc}\t\r\n]|\p{Cs}/u;

/** Maximum characters of a quoted text in a message. */
const MAX_QUOTED = 60;

/** Whether everything in a text can be shown and stored. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/** A text in backticks, on one line and shortened. */
export function quoted(text: string): string {
  return `\`${shortened(text)}\``;
}

/** A place for people: `purposes[3].settings.UK`. */
export function readablePath(path: readonly (string | number)[]): string {
  return path.reduce<string>((above, key) => {
    if (typeof key === 'number') return `${above}[${key}]`;
    if (!/^[\w-]{1,64}$/.test(key)) return `${above}["${shortened(key)}"]`;
    return above === '' ? key : `${above}.${key}`;
  }, '');
}

/** A foreign text, made safe for a message. */
export function shortened(text: string): string {
  // invisible characters, line ends and characters that change the text direction
  const shown = text
    .slice(0, 2 * MAX_QUOTED)
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const signs = Array.from(shown);
  return signs.length > MAX_QUOTED ? `${signs.slice(0, MAX_QUOTED).join('')}…` : shown;
}
