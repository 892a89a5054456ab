/** The client: asks, and treats everything but a permit whose terms the caller keeps as a no. */
import { type Answer, type Denial, denialOf } from './answer.js';
import { type AudienceAnswer, partsOf } from './audience.js';
import { Batches } from './batch.js';
import { Failure, failureOf } from './failure.js';
import { Guard } from './guard.js';
import { type HttpSettings, HttpTransport } from './http-transport.js';
import {
  type AudienceContext,
  type AudienceQuestion,
  type Context,
  MOST_QUESTIONS,
  type Question,
  faultOf,
  faultOfAudience,
  faultOfName,
} from './question.js';
import type { FieldName, ObligationName, PurposeName } from './names.js';
import { settled } from './settled.js';
import { type AudiencePart, MOST_OF_ONE_REQUEST, Transport } from './transport.js';

export type Settings = (HttpSettings | { readonly transport: Transport }) & {
  /** The purpose of questions that name none. */
  readonly purpose?: PurposeName;
  /** Ids of the obligations that the caller discharges. A permit with any other is a denial. Absent: none. */
  readonly discharges?: readonly ObligationName[];
  /** Facts of questions that state none. */
  readonly context?: Context;
  /** Milliseconds that a question may take, all attempts together; 2,000 by default. */
  readonly timeout?: number;
};

/** What a question may say besides the user and the field. */
export type Options = {
  readonly purpose?: PurposeName;
  readonly visibility?: string;
  readonly item?: string;
  readonly context?: Context;
  readonly signal?: AbortSignal;
};

export type AudienceOptions = {
  readonly purpose?: PurposeName;
  readonly context?: AudienceContext;
  readonly signal?: AbortSignal;
};

/** One question of many; see {@link Options}. */
export type Asked = Omit<Options, 'signal'> & { readonly user: string; readonly field: FieldName };

const DEFAULT_TIMEOUT = 2_000;
/** Longest time-out of Node's timers, in milliseconds; a longer one would be one of 1 ms. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * A client of the service at a URL, or of another transport.
 *
 * @throws TypeError in words when the settings cannot work
 */
export function createAssent(settings: Settings): Assent {
  return new Assent(settings);
}

export class Assent {
  private readonly transport: Transport;
  private readonly guard: Guard;
  private readonly batches: Batches;
  private readonly purpose: string | undefined;
  private readonly context: Context | undefined;
  private readonly discharged: ReadonlySet<string>;

  constructor(settings: Settings) {
    const { purpose, discharges = [], context, timeout = DEFAULT_TIMEOUT } = settings;
    if (!Number.isFinite(timeout) || timeout <= 0 || timeout > LONGEST_TIMEOUT)
      throw new TypeError('`timeout` is no time-out: set milliseconds, more than 0');
    const fault = purpose === undefined ? undefined : faultOfName('purpose', purpose);
    if (fault !== undefined) throw new TypeError(fault);
    if (!Array.isArray(discharges))
      throw new TypeError('`discharges` is not a list: list ids of obligations');
    this.transport = 'transport' in settings ? settings.transport : new HttpTransport(settings, timeout);
    this.guard = new Guard(timeout);
    this.batches = new Batches((questions, signal) => this.send(questions, signal));
    this.purpose = purpose;
    this.context = context;
    this.discharged = new Set(discharges);
  }

  /**
   * Whether the purpose may read the field of the user, now: the one answer that can stand in an `if`. It is `true`
   * only for a permit of which the caller discharges every obligation.
   */
  async may(user: string, field: FieldName, options: Options = {}): Promise<boolean> {
    const [answer] = await this.ask([{ ...options, user, field }], options.signal);
    return answer?.permitted === true;
  }

  /**
   * The answer for each of these fields of the user, by field. **It is an object, which `if` takes for a yes**: look at
   * `permitted` of the answer, or ask `may`.
   *
   * @throws TypeError when `fields` is no list, or an empty one, of which everything could be said
   */
  async check<Field extends FieldName>(
    user: string,
    fields: readonly Field[],
    options: Options = {},
  ): Promise<Readonly<Record<Field, Answer>>> {
    mustBeFields(fields);
    const different = [...new Set(fields)];
    const questions = different.map((field) => ({ ...options, user, field }));
    const answers = await this.ask(questions, options.signal);
    return byName(different, (at) => answers[at] ?? invalid('the field has no answer'));
  }

