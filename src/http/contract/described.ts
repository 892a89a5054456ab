/**
 * Descriptions of routes for the OpenAPI document. They are recorded beside each route, and turned into the document
 * when it is first requested: a start does not wait for it.
 */
import type { SchemaObject } from 'ajv';
import type { ErrorCode } from '../../errors.js';

/** The groups of routes. */
export const TAGS = {
  'decisions (AuthZEN 1.0)': 'May this purpose read this field of this user, now?',
  audiences: 'The same question about many users.',
  grants: 'The answer as a signed token, for the service that owns the data.',
  'users and settings': 'What users said, what stands for them and why, and what the law lets them ask for.',
  uses: 'Who used what.',
  reports: 'Who remains, compared with all.',
  receipts: 'Signed proof of what was said.',
  extracts: 'What was taken of users for training, and who has withdrawn since.',
  cases: 'Narrow, recorded doors to private messages.',
  policies: 'What is in force, what it is to become, and what was decided.',
  'imports and exports': 'What other systems know of users, and are to know.',
  'consent log': 'Proof that nobody changed what was said.',
  sessions: 'How people sign in to the pages of this service, and out.',
  health: 'Whether the service runs, and can decide.',
} as const;

/** Request headers that some routes use. */
export const REQUEST_HEADERS = {
  Accept: { description: 'the media type of the answer', required: false },
  'Accept-Language': {
    description: 'the languages of the texts in the answer, by preference',
    required: false,
  },
  DPoP: {
    description: 'a proof of a key (RFC 9449); absent: the access token is bound to one',
    required: false,
  },
  'If-Match': {
    description:
      'The `ETag` of the draft or case as you read it, with its quotation marks: 428 without it, 412 when it is another by now.',
    required: true,
  },
  'If-Match of settings': {
    name: 'If-Match',
    description:
      'the `ETag` of the settings, the purpose or the prompts that the change rests on: 412 when the settings are others by then; absent: the change holds whatever they are',
    required: false,
  },
  'If-None-Match': {
    description: 'the `ETag` of what the caller has: 304 when it is that still',
    required: false,
  },
  'Sec-GPC': {
    description: '`1`: the user sends Global Privacy Control, which is recorded before anything else',
    required: false,
  },
} as const;

/** Response headers. */
export const ANSWER_HEADERS = {
  'X-Request-Id': 'that of the request, or one that was given to it',
  ETag: 'what this is by now, for the `If-Match` of the change that rests on it',
  'Content-Language': 'the language of the texts',
  'Assent-Users': 'how many users were known when the answer began',
  'Set-Cookie': 'the session, or what signing in needs until it is done',
  Location: 'where to go on',
  'WWW-Authenticate': 'how a request can be authenticated',
  'Retry-After': 'seconds to wait',
} as const;
export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** An answer: its JSON schema, or one for each media type; for lines of JSON, that of a line. */
export type Answer = {
  readonly description: string;
  readonly headers?: readonly AnswerHeader[];
  /** Headers that are not always there. */
  readonly mayHave?: readonly AnswerHeader[];
  /** Of its first media type. */
  readonly examples?: Examples;
} & ({ readonly schema: SchemaObject } | { readonly content: Readonly<Record<string, SchemaObject>> });

/** What another decorator adds to a route. */
export type Addition = {
  readonly headers?: readonly (keyof typeof REQUEST_HEADERS)[];
  /** Errors of this route, besides those of every route. */
  readonly problems?: readonly ErrorCode[];
};

/** Examples by purpose; for lines of JSON, each is a line. A test checks each against its schema. */
export type Examples = Readonly<Record<string, unknown>>;

export type Description = Addition & {
  readonly summary: string;
  readonly description?: string;
  /** Query parameters that the route's own schema does not describe. */
  readonly query?: Readonly<Record<string, SchemaObject>>;
  /** By media type; absent: JSON by the route's own schema, if it has one. */
  readonly body?: Readonly<Record<string, SchemaObject>>;
  /** Of the first media type of the body. */
  readonly examples?: Examples;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
};

type Described = Description & {
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly handler: object;
};

/** By the names of class and method. */
const operations = new Map<string, Description & { readonly id: string; readonly handler: object }>();
const tags = new Map<string, keyof typeof TAGS>();
const additions = new WeakMap<object, Addition>();

/** Sets the group of a class's routes. */
export function Tag(tag: keyof typeof TAGS): ClassDecorator {
  return ({ name }) => void tags.set(name, tag);
}

/** Describes a route. @param id its name in generated clients */
export function Operation(id: string, description: Description): MethodDecorator {
  return ({ constructor }, key, { value }) =>
    void operations.set(`${constructor.name}.${String(key)}`, { ...description, id, handler: Object(value) });
}

/** Adds to the description of a route, for other decorators. */
export function Adds(addition: Addition): MethodDecorator {
  return (_target, _key, { value }) => void additions.set(Object(value), addition);
}

/** The description of a route, by the names of its class and method. @throws Error when it has none */
export function descriptionOf(controller: string, method: string): Described {
  const operation = operations.get(`${controller}.${method}`);
  const tag = tags.get(controller);
  if (operation === undefined || tag === undefined)
    throw new Error(
      `the route ${controller}.${method} is not described: add @Operation, and @Tag to its class`,
    );
  const { headers = [], problems = [] } = additions.get(operation.handler) ?? {};
  return {
    ...operation,
    tag,
    headers: [...(operation.headers ?? []), ...headers],
    problems: [...(operation.problems ?? []), ...problems],
  };
}
