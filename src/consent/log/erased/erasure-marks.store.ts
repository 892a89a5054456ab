/** An entry of the list of erasures, by a name that tells nothing of whom it is about. */
export type ListedErasure = {
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

/** A user, and since when the log knows them, in milliseconds since the Unix epoch. */
export type UserSince = { readonly number: number; readonly user: string; readonly since: number };

/** What the database knows of the list of erasures, which lies outside it. */
export abstract class ErasureMarkStore {
  /** The name of the list that belongs to the database; `undefined`: none yet. */
  abstract list(): Promise<string | undefined>;

  /** Names the list, in place of the former one, if there was one. */
  abstract setList(name: string, former: string | undefined): Promise<void>;

  /** Entries of the list that the database has followed. */
  abstract followed(): Promise<readonly ListedErasure[]>;

  /** Notes that entries were followed. */
  abstract follow(entries: readonly ListedErasure[]): Promise<void>;

  /** Lets go of what is noted of entries from before then. */
  abstract letGo(before: number): Promise<void>;

  /** Users with a number above `after`, ascending, at most `limit`. */
  abstract users(after: number, limit: number): Promise<readonly UserSince[]>;
}
