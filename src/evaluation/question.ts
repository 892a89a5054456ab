/** Evaluations as they are asked, and the question that each puts to the decision table. */
import type { CaseFinding, UnderCase } from '../cases/case-readings.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { eachQuoted, listOf } from '../decision/lists.js';
import { nearest } from '../decision/nearest.js';
import type { CaseStanding, RequestFacts } from '../decision/rules/ability.js';
import type { Question } from '../decision/table/decide.js';
import { factsIndex } from '../decision/table/table.js';
import { DomainError } from '../errors.js';
import { misspelling } from '../id.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { Stated } from './decision-records.js';
import { mustBeDifferent, severalOf } from './several.js';
import type { Asked } from './shadow.js';

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
export function underCaseOf({ subject, resource, context }: EvaluationRequest): UnderCase | undefined {
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
export function statedIn(
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
 * The revision that a decision must rest on; `Infinity`: none, as far as is known.
 *
 * @param consent while it is not available, this process may not know the present era of the log either
 * @param member JSON Pointer to the token; absent: it is in a query, or a body without a context
 * @throws DomainError `invalid_request` when the token is not one of this log's, `change_lost` when the log has lost its change
 */
export function neededRevision(
  token: string | undefined,
  consent: Pick<StateInForce, 'tokens' | 'available'>,
  member?: string,
): number {
  if (token === undefined) return 0;
  const revision = consent.tokens.entryOf(token, LOST);
  if (typeof revision === 'number') return revision;
  const { code, fault } = revision;
  if (code === 'change_lost' && !consent.available) return Infinity;
  throw new DomainError(
    code,
    `\`${member === undefined ? '' : 'context.'}consistency_token\` ${fault}`,
    member,
  );
}

const LOST = 'make that change again if it is to hold, and ask with the token of it, or without one';

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