  /** The answers to many questions, in order. One question that cannot be asked does not affect the others. */
  checkMany(
    questions: readonly Asked[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Answer[]> {
    return this.ask(questions, signal);
  }

  /**
   * A new object with those own data properties of the record that are permitted, each name being a field. Their values
   * are the same as in the record, whatever is in them. The object has no prototype.
   */
  async filter<Value extends object>(
    user: string,
    record: Value,
    options: Options = {},
  ): Promise<Partial<Value>> {
    const values = ownValues(record);
    const fields = [...values.keys()];
    const answers = await this.ask(
      fields.map((field) => ({ ...options, user, field })),
      options.signal,
    );
    const shown: Partial<Value> = Object.create(null);
    for (const [at, field] of fields.entries())
      if (answers[at]?.permitted === true)
        Object.defineProperty(shown, field, {
          value: values.get(field),
          enumerable: true,
          writable: true,
          configurable: true,
        });
    return shown;
  }

  /**
   * Asks one question about any number of users, and yields an answer for each, in order. Users are taken, asked about
   * and answered in parts of 1,000, each when the answers of the one before were read. Each part is whole or denied.
   *
   * When the signal is aborted, what was taken is denied and the iteration ends: whoever got no answer is not permitted.
   *
   * @throws TypeError when `fields` or `users` is no list
   */
  async *audience<Field extends FieldName>(
    users: Iterable<string> | AsyncIterable<string>,
    fields: readonly Field[],
    { purpose, context, signal }: AudienceOptions = {},
  ): AsyncGenerator<AudienceAnswer<Field>, void, undefined> {
    mustBeFields(fields);
    const different = [...new Set(fields)];
    const question = {
      purpose: purpose ?? this.purpose ?? '',
      fields: different,
      context: { ...(context ?? this.context) },
    };
    const fault = faultOfAudience(question);
    for await (const part of partsOf(users, MOST_OF_ONE_REQUEST, signal)) {
      if (fault === undefined) yield* await this.answersAbout(question, different, part, signal);
      else for (const user of part) yield noneOf(user, new Failure('invalid_question', { message: fault }));
    }
  }

  /**
   * A sentence that says whether the purpose may read the field of the user, and why. It is for people: do not branch on
   * it. It names no user, so it may be logged.
   */
  async explain(user: string, field: FieldName, options: Options = {}): Promise<string> {
    const [answer] = await this.ask([{ ...options, user, field }], options.signal);
    const purpose = `\`${options.purpose ?? this.purpose ?? ''}\``;
    if (answer?.permitted === true) {
      const { obligations } = answer;
      const terms =
        obligations.length === 0 ? '' : `, if ${obligations.map((id) => `\`${id}\``).join(', ')} is kept`;
      return `${purpose} may read \`${field}\` of this user${terms}`;
    }
    const { reason, message, derivedSource }: Denial = answer ?? invalid('the question has no answer');
    const source = derivedSource === undefined ? '' : ` (it is made of \`${derivedSource}\`)`;
    return `${purpose} may not read \`${field}\` of this user${source}: ${message} (\`${reason}\`)`;
  }

  /** Lets go of connections. Questions that are open are denied, and so is every one that is asked later. */
  close(): void {
    this.guard.close();
    this.transport.close();
  }

