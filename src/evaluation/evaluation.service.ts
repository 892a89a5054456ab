import type { ServiceCaller } from '../access/caller.js';
import {
  type CaseFinding,
  type CaseReadings,
  type Findings,
  NO_CASES,
  type UnderCase,
} from '../cases/case-readings.js';
import { whyWithout } from '../access/clients.js';
import { mustBeSpelled } from '../consent/settings/addressed-user.js';
import type { Tokens } from '../consent/log/consistency-token.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import type { CaseStanding, RequestFacts } from '../decision/rules/ability.js';
import { type Question, decide } from '../decision/table/decide.js';
import type { JointDecision } from '../decision/table/decide-for-several.js';
import type { Decision } from '../decision/reasons.js';
import { eachQuoted, listOf } from '../decision/lists.js';
import { nearest } from '../decision/nearest.js';
import { BATCH_KEYS, KeyBatch } from '../decision/state/key-batch.js';
import { deny, factsIndex } from '../decision/table/table.js';
import { DomainError } from '../errors.js';
import { misspelling } from '../id.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { DecidedAlike, Person, Asked as RecordedAsked } from '../record/record-entry.js';
import type { DecisionRecords, RequestRecord, Stated } from './decision-records.js';
import { type Several, decideAbout, memberOfPerson, mustBeDifferent, severalOf } from './several.js';
import type { Asked, Shadow } from './shadow.js';

/** AuthZEN's names of the question: may a purpose read a field of a user? */
export const PURPOSE = 'purpose';
export const FIELD = 'field';
export const USER = 'user';

/** Facts of a request, as the client states them. */
export type RequestContext = {
  /** Whether a person or a process will see the data; absent: a person. */
  readonly actor?: 'automated' | 'human';
  readonly case?: string;
  /** Token of the person who reads under the case. */
  readonly reader_token?: string;
  readonly legal_reference?: string;
  /** Id of the user who exercises their rights. */
  readonly on_behalf_of?: string;
  readonly consistency_token?: string;
  /** The proof that the decision needs; absent: what the policy demands for the purpose. */
  readonly consistency?: 'confirmed';
  /** Whether a permit with obligations comes with a token to report by that they were kept. */
  readonly discharge?: boolean;
};

/** A well-formed evaluation (AuthZEN 1.0, section "The Access Evaluation API Request"). */
export type EvaluationRequest = {
  readonly subject: { readonly type: string; readonly id: string };
  readonly action: { readonly name: string };
  readonly resource: {
    readonly type: string;
    readonly id: string;
    /** The user of the field, or all of several, or the field of the user. */
    readonly properties?: {
      readonly user?: string;
      readonly users?: readonly string[];
      readonly field?: string;
      /** The level that this item has by itself. */
      readonly visibility?: string;
      /** Id of the item, such as a message: what a case names. */
      readonly item?: string;
    };
  };
  readonly context?: RequestContext;
};

/** The members of an evaluation that say what its decision must rest on. */
export type Resting = {
  readonly subject: EvaluationRequest['subject'];
  readonly context?: RequestContext | undefined;
};

/** An evaluation's answer (AuthZEN 1.0, section "Decision"). */
export class Answer {
  readonly decision: boolean;
  readonly context: {
    readonly reason: Decision['reason'];
    /** Which of the fields that the field is made of denies; absent: it does so itself, or it is another matter. */
    readonly derived_source?: string;
    readonly policy: string;
    readonly revision: string;
    readonly obligations: readonly string[];
    /** Of several users, the place of the one who closes it. */
    readonly closed_by?: number;
    /** By which the client says that it kept the obligations. */
    readonly discharge_token?: string;
  };
  #json: string | undefined;

  constructor(
    { permit, reason, obligations, source }: Decision,
    policy: string,
    revision: string,
    /** Of several users, the place of the one who closes it. */
    closedBy?: number,
    dischargeToken?: string,
  ) {
    this.decision = permit;
    this.context = {
      reason,
      ...(source === undefined ? {} : { derived_source: source }),
      ...(closedBy === undefined ? {} : { closed_by: closedBy }),
      ...(dischargeToken === undefined ? {} : { discharge_token: dischargeToken }),
      policy,
      revision,
      obligations,
    };
  }

