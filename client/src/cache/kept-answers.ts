/** Answers that are kept until the service says that they may have changed. */
import type { Answer } from '../terms/answer.js';
import type { Question } from '../terms/question.js';

/** Of a user, by key; it is let go of as a whole, and whoever still holds it then keeps for nobody. */
type OfUser = Map<string, Answer>;

/** Reasons that pass without anything that the service would tell. */
const PASSING: ReadonlySet<string> = new Set(['consent_unavailable', 'record_unavailable']);

/** Where the answer to a question may be kept, once it is there. */
export type Place = { readonly user: string; readonly key: string; readonly answers: OfUser };

export class KeptAnswers {
  private users = new Map<string, OfUser>();
  private count = 0;

  /** @param most how many answers are kept; beyond that, those about the user who has been there longest go */
  constructor(private readonly most: number) {}

  /** @param key see {@link keyOf} */
  find(user: string, key: string): Answer | undefined {
    return this.users.get(user)?.get(key);
  }

  /** To be called before the question is asked: what is dropped meanwhile takes the place away. */
  placeFor(user: string, key: string): Place {
    let answers = this.users.get(user);
    if (answers === undefined) {
      if (this.users.size >= this.most) this.dropOldest();
      answers = new Map();
      this.users.set(user, answers);
    }
    return { user, key, answers };
  }

  /** Keeps an answer, unless what it rests on may have changed since its place was taken. */
  keep({ user, key, answers }: Place, answer: Answer): void {
    if (this.users.get(user) !== answers || answer.policy === undefined || PASSING.has(answer.reason)) return;
    if (!answers.has(key)) this.count++;
    answers.set(key, answer);
    while (this.count > this.most) this.dropOldest();
  }

  drop(user: string): void {
    this.count -= this.users.get(user)?.size ?? 0;
    this.users.delete(user);
  }

  dropAll(): void {
    this.users = new Map();
    this.count = 0;
  }

  private dropOldest(): void {
    const [oldest] = this.users.keys();
    if (oldest !== undefined) this.drop(oldest);
  }
}

/**
 * Names everything but the user that the answer to a question depends on, and no two questions alike. `undefined`: it
 * depends on more than the service tells of.
 */
export function keyOf({
  user,
  purpose,
  field,
  visibility,
  item,
  context = {},
}: Question): string | undefined {
  const { actor, legal_reference: reference, ...others } = context;
  if (item !== undefined || Object.values(others).some((fact) => fact !== undefined)) return undefined;
  // on the way, two texts that are not well-formed can become one
  if (!user.isWellFormed()) return undefined;
  return JSON.stringify([purpose, field, visibility ?? null, actor ?? null, reference ?? null]);
}
