/** What publishing a draft requires: computed from what the draft does, never from what its author says. */
import { personOf } from '../../access/person.js';
import type { Role } from '../../access/policy-permissions.js';
import type { Approval, Draft } from '../../policy/policy.store.js';

/** The effects of a draft on the version in force. */
export type Effect = {
  /** Whether any cell turns from deny to permit, or a permit loses an obligation or rests on less proof. */
  readonly widens: boolean;
  /** Whether a field is released that was not, or from more. */
  readonly releases: boolean;
  /** Whether the floor is raised or lowered, by its lists or by the categories of fields. */
  readonly changesFloor: boolean;
  /** Whether it changes anything besides cells: texts for users, the handling of signals, obligations, clients. */
  readonly rewrites: boolean;
  /** Purposes that are opt-in somewhere and whose terms change. */
  readonly changedTerms: readonly string[];
};

export type Requirements = {
  /** Number of admins other than the authors who must approve this edit. */
  readonly approvers: number;
  /** The role that each of them needs; null: any role that may approve. */
  readonly role: Role | null;
  /** How long it waits after the last required approval, in milliseconds. */
  readonly wait: number;
  /** Purposes whose notice version the publisher must name. */
  readonly notices: readonly string[];
};

const APPROVERS = 2;

/** @param floorWait how long a change of the floor waits, in milliseconds */
export function requirementsOf(effect: Effect, floorWait: number): Requirements {
  const notices = effect.changedTerms;
  if (effect.changesFloor) return { approvers: APPROVERS, role: 'privacy_officer', wait: floorWait, notices };
  if (effect.releases) return { approvers: APPROVERS, role: 'privacy_officer', wait: 0, notices };
  return { approvers: effect.widens || effect.rewrites ? APPROVERS : 0, role: null, wait: 0, notices };
}

/** A draft with its approvals and authors. */
type Approved = Pick<Draft, 'authors' | 'approvals'>;

/**
 * The approvals that count, in the order in which they were given: one per person. Not that of an author, who may have
 * edited and approved at the same moment, nor that of the publisher.
 *
 * @param publisher absent: nobody publishes yet
 */
export function countingApprovals(
  { role }: Requirements,
  { authors, approvals }: Approved,
  publisher?: string,
): Approval[] {
  const counted = new Set([...authors, ...(publisher === undefined ? [] : [publisher])].map(personOf));
  return approvals
    .filter(({ roles }) => role === null || roles.includes(role))
    .toSorted((one, other) => one.at - other.at)
    .filter(({ by }) => {
      const person = personOf(by);
      const isNew = !counted.has(person);
      counted.add(person);
      return isNew;
    });
}

/**
 * When the draft may come into force, in milliseconds since the epoch; `undefined`: approvals are missing.
 *
 * @param publisher as with {@link countingApprovals}
 */
export function readyAt(requirements: Requirements, draft: Approved, publisher?: string): number | undefined {
  const { approvers, wait } = requirements;
  if (approvers === 0) return 0;
  const last = countingApprovals(requirements, draft, publisher)[approvers - 1];
  return last === undefined ? undefined : last.at + wait;
}
