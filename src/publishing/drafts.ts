/** Drafts of the next policy: edited by some, approved by others, each edit visible to all admins. */
import { DomainError } from '../errors.js';
import { contentIdOf } from '../policy/content-id.js';
import type { PolicyService } from '../policy/policy.service.js';
import { isSamePerson } from '../access/person.js';
import type {
  After,
  Approval,
  Decline,
  Draft,
  DraftEdit,
  DraftSummary,
  PolicyStore,
} from '../policy/policy.store.js';
import { type Operation, patched } from './patch.js';
import { standingDeclinesOf } from './review/declines.js';
import type { Versions } from '../policy/versions.js';

/** Maximum number of open drafts, and bytes of their documents. */
export const MOST_DRAFTS = 1_000;
const MB = 1_000_000;
const MOST_BYTES = 256 * MB;

/** The input for a new draft. */
export type DraftStart = {
  /** The version that it follows, or `current`. */
  readonly base: string;
  /** Absent: a copy of the base. */
  readonly document?: unknown;
  readonly message: string;
};

export class Drafts {
  constructor(
    private readonly policies: PolicyService,
    private readonly versions: Versions,
    private readonly store: PolicyStore,
    private readonly newId: () => string,
    private readonly now: () => number,
  ) {}

  /**
   * Opens a draft. If its author already has an open draft of the same document that follows the same version, returns
   * that one, so that pipelines may push repeatedly.
   *
   * @param isMeant whether such a draft, which may have another message, may be returned
   * @throws DomainError `policy_not_found`: there is no such base; `too_many_drafts`; `invalid_request`: it is not
   *   valid JSON
   */
  async open(
    author: string,
    { base, document, message }: DraftStart,
    isMeant: (own: DraftSummary) => boolean = () => true,
  ): Promise<{ readonly draft: Draft; readonly isNew: boolean }> {
    const stored = await this.versions.stored(base);
    const whole = document ?? stored.document;
    const content = await contentOf(whole);
    if (document !== undefined) {
      const same = await this.store.draftsOf(content, stored.id);
      const own = same.find(
        (draft) => draft.authors.some((one) => isSamePerson(one, author)) && isMeant(draft),
      );
      if (own !== undefined) return { draft: await this.get(own.id), isNew: false };
    }
    await this.mustHaveRoom(whole);
    const draft = await this.store.createDraft({
      id: this.newId(),
      base: stored.id,
      document: whole,
      content,
      message,
      authors: [author],
      createdAt: this.now(),
    });
    return { draft, isNew: true };
  }

  /** @throws DomainError `draft_not_found` */
  async get(id: string): Promise<Draft> {
    const draft = await this.store.draft(id);
    if (draft === undefined)
      throw new DomainError(
        'draft_not_found',
        'correct the id in the address; `GET /v1/policies/drafts` lists them',
      );
    return draft;
  }

  /** Newest first. */
  list(limit: number, after?: After): Promise<DraftSummary[]> {
    return this.store.drafts(limit, after);
  }

  private async mustHaveRoom(document: unknown): Promise<void> {
    const { drafts, bytes } = await this.store.standing();
    const size = Buffer.byteLength(JSON.stringify(document));
    if (drafts >= MOST_DRAFTS)
      throw new DomainError(
        'too_many_drafts',
        `${MOST_DRAFTS} drafts are open: publish or discard some of them first`,
      );
    if (bytes + size > MOST_BYTES)
      throw new DomainError(
        'too_many_drafts',
        `the open drafts would take more than ${MOST_BYTES / MB} MB together: publish or discard some of them first`,
      );
  }

  /**
   * Replaces the document. The editor becomes an author, and earlier approvals are void; an equal document is no edit.
   *
   * @param edit the edit that the caller has seen
   * @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended`
   */
  async replace(id: string, edit: number, author: string, document: unknown): Promise<Draft> {
    return this.edit(id, edit, author, async () => ({ document, content: await contentOf(document) }));
  }

  /**
   * Applies a JSON Patch (RFC 6902), completely or not at all.
   *
   * @throws DomainError as `replace` does; `invalid_request` when an operation does not apply
   */
  async patch(id: string, edit: number, author: string, operations: readonly Operation[]): Promise<Draft> {
    return this.edit(id, edit, author, async (draft) => {
      const document = patched(draft.document, operations);
      return { document, content: await contentOf(document) };
    });
  }

  /** Makes the draft follow the version in force. Its effect may differ then, so approvals are void. */
  async rebase(id: string, edit: number, author: string): Promise<Draft> {
    return this.edit(id, edit, author, async () => ({ base: this.policies.current.id }));
  }

  /** @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended` */
  async discard(id: string, edit: number): Promise<Draft> {
    const draft = await this.at(id, edit);
    const standing = {
      status: 'discarded',
      schedule: null,
      refusal: draft.refusal,
      changedAt: this.now(),
    } as const;
    return (await this.store.moveDraft(id, edit, standing)) ?? edited();
  }