  /** As many answers as questions, in order. Whatever the questions are, it does not fail. */
  private async ask(
    questions: readonly Asked[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Answer[]> {
    if (questions.length > MOST_QUESTIONS) {
      const most = MOST_QUESTIONS.toLocaleString('en');
      const denial = invalid(`the call asks more than ${most} questions: ask an audience, or less at once`);
      return questions.map(() => denial);
    }
    return Promise.all(questions.map((question) => this.answerTo(question, signal)));
  }

  private async answerTo(asked: Asked, signal: AbortSignal | undefined): Promise<Answer> {
    // callers in JavaScript may send anything
    if (typeof asked !== 'object' || asked === null) return invalid('the question is not an object');
    const { purpose, user, field, visibility, item, context } = asked;
    const question = {
      purpose: purpose ?? this.purpose ?? '',
      user,
      field,
      visibility,
      item,
      context: context ?? this.context,
    };
    const fault = faultOf(question);
    if (fault !== undefined) return invalid(fault);
    try {
      const sent = { ...question, context: { ...question.context } };
      return this.kept(await settled(this.batches.ask(sent, signal), signal));
    } catch (error) {
      return denialOf(failureOf(error));
    }
  }

  private send(questions: readonly Question[], signal: AbortSignal | undefined): Promise<readonly Answer[]> {
    return this.guard.run(async (attempt) => {
      const answers = await this.transport.evaluate(questions, attempt);
      // a transport of another make may resolve to anything
      if (
        answers.length !== questions.length ||
        !answers.every(({ permitted }) => typeof permitted === 'boolean')
      )
        throw new Failure('malformed_answer');
      return answers;
    }, signal);
  }

  /** The answer, if the caller keeps its terms; otherwise a denial. */
  private kept(answer: Answer): Answer {
    if (!answer.permitted) return answer;
    const failure = this.unkept(answer.obligations);
    return failure === undefined
      ? answer
      : { ...denialOf(failure), policy: answer.policy, revision: answer.revision };
  }

  private unkept(obligations: readonly string[]): Failure | undefined {
    const unknown = obligations.find((id) => !this.discharged.has(id));
    return unknown === undefined
      ? undefined
      : new Failure('unknown_obligation', { message: `\`${unknown}\`` });
  }

  /** The answers about a part of an audience. Who cannot be asked about is denied, and the others are asked about. */
  private async answersAbout<Field extends string>(
    question: AudienceQuestion,
    fields: readonly Field[],
    part: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<AudienceAnswer<Field>[]> {
    const asked = part.filter((user) => faultOfName('user', user) === undefined);
    let answered: AudiencePart | Failure;
    try {
      answered =
        asked.length === 0
          ? new Failure('invalid_question')
          : await this.guard.run((attempt) => this.transport.audience(question, asked, attempt), signal);
      if (!(answered instanceof Failure) && answered.users.length !== asked.length)
        answered = new Failure('malformed_answer');
    } catch (error) {
      answered = failureOf(error);
    }
    let at = 0;
    return part.map((user) => {
      const fault = faultOfName('user', user);
      if (fault !== undefined) return noneOf(user, new Failure('invalid_question', { message: fault }));
      return this.answerAbout(user, fields, answered, at++);
    });
  }

  private answerAbout<Field extends string>(
    user: string,
    asked: readonly Field[],
    answered: AudiencePart | Failure,
    at: number,
  ): AudienceAnswer<Field> {
    if (answered instanceof Failure) return noneOf(user, answered);
    const { users, obligations, policy, revision } = answered;
    const found = users[at] ?? 'the user has no answer';
    if (typeof found === 'string') return noneOf(user, new Failure('invalid_question', { message: found }));
    const fields = asked.filter((field) => found.includes(field));
    const failure = fields.length === 0 ? undefined : this.unkept(obligations);
    if (failure !== undefined) return noneOf(user, failure);
    const terms = fields.length === 0 ? [] : obligations;
    return { user, permitted: fields.length === asked.length, fields, obligations: terms, policy, revision };
  }
}

function invalid(message: string): Denial {
  return denialOf(new Failure('invalid_question', { message }));
}

/** Nothing may be read of the user. */
function noneOf(user: string, { reason, message }: Failure): AudienceAnswer<never> {
  return { user, permitted: false, fields: [], obligations: [], reason, message };
}

/** An object without a prototype, so that no name finds what nobody put there. */
function byName<Name extends string, Value>(
  names: readonly Name[],
  valueOf: (at: number) => Value,
): Record<Name, Value> {
  const named: Record<Name, Value> = Object.create(null);
  for (const [at, name] of names.entries()) named[name] = valueOf(at);
  return named;
}

/** The own enumerable data properties of a record: to run a getter is to read. @throws TypeError */
function ownValues(record: unknown): ReadonlyMap<string, unknown> {
  if (typeof record !== 'object' || record === null)
    throw new TypeError('`record` is not an object: send one whose names are fields');
  const properties = Object.entries(Object.getOwnPropertyDescriptors(record));
  return new Map(
    properties.flatMap(([name, property]) =>
      property.enumerable === true && 'value' in property ? [[name, property.value]] : [],
    ),
  );
}

/** @throws TypeError */
function mustBeFields(fields: unknown): void {
  if (!Array.isArray(fields))
    throw new TypeError('`fields` is not a list: list the fields that are to be read');
  if (fields.length === 0) throw new TypeError('`fields` is empty: list the fields that are to be read');
}
