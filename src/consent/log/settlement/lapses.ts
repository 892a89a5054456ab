/** When grants lapse under the policy in force: `lapses_after` of purposes. Why it is as it is: decision 056. */
import { createHash } from 'node:crypto';
import type { ConsentEvent, NewConsentEvent, UserRecord } from '../../../decision/consent-event.js';
import { timeAfter } from '../../../decision/duration.js';
import type { PolicyDocument } from '../../../decision/policy.js';
import type { PolicyService } from '../../../policy/policy.service.js';
import { deadlineOf, isLeftBySignal } from './event-rules.js';

export class Lapses {
  private known: { readonly policy: string; readonly terms: string } | undefined;

  /** @param policies absent: nothing lapses */
  constructor(private readonly policies?: Pick<PolicyService, 'current'>) {}

  /**
   * When a grant lapses that was given then, in milliseconds since the Unix epoch; `undefined`: never where the user
   * lives.
   */
  of(purpose: string, { region }: Pick<UserRecord, 'region'>, given: number): number | undefined {
    const current = this.policies?.current;
    const duration = current?.purposes.get(purpose)?.lapses_after?.[current.regimeOf(region)];
    return duration === undefined ? undefined : timeAfter(given, duration);
  }

  /** The same wherever the user may live: the earliest. */
  earliest(purpose: string, given: number): number | undefined {
    const all = Object.values(this.policies?.current.purposes.get(purpose)?.lapses_after ?? {});
    return all.length === 0 ? undefined : Math.min(...all.map((duration) => timeAfter(given, duration)));
  }

  /**
   * When an event is to be looked at: at the latest when it brings about another one, in whatever region the user is by
   * then.
   */
  lookAt(event: Pick<NewConsentEvent, 'at' | 'saidAt' | 'via' | 'change'>): number | undefined {
    const set = deadlineOf(event);
    const { change } = event;
    if (change.kind !== 'choice' || change.choice !== 'granted' || isLeftBySignal(event)) return set;
    const lapse = this.earliest(change.purpose, givenAt(event));
    return set === undefined || lapse === undefined ? (set ?? lapse) : Math.min(set, lapse);
  }

  /** Whether grants of a user may lapse at another time, now that they live elsewhere. */
  mayTurnWith({ change }: Pick<NewConsentEvent, 'change'>, { region, choices }: UserRecord): boolean {
    return change.kind === 'profile' && change.region !== region && choices.size > 0 && this.terms !== '';
  }

  /** Names all that decides when grants lapse; empty: nothing lapses. */
  get terms(): string {
    const current = this.policies?.current;
    if (current === undefined) return '';
    if (this.known?.policy !== current.id)
      this.known = { policy: current.id, terms: termsIn(current.document) };
    return this.known.terms;
  }

  /** Whether grants may lapse at another time under a policy than under the one in force. */
  areOthersUnder({ document }: { readonly document: PolicyDocument }): boolean {
    return this.policies !== undefined && termsIn(document) !== this.terms;
  }
}

/** Deadlines that builds before this one set may be too late, where a clock was ahead: logs are gone through anew. */
const BUILD = 2;

function termsIn({ purposes, regimes, unknown_regime }: PolicyDocument): string {
  const lapsing = purposes.flatMap(({ id, lapses_after }) => (lapses_after ? [[id, lapses_after]] : []));
  if (lapsing.length === 0) return '';
  const said = JSON.stringify([
    BUILD,
    lapsing,
    regimes.map(({ id, regions }) => [id, regions]),
    unknown_regime,
  ]);
  return createHash('sha256').update(said).digest('hex');
}

/** When a grant was given: a clock that is ahead makes it no later than when it was recorded. */
export function givenAt({ at, saidAt = at }: Pick<ConsentEvent, 'at' | 'saidAt'>): number {
  return Math.min(saidAt, at);
}

const DAY_MS = 86_400_000;
/** How long before a grant lapses the user is asked again. */
const ASKED_BEFORE_MS = 30 * DAY_MS;

/** From when on the user is asked again: never in the first half of the time. */
export function askedFrom(given: number, lapse: number): number {
  return Math.max(lapse - ASKED_BEFORE_MS, (given + lapse) / 2);
}
