/** A question about data of several people: permitted only if it is for each of them. */
import { type Decision, looksAt } from '../reasons.js';

/** The answer to a question about several people. */
export type JointDecision = {
  readonly decision: Decision;
  /** Place of the first person who closes it; absent: it is permitted, or the reason is nobody's in particular. */
  readonly closedBy?: number;
};

/**
 * The conjunction of the decisions about each of some people: the first denial, in their order.
 *
 * @param count how many there are, at least one
 * @param single decides about the person at a place
 */
export function decideForSeveral(count: number, single: (at: number) => Decision): JointDecision {
  for (let at = 0; at < count; at++) {
    const decision = single(at);
    if (!decision.permit)
      return isOfOnePerson(decision, count, single) ? { decision, closedBy: at } : { decision };
  }
  return { decision: single(0) };
}

function isOfOnePerson(
  { reason, source }: Decision,
  count: number,
  single: (at: number) => Decision,
): boolean {
  switch (looksAt(reason)) {
    case 'user':
      return reason !== 'consent_unavailable';
    case 'request':
      return reason === 'not_own_data';
    case 'policy':
      // at the levels that others have set it may be closed for another reason, or not at all
      for (let at = 0; at < count; at++) {
        const other = single(at);
        if (other.reason !== reason || other.source !== source) return true;
      }
      return false;
    case 'engine':
    case 'client':
    case 'nothing':
      return false;
  }
}
