/** A transport that permits what it is told to, and notes each request. */
import { type Answer, denied } from '../../src/terms/answer.js';
import type { Question } from '../../src/terms/question.js';
import { Transport } from '../../src/transport.js';

const BASIS = { policy: 'p', revision: 'r' };
const PERMIT: Answer = { permitted: true, reason: 'permitted', obligations: [], ...BASIS };

export class Permitting extends Transport {
  readonly batches: (readonly Question[])[] = [];
  isClosed = false;

  constructor(public opens: (question: Question) => boolean = () => true) {
    super();
  }

  evaluate(questions: readonly Question[]): Promise<readonly Answer[]> {
    this.batches.push(questions);
    return Promise.resolve(
      questions.map((question) => (this.opens(question) ? PERMIT : denied('opted_out', BASIS))),
    );
  }

  audience(): Promise<never> {
    return Promise.reject(new Error('nobody asks about an audience'));
  }

  override close(): void {
    this.isClosed = true;
  }
}
