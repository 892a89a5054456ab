/** Proves that a version keeps the floor: again whenever one comes into force. */
import {
  type ChangeOfFloor,
  type FloorProof,
  type FloorViolation,
  floorOf,
  proveFloor,
} from '../../decision/comparison/floor.js';
import { sentenceOfViolation } from '../../decision/comparison/sentences.js';
import type { Steps } from '../../decision/steps.js';
import type { PolicyVersion } from '../../policy/policy.service.js';

/** The proof of a version against its own floor, and that of the version it follows. */
export type FloorProofs = { readonly own: FloorProof; readonly base: FloorProof };

export function* floorProofSteps(version: PolicyVersion, base: PolicyVersion): Steps<FloorProofs> {
  const own = yield* proveFloor(version.table, floorOf(version.document));
  return { own, base: yield* proveFloor(version.table, floorOf(base.document)) };
}

/**
 * The first violation of a floor that was not lowered; `undefined`: none. Below its own floor nothing may be open;
 * below that of its base, only what the draft explicitly lowers, which privacy officers approve.
 */
export function crossingIn(
  { own, base }: FloorProofs,
  { lowered }: ChangeOfFloor,
): FloorViolation | undefined {
  return own.violations[0] ?? base.violations.find((violation) => !isLowered(violation, lowered));
}

function isLowered(
  { category, purpose, fields }: FloorViolation,
  lowered: ChangeOfFloor['lowered'],
): boolean {
  const moved = new Set<string>();
  for (const step of lowered) {
    if (step.kind === 'field') {
      if (step.floors.includes(category) && step.to !== undefined) moved.add(step.to);
    } else if (step.category === category && (step.kind === 'category' || step.purpose === purpose))
      return true;
  }
  return fields.every((field) => moved.has(field));
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
