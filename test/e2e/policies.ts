/** What the tests do to the policy through the API, as admins. */
import { expect } from 'vitest';
import { numberAt, textAt, valueAt } from './replies.js';
import type { RequestOptions, Reply, Service } from './service.js';

export type Admins = {
  /** Asks as an admin, by name: `author`, `first` and `second` are policy admins, `officer` a privacy officer too. */
  readonly ask: (who: Admin, method: string, path: string, options?: RequestOptions) => Promise<Reply>;
  /** The document in force. */
  readonly current: () => Promise<unknown>;
  /** Opens a draft of a document; resolves to its id. */
  readonly draft: (document: unknown) => Promise<string>;
  /** Puts a document in force, with the approvals of two others; resolves to the version. */
  readonly publish: (document: unknown, notices?: Readonly<Record<string, number>>) => Promise<string>;
};

const ADMINS = {
  author: 'policy_admin',
  first: 'policy_admin',
  second: 'policy_admin',
  officer: 'privacy_officer',
} as const;
type Admin = keyof typeof ADMINS;

export async function adminsOf(service: Service): Promise<Admins> {
  const tokens = new Map<string, string>();
  for (const [sub, role] of Object.entries(ADMINS))
    tokens.set(sub, await service.token({ sub, roles: [role] }));
  const ask = (who: Admin, method: string, path: string, options: RequestOptions = {}) => {
    const token = tokens.get(who);
    return service.request(method, `/v1/policies${path}`, {
      ...options,
      ...(token === undefined ? {} : { token }),
    });
  };
  const draft = async (document: unknown) => {
    const opened = await ask('author', 'POST', '/drafts', { body: { message: 'a test', document } });
    expect(opened).toMatchObject({ status: 201 });
    return textAt(opened.body, 'id');
  };
  return {
    ask,
    current: async () => valueAt((await ask('author', 'GET', '/current')).body, 'document'),
    draft,
    publish: async (document, notices = {}) => {
      const id = await draft(document);
      const { body } = await ask('author', 'GET', `/drafts/${id}`);
      for (const who of ['first', 'second'] as const)
        await ask(who, 'POST', `/drafts/${id}/approvals`, { body: { content: textAt(body, 'content') } });
      const published = await ask('author', 'POST', `/drafts/${id}/publication`, {
        body: { notices },
        headers: { 'if-match': `"${numberAt(body, 'edit')}"` },
      });
      expect(published).toMatchObject({ status: 200 });
      return textAt(published.body, 'version');
    },
  };
}
