import type { UserRecord } from '../../decision/consent-event.js';
import type { ConsentState, Resolution } from '../../decision/state/consent-state.js';
import type { KeyBatch } from '../../decision/state/key-batch.js';
import type { Key } from '../../decision/state/key-index.js';
import type { Steps } from '../../decision/steps.js';
import type { DecisionTable } from '../../decision/table/table.js';
import { DomainError } from '../../errors.js';
import type { PolicyService, PolicyVersion } from '../../policy/policy.service.js';
import { inBackground, inSlices } from '../../work/slices.js';
import type { ConsentLog } from './consent-log.js';
import type { Tokens } from './consistency-token.js';

/** The version in force, and one that long work still uses. */
const KEPT_RESOLUTIONS = 2;

/** What users have said, as decisions look it up: the state of the log, resolved for policy versions. */
export class StateInForce {
  /** By the table of a version, least recently used first. */
  private readonly resolutions = new Map<DecisionTable, Resolution>();

  constructor(
    private readonly log: ConsentLog,
    private readonly policies: PolicyService,
  ) {}

  /** Whether decisions may rest on the consent state at all. */
  get available(): boolean {
    return this.log.available;
  }

  /** Why they may not, for operators; `undefined`: they may. */
  get trouble(): string | undefined {
    return this.log.trouble;
  }

  /** @throws DomainError `consent_unavailable` when nothing may rest on it */
  mustBeAvailable(): void {
    if (!this.available) throw cannotBeRead();
  }

  /** Whether no other process can write to the log, so that the state is complete. */
  get isAlone(): boolean {
    return this.log.isAlone;
  }

  /** Names revisions of the log. */
  get tokens(): Tokens {
    return this.log.tokens;
  }

  /** The revision that the next decision rests on. */
  get revision(): number {
    return this.log.state.revision;
  }

  /**
   * What consent answers for a user and a purpose, looked up.
   *
   * @returns the byte of a reason; that of `consent_unavailable` when the state is not known to be that of the log
   */
  answerFor(policy: PolicyVersion, user: Key, purpose: number): number {
    if (!this.log.available) return policy.table.ofUnavailable(purpose);
    const resolution = this.resolutionFor(policy);
    return resolution.of(resolution.classOf(user), purpose);
  }

  /**
   * What consent answers for many users, looked up now: the same as {@link answerFor} for each, but faster. Afterwards the
   * numbers of the batch are what {@link numberOf} says of each, 0 for none.
   *
   * @returns a function of a user's place in the batch and a purpose; valid until the next `await`
   */
  answersFor(policy: PolicyVersion, users: KeyBatch): (at: number, purpose: number) => number {
    const { table } = policy;
    if (!this.log.available) {
      this.log.state.numbersOf(users);
      return (_at, purpose) => table.ofUnavailable(purpose);
    }
    const resolution = this.resolutionFor(policy);
    resolution.classesOf(users);
    const { values } = users;
    return (at, purpose) => {
      const classId = values[at];
      return classId === undefined ? table.ofUnavailable(purpose) : resolution.of(classId, purpose);
    };
  }

  /**
   * Resolves the state for a policy version, a slice at a time between other work. From then on decisions on that
   * version are look-ups; without it the first decision does all of the work.
   */
  async prepare(policy: PolicyVersion): Promise<void> {
    this.keep(this.resolutions.get(policy.table) ?? (await this.resolve(policy)));
  }

  /**
   * Compares what two versions make of the consent state. It gives way to decisions: whoever waits for it is a person.
   *
   * @param compare is given the state and what each version resolves it to
   */
  async compare<T>(
    one: PolicyVersion,
    other: PolicyVersion,
    compare: (state: ConsentState, one: Resolution, other: Resolution) => Steps<T>,
  ): Promise<T> {
    const { state } = this.log;
    const resolved: Resolution[] = [];
    try {
      for (const version of [one, other]) resolved.push(await this.resolve(version, inBackground));
      const [before, after] = resolved;
      if (before === undefined || after === undefined) throw new Error('two versions are compared');
      return await inBackground(compare(state, before, after));
    } finally {
      for (const resolution of resolved) state.detach(resolution);
    }
  }

