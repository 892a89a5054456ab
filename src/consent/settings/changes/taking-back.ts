/** Taking a choice or a signal back: from then on it counts as never said. Why it is as it is: decision 056. */
import type {
  ChangedBy,
  ChoiceChange,
  RecordedChoice,
  Signal,
  UserRecord,
} from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import type { PolicyService, PolicyVersion } from '../../../policy/policy.service.js';
import type { ConsentStore } from '../../log/consent.store.js';
import type { ConsentLog } from '../../log/consent-log.js';
import type { Acknowledgement } from '../../log/log-writer.js';
import { signalTopic } from '../../log/settlement/event-rules.js';
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
    const goes = ({ choices }: UserRecord) => mayCoverString(choices.get(purpose));
    return this.change(seen, request, goes, (record, left) =>
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
    const goes = ({ choices }: UserRecord) =>
      closable.some((purpose) => choices.get(purpose)?.choice === 'granted');
    return this.change(seen, request, goes, (record, left) => {
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
   * Makes a change with what strings refused, which is read where something goes that may have come after one: a history
   * may be long.
   *
   * @param goes whether anything does, as it seems before the change has its turn
   * @param settle is given what is left of a choice that goes
   */
  private async change(
    seen: readonly string[] | undefined,
    request: Omit<ChangeRequest, 'settle'>,
    goes: (record: UserRecord) => boolean,
    settle: (record: UserRecord, left: Left) => ReturnType<ChangeRequest['settle']>,
  ): Promise<Acknowledgement> {
    const { user } = request;
    const ask = (left: Left) =>
      this.log.change(
        restingOn(seen, this.policies, { ...request, settle: (record) => settle(record, left) }),
      );
    if (!goes(this.log.state.recordOf(user)))
      try {
        return await ask(() => {
          throw new SaidSince();
        });
      } catch (error) {
        if (!(error instanceof SaidSince)) throw error;
      }
    const refused = await refusedByStrings(this.store, user);
    return ask((purpose) => leftOf(purpose, refused));
  }
}

/** What a choice leaves when it goes. */
type Left = (purpose: string) => ChoiceChange;

/** A choice came before the change had its turn, so it depends on the history. */
class SaidSince extends Error {}

/** Whether a TC string may have refused what the choice is about before it: all that the record shows is the latest. */
function mayCoverString(recorded: RecordedChoice | undefined): boolean {
  return recorded !== undefined && (recorded.choice === 'granted' || !recorded.signal);
}

/** @returns the change; none when nothing is recorded */
function settledBack(policy: PolicyVersion, record: UserRecord, purpose: string, left: Left): ChoiceChange[] {
  const recorded = record.choices.get(purpose);
  if (recorded === undefined) {
    if (!policy.purposes.has(purpose)) throw noSuchPurpose();
    return [];
  }
  if (mayCoverString(recorded)) return [left(purpose)];
  throw new DomainError(
    'signal_stands',
    `a TC string of the user closes \`${purpose}\`: grant it with \`"signal_shown": true\`, or leave it closed`,
  );
}
