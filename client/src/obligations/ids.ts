/** Ids, spelled as the core demands it: one person in two spellings would count as two. */
import { refuse } from './obligation-error.js';

const MAX_ID_BYTES = 256;
/** What nobody sees, or what turns the text; and U+FFFD, which stands for bytes that nobody could read. */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Noncharacter_Code_Point}\u2800\ufffd]/u;
const SPACE_AT_AN_END = /^\p{White_Space}|\p{White_Space}$/u;

/**
 * @throws ObligationError `bad_input` unless it is an id: 1 to 256 bytes of well-formed Unicode in normal form C,
 *   without invisible, directional or control characters and without white space at its ends
 */
export function mustBeId(id: unknown, what: string): string {
  if (typeof id !== 'string' || id === '' || !id.isWellFormed() || Buffer.byteLength(id) > MAX_ID_BYTES)
    refuse('bad_input', `${what} is no id: pass 1 to ${MAX_ID_BYTES} bytes of well-formed text`);
  if (UNSEEN.test(id) || SPACE_AT_AN_END.test(id) || id.normalize('NFC') !== id)
    refuse(
      'bad_input',
      `${what} is not spelled as ids are: pass it in NFC, without invisible characters and space at its ends`,
    );
  return id;
}
