/** Records the signals of users, from headers and routes. */
import type { ChangedBy, Signal } from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { Acknowledgement } from '../../log/log-writer.js';
import type { StateInForce } from '../../log/state-in-force.js';
import { signalTopic } from '../../log/settlement/event-rules.js';
import { grantsItCloses } from './standing-signal.js';

/** Maximum users whose signals are remembered as confirmed. */
const MOST_REMEMBERED = 10_000;

export class Hearing {
  /** Users whose recorded signals everybody has heard, by what they sent, the longest known first. */
  private readonly confirmed = new Set<string>();

  constructor(
    private readonly log: ConsentLog,
    private readonly state: Pick<StateInForce, 'recordOf'>,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {
    // who comes back after an erasure is a new user
    log.onErasure(() => this.confirmed.clear());
    // what was taken back may come again, and is then to be heard by everybody anew
    log.onSignalWithdrawn(() => this.confirmed.clear());
  }

  /**
   * Records the signal of a user's request, if it carried one. A recorded signal is not written again; but another
   * request may have brought it just now, and a process or a cache that has not heard it may still permit what it closes.
   */
  async hear(user: string, by: ChangedBy, signal: Signal | undefined): Promise<void> {
    if (signal === undefined) return;
    const record = this.state.recordOf(user);
    const said = `${signal} ${user}`;
    const isRecorded = record !== 'unavailable' && record.signals.has(signal);
    if (isRecorded && this.confirmed.has(said)) return;
    await this.record(user, by, signal).catch(unlessErased);
    this.remember(said);
  }

  /** Records a signal of the user. @throws DomainError `user_erased`; `too_many_users`; `not_confirmed` */
  record(user: string, by: ChangedBy, signal: Signal): Promise<Acknowledgement> {
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'gpc',
      closes: [signalTopic(signal)],
      settle: (record) =>
        record.signals.has(signal) ? [] : [{ kind: 'signal', signal }, ...grantsItCloses(record)],
    });
  }

  private remember(said: string): void {
    this.confirmed.add(said);
    const [oldest] = this.confirmed;
    if (this.confirmed.size > MOST_REMEMBERED && oldest !== undefined) this.confirmed.delete(oldest);
  }
}

/** Nothing of somebody who was erased is used for anything, so there is nothing that a signal could close. */
function unlessErased(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'user_erased') throw error;
}
