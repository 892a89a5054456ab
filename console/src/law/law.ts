/** What the Worker is asked, and what it answers. */
import type { PolicyDocument } from '../../../src/decision/policy.js';
import type { Finding, Verdict } from './check.js';
import type { Edit, Edited } from './edit.js';
import type { Matrix, Who } from './matrix.js';

export type Questions = {
  readonly matrix: {
    /** A name of the policy that means this document and no other, so that it is compiled once. */
    readonly policy: string;
    readonly document: PolicyDocument;
    readonly who: Who;
  };
  /** The text of a document as the service writes it, sound or not. */
  readonly text: { readonly document: unknown };
  /** What is wrong with a text, and whether the floor holds. */
  readonly check: { readonly text: string; readonly base: PolicyDocument };
  /** What else is noticed in a text that was checked last, and compiles. */
  readonly lints: { readonly text: string; readonly base: PolicyDocument; readonly today: string };
  /** A common change of a text that can be read. */
  readonly edit: { readonly text: string; readonly edit: Edit };
};

/** Per kind of question, its answer. */
export type Answers = {
  readonly matrix: Matrix;
  readonly text: string;
  readonly check: Verdict;
  readonly lints: { readonly lints: readonly Finding[]; readonly count: number };
  readonly edit: Edited;
};

export type Kind = keyof Questions;

export type Asked<K extends Kind = Kind> = { [Each in K]: { readonly kind: Each } & Questions[Each] }[K];

/** To the Worker: a question under a number, or that the answer is not wanted any more. */
export type ToWorker<K extends Kind = Kind> =
  { readonly id: number; readonly asked: Asked<K> } | { readonly id: number; readonly cancelled: true };

/** From the Worker. */
export type FromWorker<K extends Kind = Kind> =
  { readonly id: number; readonly answer: Answers[K] } | { readonly id: number; readonly failed: string };
