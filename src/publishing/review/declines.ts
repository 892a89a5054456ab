/** Who stands against a draft: a no holds for what the draft said, until the one who said it thinks otherwise. */
import { isSamePerson } from '../../access/person.js';
import type { Decline, Draft } from '../../policy/policy.store.js';

/** What is declined, and by whom. */
type Declined = Pick<Draft, 'content' | 'declines'>;

/**
 * The declines that keep the draft from being published: those of what it says now. An edit takes them away by saying
 * something else; one that leaves every word as it was does not, nor does a rebase, and editing back brings them back.
 */
export function standingDeclines({ content, declines }: Declined): Decline[] {
  return declines.filter((decline) => decline.content === content && decline.liftedAt === null);
}

/** The numbers of the declines of this person that stand, under whichever of their ids. */
export function standingDeclinesOf(person: string, draft: Declined): number[] {
  return standingDeclines(draft).flatMap(({ by, number }) => (isSamePerson(by, person) ? [number] : []));
}

/** Who declined the draft and what they remarked, in words; `undefined` when nobody does. */
export function sentenceOfDeclines(draft: Declined): string | undefined {
  const standing = standingDeclines(draft);
  if (standing.length === 0) return undefined;
  const said = standing.map(({ by, remark }) => `\`${by}\` with the remark \`${remark}\``);
  return `it was declined by ${said.join(', and by ')}`;
}
