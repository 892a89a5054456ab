/** A decision as it was: the version that was in force, the consent events until then, and the same engine. */
import { type ConsentStore, eventsOf } from '../../consent/log/consent.store.js';
import {
  type ConsentEvent,
  EMPTY_RECORD,
  type UserRecord,
  applyChange,
} from '../../decision/consent-event.js';
import { decide } from '../../decision/table/decide.js';
import { DomainError } from '../../errors.js';
import { misspelling } from '../../id.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import type { PolicyStore, Publication } from '../../policy/policy.store.js';
import { CLOCK_TOLERANCE_MS } from '../../time.js';
import type { Versions } from '../../policy/versions.js';
import { Answer } from '../answer.js';
import { type EvaluationRequest, memberOfUser, mustHaveLevels, questionOf } from '../question.js';

/** When: a time in milliseconds since the epoch, or the policy and revision that a recorded answer names. */
export type Moment = { readonly at: number } | { readonly policy: string; readonly revision: number };

/** A replayed answer, with what it rested on. */
export type Replayed = {
  readonly answer: Answer;
  /** How the version came into force; absent when a version was named that never did. */
  readonly publication?: Publication;
  /** The user as the log knew them then. */
  readonly record: UserRecord;
  readonly regime: string;
  /** The user's events until then, oldest first; the last of many. */
  readonly events: readonly ConsentEvent[];
};

type History = Pick<Replayed, 'record' | 'events'> & { readonly isKnown: boolean };

/** Where a replay has the evaluation, as a JSON Pointer. */
const EVALUATION = '/evaluation';
/** Maximum number of events: the end of a long history explains a decision. */
const MOST_EVENTS = 100;

export class Replay {
  constructor(
    private readonly versions: Versions,
    private readonly policyStore: PolicyStore,
    private readonly log: ConsentStore,
    /** Milliseconds since the Unix epoch. */
    private readonly now: () => number,
  ) {}

  /**
   * Repeats a past decision.
   *
   * @param clientPurposes what the client's credentials listed; absent: what was asked for
   * @throws DomainError `policy_not_found` when no version was in force yet, or there is none of this id
   */
  async decide(
    request: EvaluationRequest,
    moment: Moment,
    clientPurposes?: readonly string[],
  ): Promise<Replayed> {
    if ('at' in moment && moment.at > this.now() + CLOCK_TOLERANCE_MS)
      throw new DomainError(
        'invalid_request',
        '`at` is yet to come, and nobody knows what will be said by then: give a time that has passed',
        '/at',
      );
    const { version, publication } = await this.versionAt(moment);
    const { question, user, several } = questionOf(
      new Set(clientPurposes ?? [request.subject.id]),
      request,
      'none',
      EVALUATION,
    );
    if (several !== undefined)
      throw new DomainError(
        'invalid_request',
        'what was decided about several users is replayed about each: name one in `user`; it was permitted if it was for each of them',
        `${EVALUATION}/resource/properties/users`,
      );
    mustHaveLevels(version, question, EVALUATION);
    const { isKnown, record, events } = await this.historyOf(user ?? '', moment);
    const fault = !isKnown && user !== undefined ? misspelling(user) : undefined;
    if (fault !== undefined)
      throw new DomainError(
        'invalid_request',
        `the id of the user ${fault}`,
        `${EVALUATION}${memberOfUser(request.resource)}`,
      );
    await this.mustRemember(user ?? '', moment, events);
    const decision = decide(version.table, question, version.table.consentOf(record));
    const revision = 'revision' in moment ? moment.revision : (events.at(-1)?.revision ?? 0);
    return {
      answer: new Answer(decision, version.id, this.log.tokens.of(revision)),
      ...(publication === undefined ? {} : { publication }),
      record,
      regime: version.regimeInDecisions(record.region),
      events,
    };
  }

  /** Refuses if contents that were known then are deleted. */
  private async mustRemember(user: string, moment: Moment, events: readonly ConsentEvent[]): Promise<void> {
    // events after the last one of that time may be deleted: they did not count yet
    const reach = 'revision' in moment ? moment.revision : (events.at(-1)?.revision ?? 0);
    if (await this.log.hasForgotten(user, reach))
      throw new DomainError(
        'record_forgotten',
        'what the user had said by then was superseded, and is no longer kept: ask about a later time',
      );
  }

  private async versionAt(
    moment: Moment,
  ): Promise<{ readonly version: PolicyVersion; readonly publication?: Publication }> {
    if ('policy' in moment) return { version: await this.versions.get(moment.policy) };
    const publication = await this.policyStore.publicationAt(moment.at);
    if (publication === undefined)
      throw new DomainError(
        'policy_not_found',
        'no policy was in force at that time: give a later one',
        '/at',
      );
    return { version: await this.versions.get(publication.version), publication };
  }

  /** What a user had said by then, folded as it is read: the last events of it, and whether they ever said anything. */
  private async historyOf(user: string, moment: Moment): Promise<History> {
    let record = EMPTY_RECORD;
    let isKnown = false;
    const events: ConsentEvent[] = [];
    for await (const event of eventsOf(
      this.log,
      user,
      0,
      'revision' in moment ? moment.revision : Infinity,
    )) {
      isKnown = true;
      if ('at' in moment && event.at > moment.at) continue;
      record = applyChange(record, event.change);
      if (events.push(event) > MOST_EVENTS) events.shift();
    }
    return { isKnown, record, events };
  }
}
