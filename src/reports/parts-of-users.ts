/**
 * In which split of a report a user is counted. Each user is counted in one alone: so nothing that is told by one split
 * can be subtracted from what is told by another.
 *
 * Without attributes all are counted by regime and age band. With some, half of them are, and the other half is shared
 * out among the attributes. Who is in which part depends on the numbers of user and attribute alone, so that it is the
 * same for all purposes and on all days, and another attribute takes from each part only what becomes its own
 * (D. G. Thaler and C. V. Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM Transactions on
 * Networking 6 (1998)).
 */

/** Bits of a user's number that decide whether an attribute counts them; attributes have numbers from 1 on. */
const WHETHER = 0;

/**
 * @param user their number in the consent log
 * @param attributes numbers of those that are counted
 * @returns the number of the attribute by which the user is counted; `undefined`: by regime and age band
 */
export function partOf(user: number, attributes: readonly number[]): number | undefined {
  if (attributes.length === 0 || (mixed(user, WHETHER) & 1) === 0) return undefined;
  let [part, highest] = [attributes[0], -1];
  for (const attribute of attributes) {
    const rank = mixed(user, attribute);
    if (rank <= highest) continue;
    part = attribute;
    highest = rank;
  }
  return part;
}

/** The share of all users who are counted by regime and age band. */
export function shareByRegime(attributes: number): number {
  return attributes === 0 ? 1 : 1 / 2;
}

/** The share of all users who are counted by one of so many attributes. */
export function shareByAttribute(attributes: number): number {
  return 1 / 2 / attributes;
}

/** 32 bits that look drawn by chance: the finalizer of MurmurHash3, by A. Appleby, over both. */
function mixed(user: number, salt: number): number {
  return finalized(finalized(user) ^ Math.imul(salt + 1, 0x9e37_79b1));
}

function finalized(bits: number): number {
  let mixing = bits | 0;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85eb_ca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2_ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}
