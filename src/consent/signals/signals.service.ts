import type { ChangedBy } from '../../decision/consent-event.js';
import { NO_NOTICE } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import type { PolicyService } from '../../policy/policy.service.js';
import type { ConsentLog } from '../log/consent-log.js';
import type { Acknowledgement } from '../log/log-writer.js';
import { type ConsentStore, eventsOf } from '../log/consent.store.js';
import { isLeftBySignal } from '../log/settlement/event-rules.js';
import { readTcString, saidAtIn, writeTcString } from './tc-string.js';
import { type Heard, type NotRepresented, closableBy, hearTcString, sayInTcf } from './tcf.js';
import { mustHaveRoomFor } from '../settings/changes/room-for-choices.js';
import type { UserSettings } from '../settings/settings.js';
import type { SettingsService } from '../settings/settings.service.js';

/** Settings as a TC string, with what it cannot express. */
export type SettingsInTcf = Pick<UserSettings, 'policy' | 'revision'> & {
  readonly tcString: string;
  readonly notRepresented: readonly NotRepresented[];
};

/** Records what TC strings close, and writes settings as a TC string. */
export class Signals {
  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
    private readonly settings: Pick<SettingsService, 'settingsOf'>,
    private readonly store: ConsentStore,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
    /** The id of the consent management platform in written strings; absent: none are written. */
    private readonly cmpId: number | undefined,
  ) {}

  /**
   * Records what a TC string of the user closes.
   *
   * @throws DomainError `invalid_request` when it is none; `too_many_choices` when the record is full
   */
  async recordTcString(user: string, by: ChangedBy, text: string): Promise<Acknowledgement & Heard> {
    const at = this.now();
    const tc = readTcString(text);
    const saidAt = saidAtIn(tc, at);
    const { purposes } = this.policies.current;
    const grants = await this.grantsOf(user);
    let heard: Heard = { closed: [], unchanged: [], notRepresented: [] };
    const acknowledgement = await this.log.change({
      user,
      by,
      at,
      via: 'tcf',
      closes: closableBy(tc, purposes.values()),
      ...(saidAt !== undefined && saidAt < at ? { saidAt } : {}),
      settle: (record) => {
        const policy = this.policies.current;
        const regime = policy.regimeOf(record.region);
        // a grant that is not in the history that was read is newer than it
        const grantedAt = (purpose: string) => grants.get(purpose) ?? at;
        heard = hearTcString(tc, policy.purposes.values(), regime, record, grantedAt, saidAt);
        mustHaveRoomFor(record, heard.closed);
        // a denial of the user's own counts as one of the string from then on: it is not taken back without the string
        const own = heard.unchanged.filter((purpose) => record.choices.get(purpose)?.signal === false);
        return [...heard.closed, ...own].map((purpose) => ({
          kind: 'choice',
          purpose,
          choice: 'denied',
          notice: NO_NOTICE,
          signal: true,
        }));
      },
    });
    return { ...acknowledgement, ...heard };
  }

  /**
   * A TC string of the user's current settings.
   *
   * @throws DomainError `tcf_not_configured`; `consent_unavailable`
   */
  inTcf(user: string): SettingsInTcf {
    if (this.cmpId === undefined)
      throw new DomainError(
        'tcf_not_configured',
        'set `TCF_CMP_ID` to the id that IAB Europe gave your consent management platform, and start the service again',
      );
    const { policy, revision, purposes } = this.settings.settingsOf(user);
    const { notRepresented, ...content } = sayInTcf(purposes);
    return { policy, revision, tcString: writeTcString(content, this.cmpId, this.now()), notRepresented };
  }

  /** When the user's current grants were given, in milliseconds since the Unix epoch, by purpose. */
  private async grantsOf(user: string): Promise<Map<string, number>> {
    const grants = new Map<string, number>();
    for await (const event of eventsOf(this.store, user)) {
      const { change, at, saidAt } = event;
      if (change.kind !== 'choice' || isLeftBySignal(event)) continue;
      if (change.choice === 'granted') grants.set(change.purpose, Math.min(saidAt ?? at, at));
      else grants.delete(change.purpose);
    }
    return grants;
  }
}
