/** Checks how a signed token is written: two readers must not see different claims. */
import { JsonFault, parseJson } from '../../json.js';

/** What is wrong with how the header or the claims of a verified token are written, to follow `the token`. */
export function faultOfWriting(token: string): string | undefined {
  try {
    // verification has already refused what is not UTF-8
    for (const part of token.split('.').slice(0, 2)) parseJson(Buffer.from(part, 'base64url').toString());
    return undefined;
  } catch (error) {
    if (error instanceof JsonFault) return error.message;
    throw error;
  }
}
