/**
 * Grants: permits as short-lived signed tokens, bound to a key of the caller, which the service that owns the data
 * verifies by itself (decision 052).
 */
import { randomUUID } from 'node:crypto';
import type { ServiceCaller } from '../../access/caller.js';
import type { StateInForce } from '../../consent/log/state-in-force.js';
import type { ReceiptKeys } from '../../consent/receipts/receipt-keys.js';
import { mustBeSpelled } from '../../consent/settings/addressed-user.js';
import { fieldIn } from '../../decision/visibility.js';
import { DomainError } from '../../errors.js';
import { messageFieldsOf } from '../../policy/message-fields.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { timeText } from '../../time.js';
import type { RequestRecord } from '../decision-records.js';
import type { Answer } from '../answer.js';
import type { EvaluationService } from '../evaluation.service.js';
import { type EvaluationRequest, FIELD, PURPOSE, type RequestContext } from '../question.js';
import { mustBeFewEnough } from '../several.js';
import { NO_CASES } from '../../cases/case-readings.js';

/** The `typ` of a grant (RFC 7515, section 4.1.9), so that no receipt passes for one. */
export const GRANT_TYPE = 'assent-grant+jwt';
/** Longest life of a grant, in seconds: what was withdrawn is not read for longer. */
export const MAX_SECONDS = 60;
/** Longest grant, in characters: it travels in a header. */
const MAX_JWS = 12_000;

export type GrantRequest = {
  readonly purpose: string;
  /** The service that accepts the grant. */
  readonly audience: string;
  readonly users: readonly string[];
  /** Each a field, or, as `field@level`, an item of it that has a level by itself. */
  readonly fields: readonly string[];
  readonly seconds?: number | undefined;
  readonly context?: Omit<RequestContext, 'case' | 'reader_token'> | undefined;
};

/** What some users are permitted alike: by field, what must be done with it. */
type Permitted = { readonly users: string[]; readonly fields: Readonly<Record<string, readonly string[]>> };

/** What is not in the grant. */
type Denied = {
  readonly user: string;
  readonly field: string;
  readonly reason: string;
  readonly derived_source?: string;
};

export type IssuedGrant = {
  /** A compact JWS; null: nothing is permitted. */
  readonly grant: string | null;
  readonly expires_at: string | null;
  readonly policy: string;
  readonly revision: string;
  readonly denied: readonly Denied[];
};

/** What was decided on all users and fields together, on one policy version and revision. */
type Decided = {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly policy: string;
  readonly revision: string;
  readonly permits: readonly Permitted[];
  readonly denied: readonly Denied[];
};

export class Grants {
  /**
   * @param issuer the URL by which callers reach the service
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
    private readonly keys: Pick<ReceiptKeys, 'signClaims'>,
    private readonly issuer: string,
    private readonly now: () => number,
  ) {}

  /** @throws DomainError `purpose_not_allowed` */
  mustBeAsked(client: ServiceCaller, purpose: string): void {
    this.evaluation.mustList(client, this.evaluation.policy, { type: PURPOSE, id: purpose });
  }

  /**
   * Decides, and signs what is permitted once that is recorded.
   *
   * @param key thumbprint of the caller's key
   * @param id of the request, which is that of its records
   * @throws DomainError `invalid_request`, `purpose_not_allowed`, `grant_not_offered`
   */
  async issue(client: ServiceCaller, request: GrantRequest, key: string, id: string): Promise<IssuedGrant> {
    const { purpose, users, fields } = request;
    mustBeFewEnough(users.length * fields.length, '/users');
    if (new Set(users).size < users.length)
      throw new DomainError('invalid_request', '`users` names one user twice: name everybody once', '/users');
    for (const [place, user] of users.entries())
      mustBeSpelled(user, users.length === 1 ? '/user' : `/users/${place}`, this.consent);
    const asked = users.map((user) => fields.map((field) => evaluationOf(request, user, field)));
    const all = asked.flat();
    const { policy: before } = this.evaluation;
    const isConfirmed = await this.evaluation.freshEnough(all.slice(0, 1));
    const { at, permits, denied, policy, revision } = await this.evaluation.records.once(
      client,
      id,
      (record) => this.decide(this.evaluation.boundNow(client, before), request, asked, record, isConfirmed),
    );
    const basis = { policy, revision, denied };
    if (permits.length === 0) return { grant: null, expires_at: null, ...basis };
    // from the decision on, not from the signature: what was withdrawn meanwhile lives no longer for it
    const expiresAt = at + (request.seconds ?? MAX_SECONDS) * 1000;
    const grant = await this.keys.signClaims({
      type: GRANT_TYPE,
      claimsAt: (issuedAt) => ({
        iss: this.issuer,
        aud: request.audience,
        client_id: client.id,
        purpose,
        permits,
        policy,
        revision,
        request: id,
        iat: issuedAt / 1000,
        nbf: issuedAt / 1000,
        exp: expiresAt / 1000,
        jti: randomUUID(),
        cnf: { jkt: key },
      }),
    });
    if (grant.length > MAX_JWS)
      throw new DomainError(
        'invalid_request',
        `the grant would be longer than ${MAX_JWS.toLocaleString('en')} characters, and it travels in a header: ask for fewer users or fields at once`,
      );
    return { grant, expires_at: timeText(expiresAt), ...basis };
  }

