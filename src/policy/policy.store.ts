/** A policy version, kept for ever. */
export type StoredVersion = {
  /** Hash of its content; see `contentIdSteps`. */
  readonly id: string;
  /** As stored; `PolicyService.restore` checks that it matches the id before it is used. */
  readonly document: unknown;
  /** Its authors: everybody who edited its draft. */
  readonly authors: readonly string[];
  readonly message: string;
  /** The version that it follows; null for the first. */
  readonly parent: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

export type VersionSummary = Omit<StoredVersion, 'document'>;

/** An admin's approval of a draft that they have seen. It holds only for one edit of the draft. */
export type Approval = {
  readonly by: string;
  /** The roles that the approver's credentials carried. */
  readonly roles: readonly string[];
  readonly at: number;
};

/**
 * An admin's decline of a draft that they have seen. It applies to that content, in any draft, until it is lifted.
 */
export type Decline = {
  /** The draft that it was given in. */
  readonly draft: string;
  /** Counts the declines of a draft from 1. */
  readonly number: number;
  /** The edit that was seen, and the hash of its content. */
  readonly edit: number;
  readonly content: string;
  /** The versions that this content was to follow: when it was read, and later, if its draft was rebased. */
  readonly bases: readonly string[];
  readonly by: string;
  /** The roles that the credentials carried. */
  readonly roles: readonly string[];
  /** Why, in the words of the one who declined. */
  readonly remark: string;
  readonly at: number;
  /** When its author withdrew it, approved the content, or declined it again; null before. */
  readonly liftedAt: number | null;
};

export type NewDecline = Pick<Decline, 'by' | 'roles' | 'remark' | 'at'>;

/** Earlier approvals and declines that are replaced or withdrawn. */
export type Unsaid = {
  /** The admins whose approvals of the edit are withdrawn. */
  readonly approvals: readonly string[];
  /** The declines that are lifted. */
  readonly declines: readonly Pick<Decline, 'draft' | 'number'>[];
};

/** The publication of a version. */
export type Publication = {
  /** Counts from 1 without gaps. */
  readonly sequence: number;
  readonly version: string;
  /** The revision of the consent log after which it is in force: decisions on later revisions rest on it. */
  readonly after: number;
  readonly by: string;
  readonly at: number;
  /** Null for the first policy of the service. */
  readonly draft: string | null;
  readonly approvals: readonly Approval[];
};

export type ChainedPublication = Publication & { readonly hash: Buffer };

export type NewPublication = Omit<Publication, 'sequence' | 'after' | 'draft'> & {
  /** The draft that it ends, the published edit, and how many declines of its content are known, in any draft. */
  readonly draft: { readonly id: string; readonly edit: number; readonly declines: number } | null;
  /** The version in force that it must follow, null for the first; absent: any. */
  readonly follows?: string | null;
};

/** A scheduled publication. */
export type Schedule = {
  readonly at: number;
  readonly by: string;
  /** The notice versions that the publisher named, by purpose. */
  readonly notices: Readonly<Record<string, number>>;
};

/** A draft of the next policy. */
export type Draft = {
  readonly id: string;
  /** Counts its edits from 1. */
  readonly edit: number;
  /** The version that it follows. */
  readonly base: string;
  /** As sent: it need not be sound, or even have the shape of a policy. */
  readonly document: unknown;
  /** Hash of the document; the id of the version that it would be. */
  readonly content: string;
  readonly message: string;
  /** Everybody who edited it. None of them may approve it. */
  readonly authors: readonly string[];
  readonly status: 'open' | 'scheduled' | 'published' | 'discarded';
  readonly schedule: Schedule | null;
  /** Why the last scheduled publication was refused when its time came. */
  readonly refusal: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Approvals of the present edit. */
  readonly approvals: readonly Approval[];
  /**
   * All declines given in it, for any of its contents, the oldest first; then those of its current content, given in
   * other drafts.
   */
  readonly declines: readonly Decline[];
};

/** A draft in lists, without its document. */
export type DraftSummary = Omit<Draft, 'document'>;

/** Where a page of a list begins: after this entry of it. */
export type After = { readonly at: number; readonly id: string };

export type NewDraft = Omit<
  Draft,
  'edit' | 'approvals' | 'declines' | 'status' | 'schedule' | 'refusal' | 'changedAt'
>;

/** What an edit may change; an edit voids the approvals. */
export type DraftEdit = Pick<Draft, 'base' | 'document' | 'content' | 'message' | 'authors' | 'changedAt'>;

/** Changes without an edit: the approvals stay. */
export type DraftStanding = Pick<Draft, 'status' | 'schedule' | 'refusal' | 'changedAt'>;

/** Policy versions, drafts, and which version was in force when. */
export abstract class PolicyStore {
  /** Stores a version; an existing one stays as it is. */
  abstract saveVersion(version: StoredVersion): Promise<void>;

  abstract version(id: string): Promise<StoredVersion | undefined>;

  /** Newest first. */
  abstract versions(limit: number, after?: After): Promise<VersionSummary[]>;

  /** Newest first. @param before only those before this sequence */
  abstract publications(limit: number, before?: number): Promise<Publication[]>;

  /** All publications after a sequence, the oldest first, each with the hash that chains it to the one before. */
  abstract chainedPublications(after?: number): Promise<ChainedPublication[]>;

  /** The publication that was in force at a time; `undefined` before the first. */
  abstract publicationAt(at: number): Promise<Publication | undefined>;

  /** The publication that a revision of the consent log was made under; `undefined` before the first. */
  abstract publicationBefore(revision: number): Promise<Publication | undefined>;

  /**
   * Puts a stored version in force after the last revision of the consent log, and ends its draft, atomically.
   *
   * @returns `undefined` when the draft has been edited or ended, its content declined, or one of the approvals
   *   withdrawn, since
   * @throws Overtaken when another process has written to the log, or published, meanwhile
   */
  abstract publish(publication: NewPublication): Promise<Publication | undefined>;

  abstract createDraft(draft: NewDraft): Promise<Draft>;

  abstract draft(id: string): Promise<Draft | undefined>;

  /** Newest first. */
  abstract drafts(limit: number, after?: After): Promise<DraftSummary[]>;

  /** Open drafts with this content that follow this version, the oldest first. */
  abstract draftsOf(content: string, base: string): Promise<DraftSummary[]>;

  /** Open and scheduled drafts, newest first. */
  abstract standingDrafts(): Promise<DraftSummary[]>;

  /** Scheduled drafts. */
  abstract scheduled(): Promise<DraftSummary[]>;

  /** The number of open drafts, and the bytes of their documents. */
  abstract standing(): Promise<{ readonly drafts: number; readonly bytes: number }>;

  /** @returns the draft with its next edit; `undefined` when it is no longer open at this edit */
  abstract editDraft(id: string, edit: number, change: DraftEdit): Promise<Draft | undefined>;

  /** @returns `undefined` when it is no longer at this edit, or has been published or discarded */
  abstract moveDraft(id: string, edit: number, standing: DraftStanding): Promise<Draft | undefined>;

  /**
   * Records an approval of an edit, and lifts declines, in any draft. A second approval by the same admin changes
   * nothing.
   */
  abstract approve(id: string, edit: number, approval: Approval, lifted: Unsaid['declines']): Promise<void>;

  /**
   * Records a decline of the draft's content at this edit. From then on, a publication of the same content fails unless
   * it knows of the decline.
   *
   * @returns `undefined` when the draft is no longer at this edit, or has been published or discarded
   */
  abstract decline(id: string, edit: number, decline: NewDecline, unsaid: Unsaid): Promise<Draft | undefined>;

  /**
   * Withdraws approvals of this edit, and lifts declines, in any draft. From then on, a publication that names such an
   * approval fails.
   *
   * @returns `undefined` when the draft is no longer at this edit, or has been published or discarded
   */
  abstract withdraw(id: string, edit: number, at: number, unsaid: Unsaid): Promise<Draft | undefined>;
}
