import { DomainError, type ErrorCode } from '../../errors.js';

/**
 * The state of a thing that an If-Match header names by the number that is its ETag (RFC 9110, section 13.1.1).
 *
 * @param unnamed code of the error where the header is missing
 * @throws DomainError of that code; `invalid_request`
 */
export function numberNamedBy(ifMatch: string | undefined, unnamed: ErrorCode, thing: string): number {
  if (ifMatch === undefined)
    throw new DomainError(
      unnamed,
      `send \`If-Match\` with the \`ETag\` of the ${thing} as you read it, quotation marks included, as in \`If-Match: "1"\``,
    );
  // a compressing proxy makes our tag weak: a state has only one text, so the number still identifies it
  const number = /^\s*(?:W\/)?"(\d{1,9})"\s*$/.exec(ifMatch)?.[1];
  if (number === undefined)
    throw new DomainError(
      'invalid_request',
      `\`If-Match\` must name the one state that was read: send the \`ETag\` of the ${thing} back with its quotation marks, as in \`If-Match: "1"\`, not \`*\` and no list`,
    );
  return Number(number);
}
