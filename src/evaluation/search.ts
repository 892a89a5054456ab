/** AuthZEN's searches: each candidate is asked as an evaluation would ask. */
import { createHash } from 'node:crypto';
import type { ServiceCaller } from '../access/caller.js';
import type { StateInForce } from '../consent/log/state-in-force.js';
import { deny } from '../decision/table/table.js';
import { ACTION } from '../decision/policy.js';
import type { Decision, Reason } from '../decision/reasons.js';
import { DomainError } from '../errors.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import type { EvaluationService } from './evaluation.service.js';
import { type EvaluationRequest, FIELD, PURPOSE, USER } from './question.js';
import type { RequestRecord } from './decision-records.js';
import { mustBeFewEnough } from './several.js';
import { UsersRecord, fieldAt } from './users-record.js';

/** Maximum and default number of results of a page. */
const MAX_RESULTS = 1_000;
const DEFAULT_RESULTS = 100;
/** Maximum candidates per request: a page may be short, but it never takes long. */
const MAX_CANDIDATES = 20_000;

/** Which page of the results is wanted. */
type PageRequest = {
  /** `next_token` of the page before. */
  readonly token?: string;
  readonly limit?: number;
  readonly properties?: object;
};
type Paged = { readonly page?: PageRequest };

/** Searches (AuthZEN 1.0, section "Search APIs"): what is searched for has a type and no id. */
export type SubjectSearch = Omit<EvaluationRequest, 'subject'> &
  Paged & { readonly subject: Omit<Subject, 'id'> };
export type ResourceSearch = Omit<EvaluationRequest, 'resource'> &
  Paged & { readonly resource: Omit<Resource, 'id'> };
export type ActionSearch = Omit<EvaluationRequest, 'action'> & Paged;

type Subject = EvaluationRequest['subject'];
type Resource = EvaluationRequest['resource'];
type Action = EvaluationRequest['action'];

export type SearchAnswer<T> = {
  /** `next_token` is empty when this is the last page. */
  readonly page: { readonly next_token: string; readonly count: number };
  /** Why nothing can be found, if the question names something unknown. */
  readonly context?: Unknown;
  /** Each of them, in place of what was searched for, makes an evaluation that is permitted. */
  readonly results: readonly T[];
};

/** An unknown name in a question: the reason that an evaluation would give, the error and its place. */
type Unknown = { readonly reason: Reason; readonly message: string; readonly member: string };

/** Candidates by place: at most `count` of them from place `start` on. */
type Candidates = (start: number, count: number) => readonly (string | undefined)[];

