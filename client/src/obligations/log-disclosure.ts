import { mustBeId } from './ids.js';
import { refuse } from './obligation-error.js';
import { itemsOf, mustBeWhole } from './rows.js';

const LONGEST_REASON = 1_000;

/** Who is given which data of which user, when and why. */
export type Disclosure = {
  readonly to: string;
  readonly user: string;
  /** Ids of the fields, at least one. */
  readonly fields: readonly string[];
  readonly purpose: string;
  /** Why, for people: a legal reference or a case, say. At most 1,000 characters. */
  readonly reason: string;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
};

/** Where disclosures are recorded. It resolves when the record will survive a crash, and rejects otherwise. */
export type DisclosureLog = { append(disclosure: Disclosure): Promise<void> };

/**
 * Hands data over once that is recorded. What is recorded is a copy, so that it cannot be changed afterwards.
 *
 * @param handOver gives the data; not called when nothing could be recorded
 * @throws ObligationError `not_logged`, `bad_input`; whatever `handOver` throws: it is on record all the same
 */
export async function logDisclosure<T>(
  { to, user, fields, purpose, reason, at }: Disclosure,
  log: DisclosureLog,
  handOver: () => T | Promise<T>,
): Promise<T> {
  const named = itemsOf(fields, '`fields`').map((field) => mustBeId(field, 'a field'));
  if (named.length === 0) refuse('bad_input', 'no field is named: name each that is handed over');
  const entry = Object.freeze({
    to: mustBeId(to, '`to`'),
    user: mustBeId(user, '`user`'),
    fields: Object.freeze(named),
    purpose: mustBeId(purpose, '`purpose`'),
    reason: mustBeReason(reason),
    at: mustBeWhole(at, 0, '`at`'),
  });
  let isRecorded: boolean;
  try {
    const recorded: unknown = log.append(entry);
    isRecorded = isPromise(recorded);
    await recorded;
  } catch {
    // what it throws may hold the disclosure
    isRecorded = false;
  }
  if (!isRecorded)
    refuse(
      'not_logged',
      'the disclosure could not be recorded: do not make it; `append` must give a promise and keep it',
    );
  return handOver();
}

function mustBeReason(reason: string): string {
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > LONGEST_REASON)
    refuse('bad_input', `\`reason\` is no text of 1 to ${LONGEST_REASON} characters: pass one`);
  if (!reason.isWellFormed())
    refuse('bad_input', '`reason` has half a character in it: pass well-formed Unicode');
  return reason;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
