/** What differs between two lists, as words of a text or lines of a document: a shortest way from one to the other. */

export type Piece = { readonly kind: 'same' | 'new' | 'gone'; readonly items: readonly string[] };

/** With more differences nobody reads them one by one. */
const MOST = 1_000;

/**
 * Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy one.
 *
 * @returns what was taken out and what came in, in order; `undefined`: they have too little in common
 */
export function differenceOf(before: readonly string[], now: readonly string[]): Piece[] | undefined {
  const ends = waysBetween(before, now);
  if (ends === undefined) return undefined;
  const steps: [Piece['kind'], string][] = [];
  let [x, y] = [before.length, now.length];
  for (let edits = ends.length - 1; edits > 0; edits--) {
    const reached = ends[edits - 1] ?? new Map<number, number>();
    const diagonal = x - y;
    const isNew = comesFromAbove(reached, diagonal, edits);
    const from = isNew ? diagonal + 1 : diagonal - 1;
    const fromX = reached.get(from) ?? 0;
    const afterEdit = isNew ? fromX : fromX + 1;
    for (; x > afterEdit; y--) steps.push(['same', before[--x] ?? '']);
    if (isNew) steps.push(['new', now[--y] ?? '']);
    else steps.push(['gone', before[--x] ?? '']);
  }
  while (x > 0) steps.push(['same', before[--x] ?? '']);
  return gathered(steps.reverse());
}

/** Per number of edits, how far each diagonal gets with them; the last reaches the end of both. */
function waysBetween(
  before: readonly string[],
  now: readonly string[],
): ReadonlyMap<number, number>[] | undefined {
  const ends: Map<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(MOST, before.length + now.length); edits++) {
    const reached = ends[edits - 1] ?? new Map([[1, 0]]);
    const own = new Map<number, number>();
    ends.push(own);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = comesFromAbove(reached, diagonal, edits)
        ? (reached.get(diagonal + 1) ?? 0)
        : (reached.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < now.length && before[x] === now[x - diagonal]) x++;
      own.set(diagonal, x);
      if (x >= before.length && x - diagonal >= now.length) return ends;
    }
  }
  return undefined;
}

function comesFromAbove(reached: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  if (diagonal === edits) return false;
  return (reached.get(diagonal - 1) ?? 0) < (reached.get(diagonal + 1) ?? 0);
}

/** Neighbours of one kind together, and what was taken out before what took its place. */
function gathered(steps: readonly (readonly [Piece['kind'], string])[]): Piece[] {
  const pieces: Piece[] = [];
  let gone: string[] = [];
  let added: string[] = [];
  let same: string[] = [];
  const close = () => {
    if (gone.length > 0) pieces.push({ kind: 'gone', items: gone });
    if (added.length > 0) pieces.push({ kind: 'new', items: added });
    if (same.length > 0) pieces.push({ kind: 'same', items: same });
    [gone, added, same] = [[], [], []];
  };
  for (const [kind, item] of steps)
    if (kind === 'same') {
      if (gone.length + added.length > 0) close();
      same.push(item);
    } else {
      if (same.length > 0) close();
      (kind === 'gone' ? gone : added).push(item);
    }
  close();
  return pieces;
}

/** The words of a text, each with the space after it: alone, spaces would be found equal between words that are not. */
export function wordsOf(text: string, language: string): string[] {
  const words: string[] = [];
  for (const { segment } of new Intl.Segmenter(language, { granularity: 'word' }).segment(text))
    if (words.length > 0 && segment.trim() === '') words.push(`${words.pop() ?? ''}${segment}`);
    else words.push(segment);
  return words;
}
