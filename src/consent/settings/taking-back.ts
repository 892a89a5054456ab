/** Taking a choice or a signal back: from then on it counts as never said. Why it is as it is: decision 056. */
import {
  type ChangedBy,
  type ChoiceChange,
  NO_NOTICE,
  type Signal,
  type UserRecord,
} from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import { type ConsentStore, eventsOf } from '../log/consent.store.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { Acknowledgement } from '../log/log-writer.js';
import { nothingSaid, signalTopic } from '../log/settlement/event-rules.js';
import type { ChangeRequest } from '../log/settlement/settlement.js';
import { gpcStands } from './gpc/standing-signal.js';
import { noSuchPurpose } from './settings.js';
import { restingOn } from './settings-mark.js';

export class TakingBack {
  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
    private readonly store: Pick<ConsentStore, 'readUser'>,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * Takes a choice back: the law of the user's region decides again, and signals that stand.
   *
   * @param seen marks of the settings that it rests on; absent: it holds whatever they are
   * @throws DomainError `settings_changed` when they are others by now; `purpose_not_found` when neither the policy nor
   *   the record has the purpose; `signal_stands` for what a TC string denied; `opt_out_in_progress`
   */
  async choice(
    user: string,
    by: ChangedBy,
    purpose: string,
    seen?: readonly string[],
  ): Promise<Acknowledgement> {
    const refused = await this.refusedByStrings(user);
    const request: ChangeRequest = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      // which of the two it does depends on what is recorded at its turn
      closes: [purpose],
      opens: [purpose],
      settle: (record) => settledBack(this.policies.current, record, purpose, refused),
    };
    return this.log.change(restingOn(seen, this.policies, request));
  }

  /**
   * Takes Global Privacy Control back. No grant that it closed comes back with it: such grants go, too.
   *
   * @throws DomainError `opt_out_in_progress`
   */
  async gpc(user: string, by: ChangedBy): Promise<Acknowledgement> {
    const signal: Signal = 'gpc';
    const refused = await this.refusedByStrings(user);
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      opens: [signalTopic(signal), ...this.policies.current.document.overlays.gpc.opt_out],
      settle: (record) => {
        if (!record.signals.has(signal)) return [];
        const { current } = this.policies;
        const closed = current.document.overlays.gpc.opt_out.flatMap((purpose) => {
          const said = record.choices.get(purpose);
          return said?.choice === 'granted' && !said.signal && gpcStands(current, record, purpose)
            ? [leftOf(purpose, refused)]
            : [];
        });
        return [{ kind: 'signal', signal, withdrawn: true }, ...closed];
      },
    });
  }

  /**
   * The purposes that a TC string refused, whatever was granted since: without the grant, its denial is what is left. One
   * that comes after this was read replaces the grant, or the grant prevails over it.
   */
  private async refusedByStrings(user: string): Promise<ReadonlySet<string>> {
    const refused = new Set<string>();
    for await (const { change, via } of eventsOf(this.store, user)) {
      if (change.kind !== 'choice') continue;
      if (via === 'tcf') refused.add(change.purpose);
      else if (change.choice === 'denied' && change.signal) refused.add(change.purpose);
      else if (change.choice === 'none' && via !== 'lapse') refused.delete(change.purpose);
    }
    return refused;
  }
}

/** @returns the change; none when nothing is recorded */
function settledBack(
  policy: PolicyVersion,
  record: UserRecord,
  purpose: string,
  refused: ReadonlySet<string>,
): ChoiceChange[] {
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) {
    if (!policy.purposes.has(purpose)) throw noSuchPurpose();
    return [];
  }
  if (recorded.choice === 'granted') return [leftOf(purpose, refused)];
  if (!recorded.signal) return [nothingSaid(purpose)];
  throw new DomainError(
    'signal_stands',
    `a TC string of the user closes \`${purpose}\`: grant it with \`"signal_shown": true\`, or leave it closed`,
  );
}

/** What a grant leaves when it goes. */
function leftOf(purpose: string, refused: ReadonlySet<string>): ChoiceChange {
  return refused.has(purpose)
    ? { kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: true }
    : nothingSaid(purpose);
}
