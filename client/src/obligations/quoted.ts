import { escapeOf } from '../terms/words.js';

const MOST_CHARACTERS = 100;
/** What could end the quotation, forge a line of a log, or turn its text. */
const ESCAPED = /[`\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** The name of a column for a message: in backticks, escaped and shortened, because it may come from the data. */
export function quoted(name: string): string {
  const characters = Array.from(name.slice(0, 2 * MOST_CHARACTERS + 2));
  const short = characters.slice(0, MOST_CHARACTERS).join('');
  const escaped = short.replace(ESCAPED, escapeOf);
  return `\`${escaped}${characters.length > MOST_CHARACTERS ? '…' : ''}\``;
}
