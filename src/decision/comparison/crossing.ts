/** Whether a version opens what a floor keeps closed: its own floor, or that of the version it follows. */
import type { ChangeOfFloor, FloorProof, FloorViolation } from './floor.js';

/** The proof of a version against its own floor, and that of the version it follows. */
export type FloorProofs = { readonly own: FloorProof; readonly base: FloorProof };

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
