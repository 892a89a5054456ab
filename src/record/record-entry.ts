/** What a record of decisions says: who asked what, under which terms, and what was answered about whom. */
import type { Decision, Reason } from '../decision/reasons.js';

/**
 * Of whom a decision is: the number by which the consent log knows the user, so that an erasure cuts the tie and leaves
 * every record as it is; of one that the log does not know, 16 bytes of a keyed hash of the id.
 */
export type Person = number | Uint8Array;

/** What the decisions of one question have in common. */
export type Asked = {
  /** When it was decided, in milliseconds since the Unix epoch. */
  readonly at: number;
  readonly client: string;
  /** Id of the request. */
  readonly request: string;
  /** Id of the policy version. */
  readonly policy: string;
  /** Revision of the consent log that the decision rests on. */
  readonly revision: number;
  readonly actor: 'automated' | 'human';
  readonly case?: string;
  /** What of the case was asked for, as the service names it. */
  readonly item?: string;
  /** Who reads under the case, as their token proves. */
  readonly reader?: string;
  readonly legalReference?: string;
  /** Who exercises their rights. */
  readonly onBehalfOf?: Person;
};

/** One decision: a purpose, a field, a person. */
export type RecordedDecision = {
  readonly purpose: string;
  readonly field: string;
  /** The level that the item has by itself, where the question said so. */
  readonly level?: string;
  /** Absent: the question named nobody whose record could be read. */
  readonly person?: Person;
  readonly reason: Reason;
  /** Which of the fields that the field is made of denies. */
  readonly source?: string;
  readonly obligations: readonly string[];
};

/** What was decided about each of the people of an answer. */
export type DecidedAlike = {
  readonly purpose: string;
  readonly field: string;
  readonly level: string | undefined;
  /** Nobody: `undefined`. */
  readonly people: readonly (Person | undefined)[];
  readonly decision: Decision;
};

/** People to whom one question about many gave the same permits. */
export type RecordedSet = {
  /** The fields, in the order asked. */
  readonly permits: readonly string[];
  readonly obligations: readonly string[];
  /** Their numbers, ascending, each once. */
  readonly users: Uint32Array;
  /** Those whom the log does not know. */
  readonly strangers: readonly Uint8Array[];
};

/** One question about many people, or a part of it that was answered by itself. */
export type RecordedUsers = {
  readonly way: 'audience' | 'search' | 'permits';
  readonly purpose: string;
  /** The fields asked for, in their order. */
  readonly fields: readonly string[];
  /** Parts of one answer have the same, and count from 0. */
  readonly stream: string;
  readonly part: number;
  readonly isLast: boolean;
  readonly sets: readonly RecordedSet[];
  /** How many people got no permit, by the reason of the first field asked. */
  readonly refused: Readonly<Partial<Record<Reason, number>>>;
};

/**
 * That a service said it has done what an answer obliges it to. It is the service's word. What it was `Asked` is repeated;
 * only time and request are those of the report.
 */
export type RecordedDischarge = {
  readonly obligation: string;
  /** When it was decided, in milliseconds since the Unix epoch, and the id of that request. */
  readonly decidedAt: number;
  readonly decidedIn: string;
  /** Names the answer among all: who reports once more, reports the same. */
  readonly answer: Uint8Array;
  /** Those of the answer, one for each person, as they are on record. */
  readonly decisions: readonly RecordedDecision[];
};

/** What is written of one question, or of one report. */
export type RecordEntry = Asked &
  (
    | { readonly kind: 'decisions'; readonly decisions: readonly RecordedDecision[] }
    | ({ readonly kind: 'users' } & RecordedUsers)
    | ({ readonly kind: 'discharge' } & RecordedDischarge)
  );
