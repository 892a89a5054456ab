/** Brings together what two people made of one text, by lines. */
import { Chunk } from '@codemirror/merge';
import { Text } from '@codemirror/state';

/** A stretch of the text before, and what became of it. */
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
  const hunks = [...hunksOf(before, mine, 'mine'), ...hunksOf(before, theirs, 'theirs')];
  hunks.sort((one, other) => one.from - other.from || one.to - other.to);
  const shift = { mine: 0, theirs: 0 };
  let text = '';
  let done = 0;
  let conflicts = 0;
  for (let at = 0; at < hunks.length; ) {
    const from = hunks[at]?.from ?? 0;
    let to = from;
    const start = { ...shift };
    const whose = new Set<Hunk['whose']>();
    // neighbours belong together: who changes a line may mean the next one too
    for (let hunk = hunks[at]; hunk !== undefined && (whose.size === 0 || hunk.from <= to); hunk = hunks[++at]) {
      to = Math.max(to, hunk.to);
      whose.add(hunk.whose);
      shift[hunk.whose] += hunk.grows;
    }
    const of = { mine: mine.slice(from + start.mine, to + shift.mine), theirs: theirs.slice(from + start.theirs, to + shift.theirs) };
    const areBoth = whose.size === 2 && of.mine !== of.theirs;
    if (areBoth) conflicts++;
    text += before.slice(done, from) + (whose.has('mine') ? of.mine : of.theirs);
    done = to;
  }
  return { text: text + before.slice(done), conflicts };
}

function hunksOf(before: string, after: string, whose: Hunk['whose']): Hunk[] {
  return Chunk.build(Text.of(before.split('\n')), Text.of(after.split('\n'))).map(({ fromA, toA, fromB, toB }) => {
    // a stretch up to the end reaches one beyond it
    const [to, end] = [Math.min(toA, before.length), Math.min(toB, after.length)];
    return { from: fromA, to, grows: end - fromB - (to - fromA), whose };
  });
}
