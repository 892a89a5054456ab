/** The current records of all users, as rows for an import. */
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { EMPTY_RECORD, NO_NOTICE, type UserRecord } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { timeText } from '../../time.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { ConsentStore } from '../log/consent.store.js';
import { isSuperseded } from '../log/settlement/event-rules.js';
import type { Column } from './row-columns.js';

/** Users per turn of the event loop: less than a millisecond, and held for each slow reader. */
const USERS_AT_ONCE = 128;

type ExportRow = Partial<Record<Column, string | number>>;

export class Exports {
  constructor(
    private readonly log: ConsentLog,
    private readonly store: Pick<ConsentStore, 'deadlinesOf' | 'nextDue'>,
  ) {}

  /** How many users the log knows. @throws DomainError `consent_unavailable` */
  get users(): number {
    return this.available.state.size;
  }

  /**
   * Rows as lines, each user as they are at their turn. A slow reader slows it down.
   *
   * @throws DomainError `consent_unavailable` when the records are no longer known to be those of the log
   */
  async *rows(): AsyncGenerator<string, void> {
    for (let start = 0; ; start += USERS_AT_ONCE) {
      await turn();
      // only the text is kept until it is read
      const text = await this.rowsFrom(start);
      if (text === undefined) return;
      if (text !== '') yield text;
    }
  }

  private async rowsFrom(start: number): Promise<string | undefined> {
    const users = this.available.state.usersFrom(start, USERS_AT_ONCE);
    if (users.length === 0) return undefined;
    const known = users.filter((user) => user !== undefined);
    const { records, times } = await this.recordsOf(known);
    const rows = known.flatMap((user, place) => rowsOf(user, records[place] ?? EMPTY_RECORD, times));
    return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }

  /** The records of users with their times: read again until nothing changed in between. */
  private async recordsOf(
    users: readonly string[],
  ): Promise<{ readonly records: readonly UserRecord[]; readonly times: Times }> {
    const read = () => users.map((user) => this.available.state.recordOf(user));
    let records = read();
    for (;;) {
      const times = await this.timesOf(users);
      const after = read();
      if (isDeepStrictEqual(after, records)) return { records, times };
      records = after;
    }
  }

  /** When what these users said ends or begins, by user and what it is about. Most logs have no such times. */
  private async timesOf(users: readonly string[]): Promise<Times> {
    const times = new Map<string, number>();
    if ((await this.store.nextDue()) === undefined) return times;
    for (const { event, due, later } of await this.store.deadlinesOf(users)) {
      const { user, change } = event;
      if (isSuperseded(event, later) || change.kind === 'signal') continue;
      times.set(keyOf(user, change.kind === 'choice' ? change.purpose : undefined), due);
    }
    return times;
  }

  private get available(): ConsentLog {
    if (!this.log.available) throw new DomainError('consent_unavailable', 'export again shortly');
    return this.log;
  }
}

/** In milliseconds since the Unix epoch, by {@link keyOf}. */
type Times = ReadonlyMap<string, number>;

/** @param purpose of a grant; absent: of the profile */
function keyOf(user: string, purpose = ''): string {
  return `${purpose} ${user}`;
}

function timeIn(times: Times, user: string, purpose?: string): string | undefined {
  const time = times.get(keyOf(user, purpose));
  return time === undefined ? undefined : timeText(time);
}

/** The profile first, because the effect of a grant depends on where the user lives. */
function rowsOf(
  user: string,
  { registered, region, ageBand, signals, choices, visibility = new Map<string, string>() }: UserRecord,
  times: Times,
): ExportRow[] {
  const signal = signals.has('gpc') ? { signal: 'gpc' } : {};
  const adultFrom = ageBand === 'minor' ? timeIn(times, user) : undefined;
  const profile = registered
    ? {
        region: region ?? 'unknown',
        age_band: ageBand,
        ...(adultFrom === undefined ? {} : { adult_from: adultFrom }),
      }
    : {};
  return [
    ...(registered || signals.size > 0 ? [{ user, ...profile, ...signal }] : []),
    ...[...choices].map(([purpose, { choice, notice }]) => {
      const until = choice === 'granted' ? timeIn(times, user, purpose) : undefined;
      return {
        user,
        purpose,
        choice,
        ...(choice === 'granted' && notice !== NO_NOTICE ? { notice } : {}),
        ...(until === undefined ? {} : { until }),
      };
    }),
    ...[...visibility].map(([group, level]) => ({ user, group, level })),
  ];
}
