import type { ServiceCaller } from '../access/caller.js';
import { type CaseReadings, type Findings, NO_CASES } from '../cases/case-readings.js';
import { serviceUnder, whyWithout } from '../access/clients.js';
import { mustBeSpelled } from '../consent/settings/addressed-user.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { decide } from '../decision/table/decide.js';
import type { JointDecision } from '../decision/table/decide-for-several.js';
import type { Decision } from '../decision/reasons.js';
import { BATCH_KEYS, KeyBatch } from '../decision/state/key-batch.js';
import { deny } from '../decision/table/table.js';
import { DomainError } from '../errors.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { DecidedAlike, Asked as RecordedAsked } from '../record/record-entry.js';
import { Answer } from './answer.js';
import type { DecisionCounts } from './decision-counts.js';
import type { DecisionRecords, RequestRecord, Stated } from './decision-records.js';
import {
  type EvaluationRequest,
  PURPOSE,
  type Resting,
  memberOfUser,
  mustHaveLevels,
  neededRevision,
  questionOf,
  statedIn,
  underCaseOf,
} from './question.js';
import { type Several, decideAbout, memberOfPerson } from './several.js';
import { inSpan, inSpanNow } from '../traces.js';
import type { Asked, Shadow } from './shadow.js';

/** A user who was looked up already. */
export type FoundUser = {
  /** What consent answers for them and a purpose. */
  readonly consent: (purpose: number) => number;
  /** By which the log knows them; 0: it does not. */
  readonly number: number;
};

/** Reused, because making one takes long. */
const PEOPLE = new KeyBatch();

export class EvaluationService {
  /** Answers by decision, for the last version and revision. There are few, so each is made once. */
  private answers = { policy: '', revision: -1, made: new Map<Decision, Answer>() };

  constructor(
    private readonly policies: PolicyService,
    private readonly consent: StateInForce,
    /** Milliseconds that a decision waits for the revision it must rest on. */
    private readonly patience: number,
    readonly records: DecisionRecords,
    private readonly shadow?: Shadow,
    private readonly cases?: CaseReadings,
    private readonly dischargeTokens?: {
      /** By which a client says that it kept the obligations of an answer. */
      of(asked: RecordedAsked, decided: DecidedAlike): string;
    },
    /** Absent: nobody watches. */
    private readonly counts?: DecisionCounts,
  ) {}

  /** The policy in force. Take it once per request. */
  get policy(): PolicyVersion {
    return this.policies.current;
  }

  /**
   * Answers one evaluation, once that is recorded.
   *
   * @param id of the request
   * @throws DomainError `invalid_request`; `purpose_not_allowed` when the client may not ask for the purpose
   */
  async evaluate(client: ServiceCaller, request: EvaluationRequest, id: string): Promise<Answer> {
    const { policy: before } = this;
    const isConfirmed = await this.freshEnough([request]);
    const findings = await this.casesOf([request]);
    return this.records.once(client, id, (record) =>
      this.evaluateNow(this.boundNow(client, before), request, record, isConfirmed, findings),
    );
  }

  /**
   * The client under the policy in force, which may be another one once a question has waited.
   *
   * @param before the policy that was in force when the client was bound
   */
  boundNow(client: ServiceCaller, before: PolicyVersion): ServiceCaller {
    const { policy } = this;
    return policy === before ? client : serviceUnder(policy.document, client.from.token);
  }

  /**
   * Answers one evaluation on what is known now. A revision that was not reached is denied. The answer may leave when
   * its record is settled.
   *
   * @param isConfirmed see `freshEnough`
   * @param findings see `casesOf`
   * @throws DomainError as `evaluate` does
   */
  evaluateNow(
    client: ServiceCaller,
    request: EvaluationRequest,
    record: RequestRecord | 'impossible',
    isConfirmed = false,
    findings = NO_CASES,
  ): Answer {
    const { policy } = this;
    this.mustList(client, policy, request.subject);
    const answer = inSpanNow(
      'decision',
      () => this.answer(client, policy, request, record, isConfirmed, findings),
      attributesOf,
    );
    if (record !== 'impossible') record.end();
    return answer;
  }

  /**
   * What the cases that these requests name are worth, read from the database now.
   *
   * @throws DomainError `invalid_request` when there are too many
   */
  async casesOf(requests: readonly EvaluationRequest[]): Promise<Findings> {
    return (await this.cases?.findings(this.policy, requests, underCaseOf)) ?? NO_CASES;
  }

  /**
   * Waits until the consent state has reached every revision that these requests ask for and, where needed, the
   * database has confirmed that it is complete, or until the time is over; what was not reached or confirmed by then is
   * denied. One wait for a whole batch.
   *
   * @returns whether the database has confirmed it since the call
   */
  async freshEnough(requests: readonly Resting[]): Promise<boolean> {
    const revision = this.awaited(requests);
    if (revision > this.consent.revision) {
      const isReached = await inSpan('wait for a revision', {}, () =>
        this.consent.reaches(revision, this.patience),
      );
      if (!isReached) this.timedOut('revision');
    }
    const { policy } = this;
    return requests.some((request) => this.mustBeConfirmed(policy, request)) && (await this.isConfirmed());
  }

