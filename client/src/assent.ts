/** The client: asks, and treats everything but a permit whose terms the caller keeps as a no. */
import { type Answer, type Denial, denialOf } from './terms/answer.js';
import type { AudienceAnswer } from './audience.js';
import { Batches } from './sending/batch.js';
import type { OwnCache } from './cache/own-cache.js';
import { Failure, failureOf, malformed } from './terms/failure.js';
import type { Extract, SendExtract } from './extracts/extract.js';
import type { Grant } from './grants/grant.js';
import { Guard } from './sending/guard.js';
import { type HttpSettings, HttpTransport } from './http/http-transport.js';
import {
  AUDIENCE_OPTIONS,
  type AudienceContext,
  type AudienceQuestion,
  type Context,
  MOST_QUESTIONS,
  type Members,
  OPTIONS,
  type Question,
  audienceQuestionIn,
  contextIn,
  faultOfName,
  membersOf,
  nameIn,
  questionIn,
  signalIn,
} from './terms/question.js';
import type { FieldName, ObligationName, PurposeName } from './terms/names.js';
import { memberOf } from './terms/json.js';
import type { Budget } from './obligations/noise/budget.js';
import { settled } from './terms/settled.js';
import { type AudiencePart, MOST_OF_GRANT, MOST_OF_ONE_REQUEST, Transport } from './transport.js';
import { wholeAnswers, wholePart } from './sending/whole.js';
import { shown } from './terms/words.js';

/** Either of them, and nothing of the other. */
type Way =
  | (HttpSettings & { readonly transport?: never })
  | {
      readonly transport: Transport;
      readonly url?: never;
      readonly token?: never;
      readonly publicUrl?: never;
      readonly agent?: never;
      readonly reports?: never;
    };

export type Settings = Way & {
  /** The purpose of questions that name none. */
  readonly purpose?: PurposeName;
  /** Ids of the obligations that the caller discharges. A permit with any other is a denial. Absent: none. */
  readonly discharges?: readonly ObligationName[];
  /** Facts of questions that state none. */
  readonly context?: Context;
  /**
   * Keeps answers until the service says that they may have changed; see docs/decisions/055. The client needs the scope
   * `decisions:cache`. Absent or `false`: every question is asked. `most` is how many answers are kept, 100,000 by default.
   */
  readonly cache?: boolean | { readonly most?: number };
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
  /** Id of the extract that takes in who is let through. */
  readonly extract?: string;
  readonly context?: AudienceContext;
  readonly signal?: AbortSignal;
};

/** Facts of a request for a grant. */
export type GrantContext = Omit<Context, 'case' | 'reader_token'>;

export type GrantOptions = {
  /** Id of the service that owns the data, and accepts the grant. */
  readonly audience: string;
  readonly purpose?: PurposeName;
  /** How long it lives, 1 to 60 seconds; 60 by default. */
  readonly seconds?: number;
  readonly context?: GrantContext;
  readonly signal?: AbortSignal;
};

export type ExtractOptions = {
  readonly purpose?: PurposeName;
  /** What users and auditors are told it is. */
  readonly title?: string;
  readonly context?: Pick<AudienceContext, 'actor' | 'legal_reference'>;
  readonly signal?: AbortSignal;
};

/** One question of many; see {@link Options}. */
export type Asked = Omit<Options, 'signal'> & { readonly user: string; readonly field: FieldName };