export class Search {
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly consent: StateInForce,
  ) {}

  /** Which purposes of the client may do this with the field of the user. */
  async subjects(asking: ServiceCaller, search: SubjectSearch, id: string): Promise<SearchAnswer<Subject>> {
    const { type } = search.subject;
    const { context } = search;
    const { policy: before } = this.evaluation;
    const isConfirmed = await this.evaluation.freshEnough(
      [...asking.purposes].map((id) => ({ subject: { type, id }, context })),
    );
    const client = this.evaluation.boundNow(asking, before);
    const { policy } = this.evaluation;
    const { users } = search.resource.properties ?? {};
    if (users !== undefined)
      mustBeFewEnough(users.length * policy.purposes.size, '/resource/properties/users');
    const page = pageOf('subject', client, search);
    const unknown = unknownIn(policy, { ...search, subject: { type } });
    return this.evaluation.records.found(client, id, (record) =>
      find(page, unknown, {
        candidates: listed(type === PURPOSE ? [...policy.purposes.keys()] : []),
        entity: (one) => ({ type, id: one }),
        decide: (subject, isTold) =>
          this.evaluation.decisionOn(
            client,
            policy,
            { ...search, subject },
            isTold ? record : 'elsewhere',
            isConfirmed,
          ),
      }),
    );
  }

  /** Which fields of the user, or which users' field, the purpose may do this with. */
  async resources(
    asking: ServiceCaller,
    search: ResourceSearch,
    id: string,
  ): Promise<SearchAnswer<Resource>> {
    const { policy: before } = this.evaluation;
    const isConfirmed = await this.evaluation.freshEnough([search]);
    const client = this.evaluation.boundNow(asking, before);
    const { policy } = this.evaluation;
    this.evaluation.mustList(client, policy, search.subject);
    const { type, properties: { user, users, field, visibility } = {} } = search.resource;
    if (users !== undefined)
      throw new DomainError(
        'invalid_request',
        '`resource.properties.users` is not searched by: search for the fields of one of them, and ask about those with an evaluation for all',
        '/resource/properties/users',
      );
    const properties = {
      ...(type === USER || user === undefined ? {} : { user }),
      ...(type !== USER || field === undefined ? {} : { field }),
      ...(visibility === undefined ? {} : { visibility }),
    };
    // among fields, it is for those that have a group
    const { visibility: _visibility, ...unlevelled } = properties;
    const placeOf = (id: string) => policy.table.fieldIndex(id) ?? -1;
    const propertiesOf = (id: string) =>
      type === FIELD && policy.table.groupsOf(placeOf(id)).length === 0 ? unlevelled : properties;
    const isAsked = ({ id, properties: asked }: Resource) =>
      type !== FIELD ||
      asked?.visibility === undefined ||
      policy.table.knowsLevel(placeOf(id), asked.visibility);
    const page = pageOf('resource', client, search);
    const unknown = unknownIn(policy, { ...search, resource: { type, properties } });
    return this.evaluation.records.found(client, id, (record) => {
      const decideIn = (resource: Resource, into: RequestRecord | 'elsewhere') =>
        isAsked(resource)
          ? this.evaluation.decisionOn(client, policy, { ...search, resource }, into, isConfirmed)
          : undefined;
      const searched = {
        candidates: this.resourcesOf(type, policy),
        entity: (one: string) => ({ type, id: one, properties: propertiesOf(one) }),
      };
      if (type !== USER)
        return find(page, unknown, {
          ...searched,
          decide: (resource, isTold) => decideIn(resource, isTold ? record : 'elsewhere'),
        });
      const asked = fieldAt(field ?? '', visibility);
      const answers: Decision[] = [];
      const users = new UsersRecord(
        record,
        { way: 'search', purpose: search.subject.id, fields: [asked], policy, stated: search.context ?? {} },
        (place) => {
          const { permit, reason, obligations } = answers[place] ?? deny('consent_unavailable');
          return { permitted: permit ? [asked] : [], reasons: [reason], obligations };
        },
      );
      const { revision } = this.consent;
      const found = find(page, unknown, {
        ...searched,
        decide: (resource, isTold) => {
          const decision = decideIn(resource, 'elsewhere');
          if (!isTold || decision === undefined) return decision;
          if (users.room === 0) users.close(revision, false);
          const known = answers.indexOf(decision);
          users.add(
            this.consent.numberOf(resource.id) ?? 0,
            known < 0 ? answers.push(decision) - 1 : known,
            () => resource.id,
          );
          return decision;
        },
      });
      users.close(revision, true);
      return found;
    });
  }

  private resourcesOf(type: string, policy: PolicyVersion): Candidates {
    switch (type) {
      case FIELD:
        return listed([...policy.fields.keys()]);
      case USER:
        return (start, count) => this.consent.usersFrom(start, count);
      default:
        return listed([]);
    }
  }

  /** Which actions the purpose may do on the field of the user: `read`, or none. */
  async actions(asking: ServiceCaller, search: ActionSearch, id: string): Promise<SearchAnswer<Action>> {
    const { policy: before } = this.evaluation;
    const isConfirmed = await this.evaluation.freshEnough([search]);
    const client = this.evaluation.boundNow(asking, before);
    const { policy } = this.evaluation;
    this.evaluation.mustList(client, policy, search.subject);
    const { subject, resource } = search;
    // the action is what is searched for, so one in the request is ignored
    const page = pageOf('action', client, search);
    const unknown = unknownIn(policy, { subject, resource });
    return this.evaluation.records.found(client, id, (record) =>
      find(page, unknown, {
        candidates: listed([ACTION]),
        entity: (name) => ({ name }),
        decide: (action, isTold) =>
          this.evaluation.decisionOn(
            client,
            policy,
            { ...search, action },
            isTold ? record : 'elsewhere',
            isConfirmed,
          ),
      }),
    );
  }
}

function listed(candidates: readonly string[]): Candidates {
  return (start, count) => candidates.slice(start, start + count);
}

type Page = {
  readonly start: number;
  readonly limit: number;
  /** The token of the page that begins at a place. */
  readonly tokenAt: (start: number) => string;
};

type Searched<T> = {
  readonly candidates: Candidates;
  readonly entity: (id: string) => T;
  /** @returns `undefined` where it is not asked for */
  readonly decide: (entity: T, isTold: boolean) => Decision | undefined;
};

/**
 * The candidates of one page that pass, and the token of the next page.
 *
 * @throws DomainError as an evaluation does, also where nothing can be found
 */
function find<T>(
  { start, limit, tokenAt }: Page,
  unknown: Unknown | undefined,
  { candidates, entity, decide }: Searched<T>,
): SearchAnswer<T> {
  decide(entity('-'), false);
  const results: T[] = [];
  let place = start;
  for (const id of candidates(start, MAX_CANDIDATES)) {
    if (results.length >= limit) break;
    if (id !== undefined) {
      const candidate = entity(id);
      if (decide(candidate, true)?.permit === true) results.push(candidate);
    }
    place++;
  }
  // an empty limit has no next page, which would be empty too
  const more = limit > 0 && candidates(place, 1).length > 0;
  return {
    page: { next_token: more ? tokenAt(place) : '', count: results.length },
    ...(unknown === undefined ? {} : { context: unknown }),
    results,
  };
}

