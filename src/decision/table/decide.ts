/**
 * One question, one answer: three look-ups in the decision table of a policy version. What a decision means is written
 * line by line in docs/meaning.md.
 */
import { DERIVED, type DecisionTable, PERMITTED, PLAIN, REASON_CODES, UNCLASSIFIED, deny } from './table.js';
import { ACTION } from '../policy.js';
import type { Decision } from '../reasons.js';

export type Question = {
  readonly purpose: string;
  readonly action: string;
  readonly field: string;
  /** Purposes that the client's credentials list. */
  readonly clientPurposes: ReadonlySet<string>;
  /** What the request states and the engine has verified, see `factsIndex`. */
  readonly facts: number;
  /** The level that the item of the field has by itself; absent: the caller knows of none. */
  readonly visibility?: string | undefined;
};

/**
 * Decides a well-formed question. Never throws: what it does not know, it denies.
 *
 * @param consent what the user's record is resolved to, see `DecisionTable.width`
 */
export function decide(
  table: DecisionTable,
  question: Question,
  consent: (place: number) => number,
): Decision {
  const purpose = table.purposeIndex(question.purpose);
  if (purpose === undefined) return deny('unknown_purpose');
  if (question.action !== ACTION) return deny('unknown_action');
  const field = table.fieldIndex(question.field);
  if (field === undefined) return deny('unknown_field');
  const kind = table.kindOf(field);
  if (kind === UNCLASSIFIED) return table.ofUnclassified(field);
  if (!question.clientPurposes.has(question.purpose)) return deny('purpose_not_allowed_for_client');
  const place = kind === PLAIN ? field : table.placeAtLevel(purpose, field, question.visibility, consent);
  const byte = table.decide(purpose, place, consent(purpose), question.facts);
  if (kind === DERIVED) return table.ofDerived(purpose, field, place, byte);
  if (byte === PERMITTED) return table.permit(purpose);
  return deny(REASON_CODES[byte] ?? 'consent_unavailable');
}
