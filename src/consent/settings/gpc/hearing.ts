/** Records the signals of users, from headers and routes. */
import type { ChangedBy, Signal } from '../../../decision/consent-event.js';
import type { Acknowledgement, ConsentLog } from '../../log/consent-log.js';
import type { StateInForce } from '../../log/state-in-force.js';
import { grantsItCloses } from './standing-signal.js';

export class Hearing {
  constructor(
    private readonly log: ConsentLog,
    private readonly state: Pick<StateInForce, 'recordOf'>,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /** Records the signal of a user's request, if it carried one; a recorded signal is not written again. */
  async hear(user: string, by: ChangedBy, signal: Signal | undefined): Promise<void> {
    if (signal === undefined) return;
    const record = this.state.recordOf(user);
    if (record !== 'unavailable' && record.signals.has(signal)) return;
    await this.record(user, by, signal);
  }

  /** Records a signal of the user. */
  record(user: string, by: ChangedBy, signal: Signal): Promise<Acknowledgement> {
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'gpc',
      settle: (record) =>
        record.signals.has(signal) ? [] : [{ kind: 'signal', signal }, ...grantsItCloses(record)],
    });
  }
}
