/** What the tests do to policies through the API, as admins. */
import { expect } from 'vitest';
import type { DevelopmentClaims } from '../../src/access/tokens/development-key.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { isPolicyDocument } from '../../src/policy/text/policy-shape.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import type { Reply, RequestOptions, Service } from './service.js';

/** Four who may write, approve and publish, three of whom look after privacy too, and others. */
const CALLERS = {
  ann: { sub: 'ann', roles: ['policy_admin'] },
  bob: { sub: 'bob', roles: ['policy_admin'] },
  cat: { sub: 'cat', roles: ['policy_admin'] },
  dan: { sub: 'dan', roles: ['policy_admin'] },
  oda: { sub: 'oda', roles: ['privacy_officer'] },
  olaf: { sub: 'olaf', roles: ['privacy_officer'] },
  otto: { sub: 'otto', roles: ['privacy_officer'] },
  auditor: { sub: 'auditor', roles: ['auditor'] },
  nobody: { sub: 'nobody', roles: [] },
  user: { sub: 'u-curious' },
  service: { sub: 'pep', purposes: ['research'] },
  reader: { sub: 'dashboard', purposes: [], scope: 'policies:read' },
  pipeline: { sub: 'ci', purposes: [], scope: 'policies:write' },
} satisfies Record<string, DevelopmentClaims>;
export type CallerName = keyof typeof CALLERS;
export const ALL_CALLERS: readonly CallerName[] = Object.keys(CALLERS).filter(isCallerName);

function isCallerName(name: string): name is CallerName {
  return Object.hasOwn(CALLERS, name);
}

/** One operation of a JSON Patch. */
export type PatchOperation = {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
};

/** A draft as its last answer showed it. */
export type SeenDraft = { readonly id: string; readonly edit: number; readonly content: string };

export type Admins = {
  /** A request below `/v1/policies`, unless the path says another one; `edit` is sent as If-Match. */
  readonly send: (
    who: CallerName,
    method: string,
    path: string,
    options?: RequestOptions & { readonly edit?: number },
  ) => Promise<Reply>;
  /** The version in force. */
  readonly current: () => Promise<string>;
  /** A draft of the version in force with these operations applied by whoever opens it. */
  readonly draft: (who: CallerName, operations?: readonly PatchOperation[]) => Promise<SeenDraft>;
  readonly patch: (who: CallerName, seen: SeenDraft, operations: readonly PatchOperation[]) => Promise<Reply>;
  readonly approve: (who: CallerName, seen: SeenDraft) => Promise<Reply>;
  readonly decline: (who: CallerName, seen: SeenDraft, remark: unknown) => Promise<Reply>;
  readonly publish: (who: CallerName, seen: SeenDraft, body?: object) => Promise<Reply>;
  readonly check: (seen: SeenDraft) => Promise<unknown>;
  readonly get: (seen: SeenDraft) => Promise<unknown>;
};

/** Those who call a service with tokens of development mode. */
export async function adminsOf(service: Service): Promise<Admins> {
  const tokens = new Map<CallerName, string>();
  for (const name of ALL_CALLERS) tokens.set(name, await service.token(CALLERS[name]));
  const send: Admins['send'] = async (who, method, path, { edit, headers, ...options } = {}) =>
    service.request(method, path.startsWith('/v1/') ? path : `/v1/policies${path}`, {
      token: tokens.get(who) ?? '',
      headers: { ...(edit === undefined ? {} : { 'if-match': `"${edit}"` }), ...headers },
      ...options,
    });
  const patch: Admins['patch'] = (who, { id, edit }, operations) =>
    send(who, 'PATCH', `/drafts/${id}/document`, {
      edit,
      body: operations,
      headers: { 'content-type': 'application/json-patch+json' },
    });
  const get = async ({ id }: SeenDraft) => ok(await send('ann', 'GET', `/drafts/${id}`));
  return {
    send,
    current: async () => textAt(ok(await send('ann', 'GET', '/current')), 'id'),
    draft: async (who, operations = []) => {
      const created = await send(who, 'POST', '/drafts', { body: { message: 'a test' } });
      expect(created, JSON.stringify(created.body)).toMatchObject({ status: 201 });
      const opened = seenIn(created.body);
      return operations.length === 0 ? opened : seenIn(ok(await patch(who, opened, operations)));
    },
    patch,
    approve: (who, { id, edit, content }) =>
      send(who, 'POST', `/drafts/${id}/approvals`, { edit, body: { content } }),
    decline: (who, { id, edit, content }, remark) =>
      send(who, 'POST', `/drafts/${id}/declines`, { edit, body: { content, remark } }),
    publish: (who, { id, edit }, body = {}) => send(who, 'POST', `/drafts/${id}/publication`, { edit, body }),
    check: async ({ id }) => ok(await send('ann', 'GET', `/drafts/${id}/check`)),
    get,
  };
}

/** The draft that an answer shows. */
export function seenIn(body: unknown): SeenDraft {
  return { id: textAt(body, 'id'), edit: numberAt(body, 'edit'), content: textAt(body, 'content') };
}

/** The body of an answer that is a 200. */
export function ok(reply: Reply): unknown {
  expect(reply.status, JSON.stringify(reply.body)).toBe(200);
  return reply.body;
}

/** That the answer is the problem of this code. */
export function expectRefusal(reply: Reply, status: number, code: string): void {
  expect(reply.status, JSON.stringify(reply.body)).toBe(status);
  expect(reply.body).toMatchObject({ type: `urn:assent:problem:${code}`, status });
}

/** Where an entry of a list of the document stands, as a JSON Pointer. */
export function pointerTo(document: unknown, list: 'purposes' | 'fields', id: string): string {
  const place = listAt(document, list).findIndex((entry) => valueAt(entry, 'id') === id);
  if (place < 0) throw new Error(`there is no ${id} in ${list}`);
  return `/${list}/${place}`;
}

/** The document in force. */
export async function documentInForce({ send }: Admins): Promise<PolicyDocument> {
  const document = valueAt(ok(await send('ann', 'GET', '/current')), 'document');
  if (isPolicyDocument(document)) return document;
  throw new Error('the version in force has not the shape of a policy');
}

/** Opens a draft of a whole document, or finds it open. */
export async function draftOf({ send }: Admins, document: unknown): Promise<SeenDraft> {
  const created = await send('ann', 'POST', '/drafts', { body: { message: 'a test', document } });
  expect([200, 201], JSON.stringify(created.body)).toContain(created.status);
  return seenIn(created.body);
}

/** Puts a document in force, with the approval of two others. */
export async function publishDocument(
  admins: Admins,
  document: PolicyDocument,
  notices: Readonly<Record<string, number>> = {},
): Promise<void> {
  const draft = await draftOf(admins, document);
  for (const who of ['bob', 'cat'] as const) ok(await admins.approve(who, draft));
  ok(await admins.publish('ann', draft, { notices }));
}