/** The first unknown name in a question, in the order of reasons; what is searched for has no id. */
function unknownIn(policy: PolicyVersion, { subject, action, resource }: Asked): Unknown | undefined {
  const { type, id, properties } = resource;
  const field = type === USER ? properties?.field : id;
  if (subject.type !== PURPOSE)
    return unknown(
      'unknown_purpose',
      'subject.type',
      `must be \`${PURPOSE}\`: no other type of subject asks`,
    );
  if (subject.id !== undefined && !policy.purposes.has(subject.id))
    return unknown('unknown_purpose', 'subject.id', 'is no purpose of the policy: correct it');
  if (action !== undefined && action.name !== ACTION)
    return unknown('unknown_action', 'action.name', `must be \`${ACTION}\`: there is no other action`);
  if (type !== USER && type !== FIELD)
    return unknown('unknown_field', 'resource.type', `must be \`${FIELD}\` or \`${USER}\``);
  if (field === undefined || policy.fields.has(field)) return undefined;
  const place = type === USER ? 'resource.properties.field' : 'resource.id';
  return unknown('unknown_field', place, 'is no field of the policy: correct it');
}

function unknown(reason: Reason, place: string, fault: string): Unknown {
  return { reason, message: `\`${place}\` ${fault}`, member: `/${place.replaceAll('.', '/')}` };
}

/** The question of any search. */
type Asked = {
  readonly subject: { readonly type: string; readonly id?: string };
  readonly action?: { readonly name: string };
  readonly resource: Omit<Resource, 'id'> & { readonly id?: string };
  readonly context?: object;
};

/** Identifies a question by every member of its entities, except ignored members of the one that is searched for. */
function fingerprintOf(
  kind: 'subject' | 'resource' | 'action',
  client: ServiceCaller,
  { subject, action, resource, context }: Asked,
): string {
  return digestOf([
    kind,
    client.id,
    kind === 'subject' ? { ...subject, id: undefined } : subject,
    kind === 'action' ? undefined : action,
    kind === 'resource' ? { ...resource, id: undefined } : resource,
    context,
  ]);
}

/** The hash of a JSON value, independent of the order of members. */
function digestOf(value: unknown): string {
  let text = '';
  // an explicit list instead of recursion: a value can be as deep as its text is long
  const left: ({ readonly text: string } | { readonly value: unknown })[] = [{ value }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if ('text' in next) text += next.text;
    else if (typeof next.value !== 'object' || next.value === null) text += `${JSON.stringify(next.value)},`;
    else if (Array.isArray(next.value)) {
      text += '[';
      left.push({ text: ']' });
      for (const item of next.value.toReversed()) left.push({ value: item });
    } else {
      text += '{';
      left.push({ text: '}' });
      for (const [name, member] of Object.entries(next.value).sort(([one], [other]) =>
        one < other ? 1 : -1,
      ))
        left.push({ value: member }, { text: `${JSON.stringify(name)}:` });
    }
  }
  return createHash('sha256').update(text).digest('base64url');
}

/** The content of a token: the start of the page, the `page` of the first request, and the question. */
const TOKEN = /^(\d{1,15})\.(\d{0,7})\.([\w-]*)\.([\w-]+)$/;

/**
 * The page that a request asks for. Limit and properties of later pages default to those of the first.
 *
 * @throws DomainError `invalid_request` when the token is not one of ours, or the request is not the one it was given
 *   for
 */
function pageOf(kind: 'subject' | 'resource' | 'action', client: ServiceCaller, search: Asked & Paged): Page {
  const { token = '', limit, properties } = search.page ?? {};
  const question = fingerprintOf(kind, client, search);
  const said = {
    limit: limit === undefined ? '' : String(limit),
    properties: properties === undefined ? '' : digestOf(properties),
  };
  if (token === '') return pageFrom(0, said.limit, said.properties, question);
  const at = '/page/token';
  const [, start, first, firstProperties, asked] =
    TOKEN.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (start === undefined || first === undefined || firstProperties === undefined)
    throw new DomainError(
      'invalid_request',
      '`page.token` is not a token of this service: send `next_token` back as it was given',
      at,
    );
  const isSame =
    asked === question &&
    (limit === undefined || said.limit === first) &&
    (properties === undefined || said.properties === firstProperties);
  if (!isSame)
    throw new DomainError(
      'invalid_request',
      '`page.token` belongs to another search: repeat the search it was given for, unchanged, or leave the token out',
      at,
    );
  return pageFrom(Number(start), first, firstProperties, question);
}

function pageFrom(start: number, limit: string, properties: string, question: string): Page {
  return {
    start,
    limit: Math.min(limit === '' ? DEFAULT_RESULTS : Number(limit), MAX_RESULTS),
    tokenAt: (next) => Buffer.from(`${next}.${limit}.${properties}.${question}`).toString('base64url'),
  };
}
