/** The extracts that a user is in: what was taken, whether it may still be used, and whether they were left out. */
import type { ConsentStore } from '../../consent/log/consent.store.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import type { Reason } from '../../decision/reasons.js';
import { KeyBatch } from '../../decision/state/key-batch.js';
import type { Extracts, Membership } from '../../extracts/extracts.js';
import type { EvaluationService } from '../evaluation.service.js';
import type { News } from './news.js';
import { audienceOf, withdrawnOf } from './withdrawals.js';
import { unavailable } from './unavailable.js';

/** An extract that a user is in. */
export type UsersExtract = Membership & {
  /** The fields that were taken and may not be used any more, each with the reason. */
  readonly withdrawn: Readonly<Record<string, Reason>>;
  /** When the service said that it has left the user out, in milliseconds since the Unix epoch; null: it has not. */
  readonly leftOutAt: number | null;
};

export class Memberships {
  constructor(
    private readonly extracts: Pick<Extracts, 'ofUser' | 'unlearnedIn'>,
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
    private readonly store: Pick<ConsentStore, 'readUserBack'>,
    private readonly news: News,
  ) {}

  /** Those that were opened last first. @throws DomainError `consent_unavailable` */
  async of(user: string): Promise<readonly UsersExtract[]> {
    if (!this.consent.available) throw unavailable();
    const number = this.consent.numberOf(user);
    if (number === undefined) return [];
    const found = await this.extracts.ofUser(number);
    const [last] = found.length === 0 ? [] : await this.store.readUserBack(user, Number.MAX_SAFE_INTEGER, 1);
    const all: UsersExtract[] = [];
    for (const membership of found) {
      const withdrawn = this.withdrawnFrom(membership, user);
      const isOut = Object.keys(withdrawn).length > 0;
      const leftOutAt = isOut ? await this.leftOut(membership, last?.revision ?? Infinity) : null;
      all.push({ ...membership, withdrawn, leftOutAt });
    }
    return all;
  }

  private withdrawnFrom({ extract, fields }: Membership, user: string): UsersExtract['withdrawn'] {
    const { policy } = this.evaluation;
    const { opening } = extract;
    // its service may have lost the purpose since: that is its own matter, and not what the user is told
    const clientPurposes = new Set([opening.purpose]);
    const audience = audienceOf(opening, policy, clientPurposes, (users) => {
      if (!this.consent.available) throw unavailable();
      return this.consent.answersFor(policy, users);
    });
    const batch = new KeyBatch();
    batch.add(user);
    return withdrawnOf(fields, opening.fields, audience.lookUp(batch)(0)) ?? {};
  }

  /**
   * When the service first said that it has left out all who had withdrawn by a look that had the user's record, and this
   * membership, as they are now, under the present policy.
   *
   * @param changed the revision of the last change of the user's record
   */
  private async leftOut({ extract, upTo }: Membership, changed: number): Promise<number | null> {
    for (const { revision, parts, at } of await this.extracts.unlearnedIn(extract.id))
      if (revision >= changed && parts >= upTo && (await this.news.isOnePolicySince(revision))) return at;
    return null;
  }
}
