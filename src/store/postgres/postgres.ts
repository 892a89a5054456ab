import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/** The code of a warning: a statement succeeded, and no standby is known to have what it wrote. */
export const NOT_REPLICATED = '01000';

/** A PostgreSQL that this process alone owns, with every migration of this build applied. */
export type OwnedPostgres = {
  /** Of statements that may be given up: each has a time limit. */
  readonly adapter: SqlDriverAdapterFactory;

  /** Of statements whose outcome must be known: they have none. Absent: there is no server that could hang. */
  readonly unlimited?: SqlDriverAdapterFactory;

  /** How often a statement succeeded with the warning that what it wrote may be lost again. */
  warnings(): number;

  /**
   * Writes the name of this opening to the head of the log, so that whoever wrote theirs before can append no more.
   * Resolves when they have also stopped to permit.
   */
  claim(writer: string): Promise<void>;

  /** Whether it is proved, as of now, that this process owns it. Not before `claim`. */
  readonly isProved: () => boolean;

  /** Calls back whenever that is proved again after a time in which it was not. */
  onRegained(listener: () => void): void;

  /** Calls back if this process stops owning it. Never after `close`. */
  onLost(listener: (reason: Error) => void): void;

  /** Gives it up. Whoever uses the adapter must have finished. */
  close(): Promise<void>;
};
