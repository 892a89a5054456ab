/** What an extract is of, as it was opened. */
export type ExtractOpening = {
  /** The service whose it is. */
  readonly client: string;
  readonly title: string | null;
  readonly purpose: string;
  readonly fields: readonly string[];
  /** What each of its questions states. */
  readonly actor: 'automated' | 'human';
  readonly legalReference: string | null;
  /** Id of the policy version that was in force. */
  readonly policy: string;
  /** Of the consent log. */
  readonly revision: number;
  /** Milliseconds since the Unix epoch, as all times here. */
  readonly at: number;
  /** What the handles of its members are made with. */
  readonly secret: Uint8Array;
};

export type StoredExtract = {
  readonly id: string;
  readonly opening: ExtractOpening;
  /** Null: it is open. */
  readonly closedAt: number | null;
  /** How many parts were noted. */
  readonly parts: number;
  /** The highest revision of the consent log that one of them rests on. */
  readonly revision: number;
  /** How many users its rows have: somebody in two of them counts twice. */
  readonly users: number;
};

/** A row of members. */
export type MemberRow = {
  /** Number of the last part whose members it has. */
  readonly upTo: number;
  readonly content: Uint8Array;
};

/** A part as it was noted. */
export type MemberPart = MemberRow & { readonly number: number };

/** The members with numbers of one range, of all parts that were put together. */
export type MemberBucket = MemberRow & {
  /** The range: numbers divided by {@link BUCKET_NUMBERS}. */
  readonly bucket: number;
  /** Counts how often it was written. */
  readonly edition: number;
};

/** How many numbers of users a bucket is for. */
export const BUCKET_NUMBERS = 65_536;

/** That a service has left out, or unlearned, who had withdrawn by a look. */
export type Unlearned = {
  /** What the look ended with. */
  readonly since: string;
  /** The revision of the consent log, and the parts of the extract, that the look had. */
  readonly revision: number;
  readonly parts: number;
  readonly by: string;
  readonly at: number;
};

/**
 * Extracts and who is in them. Nothing is taken out of one: rows of members are put together, and never lose anybody.
 */
export abstract class ExtractStore {
  abstract open(id: string, opening: ExtractOpening): Promise<void>;

  abstract read(id: string): Promise<StoredExtract | undefined>;

  /**
   * Those that were opened last first.
   *
   * @param client only its own; absent: all
   * @param after the one before the page
   */
  abstract list(
    limit: number,
    client?: string,
    after?: { readonly at: number; readonly id: string },
  ): Promise<readonly StoredExtract[]>;

  /** Closes it. One that is closed stays as it is. */
  abstract close(id: string, at: number): Promise<void>;

  /**
   * Notes a part: when the promise resolves to its number, it survives a crash.
   *
   * @param revision that it rests on
   * @param users how many it has
   * @returns `undefined`: the extract takes none, for it is closed, or there is none
   */
  abstract add(id: string, revision: number, users: number, content: Uint8Array): Promise<number | undefined>;

  /** Parts that were not put together yet, with numbers above `after`, ascending, at most `limit`. */
  abstract parts(id: string, after: number, limit: number): Promise<readonly MemberPart[]>;

  /**
   * Buckets above `after`, ascending, at most `limit`. Read after the parts: then nobody is missed, even if parts are put
   * together meanwhile.
   */
  abstract buckets(id: string, after: number, limit: number): Promise<readonly MemberBucket[]>;

  /** The bucket of a range, of each extract that has one. */
  abstract bucketsOf(bucket: number): Promise<readonly (MemberBucket & { readonly id: string })[]>;

  /** Ids of the extracts that have parts which were not put together yet. */
  abstract withParts(): Promise<readonly string[]>;

  /**
   * Writes a bucket.
   *
   * @param edition that it replaces; 0: there is none yet
   * @returns whether it was written; `false`: somebody else did meanwhile
   */
  abstract putTogether(
    id: string,
    bucket: Omit<MemberBucket, 'edition'>,
    users: number,
    edition: number,
  ): Promise<boolean>;

  /** Deletes parts whose members are all in buckets. */
  abstract dropParts(id: string, numbers: readonly number[]): Promise<void>;

  /** @returns `false`: the extract has so many already */
  abstract unlearn(id: string, unlearned: Unlearned, most: number): Promise<boolean>;

  /** What its service said, the oldest first. */
  abstract unlearned(id: string): Promise<readonly Unlearned[]>;
}