const NO_OPTIONS: Options = Object.freeze({});
const DEFAULT_TIMEOUT = 2_000;
/** How many answers are kept. */
const DEFAULT_MOST = 100_000;
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
  private readonly context: Context;
  private readonly keeps: ReadonlySet<string>;
  private cache: OwnCache | undefined;
  /** Resolves when the cache is there; absent: none was asked for. */
  private readonly caching: Promise<void> | undefined;

  constructor(settings: Settings) {
    // callers in JavaScript may send anything
    if (typeof settings !== 'object' || settings === null)
      throw new TypeError('the settings are missing: set `url` and `token`');
    const { purpose, discharges = [], context, timeout = DEFAULT_TIMEOUT } = settings;
    if (!Number.isInteger(timeout) || timeout <= 0 || timeout > LONGEST_TIMEOUT)
      throw new TypeError('`timeout` is no time-out: set whole milliseconds, more than 0');
    const fault = purpose === undefined ? undefined : faultOfName('purpose', purpose);
    if (fault !== undefined) throw new TypeError(fault);
    if (!Array.isArray(discharges))
      throw new TypeError('`discharges` is not a list: list ids of obligations');
    const transport = transportOf(settings, timeout);
    this.transport = transport;
    const wanted = wantedCacheOf(settings, transport);
    this.guard = new Guard(timeout);
    this.batches = new Batches((questions, signal) => this.send(questions, signal));
    this.purpose = purpose;
    this.context = factsOf(context);
    this.keeps = new Set(discharges);
    this.caching = wanted === undefined ? undefined : this.load(wanted);
  }

  /**
   * Whether the purpose may read the field of the user, now: the one answer that can stand in an `if`. It is `true`
   * only for a permit of which the caller discharges every obligation.
   */
  async may(user: string, field: FieldName, options: Options = NO_OPTIONS): Promise<boolean> {
    if (options === NO_OPTIONS) {
      // most questions say no more, and one alone needs no list
      const answered = this.plainlyKept(user, field) ?? (await this.plainAnswerTo(user, field));
      return answered.permitted;
    }
    const [answer] = await this.askOf(user, [field], options);
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
    const answers = await this.askOf(user, different, options);
    return byName(different, (at) => answers[at] ?? invalid('the field has no answer'));
  }

  /**
   * The answers to many questions, in order. One question that cannot be asked does not affect the others.
   *
   * @throws TypeError when `questions` is no list, or an empty one
   */
  async checkMany(
    questions: readonly Asked[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Answer[]> {
    mustBeList('questions', questions, 'list what is asked');
    return this.ask(
      questions.length,
      () => membersOf('options', options, ['signal']),
      (at) => membersOf('question', questions[at], OPTIONS),
    );
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
    const answers = await this.askOf(user, fields, options);
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
    options: AudienceOptions = {},
  ): AsyncGenerator<AudienceAnswer<Field>, void, undefined> {
    mustBeFields(fields);
    const different = [...new Set(fields)];
    let question: AudienceQuestion | Failure;
    let signal: AbortSignal | undefined;
    try {
      const given = membersOf('options', options, AUDIENCE_OPTIONS);
      signal = signalIn(given);
      question = audienceQuestionIn(this.withDefaults(given), different);
    } catch (error) {
      question = failureOf(error);
    }
    const { partsOf } = await import('./audience.js');
    for await (const part of partsOf(users, MOST_OF_ONE_REQUEST, signal)) {
      if (question instanceof Failure) for (const user of part) yield noneOf(user, question);
      else yield* await this.answersAbout(question, different, part, signal);
    }
  }

  /**
   * Says to the service that what these answers oblige to was done, as far as this obligation goes. It is recorded as the
   * word of this service, and people are told. To say it again changes nothing. The setting `reports` must be true.
   *
   * @throws TypeError when one of them is no permit with this obligation, or cannot be reported: then nothing is
   * @throws Failure when it is not known to be on record: say it again
   */
  async discharged(
    answers: readonly Answer[],
    obligation: ObligationName,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    mustBeList('answers', answers, 'list those whose obligation was kept');
    const signal = signalIn(membersOf('options', options, ['signal']));
    const discharges = answers.map((answer, at) => ({ answer: tokenOf(answer, obligation, at), obligation }));
    for (let at = 0; at < discharges.length; at += MOST_OF_ONE_REQUEST) {
      const part = discharges.slice(at, at + MOST_OF_ONE_REQUEST);
      const told = await this.report('v1/discharges', { discharges: part }, signal);
      if (memberOf(told, 'recorded') !== part.length)
        throw malformed('it does not say that all of it is on record');
    }
  }

  /** The privacy budget that the service keeps, for `dpNoise`. */
  get budget(): Budget {
    return {
      spend: async (charge) => {
        const { spend } = await import('./service-budget.js');
        return spend(charge, (path, body) => this.report(path, body));
      },
    };
  }

  /**
   * A grant to read these fields of a user, or of up to 200: a permit to show to the service that owns the data. It lives
   * at most a minute and is bound to a key of this process. It does not fail: what cannot be had is denied in it.
   *
   * A permit whose obligations the caller does not all discharge is none, and then the grant permits nothing.
   */
  async grant(
    users: string | readonly string[],
    fields: readonly FieldName[],
    options: GrantOptions,
  ): Promise<Grant> {
    // most programs ask for none
    const { askGrant } = await import('./grants/ask-grant.js');
    return askGrant(
      {
        users,
        fields,
        options,
        withDefaults: (given) => this.withDefaults(given),
        unkept: (obligations) => this.unkept(obligations),
      },
      (sent, signal) => this.guard.run((attempt) => this.transport.grant(sent, attempt), signal),
    );
  }

  /**
   * Grants for any number of users: one for each 200, when the one before was taken. Which users it is about, each says in
   * `users`. It ends when the signal is aborted.
   *
   * @throws TypeError when `users` is no list
   */
  async *grants(
    users: Iterable<string> | AsyncIterable<string>,
    fields: readonly FieldName[],
    options: GrantOptions,
  ): AsyncGenerator<Grant, void, undefined> {
    const { signal } = options;
    const { partsOf } = await import('./audience.js');
    for await (const part of partsOf(users, MOST_OF_GRANT, signal)) yield this.grant(part, fields, options);
  }

  /**
   * Opens an extract: the register of a training set, which knows who may not be in it any more. An audience with its id as
   * `extract` takes in who is let through. Sent again after a failure, it may open one more, with nobody in it.
   *
   * @throws TypeError when `fields` is no list, or an empty one
   * @throws Failure when it is not known to be open
   */
  async openExtract(fields: readonly FieldName[], options: ExtractOptions = {}): Promise<Extract> {
    mustBeFields(fields);
    const { openExtract } = await import('./extracts/extract.js');
    return openExtract(fields, options, (given) => this.withDefaults(given), this.sendExtract);
  }

  /** An extract that was opened before. @throws Failure `invalid_question` when it is no id */
  async extract(id: string): Promise<Extract> {
    const { extractOf } = await import('./extracts/extract.js');
    return extractOf(id, this.sendExtract);
  }

  /**
   * A sentence that says whether the purpose may read the field of the user, and why. It is for people: do not branch on
   * it. It names no user, so it may be logged.
   */
  async explain(user: string, field: FieldName, options: Options = {}): Promise<string> {
    let purpose: unknown;
    const [answer] = await this.ask(
      1,
      () => {
        const given = membersOf('options', options, OPTIONS);
        ({ purpose } = this.withDefaults(given));
        return given;
      },
      (_at, given) => ({ ...given, user, field }),
    );
    const [who, what] = [quoted(purpose), quoted(field)];
    if (answer?.permitted === true) {
      const { obligations } = answer;
      const terms = obligations.length === 0 ? '' : `, if ${obligations.map(quoted).join(', ')} is kept`;
      return `${who} may read ${what} of this user${terms}`;
    }
    const { reason, message, derivedSource }: Denial = answer ?? invalid('the question has no answer');
    const source = derivedSource === undefined ? '' : ` (it is made of ${quoted(derivedSource)})`;
    return `${who} may not read ${what} of this user${source}: ${message} (\`${reason}\`)`;
  }

  /** Lets go of connections. Questions that are open are denied, and so is every one that is asked later. */
  close(): void {
    this.guard.close();
    this.cache?.close();
    // one that comes later has nothing to give back, and attaches to nothing
    void this.caching?.then(() => this.cache?.close());
    this.transport.close();
  }

  private readonly sendExtract: SendExtract = (sent, signal) =>
    this.guard.run((attempt) => this.transport.extract(sent, attempt), signal);

  private report(path: string, body: object, signal?: AbortSignal): Promise<unknown> {
    return this.guard.run((attempt) => this.transport.report(path, body, attempt), signal);
  }

  /** The answers about fields of one user. */
  private askOf(user: unknown, fields: readonly unknown[], options: unknown): Promise<readonly Answer[]> {
    return this.ask(
      fields.length,
      () => membersOf('options', options, OPTIONS),
      (at, given) => ({ ...given, user, field: fields[at] }),
    );
  }

  /**
   * As many answers as questions, in order. Whatever the questions are, it does not fail: to read one may, and that one
   * is denied.
   */
  private async ask(
    count: number,
    optionsOf: () => Members,
    membersAt: (at: number, options: Members) => Members,
  ): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let rest: Failure | undefined;
    try {
      if (count > MOST_QUESTIONS) {
        const most = MOST_QUESTIONS.toLocaleString('en');
        throw new Failure('invalid_question', {
          message: `the call asks more than ${most} questions: ask an audience, or less at once`,
        });
      }
      const options = optionsOf();
      const signal = signalIn(options);
      const asked = Array.from({ length: count }, async (_none, at) => {
        answers[at] = await this.answerTo(() => membersAt(at, options), signal);
      });
      // here and not for each question: a signal has one listener, however many there are
      await settled(Promise.all(asked), signal);
    } catch (error) {
      rest = failureOf(error);
    }
    const denial = rest === undefined ? invalid('the question has no answer') : denialOf(rest);
    return Object.freeze(Array.from({ length: count }, (_none, at) => answers[at] ?? denial));
  }

  private async answerTo(read: () => Members, signal: AbortSignal | undefined): Promise<Answer> {
    try {
      const question = questionIn(this.withDefaults(read()));
      return this.kept(this.cache?.answerTo(question) ?? (await this.batches.ask(question, signal)));
    } catch (error) {
      return denialOf(failureOf(error));
    }
  }

  /** The same where nothing is said but these: what the settings say was looked at already. */
  private async plainAnswerTo(user: string, field: string): Promise<Answer> {
    try {
      const { context } = this;
      const purpose = nameIn('purpose', this.purpose);
      const names = { purpose, user: nameIn('user', user), field: nameIn('field', field) };
      const question = { ...names, visibility: undefined, item: undefined, context };
      return this.kept(await this.batches.ask(question, undefined));
    } catch (error) {
      return denialOf(failureOf(error));
    }
  }

  /** Most programs keep nothing. What cannot be loaded keeps nothing either. */
  private async load({ service, most }: WantedCache): Promise<void> {
    const { purpose, context } = this;
    const loaded = await import('./cache/own-cache.js').catch(() => undefined);
    if (loaded !== undefined) this.cache = new loaded.OwnCache(service, most, { purpose, context });
  }

  private plainlyKept(user: string, field: string): Answer | undefined {
    const known = this.cache?.plainAnswerTo(user, field);
    return known === undefined ? undefined : this.kept(known);
  }

  /** Only what is left out has a default: `null` is a mistake of whoever sent it. */
  private withDefaults(given: Members): Members {
    const { purpose = this.purpose, context = this.context } = given;
    return { ...given, purpose, context };
  }

  private send(questions: readonly Question[], signal: AbortSignal | undefined): Promise<readonly Answer[]> {
    return this.guard.run(async (attempt) => {
      if (this.cache === undefined) await this.caching;
      return (
        this.cache?.evaluate(questions, attempt) ??
        wholeAnswers(await this.transport.evaluate(questions, attempt), questions.length)
      );
    }, signal);
  }

  /** The answer, if the caller keeps its terms; otherwise a denial. */
  private kept(answer: Answer): Answer {
    if (!answer.permitted) return answer;
    const { obligations, policy, revision } = answer;
    const failure = this.unkept(obligations);
    return failure === undefined ? answer : denialOf(failure, { policy, revision });
  }

  private unkept(obligations: readonly string[]): Failure | undefined {
    const unknown = obligations.find((id) => !this.keeps.has(id));
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
          : await this.guard.run(
              async (attempt) =>
                wholePart(await this.transport.audience(question, asked, attempt), question, asked.length),
              signal,
            );
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
    const { users, members, obligations, policy, revision } = answered;
    const member = members?.[at];
    const found = users[at] ?? 'the user has no answer';
    if (typeof found === 'string') return noneOf(user, new Failure('invalid_question', { message: found }));
    const fields = asked.filter((field) => found.includes(field));
    const failure = fields.length === 0 ? undefined : this.unkept(obligations);
    if (failure !== undefined) return noneOf(user, failure);
    return Object.freeze<AudienceAnswer<Field>>({
      user,
      permitted: fields.length === asked.length,
      fields: Object.freeze(fields),
      // a list of its own, as every answer has
      obligations: Object.freeze(fields.length === 0 ? [] : [...obligations]),
      ...(member === undefined ? {} : { member }),
      policy,
      revision,
    });
  }
}

