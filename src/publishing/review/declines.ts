/** Who stands against a draft: a no holds for what was read, in whatever draft, until whoever said it thinks otherwise. */
import { isSamePerson, personOf } from '../../access/person.js';
import type { Decline, Draft } from '../../policy/policy.store.js';

/** What is declined, and by whom. */
type Declined = Pick<Draft, 'id' | 'base' | 'content' | 'declines'>;

/**
 * The declines that keep the draft from being published: those of what it says now, given in it or in another draft that
 * follows the same version. An edit takes them away by saying something else; a rebase of the draft that they were given in does not.
 */
export function standingDeclines({ base, content, declines }: Declined): Decline[] {
  return declines.filter(
    (decline) => decline.content === content && decline.liftedAt === null && decline.bases.includes(base),
  );
}

/** The declines of this person that stand, under whichever of their ids. */
export function standingDeclinesOf(person: string, draft: Declined): Decline[] {
  return standingDeclines(draft).filter(({ by }) => isSamePerson(by, person));
}

/** How many decline the draft. */
export function numberOfDecliners(draft: Declined): number {
  return new Set(standingDeclines(draft).map(({ by }) => personOf(by))).size;
}

/** How many declines of what the draft says are known, standing or not: a publication must know of all. */
export function numberOfKnownDeclines({ content, declines }: Declined): number {
  return declines.filter((decline) => decline.content === content).length;
}

/** Who declined the draft and what they remarked, in words; `undefined` when nobody does. */
export function sentenceOfDeclines(draft: Declined): string | undefined {
  const standing = standingDeclines(draft);
  if (standing.length === 0) return undefined;
  const said = standing.map(
    ({ by, remark, draft: where }) =>
      `\`${by}\` with the remark \`${remark}\`${where === draft.id ? '' : ` in the draft \`${where}\`, which says the same`}`,
  );
  return `it was declined by ${said.join(', and by ')}`;
}
