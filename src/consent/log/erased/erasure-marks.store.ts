/** An entry of the list of erasures, by a name that tells nothing of whom it is about. */
export type ListedErasure = {
  readonly id: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
};

/** When something was said: its place in the log, and the time, in milliseconds since the Unix epoch. */
export type Moment = { readonly revision: number; readonly at: number };

/** A user, and the first entry of the log about them. */
export type UserSince = { readonly number: number; readonly user: string; readonly first: Moment };

/** The list that belongs to a database. */
export type ListOfDatabase = {
  readonly name: string;
  /** When a process on the database looked after the list last, in milliseconds since the Unix epoch; 0: never. */
  readonly tendedAt: number;
};

/** What the database knows of the list of erasures, which lies outside it. */
export abstract class ErasureMarkStore {
  /** The list that belongs to the database; `undefined`: none yet. */
  abstract list(): Promise<ListOfDatabase | undefined>;

  /** Names the list, in place of the former one, if there was one. */
  abstract setList(name: string, former: string | undefined): Promise<void>;

  /** Entries of the list that the database has followed. */
  abstract followed(): Promise<readonly ListedErasure[]>;

  /** Notes that entries were followed. */
  abstract follow(entries: readonly ListedErasure[]): Promise<void>;

  /** Notes that a process looks after the list. @param at milliseconds since the Unix epoch */
  abstract tend(at: number): Promise<void>;

  /** Lets go of what is noted of entries from before then. */
  abstract letGo(before: number): Promise<void>;

  /** Users with a number above `after`, ascending, at most `limit`. */
  abstract users(after: number, limit: number): Promise<readonly UserSince[]>;
}
