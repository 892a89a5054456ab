/** A process of the fleet, for those who look after it. Nothing that is decided rests on this. */
export type FleetProcess = {
  /** Another one with each start. */
  readonly id: string;
  /** The version of Assent that it runs; empty: one from before it was told. */
  readonly build: string;
  /** Whether it has renewed its lease so lately that it may decide, by the clock of the database. */
  readonly isDeciding: boolean;
  /** Whether the others have put it out: it decides nothing before it has joined again. */
  readonly isEvicted: boolean;
  /** How long its lease holds, and how long ago it was renewed, in milliseconds. */
  readonly lease: number;
  readonly leaseAge: number;
  /** The last revision that it says it has applied; -1: none yet. */
  readonly revision: number;
  /** The policy version that it says is in force at it; null: not said yet. */
  readonly policy: string | null;
  /** Whether caches of its clients hold back what it has applied. */
  readonly isHeld: boolean;
};

export type FleetNow = {
  /** The last revision of the log. */
  readonly revision: number;
  /** Those that renewed their lease last first. */
  readonly processes: readonly FleetProcess[];
};

export abstract class ProcessStore {
  /** All processes that are in the fleet, or were lately and did not say goodbye, as of one moment. */
  abstract now(): Promise<FleetNow>;
}
