/** Proves that a version keeps the floor: again whenever one comes into force. */
import type { FloorProofs } from '../../decision/comparison/crossing.js';
import { floorOf, proveFloor } from '../../decision/comparison/floor.js';
import { sentenceOfViolation } from '../../decision/comparison/sentences.js';
import type { Steps } from '../../decision/steps.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

export type { FloorProofs };

export function* floorProofSteps(version: PolicyVersion, base: PolicyVersion): Steps<FloorProofs> {
  const own = yield* proveFloor(version.table, floorOf(version.document));
  return { own, base: yield* proveFloor(version.table, floorOf(base.document)) };
}

/**
 * Proves that a version keeps its own floor, before decisions rest on it.
 *
 * @throws Error when it does not: the service must not start on it
 */
export function* mustKeepOwnFloor({ id, table, document }: PolicyVersion): Steps<void> {
  const { violations } = yield* proveFloor(table, floorOf(document));
  const [violation] = violations;
  if (violation !== undefined)
    throw new Error(
      `the policy version \`${id}\` must not be in force: ${sentenceOfViolation(violation)}; report this, and start the build that published it`,
    );
}
