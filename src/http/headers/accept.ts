/** Chooses the media type of an answer: RFC 9110, section 12.5.1. */

type Range = { readonly type: string; readonly weight: number; readonly place: number };

/** The preference for a type: its weight, the exactness of its range, and its place in the header. */
type Wish = { readonly weight: number; readonly exactness: number; readonly place: number };

/**
 * The media type of an answer. Of two with the same weight, a named one wins over a wildcard, then the one named first,
 * then the one offered first.
 *
 * Parameters other than `q` are ignored, where libraries treat `application/json; charset=utf-8` as another type.
 *
 * @param header `Accept`, as it came
 * @param offered in lower case; the first is the default
 * @returns `undefined` when none of them is accepted
 */
export function acceptedType<Type extends string>(
  header: string | undefined,
  offered: readonly Type[],
): Type | undefined {
  const ranges = rangesOf(header ?? '*/*');
  const wanted = offered
    .map((type) => ({ type, wish: wishFor(type, ranges) }))
    .filter(({ wish }) => wish.weight > 0)
    .toSorted(
      (a, b) =>
        b.wish.weight - a.wish.weight || b.wish.exactness - a.wish.exactness || a.wish.place - b.wish.place,
    );
  return wanted[0]?.type;
}

/** By the most exact range that covers the type, so that `text/plain;q=0` counts despite `text/*`. */
function wishFor(type: string, ranges: readonly Range[]): Wish {
  const covering = ['*/*', `${type.split('/')[0]}/*`, type];
  return ranges.reduce<Wish>(
    (best, range) => {
      const exactness = covering.indexOf(range.type);
      return exactness > best.exactness ? { weight: range.weight, exactness, place: range.place } : best;
    },
    { weight: 0, exactness: -1, place: 0 },
  );
}

function rangesOf(header: string): Range[] {
  return header
    .split(',')
    .map((text, place) => {
      const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return { type, weight: Number(weight), place };
    })
    .filter(({ weight }) => !Number.isNaN(weight));
}
