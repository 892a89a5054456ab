import type { ServiceCaller } from '../access/caller.js';
import { revisionOf, tokenOf } from '../consent/consistency-token.js';
import type { ConsentService } from '../consent/consent.service.js';
import type { UserRecord } from '../decision/consent-state.js';
import { type Decision, type RequestFacts, decide } from '../decision/decide.js';
import { DomainError } from '../errors.js';
import type { PolicyService, PolicyVersion } from '../policy/policy.service.js';
import type { ContextDto, EvaluationDto } from './evaluation.dto.js';

/** AuthZEN's names for what is asked: a purpose may read a field of a user. */
export const PURPOSE = 'purpose';
export const FIELD = 'field';
export const USER = 'user';

/** What one request's answers rest on: one policy version, one revision at least. */
export type Basis = {
  readonly policy: PolicyVersion;
  /** Whether the revision that the request asks for was reached. */
  readonly fresh: boolean;
};

/** An evaluation's answer (AuthZEN 1.0, section "Decision"). */
export type Answer = {
  readonly decision: boolean;
  readonly context: {
    readonly reason: Decision['reason'];
    readonly policy: string;
    readonly revision: string;
    readonly obligations: readonly string[];
  };
};

export class EvaluationService {
  constructor(
    private readonly policies: PolicyService,
    private readonly consent: ConsentService,
    /** Milliseconds that a decision waits for the revision it must rest on. */
    private readonly patience: number,
  ) {}

  /**
   * Answers one evaluation.
   *
   * @throws DomainError `invalid_request`; `purpose_not_allowed` when the client's credentials do not list the purpose
   */
  async evaluate(client: ServiceCaller, request: EvaluationDto): Promise<Answer> {
    const basis = await this.basisFor(request.context);
    this.mustList(client, basis.policy, request.subject);
    return this.answer(client, basis, request);
  }

  /** The policy in force, and whether the consent state has reached the revision that the request must rest on. */
  async basisFor(context: ContextDto | undefined): Promise<Basis> {
    const token = context?.consistency_token;
    if (token === undefined) return { policy: this.policies.current, fresh: true };
    const revision = revisionOf(token);
    if (revision === undefined)
      throw new DomainError(
        'invalid_request',
        '`context.consistency_token` is not a token of this service: send one back as it was given',
        '/context/consistency_token',
      );
    const fresh = await this.consent.reaches(revision, this.patience);
    return { policy: this.policies.current, fresh };
  }

  /** @throws DomainError `purpose_not_allowed` when the policy knows the purpose and the credentials do not list it */
  mustList(client: ServiceCaller, policy: PolicyVersion, subject: EvaluationDto['subject']): void {
    if (subject.type === PURPOSE && policy.purposes.has(subject.id) && !client.purposes.has(subject.id))
      throw new DomainError(
        'purpose_not_allowed',
        `the token does not list \`${subject.id}\` in its \`purposes\`: ask for credentials that do`,
        '/subject/id',
      );
  }

  /** Answers one evaluation on a basis that stands. A purpose that the credentials do not list is denied. */
  answer(client: ServiceCaller, { policy, fresh }: Basis, request: EvaluationDto): Answer {
    const { subject, action, resource, context } = request;
    const user = resource.properties?.user;
    if (resource.type === FIELD && user === undefined)
      throw new DomainError(
        'invalid_request',
        '`resource.properties.user` is missing: a field is always that of a user, so add the id of the user',
        '/resource/properties/user',
      );
    const revision = this.consent.revision;
    const record: UserRecord | 'unavailable' =
      fresh && user !== undefined ? this.consent.recordOf(user) : 'unavailable';
    const decision = decide(policy, {
      purpose: subject.type === PURPOSE ? subject.id : '',
      action: action.name,
      field: resource.type === FIELD ? resource.id : '',
      clientPurposes: client.purposes,
      record,
      facts: factsOf(context, user),
    });
    return {
      decision: decision.permit,
      context: {
        reason: decision.reason,
        policy: policy.id,
        revision: tokenOf(revision),
        obligations: decision.obligations,
      },
    };
  }
}

function factsOf(context: ContextDto | undefined, user: string | undefined): RequestFacts {
  return {
    actor: context?.actor ?? 'human',
    // there is no register of cases yet, so no case can be verified, and an unverified case opens nothing
    case: 'none',
    legalReference: context?.legal_reference !== undefined,
    ownData: user !== undefined && context?.on_behalf_of === user,
  };
}