  /**
   * Looks at all of the consent state as a version resolves it, a slice at a time between other work.
   *
   * @param look is given the state and what it is resolved to
   */
  async survey<T>(
    policy: PolicyVersion,
    look: (state: ConsentState, resolution: Resolution) => Steps<T>,
  ): Promise<T> {
    const { state } = this.log;
    const resolution = await this.resolve(policy);
    try {
      return await inSlices(look(state, resolution));
    } finally {
      state.detach(resolution);
    }
  }

  /** Releases a resolution from `resolve`. */
  release(resolution: Resolution): void {
    this.log.state.detach(resolution);
  }

  /**
   * The state resolved for a version, separate from those that decisions use. The caller must release it; until then it
   * follows every change.
   *
   * @param work how it is done beside other work
   */
  async resolve(
    policy: PolicyVersion,
    work: (steps: Steps<void>) => Promise<void> = inSlices,
  ): Promise<Resolution> {
    const resolution = this.log.state.attach(policy.table);
    try {
      await work(resolution.fill());
      return resolution;
    } catch (error) {
      this.log.state.detach(resolution);
      throw error;
    }
  }

  private resolutionFor(policy: PolicyVersion): Resolution {
    const kept = this.resolutions.get(policy.table);
    if (kept !== undefined) return kept;
    const resolution = this.log.state.attach(policy.table);
    for (const _slice of resolution.fill());
    this.keep(resolution);
    return resolution;
  }

  private keep(resolution: Resolution): void {
    this.resolutions.delete(resolution.table);
    this.resolutions.set(resolution.table, resolution);
    for (const oldest of this.resolutions.values()) {
      if (this.resolutions.size <= KEPT_RESOLUTIONS) return;
      // never evict the version in force, even if least recently used: every new decision needs it
      if (oldest.table === this.policies.current.table) continue;
      this.resolutions.delete(oldest.table);
      this.log.state.detach(oldest);
    }
  }

  /** Whether the log knows the user, by exactly this id. */
  knows(user: string): boolean {
    return this.log.state.knows(user);
  }

  /**
   * The number by which the log knows the user; `undefined` when it does not. While the state is not known to be that of
   * the log, the number that the user had when it was.
   */
  numberOf(user: Key): number | undefined {
    return this.log.state.numberOf(user);
  }

  /** A user's record; `unavailable` when it is not known to be that of the log. */
  recordOf(user: string): UserRecord | 'unavailable' {
    return this.log.available ? this.log.state.recordOf(user) : 'unavailable';
  }

  /** Ids of all known users, by permanent place; `undefined` where a user was removed. */
  usersFrom(start: number, count: number): readonly (string | undefined)[] {
    return this.log.state.usersFrom(start, count);
  }

  /** Adds known users to a batch, see `ConsentState.takeUsers`. */
  takeUsers(start: number, batch: KeyBatch): number | undefined {
    return this.log.state.takeUsers(start, batch);
  }

  /**
   * Resolves to whether the state is all that the log had at some moment after the call, by asking the database and no
   * clock.
   *
   * @param patience how long it waits for that, in milliseconds
   */
  isAtHead(patience: number): Promise<boolean> {
    return this.log.isAtHead(patience);
  }

  /** Resolves to whether decisions rest on the revision or a later one, waiting at most this many milliseconds. */
  reaches(revision: number, patience: number): Promise<boolean> {
    return this.log.reaches(revision, patience);
  }
}

/** The refusal of what would be counted over a state that may not be that of the log. */
export function cannotBeRead(): DomainError {
  return new DomainError('consent_unavailable', 'the consent state cannot be read now: ask again shortly');
}
