import { ObligationError, refuse } from './obligation-error.js';
import { mustBeId, mustBeWhole } from './rows.js';

/** Who is given which data of which user, when and why. */
export type Disclosure = {
  readonly to: string;
  readonly user: string;
  /** Ids of the fields, at least one. */
  readonly fields: readonly string[];
  readonly purpose: string;
  /** Why, for people: a legal reference or a case, say. */
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
  if (fields.length === 0) refuse('bad_input', 'no field is named: name each that is handed over');
  const entry = Object.freeze({
    to: mustBeId(to, '`to`'),
    user: mustBeId(user, '`user`'),
    fields: Object.freeze(fields.map((field) => mustBeId(field, 'a field'))),
    purpose: mustBeId(purpose, '`purpose`'),
    reason: mustBeId(reason, '`reason`'),
    at: mustBeWhole(at, 0, '`at`'),
  });
  try {
    await log.append(entry);
  } catch (cause) {
    throw new ObligationError('not_logged', 'the disclosure could not be recorded: do not make it', {
      cause,
    });
  }
  return handOver();
}
