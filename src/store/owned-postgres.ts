import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/** A PostgreSQL that this process alone owns, with every migration of this build applied. */
export type OwnedPostgres = {
  readonly adapter: SqlDriverAdapterFactory;

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
