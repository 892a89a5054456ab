/** Who did something to a case. */
export type CaseActor = { readonly kind: 'service' | 'admin'; readonly id: string };

/** Somebody who may read under a case: a person as their identity provider names them. */
export type CaseReader = {
  /** As in the claim `iss` of their tokens (RFC 7519, section 4.1.1). */
  readonly issuer: string;
  readonly id: string;
};

/** What every event of a case says. */
type Said = {
  readonly by: CaseActor;
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly at: number;
  readonly reason: string;
};

/** What a case is about, and who may read under it. */
export type CaseScope = {
  readonly purpose: string;
  readonly user: string;
  /** Reference of the report that the items were reported in; null: there is none. */
  readonly report: string | null;
  /** Ids of what may be read; null: any item. */
  readonly items: readonly string[] | null;
  /** Ids of the fields that may be read; null: any that the purpose reads. */
  readonly fields: readonly string[] | null;
  readonly reviewers: readonly CaseReader[];
  /** From then on nothing may be read. */
  readonly expiresAt: number;
  /** The user is told of it from then on, once it has ended; null: once it has ended. */
  readonly discloseAfter: number | null;
};

/** What happened to a case. The first event, and only it, is `opened`. */
export type CaseEvent =
  | (Said & { readonly kind: 'opened'; readonly scope: CaseScope })
  | (Said & { readonly kind: 'approved' | 'closed' | 'extension_approved' })
  | (Said & { readonly kind: 'extended'; readonly expiresAt: number })
  | (Said & { readonly kind: 'reassigned'; readonly reviewers: readonly CaseReader[] });

/** A case, with its events in order. */
export type StoredCase = { readonly id: string; readonly events: readonly CaseEvent[] };

/** In place of a case whose events are not those that were written. */
export const ALTERED = 'altered';
export type FoundCase = StoredCase | typeof ALTERED;

/** A place in the list of cases, and what is there. */
export type ListedCase = { readonly id: string; readonly openedAt: number; readonly found: FoundCase };

/** Cases: append-only, and chained, so that no event can be changed or left out. */
export abstract class CaseStore {
  /**
   * Appends an event to a case. The first one makes the case.
   *
   * @param number of the event within its case, from 1
   * @returns whether it was appended; `false`: the case has such an event already, or lacks the one before
   */
  abstract append(id: string, number: number, event: CaseEvent): Promise<boolean>;

  /**
   * A case as the database has it now; `undefined`: there is none.
   *
   * @throws Error when it was altered
   */
  async read(id: string): Promise<StoredCase | undefined> {
    const found = (await this.readAll([id])).get(id);
    if (found === ALTERED) throw alteredCase(id);
    return found;
  }

  /** Cases as the database has them at one moment now, by id; those that there are. */
  abstract readAll(ids: readonly string[]): Promise<ReadonlyMap<string, FoundCase>>;

  /** Cases, those that were opened last first. @param after the one before the page */
  abstract list(
    limit: number,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly ListedCase[]>;
}

export function alteredCase(id: string): Error {
  return new Error(
    `the case \`${id}\` was altered since it was written: restore the database from a backup, and find out who changed it`,
  );
}
