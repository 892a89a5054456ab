/** AuthZEN's searches: what may be read, found by asking of each candidate what an evaluation would ask. */
import { createHash } from 'node:crypto';
import type { ServiceCaller } from '../access/caller.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { ACTION } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import {
  type EvaluationRequest,
  type EvaluationService,
  type RequestContext,
  FIELD,
  PURPOSE,
  USER,
} from './evaluation.service.js';

/** Most results of one page, and how many when the request does not say. */
const MAX_RESULTS = 1_000;
const DEFAULT_RESULTS = 100;
/** Most candidates that one request asks about: a page may be short, but it never takes long. */
const MAX_CANDIDATES = 20_000;

/** Which page of the results is wanted. */
type PageRequest = {
  /** `next_token` of the page before. */
  readonly token?: string;
  readonly limit?: number;
};
type Paged = { readonly page?: PageRequest };

/** Searches (AuthZEN 1.0, section "Search APIs"): what is searched for has a type and no id. */
export type SubjectSearch = Omit<EvaluationRequest, 'subject'> &
  Paged & { readonly subject: { readonly type: string } };
export type ResourceSearch = Omit<EvaluationRequest, 'resource'> &
  Paged & {
    readonly resource: {
      readonly type: string;
      readonly properties?: { readonly user?: string; readonly field?: string };
    };
  };
export type ActionSearch = Omit<EvaluationRequest, 'action'> & Paged;

type Entity = { readonly type: string; readonly id: string };
export type SearchAnswer<T> = {
  /** `next_token` is empty when this is the last page. */
  readonly page: { readonly next_token: string; readonly count: number };
  readonly results: readonly T[];
};

/** Candidates by place: at most `count` of them from place `start` on. */
type Candidates = (start: number, count: number) => readonly (string | undefined)[];

export class Search {
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
  ) {}

  /** Which purposes of the client may do this with the field of the user. */
  async subjects(client: ServiceCaller, search: SubjectSearch): Promise<SearchAnswer<Entity>> {
    await this.evaluation.freshEnough([search.context]);
    const { policy } = this.evaluation;
    const purposes = search.subject.type === PURPOSE ? [...policy.purposes.keys()] : [];
    const page = pageOf('subject', client, search);
    const passes = (id: string) =>
      this.evaluation.permits(client, policy, { ...search, subject: { type: PURPOSE, id } });
    // the question is checked even where nothing can be found
    this.evaluation.permits(client, policy, { ...search, subject: { type: search.subject.type, id: '-' } });
    return entities(PURPOSE, find(page, listed(purposes), passes));
  }

  /** Which fields of the user, or which users' field, the purpose may do this with. */
  async resources(client: ServiceCaller, search: ResourceSearch): Promise<SearchAnswer<Entity>> {
    await this.evaluation.freshEnough([search.context]);
    const { policy } = this.evaluation;
    this.evaluation.mustList(client, policy, search.subject);
    const { type, properties } = search.resource;
    const page = pageOf('resource', client, search);
    const ask = (field: string, user: string | undefined) => {
      const request: EvaluationRequest = {
        ...search,
        resource: { type: FIELD, id: field, properties: user === undefined ? {} : { user } },
      };
      return this.evaluation.permits(client, policy, request);
    };
    switch (type) {
      case FIELD: {
        ask('-', properties?.user);
        const fields = [...policy.fields.keys()];
        return entities(
          FIELD,
          find(page, listed(fields), (id) => ask(id, properties?.user)),
        );
      }
      case USER: {
        const field = properties?.field;
        if (field === undefined)
          throw new DomainError(
            'invalid_request',
            '`resource.properties.field` is missing: say which field of the users the purpose wants to read',
            '/resource/properties/field',
          );
        // the question is checked even where nobody can be found
        ask(field, '-');
        const users: Candidates = (start, count) => this.consent.usersFrom(start, count);
        return entities(
          USER,
          find(page, users, (id) => ask(field, id)),
        );
      }
      default:
        return entities(
          type,
          find(page, listed([]), () => false),
        );
    }
  }

  /** Which actions the purpose may do on the field of the user: `read`, or none. */
  async actions(
    client: ServiceCaller,
    search: ActionSearch,
  ): Promise<SearchAnswer<{ readonly name: string }>> {
    await this.evaluation.freshEnough([search.context]);
    const { policy } = this.evaluation;
    this.evaluation.mustList(client, policy, search.subject);
    const page = pageOf('action', client, search);
    const passes = (name: string) => this.evaluation.permits(client, policy, { ...search, action: { name } });
    passes('-');
    const { results, next } = find(page, listed([ACTION]), passes);
    return { page: { next_token: next, count: results.length }, results: results.map((name) => ({ name })) };
  }
}

