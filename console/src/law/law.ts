/** What the Worker is asked, and what it answers. */
import type { PolicyDocument } from '../../../src/decision/policy.js';
import type { Matrix, Who } from './matrix.js';

export type Asked = {
  readonly kind: 'matrix';
  /** A name of the policy that means this document and no other, so that it is compiled once. */
  readonly policy: string;
  readonly document: PolicyDocument;
  readonly who: Who;
};

/** Per kind of question, its answer. */
export type Answers = { readonly matrix: Matrix };

/** To the Worker: a question under a number, or that the answer is not wanted any more. */
export type ToWorker =
  { readonly id: number; readonly asked: Asked } | { readonly id: number; readonly cancelled: true };

/** From the Worker. */
export type FromWorker =
  | { readonly id: number; readonly answer: Answers[Asked['kind']] }
  | { readonly id: number; readonly failed: string };
