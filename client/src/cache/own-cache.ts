/** The cache of one client, which knows what its questions have in common. It is loaded when a client asks for it. */
import type { Answer } from '../terms/answer.js';
import type { Context, Question } from '../terms/question.js';
import type { CacheService } from './attachment.js';
import { Failure } from '../terms/failure.js';
import { Cache } from './cache.js';
import { keyOf } from './kept-answers.js';

/** What a question has that does not say it itself. */
export type Usual = { readonly purpose: string | undefined; readonly context: Context };

const MOST_PLAIN_KEYS = 10_000;

export class OwnCache extends Cache {
  /** By field: the key of a question that says nothing else. */
  private readonly plainKeys = new Map<string, string>();

  /** @param most how many answers are kept */
  constructor(
    service: CacheService,
    most: number,
    private readonly usual: Usual,
  ) {
    super(telling(service), most);
  }

  /** The kept answer to a question, if it still holds. */
  answerTo(question: Question): Answer | undefined {
    const key = keyOf(question);
    return key === undefined ? undefined : this.find(question.user, key);
  }

  /** The same of a question that says nothing but these: that is told without looking at anything else. */
  plainAnswerTo(user: string, field: string): Answer | undefined {
    const key = this.plainKeys.get(field);
    if (key !== undefined) return this.find(user, key);
    this.learn(field);
    return undefined;
  }

  private learn(field: unknown): void {
    const { purpose, context } = this.usual;
    if (this.plainKeys.size >= MOST_PLAIN_KEYS || typeof field !== 'string' || purpose === undefined) return;
    const key = keyOf({ user: '', field, purpose, context });
    if (key !== undefined) this.plainKeys.set(field, key);
  }
}

/** The same service, which says once in a warning of the process that it takes no cache: answers look the same without one. */
function telling(service: CacheService): CacheService {
  let isTold = false;
  return {
    attach: async (signal) => {
      try {
        return await service.attach(signal);
      } catch (error) {
        const isRefusal = error instanceof Failure && ['refused', 'unauthorised'].includes(error.reason);
        if (isRefusal && !isTold) {
          isTold = true;
          process.emitWarning(
            `no answers are kept, because the service attaches no cache: ${error.message}. Give the client the scope \`decisions:cache\`, or leave \`cache\` out`,
            'AssentWarning',
          );
        }
        throw error;
      }
    },
    acknowledge: (id, sequence, signal) => service.acknowledge(id, sequence, signal),
    detach: (id, signal) => service.detach(id, signal),
    evaluateFor: (id, questions, signal) => service.evaluateFor(id, questions, signal),
  };
}