/** @throws TypeError when the answer cannot be reported as having kept it */
function tokenOf(answer: Answer, obligation: string, at: number): string {
  if (typeof answer !== 'object' || !answer.permitted || !answer.obligations.includes(obligation))
    throw new TypeError(`\`answers.${at}\` is no permit with this obligation: leave it out`);
  if (answer.dischargeToken === undefined)
    throw new TypeError(`\`answers.${at}\` cannot be reported: set \`reports\` of the client to true`);
  return answer.dischargeToken;
}

function invalid(message: string): Denial {
  return denialOf(new Failure('invalid_question', { message }));
}

/** Nothing may be read of the user. */
function noneOf(user: string, { reason, message }: Failure): AudienceAnswer<never> {
  return Object.freeze<AudienceAnswer<never>>({
    user,
    permitted: false,
    fields: Object.freeze([]),
    obligations: Object.freeze([]),
    reason,
    message,
  });
}

type WantedCache = { readonly service: HttpTransport; readonly most: number };

/** @throws TypeError in words when answers cannot be kept so */
function wantedCacheOf({ cache = false, token }: Settings, transport: Transport): WantedCache | undefined {
  if (cache === false) return undefined;
  if (!(transport instanceof HttpTransport))
    throw new TypeError('`cache` is for a service at a `url`: leave it out');
  // it would give one client the answers to another
  if (typeof token === 'function')
    throw new TypeError(
      '`cache` does not go with a function that gets the token: set a token or credentials',
    );
  const most = cache === true ? DEFAULT_MOST : cache.most === undefined ? DEFAULT_MOST : cache.most;
  if (!Number.isSafeInteger(most) || most <= 0)
    throw new TypeError('`cache.most` is no number of answers: set a whole number, more than 0');
  return { service: transport, most };
}