  /**
   * Approves the draft as the caller has seen it, and lifts the same person's declines of it, in any draft.
   *
   * @param seen the edit, and the hash of its content
   * @throws DomainError `draft_not_found`, `draft_ended`; `draft_edited` when it has changed since
   */
  async approve(
    id: string,
    { edit, content }: Pick<Draft, 'edit' | 'content'>,
    { by, roles }: Pick<Approval, 'by' | 'roles'>,
  ): Promise<Draft> {
    const draft = await this.seen(id, edit, content);
    await this.store.approve(id, edit, { by, roles, at: this.now() }, standingDeclinesOf(by, draft));
    const approved = await this.get(id);
    return approved.edit === edit ? approved : edited();
  }

  /**
   * Declines the draft's content, as the caller has seen it. This replaces the same person's earlier approval or
   * decline.
   *
   * @param seen as with `approve`
   * @throws DomainError as `approve` does
   */
  async decline(
    id: string,
    { edit, content }: Pick<Draft, 'edit' | 'content'>,
    { by, roles, remark }: Pick<Decline, 'by' | 'roles' | 'remark'>,
  ): Promise<Draft> {
    const draft = await this.seen(id, edit, content);
    const unsaid = {
      approvals: approversWhoAre(by, draft),
      // their decline of the same content in another draft stays: that draft may be rebased differently
      declines: standingDeclinesOf(by, draft).filter((decline) => decline.draft === id),
    };
    const declined = await this.store.decline(id, edit, { by, roles, remark, at: this.now() }, unsaid);
    if (declined !== undefined) return declined;
    // published or discarded meanwhile, or edited
    mustBeAt(await this.get(id), edit);
    return edited();
  }

  /**
   * Withdraws what this person said of the draft: their approval of the edit, or their declines of its content, in any
   * draft. Where they said no such thing, the draft stays as it is.
   *
   * @param edit the edit that the caller has seen
   * @throws DomainError `draft_not_found`, `draft_edited`, `draft_ended`
   */
  async withdraw(id: string, edit: number, by: string, what: 'approval' | 'decline'): Promise<Draft> {
    const draft = await this.at(id, edit);
    const unsaid = {
      approvals: what === 'approval' ? approversWhoAre(by, draft) : [],
      declines: what === 'decline' ? standingDeclinesOf(by, draft) : [],
    };
    if (unsaid.approvals.length + unsaid.declines.length === 0) return draft;
    const withdrawn = await this.store.withdraw(id, edit, this.now(), unsaid);
    if (withdrawn !== undefined) return withdrawn;
    // published or discarded meanwhile, or edited
    mustBeAt(await this.get(id), edit);
    return edited();
  }

  /** The draft at the edit that the caller has seen, with the content that they read. */
  private async seen(id: string, edit: number, content: string): Promise<Draft> {
    const draft = await this.at(id, edit);
    return draft.content === content ? draft : edited();
  }

  /** The draft at the edit that the caller has seen. */
  private async at(id: string, edit: number): Promise<Draft> {
    const draft = await this.get(id);
    mustBeAt(draft, edit);
    return draft;
  }

  private async edit(
    id: string,
    edit: number,
    author: string,
    change: (draft: Draft) => Promise<Partial<DraftEdit>>,
  ): Promise<Draft> {
    const draft = await this.at(id, edit);
    if (draft.status === 'scheduled')
      throw new DomainError('draft_ended', 'it waits for its publication: take that back before you edit it');
    const { base, document, content, message } = draft;
    const authors = draft.authors.includes(author) ? draft.authors : [...draft.authors, author];
    const next = {
      base,
      document,
      content,
      message,
      authors,
      changedAt: this.now(),
      ...(await change(draft)),
    };
    // no change: approvals stay, and no author is added
    if (next.content === draft.content && next.base === draft.base) return draft;
    return (await this.store.editDraft(id, edit, next)) ?? edited();
  }
}

/** The ids under which this person approved the draft. */
function approversWhoAre(person: string, { approvals }: Draft): string[] {
  return approvals.map(({ by }) => by).filter((by) => isSamePerson(by, person));
}

function mustTakeEdits({ status }: Draft): void {
  if (status === 'published' || status === 'discarded')
    throw new DomainError('draft_ended', `it was ${status}: open a new draft`);
}

/**
 * @throws DomainError `invalid_request` when a value has no canonical JSON: a non-finite number, or nesting that is too
 *   deep
 */
export async function contentOf(document: unknown): Promise<string> {
  if (document === undefined)
    throw new DomainError('invalid_request', 'the body is empty: send the whole document');
  try {
    return await contentIdOf(document);
  } catch (cause) {
    throw new DomainError(
      'invalid_request',
      'the document cannot be kept, for it is nested too deep or has a number that is too large: send one without',
      undefined,
      { cause },
    );
  }
}

/** Refuses an action on an outdated edit, or on a draft that has ended. */
export function mustBeAt(draft: Draft, edit: number): void {
  mustTakeEdits(draft);
  if (draft.edit !== edit) edited();
}

/** Another change came first. */
export function edited(): never {
  throw new DomainError('draft_edited', 'read the draft again, and repeat what you did on what it is now');
}
