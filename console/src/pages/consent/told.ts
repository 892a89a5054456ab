/** Counts as charts and tables need them: what is told, and nothing in place of what is not. */
import { type Reason, isReason } from '../../../../src/decision/reasons.js';
import type { components } from '../../api/types.js';

export type CountsOfDay = components['schemas']['ConsentCountsOfDay'];

/** A reason that is told; `untold`: the purpose is off, and why is not told. */
export type ToldReason = Reason | 'untold';

export type Told = {
  readonly day: string;
  readonly policy: string;
  readonly countedAt: string;
  readonly people: number;
  readonly byReason: ReadonlyMap<ToldReason, number>;
};

/** What is told of a day, of one regime or of all together. */
export function toldOf({ day, policy, counted_at: countedAt, regimes }: CountsOfDay, regime: string): Told {
  const byReason = new Map<ToldReason, number>();
  let people = 0;
  for (const one of regimes) {
    if (regime !== '' && one.regime !== regime) continue;
    people += one.users;
    for (const { reason, users } of one.reasons) {
      const known = reason !== null && isReason(reason) ? reason : 'untold';
      byReason.set(known, (byReason.get(known) ?? 0) + users);
    }
  }
  return { day, policy, countedAt, people, byReason };
}

/** The reasons that are told of any of these days: what is open first, what nobody knows last. */
export function reasonsOf(days: readonly Told[]): readonly ToldReason[] {
  const all = new Set(days.flatMap(({ byReason }) => [...byReason.keys()]));
  const place = (reason: ToldReason) => (reason === 'permitted' ? 0 : reason === 'untold' ? 2 : 1);
  return [...all].sort((one, other) => place(one) - place(other) || (one < other ? -1 : 1));
}

/** The last count of each day: a day on which a policy was published has several. */
export function lastOfEachDay(days: readonly Told[]): readonly Told[] {
  const last = new Map<string, Told>();
  for (const told of days) {
    const known = last.get(told.day);
    if (known === undefined || known.countedAt <= told.countedAt) last.set(told.day, told);
  }
  return [...last.values()];
}

const DAY_MS = 86_400_000;

/** Days in UTC, the last of them today. */
export function daysUntilToday(count: number): readonly string[] {
  const today = Date.now();
  return Array.from({ length: count }, (_, place) =>
    new Date(today - (count - 1 - place) * DAY_MS).toISOString().slice(0, 10),
  );
}
