/** Taking a choice or a signal back: from then on it counts as never said. Why it is as it is: decision 056. */
import type { ChangedBy, ChoiceChange, Signal, UserRecord } from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import type { PolicyService, PolicyVersion } from '../../../policy/policy.service.js';
import type { ConsentStore } from '../../log/consent.store.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { Acknowledgement } from '../../log/log-writer.js';
import { nothingSaid, signalTopic } from '../../log/settlement/event-rules.js';
import { leftOf, refusedByStrings } from '../../log/settlement/strings.js';
import type { ChangeRequest } from '../../log/settlement/settlement.js';
import { gpcStands } from '../gpc/standing-signal.js';
import { noSuchPurpose } from '../settings.js';
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
  choice(user: string, by: ChangedBy, purpose: string, seen?: readonly string[]): Promise<Acknowledgement> {
    const request = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      // which of the two it does depends on what is recorded at its turn
      closes: [purpose],
      opens: [purpose],
    } as const;
    return this.change(seen, request, [purpose], (record, left) =>
      settledBack(this.policies.current, record, purpose, left),
    );
  }

  /**
   * Takes Global Privacy Control back. No grant that it closed comes back with it: such grants go, too.
   *
   * @param seen as of `choice`
   * @throws DomainError `settings_changed` as `choice` does; `opt_out_in_progress`
   */
  gpc(user: string, by: ChangedBy, seen?: readonly string[]): Promise<Acknowledgement> {
    const signal: Signal = 'gpc';
    const closable = this.policies.current.document.overlays.gpc.opt_out;
    const request = {
      user,
      by,
      at: this.now(),
      via: 'settings',
      opens: [signalTopic(signal), ...closable],
    } as const;
    return this.change(seen, request, closable, (record, left) => {
      if (!record.signals.has(signal)) return [];
      const { current } = this.policies;
      const closed = current.document.overlays.gpc.opt_out.flatMap((purpose) => {
        const said = record.choices.get(purpose);
        return said?.choice === 'granted' && !said.signal && gpcStands(current, record, purpose)
          ? [left(purpose)]
          : [];
      });
      return [{ kind: 'signal', signal, withdrawn: true }, ...closed];
    });
  }

  /**
   * Makes a change with what strings refused, which is read where grants of the purposes may go: a history may be long.
   *
   * @param settle is given what is left of a grant
   */
  private async change(
    seen: readonly string[] | undefined,
    request: Omit<ChangeRequest, 'settle'>,
    purposes: readonly string[],
    settle: (record: UserRecord, left: Left) => ReturnType<ChangeRequest['settle']>,
  ): Promise<Acknowledgement> {
    const { user } = request;
    const ask = (left: Left) =>
      this.log.change(
        restingOn(seen, this.policies, { ...request, settle: (record) => settle(record, left) }),
      );
    const { choices } = this.log.state.recordOf(user);
    if (!purposes.some((purpose) => choices.get(purpose)?.choice === 'granted'))
      try {
        return await ask(() => {
          throw new GrantedSince();
        });
      } catch (error) {
        if (!(error instanceof GrantedSince)) throw error;
      }
    const refused = await refusedByStrings(this.store, user);
    return ask((purpose) => leftOf(purpose, refused));
  }
}

/** What a grant leaves when it goes. */
type Left = (purpose: string) => ChoiceChange;

/** A grant came before the change had its turn, so it depends on the history. */
class GrantedSince extends Error {}

/** @returns the change; none when nothing is recorded */
function settledBack(policy: PolicyVersion, record: UserRecord, purpose: string, left: Left): ChoiceChange[] {
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) {
    if (!policy.purposes.has(purpose)) throw noSuchPurpose();
    return [];
  }
  if (recorded.choice === 'granted') return [left(purpose)];
  if (!recorded.signal) return [nothingSaid(purpose)];
  throw new DomainError(
    'signal_stands',
    `a TC string of the user closes \`${purpose}\`: grant it with \`"signal_shown": true\`, or leave it closed`,
  );
}