  /** The answer as it is sent; serialised once, however often it is given. */
  get json(): string {
    return (this.#json ??= JSON.stringify(this));
  }
}

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
    const isConfirmed = await this.freshEnough([request]);
    const findings = await this.casesOf([request]);
    return this.records.once(client, id, (record) =>
      this.evaluateNow(client, request, record, isConfirmed, findings),
    );
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
    const answer = this.answer(client, policy, request, record, isConfirmed, findings);
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
    if (revision > this.consent.revision) await this.consent.reaches(revision, this.patience);
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
  isConfirmed(): Promise<boolean> {
    return this.consent.isAtHead(this.patience);
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
    const { decision, closedBy, people } = this.decideAndRecord(
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
    const token = wanted ? this.dischargeToken(record, asked, decision, people) : undefined;
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
  ): JointDecision & { readonly people: readonly (Person | undefined)[] } {
    const { question, user, several } = asked;
    const joint =
      several === undefined
        ? { decision: this.decide(policy, asked, request, isConfirmed, found) }
        : this.decideForSeveral(policy, asked, several, request, isConfirmed);
    if (record === 'elsewhere') return { ...joint, people: [] };
    if (record === 'impossible') return { decision: deny('record_unavailable'), people: [] };
    const personOf = (one: string | undefined, number?: number) =>
      one === undefined ? undefined : record.personOf(one, number);
    const people =
      several === undefined
        ? [personOf(user, found?.number)]
        : joint.decision.permit
          ? several.users.map((one) => personOf(one))
          : [personOf(several.users[joint.closedBy ?? -1])];
    for (const person of people)
      record.decision(policy, this.consent.revision, stated, question, person, joint.decision);
    return { ...joint, people };
  }

  private dischargeToken(
    record: RequestRecord | 'impossible',
    { question: { purpose, field, visibility: level } }: Asked,
    decision: Decision,
    people: readonly (Person | undefined)[],
  ): string | undefined {
    if (record === 'impossible' || record.last === undefined || !decision.permit) return undefined;
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
   * @throws DomainError `invalid_request` when a member cannot be read for this question
   */
  private mayRest(
    policy: PolicyVersion,
    { question, user, several, isUnproved }: Asked,
    request: EvaluationRequest,
    isConfirmed: boolean,
  ): boolean {
    const { resource, context } = request;
    // an invalid token is refused, even where nothing could be permitted
    const needed = neededRevision(
      context?.consistency_token,
      this.consent.tokens,
      '/context/consistency_token',
    );
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

/**
 * What an evaluation asks of `decide`. A field with its user and a user with the field are the same question.
 *
 * @param standing of the case that it names; `unavailable`: it could not be read
 * @param at JSON Pointer of the evaluation within the request
 * @throws DomainError `invalid_request` when it names a field and no user, or a user and no field, or users twice
 */
export function questionOf(
  clientPurposes: ReadonlySet<string>,
  { subject, action, resource, context }: EvaluationRequest,
  standing: CaseStanding | 'unavailable' = 'none',
  at = '',
): Asked {
  const { type, id, properties } = resource;
  const isUser = type === USER;
  const user = userOf(resource);
  const users = properties?.users;
  if (users !== undefined) mustBeOfSeveral(resource, users, at);
  const field = isUser ? properties?.field : id;
  if (field === undefined)
    throw new DomainError(
      'invalid_request',
      '`resource.properties.field` is missing: say which field of the user the purpose wants to read',
      `${at}/resource/properties/field`,
    );
  if (type === FIELD && user === undefined && users === undefined)
    throw new DomainError(
      'invalid_request',
      '`resource.properties.user` is missing: a field is always that of a user, so add the id of the user',
      `${at}/resource/properties/user`,
    );
  const fault = isUser ? undefined : misspelling(id);
  if (fault !== undefined)
    throw new DomainError('invalid_request', `\`resource.id\` ${fault}`, `${at}/resource/id`);
  const isUnproved = standing === 'unavailable';
  const known = isUnproved ? 'none' : standing;
  const question = {
    purpose: subject.type === PURPOSE ? subject.id : '',
    action: action.name,
    field: isUser || type === FIELD ? field : '',
    clientPurposes,
    facts: factsIndex(factsOf(context, user, known)),
    visibility: properties?.visibility,
  };
  if (users === undefined) return { question, user, isUnproved };
  const several = severalOf(users, question, factsOf(context, undefined, known), context?.on_behalf_of);
  return { question, user, several, isUnproved };
}

/** @throws DomainError `invalid_request` when the resource is not of several users, or names one twice */
function mustBeOfSeveral(
  { type, properties }: EvaluationRequest['resource'],
  users: readonly string[],
  at: string,
): void {
  const fault =
    type === USER
      ? 'is of a field, and the resource is a user: ask about a `field`'
      : properties?.user !== undefined
        ? 'stands beside `user`: name one user there, or several in `users`'
        : undefined;
  if (fault !== undefined)
    throw new DomainError(
      'invalid_request',
      `\`resource.properties.users\` ${fault}`,
      `${at}/resource/properties/users`,
    );
  mustBeDifferent(users, at);
}

/**
 * A level is one of the group of a field, or of a group of what it is made of. A decision would take any other for the
 * strictest; whoever misspelt it is told instead.
 *
 * @param at JSON Pointer of the evaluation within the request
 * @throws DomainError `invalid_request`
 */
export function mustHaveLevels(
  { table, document }: PolicyVersion,
  { field, visibility }: Question,
  at = '',
): void {
  if (visibility === undefined) return;
  const known = table.fieldIndex(field);
  if (known === undefined || table.knowsLevel(known, visibility)) return;
  const levels = table
    .groupsOf(known)
    .flatMap((group) => (document.visibility?.[group]?.levels ?? []).map(({ id }) => id));
  const meant = nearest(visibility, levels);
  const toDo =
    meant === undefined
      ? `send ${listOf(eachQuoted([...new Set(levels)]), 'or')}`
      : `did you mean \`${meant}\`?`;
  throw new DomainError(
    'invalid_request',
    levels.length === 0
      ? `\`resource.properties.visibility\` has no meaning for \`${field}\`, which has no visibility group: leave it out`
      : `\`${visibility}\` in \`resource.properties.visibility\` is no level of \`${field}\`: ${toDo}`,
    `${at}/resource/properties/visibility`,
  );
}

/** The user whom a resource names. */
export function userOf({ type, id, properties }: EvaluationRequest['resource']): string | undefined {
  return type === USER ? id : properties?.user;
}

/** What a request asks for under a case; `undefined`: it names none. */
function underCaseOf({ subject, resource, context }: EvaluationRequest): UnderCase | undefined {
  if (context?.case === undefined || subject.type !== PURPOSE) return undefined;
  const { type, id, properties } = resource;
  return {
    case: context.case,
    purpose: subject.id,
    // no case covers several people
    user: properties?.users === undefined ? userOf(resource) : undefined,
    field: type === USER ? properties?.field : id,
    item: properties?.item,
    readerToken: context.reader_token,
  };
}

/** What a request states, for its record. */
function statedIn(
  { resource, context }: EvaluationRequest,
  reader: CaseFinding['reader'],
): Stated | undefined {
  if (context?.case === undefined) return context;
  const { item } = resource.properties ?? {};
  return {
    ...context,
    item,
    ...(reader === undefined ? {} : { reader: `${reader.id} of ${reader.issuer}` }),
  };
}

/** Where a resource names the user, as a JSON Pointer. */
export function memberOfUser({ type }: EvaluationRequest['resource']): string {
  return type === USER ? '/resource/id' : '/resource/properties/user';
}

/**
 * The revision that a decision must rest on; `Infinity`: none ever will.
 *
 * @param member JSON Pointer to the token; absent: it is in a query, or a body without a context
 * @throws DomainError `invalid_request` when the token is not one of this log's
 */
export function neededRevision(token: string | undefined, tokens: Tokens, member?: string): number {
  if (token === undefined) return 0;
  const revision = tokens.revisionOf(token);
  if (typeof revision === 'string')
    throw new DomainError(
      'invalid_request',
      `\`${member === undefined ? '' : 'context.'}consistency_token\` ${revision}`,
      member,
    );
  return revision;
}

/**
 * The facts of a request, as far as the engine can verify them.
 *
 * @param standing of its case; a case that was not read opens nothing
 */
export function factsOf(
  context: RequestContext | undefined,
  user: string | undefined,
  standing: CaseStanding = 'none',
): RequestFacts {
  return {
    actor: context?.actor ?? 'human',
    case: standing,
    legalReference: context?.legal_reference !== undefined,
    ownData: user !== undefined && context?.on_behalf_of === user,
  };
}
