/** A cache that cannot be stale: answers are kept until the service says that they may have changed (decision 055). */
import type { Answer } from '../terms/answer.js';
import type { Question } from '../terms/question.js';
import { wholeAnswers } from '../sending/whole.js';
import type { Machine } from '../../../src/fleet/machine.js';
import { Attachment, type CacheService } from './attachment.js';
import { KeptAnswers, type Place, keyOf } from './kept-answers.js';

export class Cache {
  private readonly kept: KeptAnswers;
  private readonly attachment: Attachment;

  /** @param most how many answers are kept */
  constructor(
    private readonly service: CacheService,
    most: number,
    machine?: Machine,
    random?: () => number,
  ) {
    this.kept = new KeptAnswers(most);
    this.attachment = new Attachment(service, this.kept, machine, random);
  }

  /** The kept answer to a question, if it still holds. @param key see {@link keyOf} */
  find(user: string, key: string): Answer | undefined {
    const answer = this.kept.find(user, key);
    return answer !== undefined && this.attachment.holds ? answer : undefined;
  }

  /** Asks the service, and keeps what may be kept. @throws Failure */
  async evaluate(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    this.attachment.start();
    const { id, keepable } = this.attachment;
    // INVARIANT: places are taken before it is asked, so that what is touched meanwhile is not kept
    const places = questions.map((question) => this.placeFor(question));
    const { answers, mayBeKept } = await this.service.evaluateFor(id, questions, signal);
    const whole = wholeAnswers(answers, questions.length);
    if (mayBeKept && id !== undefined && id === this.attachment.id)
      for (const [at, answer] of whole.entries()) {
        const place = places[at];
        if (place !== undefined && answer.policy === keepable?.id) this.kept.keep(place, answer);
      }
    return whole;
  }

  close(): void {
    this.attachment.close();
  }

  private placeFor(question: Question): Place | undefined {
    const { keepable } = this.attachment;
    if (keepable?.fields.has(question.field) !== true || !keepable.purposes.has(question.purpose))
      return undefined;
    const key = keyOf(question);
    return key === undefined ? undefined : this.kept.placeFor(question.user, key);
  }
}
