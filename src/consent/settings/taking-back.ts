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
  choice(user: string, by: ChangedBy, purpose: string, seen?: readonly string[]): Promise<Acknowledgement> {
    const request: ChangeRequest = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      // which of the two it does depends on what is recorded at its turn
      closes: [purpose],
      opens: [purpose],
      settle: (record) => settledBack(this.policies.current, record, purpose),
    };
    return this.log.change(restingOn(seen, this.policies, request));
  }

  /**
   * Takes Global Privacy Control back. No grant that it closed comes back with it: such grants go, too.
   *
   * @throws DomainError `opt_out_in_progress`
   */
  gpc(user: string, by: ChangedBy): Promise<Acknowledgement> {
    const signal: Signal = 'gpc';
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      opens: [signalTopic(signal), ...this.policies.current.document.overlays.gpc.opt_out],
      settle: (record) => {
        if (!record.signals.has(signal)) return [];
        const closed = [...record.choices].flatMap(([purpose, { choice, signal: answers }]) =>
          choice === 'granted' && !answers && gpcStands(this.policies.current, record, purpose)
            ? [nothingSaid(purpose)]
            : [],
        );
        return [{ kind: 'signal', signal, withdrawn: true }, ...closed];
      },
    });
  }

  /** Takes back what TC strings denied and nothing has replaced. @throws DomainError `opt_out_in_progress` */
  tcf(user: string, by: ChangedBy): Promise<Acknowledgement> {
    const all = [...this.policies.current.purposes.keys()];
    return this.log.change({
      user,
      by,
      at: this.now(),
      via: 'settings',
      closes: all,
      opens: all,
      settle: ({ choices }) =>
        [...choices].flatMap(([purpose, { choice, signal }]) =>
          choice === 'denied' && signal ? [nothingSaid(purpose)] : [],
        ),
    });
  }
}

/** @returns the change; none when nothing is recorded */
function settledBack(policy: PolicyVersion, record: UserRecord, purpose: string): ChoiceChange[] {
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) {
    if (!policy.purposes.has(purpose)) throw noSuchPurpose();
    return [];
  }
  if (!recorded.signal) return [nothingSaid(purpose)];
  if (recorded.choice === 'denied')
    throw new DomainError(
      'signal_stands',
      `a signal of the user closes \`${purpose}\`: take the signal back (\`DELETE …/signals/tcf\`), or grant the purpose with \`"signal_shown": true\``,
    );
  // the grant answered a signal: without the grant, the signal closes
  if (gpcStands(policy, record, purpose)) return [nothingSaid(purpose)];
  return [{ kind: 'choice', purpose, choice: 'denied', notice: NO_NOTICE, signal: true }];
}
