/** What uses of a user's data on a day are told apart by, and how it is written. */
import { isCasePurpose } from '../access/case-permissions.js';
import { type Reason, isReason } from '../decision/reasons.js';
import type { Person, RecordEntry, RecordedUsers } from '../record/record-entry.js';
import type { TermTexts } from './uses.store.js';

export const WAYS = ['decision', 'audience', 'search', 'permits'] as const;
export const ACTORS = ['automated', 'human'] as const;
/** For whom a right was exercised: the user themself, or somebody else. Who that is would be theirs to tell. */
export const BEHALVES = ['own', 'other'] as const;

export type Term = {
  readonly client: string;
  readonly purpose: string;
  /** A decision has one; a question about many people, those that it permitted. */
  readonly fields: readonly string[];
  readonly level: string | null;
  readonly reason: Reason;
  /** Which of the fields that the field is made of denies. */
  readonly source: string | null;
  readonly obligations: readonly string[];
  /** Id of the policy version. */
  readonly policy: string;
  readonly way: 'decision' | RecordedUsers['way'];
  readonly actor: (typeof ACTORS)[number];
  /** Under which, or on the ground of which, something was permitted. */
  readonly case: string | null;
  readonly legalReference: string | null;
  readonly onBehalfOf: (typeof BEHALVES)[number] | null;
};

/** The terms of a question that one decision, or one set of it, adds to. */
export type Given = Pick<Term, 'purpose' | 'fields' | 'reason' | 'obligations' | 'way'> & {
  readonly level?: string;
  readonly source?: string;
  /** Whom it is about; absent: several, or nobody. */
  readonly person?: Person;
};

export function termTexts(asked: RecordEntry, given: Given): TermTexts {
  const { client, policy, actor, onBehalfOf } = asked;
  const { purpose, fields, level = null, reason, source = null, obligations, way } = given;
  // where nothing was read, what was claimed counts for nothing: it would make a term of each claim
  const isRead = reason === 'permitted';
  // and who names a case for another purpose reads nothing under it
  const named = isRead && isCasePurpose(purpose) ? (asked.case ?? null) : null;
  const legalReference = isRead ? (asked.legalReference ?? null) : null;
  const behalf = onBehalfOf === undefined ? null : isSame(onBehalfOf, given.person) ? 'own' : 'other';
  const texts = {
    client: JSON.stringify(client),
    purpose: JSON.stringify(purpose),
    fields: JSON.stringify(fields),
    reason: JSON.stringify(reason),
    case: named === null ? null : JSON.stringify(named),
  };
  const rest = [level, source, obligations, policy, way, actor, legalReference, behalf];
  const parts = [texts.client, texts.purpose, texts.fields, texts.reason, String(texts.case)];
  return { ...texts, content: `[${parts.join()},${JSON.stringify(rest).slice(1)}` };
}

function isSame(one: Person, other: Person | undefined): boolean {
  if (typeof one === 'number' || other === undefined || typeof other === 'number') return one === other;
  return Buffer.compare(one, other) === 0;
}

/** @throws Error when it is not what {@link termTexts} writes */
export function termOf(content: string): Term {
  const value: unknown = JSON.parse(content);
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [client, purpose, fields, reason, named, level, source, obligations, policy, ...last] = parts;
  const [way, actor, legalReference, behalf] = last;
  const text = reasonIn(reason);
  return {
    client: textIn(client),
    purpose: textIn(purpose),
    fields: listIn(fields),
    level: optionIn(level),
    reason: text,
    source: optionIn(source),
    obligations: listIn(obligations),
    policy: textIn(policy),
    way: oneOf(WAYS, way),
    actor: oneOf(ACTORS, actor),
    case: optionIn(named),
    legalReference: optionIn(legalReference),
    onBehalfOf: behalf === null ? null : oneOf(BEHALVES, behalf),
  };
}

function textIn(value: unknown): string {
  if (typeof value !== 'string') throw unreadable();
  return value;
}

function optionIn(value: unknown): string | null {
  return value === null ? null : textIn(value);
}

function listIn(value: unknown): string[] {
  if (!Array.isArray(value)) throw unreadable();
  return value.map(textIn);
}

function reasonIn(value: unknown): Reason {
  const text = textIn(value);
  if (!isReason(text)) throw unreadable();
  return text;
}

function oneOf<Word extends string>(words: readonly Word[], value: unknown): Word {
  const word = words.find((one) => one === value);
  if (word === undefined) throw unreadable();
  return word;
}

function unreadable(): Error {
  return new Error(
    'the ledger has terms that this build cannot read: empty it with `npm run record -- rebuild`, or start the newer build',
  );
}
