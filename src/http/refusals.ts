/** How often which error was answered by this process, for whoever watches the service. */
import type { ErrorCode } from '../errors.js';

const counts = new Map<ErrorCode, number>();

/** Counts an error answer. */
export function noteRefusal(code: ErrorCode): void {
  counts.set(code, (counts.get(code) ?? 0) + 1);
}

export function refusals(): ReadonlyMap<ErrorCode, number> {
  return counts;
}
