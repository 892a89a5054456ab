/** How many users have a reason in a regime. */
export type ToldCount = {
  readonly regime: string;
  /** `null`: users for whom the purpose is off, for reasons that are not told. */
  readonly reason: string | null;
  /** A multiple of the minimum. */
  readonly users: number;
};

/** What is told of a purpose on a day. Nothing else is kept of it. */
export type CountOfDay = {
  readonly purpose: string;
  /** Days since the Unix epoch. */
  readonly day: number;
  /** The policy version that it was counted for. */
  readonly policy: string;
  /** When it was counted, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** The share of all users who are counted. */
  readonly part: number;
  /** The fewest users of whom a number is told. */
  readonly minimum: number;
  readonly told: readonly ToldCount[];
};

/** What was counted, day by day. It is about nobody: it has only what may be told. */
export abstract class ConsentCountStore {
  /** Whether it was counted on a day for a policy version. */
  abstract has(day: number, policy: string): Promise<boolean>;

  /** Keeps what was counted on one day for one version, unless another process was first. @param counts by purpose */
  abstract write(counts: readonly CountOfDay[]): Promise<void>;

  /** What is kept of a purpose, by day and then by when it was counted. @param until the last day */
  abstract read(purpose: string, from: number, until: number): Promise<readonly CountOfDay[]>;

  /** Deletes all from before a day. */
  abstract forget(before: number): Promise<void>;
}
