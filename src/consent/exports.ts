/** All that is known of users now, as the rows that an import takes. */
import { setImmediate as turn } from 'node:timers/promises';
import { NO_NOTICE, type UserRecord } from '../decision/consent-event.js';
import { DomainError } from '../errors.js';
import type { ConsentLog } from './consent-log.js';
import type { Column } from './row-columns.js';

/** Users between two turns of the event loop: about a millisecond. */
const USERS_AT_ONCE = 256;

type ExportRow = Partial<Record<Column, string | number>>;

export class Exports {
  constructor(private readonly log: ConsentLog) {}

  /** How many users the log knows. @throws DomainError `consent_unavailable` */
  get users(): number {
    return this.available.state.size;
  }

  /**
   * Rows as lines, each user as they are when their turn comes. Who reads slowly slows it down.
   *
   * @throws DomainError `consent_unavailable` when the records are no longer known to be those of the log
   */
  async *rows(): AsyncGenerator<string, void> {
    for (let start = 0; ; start += USERS_AT_ONCE) {
      await turn();
      const { state } = this.available;
      const users = state.usersFrom(start, USERS_AT_ONCE);
      if (users.length === 0) return;
      const rows = users.flatMap((user) => (user === undefined ? [] : rowsOf(user, state.recordOf(user))));
      if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    }
  }

  private get available(): ConsentLog {
    if (!this.log.available) throw new DomainError('consent_unavailable', 'export again shortly');
    return this.log;
  }
}

/** The profile first, because what a grant counts for depends on where the user lives. */
function rowsOf(user: string, { registered, region, ageBand, signals, choices }: UserRecord): ExportRow[] {
  const signal = signals.has('gpc') ? { signal: 'gpc' } : {};
  const profile = registered ? { region: region ?? 'unknown', age_band: ageBand } : {};
  return [
    ...(registered || signals.size > 0 ? [{ user, ...profile, ...signal }] : []),
    ...[...choices].map(([purpose, { choice, notice }]) => ({
      user,
      purpose,
      choice,
      ...(choice === 'granted' && notice !== NO_NOTICE ? { notice } : {}),
    })),
  ];
}
