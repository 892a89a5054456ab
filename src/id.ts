/** What an id is, of a user and of everything else that callers name. */

/** Most bytes of an id, in UTF-8. */
export const MAX_ID_BYTES = 256;

/** Whether the text can be an id: 1 to 256 bytes of well-formed Unicode without control characters. */
export function isId(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length > 0 &&
    text.length <= MAX_ID_BYTES &&
    text.isWellFormed() &&
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    !/[\u0000-\u001f\u007f]/.test(text) &&
    Buffer.byteLength(text) <= MAX_ID_BYTES
  );
}
