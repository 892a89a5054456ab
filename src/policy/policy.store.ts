/** A policy version, kept for ever. */
export type StoredVersion = {
  /** Hash of its content; see `contentIdSteps`. */
  readonly id: string;
  /** As it was kept; `PolicyService.restore` proves that it is the document of this id before it is used. */
  readonly document: unknown;
  /** Who wrote it: everybody who edited its draft. */
  readonly authors: readonly string[];
  readonly message: string;
  /** The version that it was made from; null for the first. */
  readonly parent: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

export type VersionSummary = Omit<StoredVersion, 'document'>;

/** That an admin saw what a draft does and agrees to it. It holds for one edit of the draft alone. */
export type Approval = {
  readonly by: string;
  /** The roles that the approver's credentials carried. */
  readonly roles: readonly string[];
  readonly at: number;
};

/**
 * That an admin saw what a draft says and does not agree to it. It stands against that content, in whatever draft, until
 * it is lifted.
 */
export type Decline = {
  /** The draft that it was given in. */
  readonly draft: string;
  /** Counts those of a draft from 1. */
  readonly number: number;
  /** The edit that was seen, and the hash of what it said. */
  readonly edit: number;
  readonly content: string;
  /** The versions that this content was to follow: when it was read, and by now, if its draft was rebased. */
  readonly bases: readonly string[];
  readonly by: string;
  /** The roles that the credentials carried. */
  readonly roles: readonly string[];
  /** Why, in the words of the one who declined. */
  readonly remark: string;
  readonly at: number;
  /** When the one who declined approved it, or declined it anew; null before. */
  readonly liftedAt: number | null;
};

export type NewDecline = Pick<Decline, 'by' | 'roles' | 'remark' | 'at'>;

/** What somebody said of a draft before and says no more. */
export type Unsaid = {
  /** Who gave the approvals of the edit that are withdrawn. */
  readonly approvals: readonly string[];
  /** The declines that are lifted. */
  readonly declines: readonly Pick<Decline, 'draft' | 'number'>[];
};

/** That a version came into force. */
export type Publication = {
  /** Counts from 1 without gaps. */
  readonly sequence: number;
  readonly version: string;
  /** The revision of the consent log after which it is in force: decisions on later revisions rest on it. */
  readonly after: number;
  readonly by: string;
  readonly at: number;
  /** Null for the policy that the service first started on. */
  readonly draft: string | null;
  readonly approvals: readonly Approval[];
};

export type ChainedPublication = Publication & { readonly hash: Buffer };

export type NewPublication = Omit<Publication, 'sequence' | 'after' | 'draft'> & {
  /** The draft that it ends, its edit that is published, and how many declines of what it says are known, in any draft. */
  readonly draft: { readonly id: string; readonly edit: number; readonly declines: number } | null;
  /** The version in force that it is to follow, null for the first; absent: whatever there is. */
  readonly follows?: string | null;
};

/** A publication that waits for its time. */
export type Schedule = {
  readonly at: number;
  readonly by: string;
  /** The notice versions that the publisher named, by purpose. */
  readonly notices: Readonly<Record<string, number>>;
};

/** A change of the policy on its way. */
export type Draft = {
  readonly id: string;
  /** Counts its edits from 1. */
  readonly edit: number;
  /** The version that it is to follow. */
  readonly base: string;
  /** As it was sent: it need not be sound, or even have the shape of a policy. */
  readonly document: unknown;
  /** Hash of the document; the id of the version that it would be. */
  readonly content: string;
  readonly message: string;
  /** Everybody who wrote on it. None of them may approve it. */
  readonly authors: readonly string[];
  readonly status: 'open' | 'scheduled' | 'published' | 'discarded';
  readonly schedule: Schedule | null;
  /** Why the last scheduled publication was refused when its time came. */
  readonly refusal: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Approvals of the present edit. */
  readonly approvals: readonly Approval[];
  /** All that were given in it, of whatever it said, the oldest first; then those of what it says, given in others. */
  readonly declines: readonly Decline[];
};

/** A draft as lists show it; what it holds is not read for them. */
export type DraftSummary = Omit<Draft, 'document'>;

/** Where a page of a list begins: after this entry of it. */
export type After = { readonly at: number; readonly id: string };

export type NewDraft = Omit<
  Draft,
  'edit' | 'approvals' | 'declines' | 'status' | 'schedule' | 'refusal' | 'changedAt'
>;

/** What an edit may change; an edit voids the approvals. */
export type DraftEdit = Pick<Draft, 'base' | 'document' | 'content' | 'message' | 'authors' | 'changedAt'>;

/** What may change without an edit: the approvals stay. */
export type DraftStanding = Pick<Draft, 'status' | 'schedule' | 'refusal' | 'changedAt'>;

/** Policy versions, drafts of the next one, and which was in force when. */
export abstract class PolicyStore {
  /** Keeps a version; one that is there already stays as it is. */
  abstract saveVersion(version: StoredVersion): Promise<void>;

  abstract version(id: string): Promise<StoredVersion | undefined>;

  /** Newest first. */
  abstract versions(limit: number, after?: After): Promise<VersionSummary[]>;

  /** Newest first. @param before a sequence; those that came before it */
  abstract publications(limit: number, before?: number): Promise<Publication[]>;

  /** All of them after a sequence, the oldest first, each with the hash that chains it to the one before. */
  abstract chainedPublications(after?: number): Promise<ChainedPublication[]>;

  /** The publication that was in force at a time; `undefined` before the first. */
  abstract publicationAt(at: number): Promise<Publication | undefined>;

  /** The publication that a revision of the consent log was made under; `undefined` before the first. */
  abstract publicationBefore(revision: number): Promise<Publication | undefined>;

  /**
   * Puts a kept version in force after the last revision of the consent log, and ends its draft: all of it or nothing.
   *
   * @returns `undefined` when the draft has been edited or ended, or what it says declined, since
   * @throws Overtaken when another process has written to the log, or published, meanwhile
   */
  abstract publish(publication: NewPublication): Promise<Publication | undefined>;

  abstract createDraft(draft: NewDraft): Promise<Draft>;

  abstract draft(id: string): Promise<Draft | undefined>;

  /** Newest first. */
  abstract drafts(limit: number, after?: After): Promise<DraftSummary[]>;

  /** Those that have not ended, say this and follow this version, the oldest first. */
  abstract draftsOf(content: string, base: string): Promise<DraftSummary[]>;

  /** Those that wait for their time. */
  abstract scheduled(): Promise<DraftSummary[]>;

  /** How many drafts have not ended, and the bytes of their documents. */
  abstract standing(): Promise<{ readonly drafts: number; readonly bytes: number }>;

  /** @returns the draft with its next edit; `undefined` when it is no longer open at this edit */
  abstract editDraft(id: string, edit: number, change: DraftEdit): Promise<Draft | undefined>;

  /** @returns `undefined` when it is no longer at this edit, or has been published or discarded */
  abstract moveDraft(id: string, edit: number, standing: DraftStanding): Promise<Draft | undefined>;

  /**
   * Records an approval of an edit, and lifts declines, of whatever draft. A second approval by the same admin changes
   * nothing.
   */
  abstract approve(id: string, edit: number, approval: Approval, lifted: Unsaid['declines']): Promise<void>;

  /**
   * Records a decline of what the draft says at this edit. No draft that says the same is published any more by whoever
   * does not know of it.
   *
   * @returns `undefined` when the draft is no longer at this edit, or has been published or discarded
   */
  abstract decline(id: string, edit: number, decline: NewDecline, unsaid: Unsaid): Promise<Draft | undefined>;
}
