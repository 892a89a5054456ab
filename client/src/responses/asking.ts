/** On whose behalf a response is made: the purpose, the users it is about, and the facts of the request. */
import { type Denial, denialOf } from '../terms/answer.js';
import type { Assent } from '../assent.js';
import { Failure } from '../terms/failure.js';
import { memberOf } from '../terms/json.js';
import { type Context, MOST_QUESTIONS, faultOfName } from '../terms/question.js';

/** The id of a user, or of several, of whom each must permit. */
export type Users = string | readonly string[] | undefined;

export type Asking = {
  readonly purpose: string;
  /** The users of the request; none: nobody knows whose data it is. */
  readonly users: readonly string[];
  readonly context?: Context | undefined;
};

/** Why something may not be used, as the body of an answer (RFC 9457). It names no user. */
export type Refusal = {
  readonly type: 'about:blank';
  readonly title: 'Forbidden';
  readonly status: 403;
  readonly detail: string;
  readonly purpose: string;
  readonly field: string;
  readonly reason: Denial['reason'];
};

/** How a program says whose data a request is about, and what else is known of it. */
export type RequestOptions<Request> = {
  /** The user or users; absent: the parameter `user` of the route. */
  readonly user?: (request: Request) => Users | Promise<Users>;
  readonly context?: (request: Request) => Context | undefined;
};

/** @throws Error, and nothing that a framework would take for none, when the program throws */
export function askingOf<Request>(
  purpose: string,
  { user = userOfRoute, context }: RequestOptions<Request>,
  request: Request,
): Promise<Asking> {
  return saidOf(async () => ({
    purpose,
    users: usersOf(await user(request)),
    context: context?.(request),
  }));
}

/** @throws Error as {@link askingOf} */
export function usersOfRequest<Request>(
  user: (request: Request) => Users | Promise<Users>,
  request: Request,
): Promise<readonly string[]> {
  return saidOf(async () => usersOf(await user(request)));
}

async function saidOf<T>(say: () => Promise<T>): Promise<T> {
  try {
    return await say();
  } catch (error) {
    throw error instanceof Error ? error : new Error('the program cannot say whose data a request is about');
  }
}

export function usersOf(given: unknown): readonly string[] {
  const users: readonly unknown[] = Array.isArray(given) ? given : [given];
  const named = users.filter((user) => typeof user === 'string' && user !== '');
  // one of several that is missing may be one who denied
  return named.length === users.length ? [...new Set(named.map(String))] : [];
}

export function userOfRoute(request: unknown): Users {
  const user = memberOf(memberOf(request, 'params'), 'user');
  return typeof user === 'string' ? user : undefined;
}

/** Why the purpose may not read all of these fields of the users; `undefined`: it may. */
export async function refusalOf(
  assent: Assent,
  { purpose, users, context }: Asking,
  fields: readonly string[],
): Promise<Refusal | undefined> {
  const questions = users.flatMap((user) =>
    fields.map((field) => ({ purpose, user, field, ...facts(context) })),
  );
  // of nobody, everybody would permit it
  if (questions.length === 0) return refusal(purpose, fields[0] ?? '', UNKNOWN_USER);
  const answers = await assent.checkMany(questions);
  for (const [at, { field }] of questions.entries()) {
    const answer = answers[at];
    if (answer?.permitted !== true) return refusal(purpose, field, answer ?? UNKNOWN_USER);
  }
  return undefined;
}

/** Whether each of these may be read. */
export async function permitsOf(
  assent: Assent,
  { purpose, context }: Pick<Asking, 'purpose' | 'context'>,
  questions: readonly { readonly user: string; readonly field: string }[],
): Promise<readonly boolean[]> {
  const permits: boolean[] = [];
  for (let from = 0; from < questions.length; from += MOST_QUESTIONS) {
    const part = questions.slice(from, from + MOST_QUESTIONS);
    const answers = await assent.checkMany(part.map((one) => ({ ...one, purpose, ...facts(context) })));
    for (const at of part.keys()) permits.push(answers[at]?.permitted === true);
  }
  return permits;
}

/** @throws TypeError in words when a purpose or fields cannot be asked about */
export function mustBeUse(purpose: unknown, fields: readonly unknown[]): void {
  const fault =
    faultOfName('purpose', purpose) ??
    (Array.isArray(fields) && fields.length > 0
      ? fields.map((field) => faultOfName('field', field)).find((one) => one !== undefined)
      : '`fields` is empty or no list: list the fields that are used');
  if (fault !== undefined) throw new TypeError(fault);
}

const UNKNOWN_USER = denialOf(
  new Failure('invalid_question', { message: 'the request does not say whose data it is about' }),
);

function facts(context: Context | undefined): { readonly context?: Context } {
  return context === undefined ? {} : { context };
}

function refusal(purpose: string, field: string, { message, reason }: Denial): Refusal {
  const detail = `\`${purpose}\` may not read \`${field}\`: ${message}`;
  return { type: 'about:blank', title: 'Forbidden', status: 403, detail, purpose, field, reason };
}
