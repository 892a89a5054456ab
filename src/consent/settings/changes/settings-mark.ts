/** Marks of settings: changes can rest on what their caller has seen ([decision 057](../../../../docs/decisions/057-a-change-rests-on-what-was-seen.md)). */
import { createHash } from 'node:crypto';
import type { UserRecord } from '../../../decision/consent-event.js';
import { DomainError } from '../../../errors.js';
import type { PolicyService, PolicyVersion } from '../../../policy/policy.service.js';
import type { Ends } from '../../log/settlement/ends.js';
import type { ChangeRequest } from '../../log/settlement/settlement.js';

/** Characters of a mark: 128 bits, so that no two states have the same. */
const LENGTH = 22;

/** The name of what the settings of a user rest on: the policy, the record, and when parts of that end. */
export function markOf(policy: Pick<PolicyVersion, 'id'>, record: UserRecord, ends: Ends): string {
  const { registered, region, ageBand, choices, signals, visibility } = record;
  return digestOf([
    policy.id,
    registered,
    region,
    ageBand,
    inOrder(choices).map(([purpose, { choice, notice, signal }]) => [purpose, choice, notice, signal]),
    [...signals].toSorted(),
    inOrder(visibility ?? []),
    inOrder(ends.times),
  ]);
}

/** A short name of a value that is JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, LENGTH);
}

/** Whether anything of a record can end by itself. */
export function canEnd({ ageBand, choices }: UserRecord): boolean {
  return ageBand === 'minor' || [...choices.values()].some(({ choice }) => choice === 'granted');
}

/**
 * The change, refused with `settings_changed` where its caller has seen other settings than those at its turn.
 *
 * @param seen marks of the settings that it may rest on; absent: whatever they are
 */
export function restingOn(
  seen: readonly string[] | undefined,
  policies: Pick<PolicyService, 'current'>,
  request: ChangeRequest,
): ChangeRequest {
  if (seen === undefined) return request;
  return {
    ...request,
    mayDependOnEnds: (record) => canEnd(record) || request.mayDependOnEnds?.(record) === true,
    settle: (record, ends) => {
      if (!seen.includes(markOf(policies.current, record, ends)))
        throw new DomainError(
          'settings_changed',
          'something else has changed meanwhile: read the settings anew, show them to the user, and ask again',
        );
      return request.settle(record, ends);
    },
  };
}

function inOrder<T>(entries: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  return [...entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
}
