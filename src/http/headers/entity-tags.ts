/** Entity tags of conditional requests (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2). */
import { DomainError } from '../../errors.js';

/** A tag of a list and what ends it. A weak one counts: a compressing proxy weakens tags, which still name one state. */
const ENTRY = /[ \t]*(?:W\/)?"([\x21\x23-\x7e]*)"[ \t]*(?:,|$)/y;

/** The tags that a header lists, without their quotation marks; `*`: any; `undefined`: it is no such list. */
function tagsIn(header: string): readonly string[] | '*' | undefined {
  if (header.trim() === '*') return '*';
  const tags: string[] = [];
  for (let at = 0; at < header.length; at = ENTRY.lastIndex) {
    ENTRY.lastIndex = at;
    const tag = ENTRY.exec(header)?.[1];
    if (tag === undefined) return undefined;
    tags.push(tag);
  }
  return tags.length === 0 ? undefined : tags;
}

/**
 * The states that a change may rest on, by their tags.
 *
 * @param thing whose tag it is, for the error
 * @returns `undefined` when it rests on none in particular
 * @throws DomainError `invalid_request` when the header is no list of tags
 */
export function tagsToMatch(ifMatch: string | undefined, thing: string): readonly string[] | undefined {
  const tags = ifMatch === undefined ? '*' : tagsIn(ifMatch);
  if (tags === undefined)
    throw new DomainError(
      'invalid_request',
      `\`If-Match\` is no list of tags: send the \`ETag\` of the ${thing} back as it came, quotation marks included`,
    );
  return tags === '*' ? undefined : tags;
}

/** Whether the caller has the state of this tag already. What is no list of tags names nothing. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = ifNoneMatch === undefined ? undefined : tagsIn(ifNoneMatch);
  return tags === '*' || tags?.includes(tag) === true;
}