/** The way to the service. @throws TypeError in words when there is none, or two */
function transportOf(settings: Settings, timeout: number): Transport {
  if (!('transport' in settings)) return new HttpTransport(settings, timeout);
  const { transport, url, token, publicUrl, agent, reports } = settings;
  if ([url, token, publicUrl, agent, reports].some((setting) => setting !== undefined))
    throw new TypeError(
      '`transport` stands beside `url`, `token`, `publicUrl`, `agent` or `reports`: leave it or them out',
    );
  if (!isTransport(transport))
    throw new TypeError('`transport` is no transport: set an object of a class that extends `Transport`');
  return transport;
}

function isTransport(value: unknown): value is Transport {
  if (typeof value !== 'object' || value === null) return false;
  return ['evaluate', 'audience', 'close'].every((name) => typeof Reflect.get(value, name) === 'function');
}

/** The facts of the settings, which questions share. @throws TypeError in words */
function factsOf(context: unknown): Context {
  try {
    return Object.freeze(contextIn(context));
  } catch (error) {
    throw new TypeError(failureOf(error).message, { cause: error });
  }
}

/** What the caller called it, as a message may repeat it. */
function quoted(name: unknown): string {
  return `\`${typeof name === 'string' ? shown(name) : ''}\``;
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
  mustBeList('fields', fields, 'list the fields that are to be read');
}

/** A list of something: of nothing, everything could be said. @throws TypeError */
function mustBeList(name: string, list: unknown, toDo: string): void {
  if (!Array.isArray(list)) throw new TypeError(`\`${name}\` is not a list: ${toDo}`);
  if (list.length === 0) throw new TypeError(`\`${name}\` is empty: ${toDo}`);
}