  /** Whether something has to wait: for a revision, the database or a case, see `freshEnough` and `casesOf`. */
  mustWait(requests: readonly EvaluationRequest[]): boolean {
    const { policy } = this;
    return (
      this.awaited(requests) > this.consent.revision ||
      requests.some(
        (request) =>
          this.mustBeConfirmed(policy, request) ||
          this.cases?.concerns(policy, underCaseOf(request)) === true,
      )
    );
  }

  /** Whether the database must confirm what a decision rests on: the policy or the caller demands it. */
  mustBeConfirmed({ table }: PolicyVersion, { subject, context }: Resting): boolean {
    if (this.consent.isAlone) return false;
    if (context?.consistency === 'confirmed') return true;
    return subject.type === PURPOSE && table.mustBeConfirmed(subject.id);
  }

  /** Resolves to whether the database has confirmed, since the call, that the consent state is complete. */
  async isConfirmed(): Promise<boolean> {
    const isConfirmed = await inSpan('wait for the head', {}, () => this.consent.isAtHead(this.patience));
    if (!isConfirmed) this.timedOut('confirmation');
    return isConfirmed;
  }

  private timedOut(wait: keyof DecisionCounts['timeouts']): void {
    if (this.counts !== undefined) this.counts.timeouts[wait]++;
  }

  private awaited(requests: readonly Resting[]): number {
    let revision = 0;
    for (const { context } of requests) {
      const token = context?.consistency_token;
      const needed = token === undefined ? 0 : this.consent.tokens.revisionOf(token);
      // do not wait for a revision that cannot come
      if (typeof needed === 'number' && needed !== Infinity) revision = Math.max(revision, needed);
    }
    return revision;
  }

  /** @throws DomainError `purpose_not_allowed` when the policy knows the purpose and the client may not ask for it */
  mustList(client: ServiceCaller, policy: PolicyVersion, subject: EvaluationRequest['subject']): void {
    if (subject.type === PURPOSE && policy.purposes.has(subject.id) && !client.purposes.has(subject.id))
      throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', subject.id), '/subject/id');
  }

  /**
   * Answers one evaluation with what is known now. A purpose that the client may not ask for is denied.
   *
   * @param record what the decision goes into; `impossible`: it is `record_unavailable`
   * @param isConfirmed see `freshEnough`
   * @param findings see {@link casesOf}
   * @param found what was looked up of the user already, see {@link lookUp}
   * @throws DomainError `invalid_request` when a member is missing that this question needs
   */
  answer(
    client: ServiceCaller,
    policy: PolicyVersion,
    request: EvaluationRequest,
    record: RequestRecord | 'impossible',
    isConfirmed: boolean,
    findings: Findings,
    found?: FoundUser,
  ): Answer {
    const { standing, reader } = findings(request, policy);
    const asked = questionOf(client.purposes, request, standing);
    const stated = statedIn(request, reader);
    const { decision, closedBy } = this.decideAndRecord(
      policy,
      asked,
      request,
      stated,
      record,
      isConfirmed,
      found,
    );
    this.shadow?.observe(client.id, asked, decision);
    const wanted = request.context?.discharge === true && decision.obligations.length > 0;
    const token = wanted ? this.dischargeToken(record, asked, decision) : undefined;
    return this.answerWith(decision, policy.id, this.consent.revision, closedBy, token);
  }

  /** Looks up many users at once, see `StateInForce.answersFor`. */
  lookUp(policy: PolicyVersion, users: KeyBatch): (at: number, purpose: number) => number {
    return this.consent.answersFor(policy, users);
  }

  /**
   * The decision alone.
   *
   * @param record what it goes into; `elsewhere`: the caller sees to it, or nobody is told of the decision
   * @throws DomainError as `answer` does
   */
  decisionOn(
    client: ServiceCaller,
    policy: PolicyVersion,
    request: EvaluationRequest,
    record: RequestRecord | 'elsewhere',
    isConfirmed: boolean,
  ): Decision {
    const asked = questionOf(client.purposes, request);
    const stated = statedIn(request, undefined);
    return this.decideAndRecord(policy, asked, request, stated, record, isConfirmed).decision;
  }