  /** @throws DomainError see `issue` */
  private decide(
    client: ServiceCaller,
    { purpose, fields }: GrantRequest,
    asked: readonly (readonly EvaluationRequest[])[],
    record: RequestRecord | 'impossible',
    isConfirmed: boolean,
  ): Decided {
    const { evaluation } = this;
    const { policy } = evaluation;
    evaluation.mustList(client, policy, { type: PURPOSE, id: purpose });
    this.mustBeOffered(policy, purpose, fields);
    const at = this.now();
    const permits = new Map<string, Permitted>();
    const denied: Denied[] = [];
    let revision = '';
    for (const ofUser of asked) {
      const open: [string, readonly string[]][] = [];
      let user = '';
      for (const [place, request] of ofUser.entries()) {
        const { id, properties } = request.resource;
        // with its level, if it has one
        const field = fields[place] ?? id;
        user = properties?.user ?? '';
        const answer = evaluation.answer(client, policy, request, record, isConfirmed, NO_CASES);
        ({ revision } = answer.context);
        if (answer.decision) open.push([field, answer.context.obligations]);
        else denied.push(deniedIn(user, field, answer));
      }
      if (open.length === 0) continue;
      const key = JSON.stringify(open);
      const alike = permits.get(key);
      if (alike === undefined) permits.set(key, { users: [user], fields: Object.fromEntries(open) });
      else alike.users.push(user);
    }
    if (record !== 'impossible') record.end();
    return { at, policy: policy.id, revision, permits: [...permits.values()], denied };
  }

  /**
   * A grant is not tied to one reading as an evaluation is, so private messages are not read by it. Another purpose is
   * denied what is private by the decision itself.
   *
   * @throws DomainError `grant_not_offered`
   */
  private mustBeOffered(policy: PolicyVersion, purpose: string, fields: readonly string[]): void {
    const { categories = [] } = policy.purposes.get(purpose) ?? {};
    const isForMessages =
      categories.includes('private_message') ||
      policy.document.floor.private_message?.includes(purpose) === true;
    if (!isForMessages) return;
    const messages = messageFieldsOf(policy);
    const at = fields.findIndex((field) => messages.has(fieldIn(field)));
    const field = fields[at];
    if (field !== undefined)
      throw new DomainError(
        'grant_not_offered',
        `\`${purpose}\` may read private messages, and \`${field}\` may hold some: no grant is given for it, so ask an evaluation for each reading`,
        `/fields/${at}`,
      );
  }
}

function evaluationOf({ purpose, context }: GrantRequest, user: string, field: string): EvaluationRequest {
  const level = field.includes('@') ? field.slice(field.indexOf('@') + 1) : undefined;
  return {
    subject: { type: PURPOSE, id: purpose },
    action: { name: 'read' },
    resource: {
      type: FIELD,
      id: fieldIn(field),
      properties: level === undefined ? { user } : { user, visibility: level },
    },
    ...(context === undefined ? {} : { context }),
  };
}

function deniedIn(user: string, field: string, { context }: Answer): Denied {
  const { reason, derived_source } = context;
  return { user, field, reason, ...(derived_source === undefined ? {} : { derived_source }) };
}
