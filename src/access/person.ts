/** Who is who among those who write, approve and publish policies. */

/** Marks that nobody sees, and white space: an id that has one more of them still names the same person. */
const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;

/**
 * The person that an id stands for. Ids that differ in case, in white space, in marks that nobody sees or in how the same
 * letters are encoded stand for one person: a directory takes `Ann` and `ann ` for the same account, and one who signs in
 * under both must not approve twice. Nor does it matter who issued the id: where two issuers name the same one, that they
 * are two people is not known, and what is not known does not count.
 */
export function personOf(id: string): string {
  return folded(folded(id));
}

export function isSamePerson(one: string, other: string): boolean {
  return personOf(one) === personOf(other);
}

// up and then down, which is full case folding but for letters that are made of several afterwards: hence twice
function folded(id: string): string {
  return (
    id
      .normalize('NFKC')
      .toUpperCase()
      .toLowerCase()
      .replaceAll(UNSEEN, '')
      // a sigma is written otherwise at the end of a word
      .replaceAll('ς', 'σ')
      .normalize('NFKC')
  );
}
