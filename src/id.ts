/** Ids of users, and of everything else that callers name. */

/** Maximum bytes of an id, in UTF-8. */
export const MAX_ID_BYTES = 256;
/** How users name themselves in an address: no user has this id. */
export const ME = 'me';
/** Below the space, and DELETE: the control characters of ASCII. */
const SPACE = 0x20;
const DELETE = 0x7f;

/**
 * Whether the text can be the id of somebody in a log: 1 to 256 bytes of well-formed Unicode without control
 * characters.
 */
export function isId(text: unknown): text is string {
  if (typeof text !== 'string' || text.length === 0 || text.length > MAX_ID_BYTES) return false;
  let ascii = true;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < SPACE || unit === DELETE) return false;
    if (unit > DELETE) ascii = false;
  }
  return ascii || (text.isWellFormed() && Buffer.byteLength(text) <= MAX_ID_BYTES);
}

/** Invisible characters, and characters that change the text direction. U+2800 is a braille cell without dots. */
export const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u2800]/u;
const SPACE_AT_AN_END = /^\p{White_Space}|\p{White_Space}$/u;
/** U+FFFD, which decoders put in place of what they could not read. */
const REPLACED = '\ufffd';

/**
 * Why an id is not spelled as ids are. Two ids that look alike would be two users, and the opt-out of one would not
 * apply to the other; so each id has one spelling, which callers must use. Ids that are in the log already stay valid.
 *
 * @returns the fault and what to do, to follow the name of the value; `undefined` when there is none
 */
export function misspelling(id: string): string | undefined {
  if (isPlain(id)) return undefined;
  const unseen = UNSEEN.exec(id)?.[0];
  if (unseen !== undefined)
    return `has an invisible or directional character in it (${nameOf(unseen)}): remove it`;
  const space = SPACE_AT_AN_END.exec(id)?.[0];
  if (space !== undefined) return `begins or ends with white space (${nameOf(space)}): remove it`;
  if (id.includes(REPLACED))
    return 'holds U+FFFD, which stands for bytes that somebody could not read: send the id as it was, in UTF-8';
  if (id.normalize('NFC') !== id)
    return 'is not in Unicode normal form C, in which each letter has one spelling: send it as NFC';
  return undefined;
}

/** Whether it is printable ASCII without a space at its ends, as ids mostly are. */
function isPlain(id: string): boolean {
  for (let at = 0; at < id.length; at++) {
    const unit = id.charCodeAt(at);
    if (unit < SPACE || unit >= DELETE) return false;
  }
  return id.charCodeAt(0) !== SPACE && id.charCodeAt(id.length - 1) !== SPACE;
}

/** The fault of a text that is no id, or not spelled as one; see {@link misspelling}. */
export function faultOfId(text: unknown): string | undefined {
  return isId(text)
    ? misspelling(text)
    : `must be an id: 1 to ${MAX_ID_BYTES} bytes of text without control characters`;
}

/** Whether the text is an id, and spelled as ids are. */
export function isSpelledId(text: unknown): text is string {
  return isId(text) && misspelling(text) === undefined;
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
