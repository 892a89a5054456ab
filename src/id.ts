/** What an id is, of a user and of everything else that callers name. */

/** Most bytes of an id, in UTF-8. */
export const MAX_ID_BYTES = 256;
/** What is below the space, and DELETE, are the control characters of ASCII. */
const SPACE = 0x20;
const DELETE = 0x7f;

/** Whether the text can be an id: 1 to 256 bytes of well-formed Unicode without control characters. */
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
