/** Who declines a draft: a decline applies to the content that was read, in any draft, until its author lifts it. */
import { isSamePerson, personOf } from '../../access/person.js';
import type { Decline, Draft } from '../../policy/policy.store.js';

/** A draft with its declines. */
type Declined = Pick<Draft, 'id' | 'base' | 'content' | 'declines'>;

/**
 * The declines that keep the draft from being published: those of what it says now, given in it or in another draft
 * that follows the same version. An edit to another content ends them; a rebase of the draft in which they were given
 * does not.
 */
export function standingDeclines({ base, content, declines }: Declined): Decline[] {
  return declines.filter(
    (decline) => decline.content === content && decline.liftedAt === null && decline.bases.includes(base),
  );
}

/** The standing declines of this person, under any of their ids. */
export function standingDeclinesOf(person: string, draft: Declined): Decline[] {
  return standingDeclines(draft).filter(({ by }) => isSamePerson(by, person));
}

/** How many people decline the draft. */
export function numberOfDecliners(draft: Declined): number {
  return new Set(standingDeclines(draft).map(({ by }) => personOf(by))).size;
}

/** Number of known declines of the draft's content, standing or not: a publication must know all of them. */
export function numberOfKnownDeclines({ content, declines }: Declined): number {
  return declines.filter((decline) => decline.content === content).length;
}

/** A sentence with who declined the draft and their remarks; `undefined` when nobody does. */
export function sentenceOfDeclines(draft: Declined): string | undefined {
  const standing = standingDeclines(draft);
  if (standing.length === 0) return undefined;
  const said = standing.map(
    ({ by, remark, draft: where }) =>
      `\`${by}\` with the remark \`${remark}\`${where === draft.id ? '' : ` in the draft \`${where}\`, which says the same`}`,
  );
  return `it was declined by ${said.join(', and by ')}`;
}
