/** The people of an answer about many, gathered by what they were permitted, for its record. */
import type { Reason } from '../decision/reasons.js';
import type { RecordedSet, RecordedUsers } from '../record/record-entry.js';

/** What people were answered alike. */
export type AnsweredAlike = {
  readonly permitted: readonly string[];
  readonly obligations: readonly string[];
  readonly reasons: readonly Reason[];
};

/** Maximum people of one record. */
export const MOST_PEOPLE = 16_384;
/** Bits of a number that one pass of the sort looks at. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

export class People {
  private readonly numbers = new Uint32Array(MOST_PEOPLE);
  /** Per person, the place of what they were answered. */
  private readonly places = new Uint32Array(MOST_PEOPLE);
  private readonly strangers: { readonly place: number; readonly hash: Uint8Array }[] = [];
  private count = 0;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** How many more there is room for. */
  get room(): number {
    return MOST_PEOPLE - this.count;
  }

  /**
   * Adds a person who was answered the same as others with this place.
   *
   * @param number by which the log knows them; 0: it does not
   */
  add(number: number, place: number): void {
    this.numbers[this.count] = number;
    this.places[this.count++] = place;
  }

  /** Says who the last person is whom the log does not know. */
  name(hash: Uint8Array): void {
    this.strangers.push({ place: this.places[this.count - 1] ?? 0, hash });
  }

  /**
   * Those who were gathered since the last call.
   *
   * @param answerAt what people with a place were answered
   */
  take(answerAt: (place: number) => AnsweredAlike): Pick<RecordedUsers, 'sets' | 'refused'> {
    const { numbers, places, count } = this;
    const sizes = new Map<number, number>();
    for (let at = 0; at < count; at++) {
      const place = places[at] ?? 0;
      sizes.set(place, (sizes.get(place) ?? 0) + 1);
    }
    const sets: RecordedSet[] = [];
    const refused: { [reason in Reason]?: number } = {};
    for (const [place, size] of sizes) {
      const { permitted, obligations, reasons } = answerAt(place);
      const [reason = 'consent_unavailable'] = reasons;
      if (permitted.length === 0) {
        refused[reason] = (refused[reason] ?? 0) + size;
        continue;
      }
      const users = new Uint32Array(size);
      let known = 0;
      for (let at = 0; at < count; at++)
        if (places[at] === place && numbers[at] !== 0) users[known++] = numbers[at] ?? 0;
      const strangers = this.strangers.filter((one) => one.place === place).map(({ hash }) => hash);
      sets.push({ permits: permitted, obligations, users: ascending(users.subarray(0, known)), strangers });
    }
    this.count = 0;
    this.strangers.length = 0;
    return { sets, refused };
  }
}

/** The numbers in order, each once. By radix, because this is done for everybody in an audience. */
function ascending(numbers: Uint32Array): Uint32Array {
  let most = 0;
  let isOrdered = true;
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] ?? 0;
    if (at > 0 && number <= (numbers[at - 1] ?? 0)) isOrdered = false;
    if (number > most) most = number;
  }
  if (isOrdered) return numbers;
  let from: Uint32Array = numbers;
  let to: Uint32Array = new Uint32Array(numbers.length);
  const starts = new Uint32Array(DIGITS);
  for (let shift = 0; shift < 32 && most >>> shift > 0; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let at = 0; at < from.length; at++) {
      const next = (((from[at] ?? 0) >>> shift) & (DIGITS - 1)) + 1;
      if (next < DIGITS) starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let digit = 1; digit < DIGITS; digit++)
      starts[digit] = (starts[digit] ?? 0) + (starts[digit - 1] ?? 0);
    for (let at = 0; at < from.length; at++) {
      const number = from[at] ?? 0;
      const digit = (number >>> shift) & (DIGITS - 1);
      const place = starts[digit] ?? 0;
      starts[digit] = place + 1;
      to[place] = number;
    }
    [from, to] = [to, from];
  }
  let kept = 0;
  for (let at = 0; at < from.length; at++)
    if (at === 0 || from[at] !== from[kept - 1]) from[kept++] = from[at] ?? 0;
  return from.subarray(0, kept);
}