function listed(candidates: readonly string[]): Candidates {
  return (start, count) => candidates.slice(start, start + count);
}

function entities(type: string, { results, next }: Found): SearchAnswer<Entity> {
  return { page: { next_token: next, count: results.length }, results: results.map((id) => ({ type, id })) };
}

type Found = { readonly results: string[]; readonly next: string };
type Page = { readonly start: number; readonly limit: number; readonly fingerprint: string };

/** The candidates of one page that pass, and the token of the next page. */
function find(
  { start, limit, fingerprint }: Page,
  candidates: Candidates,
  passes: (id: string) => boolean,
): Found {
  const results: string[] = [];
  let place = start;
  for (const id of candidates(start, MAX_CANDIDATES)) {
    if (results.length >= limit) break;
    if (id !== undefined && passes(id)) results.push(id);
    place++;
  }
  const more = candidates(place, 1).length > 0;
  return { results, next: more ? pageToken(place, limit, fingerprint) : '' };
}

function pageToken(start: number, limit: number, fingerprint: string): string {
  return Buffer.from(`${start}.${limit}.${fingerprint}`).toString('base64url');
}

/** What any of the searches asks. */
type Asked = {
  readonly subject: { readonly type: string; readonly id?: string };
  readonly action?: { readonly name: string };
  readonly resource: {
    readonly type: string;
    readonly id?: string;
    readonly properties?: { readonly user?: string; readonly field?: string };
  };
  readonly context?: RequestContext;
};

/** Names a question by all that its answer depends on, and nothing that is ignored. */
function fingerprintOf(
  kind: string,
  client: ServiceCaller,
  { subject, action, resource, context }: Asked,
): string {
  const { actor, case: caseId, legal_reference, on_behalf_of, consistency_token } = context ?? {};
  const asked = [
    [kind, client.id],
    [subject.type, kind === 'subject' ? null : subject.id],
    [kind === 'action' ? null : action?.name],
    [
      resource.type,
      kind === 'resource' ? null : resource.id,
      resource.properties?.user,
      resource.properties?.field,
    ],
    [actor, caseId, legal_reference, on_behalf_of, consistency_token],
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
}

/**
 * Which page a request asks for.
 *
 * @throws DomainError `invalid_request` when the token is not one of ours, or the request is not the one it was given for
 */
function pageOf(kind: string, client: ServiceCaller, search: Asked & Paged): Page {
  const { page } = search;
  const fingerprint = fingerprintOf(kind, client, search);
  const token = page?.token;
  if (token === undefined || token === '')
    return { start: 0, limit: Math.min(page?.limit ?? DEFAULT_RESULTS, MAX_RESULTS), fingerprint };
  const [start, limit, asked] = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const at = '/page/token';
  if (
    start === undefined ||
    limit === undefined ||
    asked === undefined ||
    !/^\d{1,15}$/.test(start) ||
    !/^\d{1,4}$/.test(limit)
  )
    throw new DomainError(
      'invalid_request',
      '`page.token` is not a token of this service: send `next_token` back as it was given',
      at,
    );
  const sameLimit = page?.limit === undefined || Math.min(page.limit, MAX_RESULTS) === Number(limit);
  if (asked !== fingerprint || !sameLimit)
    throw new DomainError(
      'invalid_request',
      '`page.token` belongs to another search: repeat the search it was given for, unchanged, or leave the token out',
      at,
    );
  return { start: Number(start), limit: Math.min(Number(limit), MAX_RESULTS), fingerprint };
}
