/** Brings together what two people made of one text, by lines. */
import { diff } from '@codemirror/merge';

/** Lines of the text before, and by how many what became of them is more. */
type Hunk = {
  readonly from: number;
  readonly to: number;
  readonly grows: number;
  readonly whose: 'mine' | 'theirs';
};

export type Together = {
  readonly text: string;
  /** Places that both changed, and not alike: mine stands there. */
  readonly conflicts: number;
};

/** @param before what both began with */
export function together(before: string, mine: string, theirs: string): Together {
  const lines = { before: before.split('\n'), mine: mine.split('\n'), theirs: theirs.split('\n') };
  const signs = signsOf();
  const was = signs(lines.before);
  const hunks = (['mine', 'theirs'] as const).flatMap((whose) =>
    diff(was, signs(lines[whose])).map(({ fromA: from, toA: to, fromB, toB }): Hunk => ({
      from,
      to,
      grows: toB - fromB - (to - from),
      whose,
    })),
  );
  hunks.sort((one, other) => one.from - other.from || one.to - other.to);
  const shift = { mine: 0, theirs: 0 };
  const result: string[] = [];
  let done = 0;
  let conflicts = 0;
  for (let at = 0; at < hunks.length;) {
    const from = hunks[at]?.from ?? 0;
    let to = from;
    const start = { ...shift };
    const whose = new Set<Hunk['whose']>();
    // neighbours belong together: who changes a line may mean the next one too
    for (
      let hunk = hunks[at];
      hunk !== undefined && (whose.size === 0 || hunk.from <= to);
      hunk = hunks[++at]
    ) {
      to = Math.max(to, hunk.to);
      whose.add(hunk.whose);
      shift[hunk.whose] += hunk.grows;
    }
    const became = {
      mine: lines.mine.slice(from + start.mine, to + shift.mine),
      theirs: lines.theirs.slice(from + start.theirs, to + shift.theirs),
    };
    if (whose.size === 2 && !isSame(became.mine, became.theirs)) conflicts++;
    result.push(...lines.before.slice(done, from), ...(whose.has('mine') ? became.mine : became.theirs));
    done = to;
  }
  return { text: [...result, ...lines.before.slice(done)].join('\n'), conflicts };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, place) => line === other[place]);
}

/** How many different lines there are signs for: the UTF-16 units that are no half of a pair. */
const MOST = 0xd800;

/**
 * Writes lines as signs, the same lines as the same sign, so that lines are compared as texts are.
 *
 * @throws Error when there are more different lines than signs; the service takes no such policy
 */
function signsOf(): (lines: readonly string[]) => string {
  const known = new Map<string, string>();
  return (lines) =>
    lines
      .map((line) => {
        const sign = known.get(line) ?? String.fromCharCode(known.size);
        known.set(line, sign);
        if (known.size > MOST) throw new Error('the texts are too long to be compared');
        return sign;
      })
      .join('');
}
