import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';
import type { FleetStore } from '../../fleet/fleet.store.js';

/** The code of a warning: a statement succeeded, but no standby is known to have its writes. */
export const NOT_REPLICATED = '01000';

/** How long a statement may take on a server, except those whose outcome must be known. */
export const STATEMENT_MS = 5_000;

/** A PostgreSQL with every migration of this build applied. */
export type Postgres = {
  /** For statements that may be given up: each has a time limit. */
  readonly adapter: SqlDriverAdapterFactory;

  /** For statements whose outcome must be known, without a time limit. Absent: there is no server that could hang. */
  readonly unlimited?: SqlDriverAdapterFactory;

  /** How often a statement succeeded with the warning that its writes may be lost. */
  warnings(): number;

  /** The processes on it; absent: only this one can use it. */
  readonly fleet?: FleetStore;

  /** For what is large; a statement has the same time limit. Absent: there is no server. */
  readonly pool?: Pool;

  /** Runs the part of a start that no two processes may run at once. */
  setUp<T>(work: () => Promise<T>): Promise<T>;

  /** Closes it. All users of the adapter must have finished. */
  close(): Promise<void>;
};
