/** Which of the media types there are is answered in: RFC 9110, section 12.5.1. */

type Range = { readonly type: string; readonly weight: number; readonly place: number };

/** How a type is wanted: how much, by how exact a range, and at which place of the header. */
type Wish = { readonly weight: number; readonly exactness: number; readonly place: number };

/**
 * The media type of an answer. Of two that are wanted as much, the one that is named counts before one that a wildcard
 * covers, then the one that is named first, then the one that is offered first.
 *
 * Parameters other than `q` are passed over, where libraries take `application/json; charset=utf-8` for another type.
 *
 * @param header `Accept`, as it came
 * @param offered in lower case; the first is answered where the header leaves it open
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

/** By the most exact range that covers the type, so that `text/plain;q=0` counts although `text/*` is there. */
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
