import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';

/** A PostgreSQL that this process alone owns, with every migration of this build applied. */
export type OwnedPostgres = {
  readonly adapter: SqlDriverAdapterFactory;

  /** Calls back if this process stops owning it. Never after `close`. */
  onLost(listener: (reason: Error) => void): void;

  /** Gives it up. Whoever uses the adapter must have finished. */
  close(): Promise<void>;
};
