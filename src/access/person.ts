/** Tells apart the people who write, approve and publish policies. */

/** Invisible marks and white space: they do not make an id that of another person. */
const UNSEEN = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;

/**
 * The person that an id stands for. Ids that differ in case, in white space, in marks that nobody sees or in how the
 * same letters are encoded stand for one person: a directory takes `Ann` and `ann ` for the same account, and one who
 * signs in under both must not approve twice. The issuer is ignored: if two issuers use the same id, we cannot know
 * that they are two people, so they count as one.
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
      // a sigma has another form at the end of a word
      .replaceAll('ς', 'σ')
      .normalize('NFKC')
  );
}