  private decideAndRecord(
    policy: PolicyVersion,
    asked: Asked,
    request: EvaluationRequest,
    stated: Stated | undefined,
    record: RequestRecord | 'impossible' | 'elsewhere',
    isConfirmed: boolean,
    found?: FoundUser,
  ): JointDecision {
    const { question, user, several } = asked;
    const joint =
      several === undefined
        ? { decision: this.decide(policy, asked, request, isConfirmed, found) }
        : this.decideForSeveral(policy, asked, several, request, isConfirmed);
    if (record === 'elsewhere') return joint;
    if (record === 'impossible') {
      this.counts?.count(policy.table, question.purpose, 'record_unavailable');
      return { decision: deny('record_unavailable') };
    }
    this.counts?.count(policy.table, question.purpose, joint.decision.reason);
    const takeDown = (one: string | undefined, number?: number) =>
      record.decision(
        policy,
        this.consent.revision,
        stated,
        question,
        one === undefined ? undefined : record.personOf(one, number),
        joint.decision,
      );
    if (several === undefined) takeDown(user, found?.number);
    else if (joint.decision.permit) for (const one of several.users) takeDown(one);
    else takeDown(several.users[joint.closedBy ?? -1]);
    return joint;
  }

  private dischargeToken(
    record: RequestRecord | 'impossible',
    { question: { purpose, field, visibility: level }, user, several }: Asked,
    decision: Decision,
  ): string | undefined {
    if (record === 'impossible' || record.last === undefined || !decision.permit) return undefined;
    const people = (several?.users ?? [user]).map((one) =>
      one === undefined ? undefined : record.personOf(one),
    );
    return this.dischargeTokens?.of(record.last, { purpose, field, level, people, decision });
  }

  private decide(
    policy: PolicyVersion,
    asked: Asked,
    request: EvaluationRequest,
    isConfirmed: boolean,
    found?: FoundUser,
  ): Decision {
    const { question, user } = asked;
    const isProved = this.mayRest(policy, asked, request, isConfirmed);
    if (user === undefined || !isProved)
      return decide(policy.table, question, (purpose) => policy.table.ofUnavailable(purpose));
    return decide(
      policy.table,
      question,
      found?.consent ?? ((purpose) => this.consent.answerFor(policy, user, purpose)),
    );
  }

  private decideForSeveral(
    policy: PolicyVersion,
    asked: Asked,
    several: Several,
    request: EvaluationRequest,
    isConfirmed: boolean,
  ): JointDecision {
    return decideAbout(
      policy.table,
      several,
      this.mayRest(policy, asked, request, isConfirmed)
        ? this.consentOf(policy, several.users)
        : (_at, place) => policy.table.ofUnavailable(place),
    );
  }

  /**
   * Whether a decision may rest on the consent state as it is.
   *
   * @throws DomainError `invalid_request` when a member cannot be read for this question; `change_lost`
   */
  private mayRest(
    policy: PolicyVersion,
    { question, user, several, isUnproved }: Asked,
    request: EvaluationRequest,
    isConfirmed: boolean,
  ): boolean {
    const { resource, context } = request;
    // an invalid token is refused, even where nothing could be permitted
    const needed = neededRevision(context?.consistency_token, this.consent, '/context/consistency_token');
    if (user !== undefined) mustBeSpelled(user, memberOfUser(resource), this.consent);
    if (several !== undefined)
      for (const [at, one] of several.users.entries()) mustBeSpelled(one, memberOfPerson(at), this.consent);
    mustHaveLevels(policy, question);
    if (context?.on_behalf_of !== undefined)
      mustBeSpelled(context.on_behalf_of, '/context/on_behalf_of', this.consent);
    const isUnconfirmed = !isConfirmed && this.mustBeConfirmed(policy, request);
    return needed <= this.consent.revision && !isUnconfirmed && isUnproved !== true;
  }

  /** What consent answers for any number of users, looked up together; valid until the next `await`. */
  private consentOf(policy: PolicyVersion, users: readonly string[]): (at: number, place: number) => number {
    let from = -1;
    let found = (_at: number, place: number) => policy.table.ofUnavailable(place);
    return (at, place) => {
      const start = at - (at % BATCH_KEYS);
      if (start !== from) {
        PEOPLE.clear();
        for (const user of users.slice(start, start + BATCH_KEYS)) PEOPLE.add(user);
        found = this.lookUp(policy, PEOPLE);
        from = start;
      }
      return found(at - start, place);
    };
  }

  private answerWith(
    decision: Decision,
    policy: string,
    revision: number,
    closedBy?: number,
    dischargeToken?: string,
  ): Answer {
    if (closedBy !== undefined || dischargeToken !== undefined)
      return new Answer(decision, policy, this.consent.tokens.of(revision), closedBy, dischargeToken);
    if (this.answers.policy !== policy || this.answers.revision !== revision)
      this.answers = { policy, revision, made: new Map() };
    const { made } = this.answers;
    const known = made.get(decision);
    if (known !== undefined) return known;
    const answer = new Answer(decision, policy, this.consent.tokens.of(revision));
    made.set(decision, answer);
    return answer;
  }
}

function attributesOf({ decision, context }: Answer) {
  const { reason, policy, revision } = context;
  return {
    'assent.permit': decision,
    'assent.reason': reason,
    'assent.policy': policy,
    'assent.revision': revision,
  };
}
