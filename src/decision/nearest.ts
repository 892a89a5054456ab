/** Longest names that are compared. Ids have at most 64 characters. */
const MAX_LENGTH = 80;

/**
 * The name that was probably meant: the one that is fewest typos away. A typo is a letter too many, a letter too few,
 * another letter, or two letters swapped; upper and lower case are not told apart, nor are `-` and `_`.
 *
 * @param furthest most typos that may lie between
 * @returns nothing when none is near, or when the name itself is among them
 */
export function nearest(name: string, names: Iterable<string>, furthest = 2): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  const wanted = plain(name);
  // in a short name a typo or two make another word
  let most = Math.min(furthest, Math.floor(name.length / 3));
  let found: string | undefined;
  for (const candidate of names) {
    if (candidate === name) return undefined;
    const distance = slips(wanted, plain(candidate), most);
    if (distance > most || (distance === most && found !== undefined)) continue;
    found = candidate;
    most = distance;
  }
  return found;
}

/**
 * The end of a sentence about a name that is not known: which one was probably meant.
 *
 * @param otherwise what to do where none is near
 */
export function didYouMean(name: string, names: Iterable<string>, otherwise?: string): string {
  const meant = nearest(name, names);
  if (meant !== undefined) return `: did you mean \`${meant}\`?`;
  return otherwise === undefined ? '' : `: ${otherwise}`;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/** The optimal string alignment distance; any number above `most` when it is more than that. */
function slips(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const line = [row];
    for (let column = 1; column <= b.length; column++) {
      const swapped = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      line.push(
        Math.min(
          at(above, column) + 1,
          at(line, column - 1) + 1,
          at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Infinity,
        ),
      );
    }
    if (Math.min(...line) > most) return most + 1;
    [before, above] = [above, line];
  }
  return at(above, b.length);
}

function at(line: readonly number[], column: number): number {
  return line[column] ?? Infinity;
}
