import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';
import type { FleetStore } from '../../fleet/fleet.store.js';

/** The code of a warning: a statement succeeded, and no standby is known to have what it wrote. */
export const NOT_REPLICATED = '01000';

/** A PostgreSQL with every migration of this build applied. */
export type Postgres = {
  /** Of statements that may be given up: each has a time limit. */
  readonly adapter: SqlDriverAdapterFactory;

  /** Of statements whose outcome must be known: they have none. Absent: there is no server that could hang. */
  readonly unlimited?: SqlDriverAdapterFactory;

  /** How often a statement succeeded with the warning that what it wrote may be lost again. */
  warnings(): number;

  /** The processes on it; absent: this one alone can use it. */
  readonly fleet?: FleetStore;

  /** For what is large; a statement has the same time limit. Absent: there is no server. */
  readonly pool?: Pool;

  /** Does what no two processes may do at once when they start. */
  setUp<T>(work: () => Promise<T>): Promise<T>;

  /** Gives it up. Whoever uses the adapter must have finished. */
  close(): Promise<void>;
};
