/** The OpenAPI document: the descriptions of routes, and what is common to all. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { SchemaObject } from 'ajv';
import { ERRORS, type ErrorCode } from '../../errors.js';
import {
  ANSWER_HEADERS,
  type Answer,
  type AnswerHeader,
  type Examples,
  REQUEST_HEADERS,
  TAGS,
  descriptionOf,
} from './described.js';
import { isOpen } from '../open-routes.js';
import { statusOf, typeOfProblem } from '../problem.js';
import { type Shape, TEXT, WHOLE, named, objectOf, said } from './shapes.js';

/** Errors of every route, and of every route that needs a token. */
const ALWAYS: readonly ErrorCode[] = [
  'invalid_request',
  'body_too_large',
  'headers_too_large',
  'request_timeout',
  'internal_error',
  'storage_unavailable',
  'answers_waiting',
  'overloaded',
];
/** Of those that also know sessions. */
const BY_SESSION: readonly ErrorCode[] = ['not_own_page'];
const AUTHENTICATED: readonly ErrorCode[] = [
  'not_authenticated',
  'caller_not_allowed',
  'too_many_proofs',
  'too_many_requests',
  'identity_unavailable',
];

/** The shape of every problem. */
export const PROBLEM = named(
  'Problem',
  objectOf(
    {
      type: said('`urn:assent:problem:` and the error code', TEXT),
      title: TEXT,
      status: WHOLE,
      detail: said('what happened, and what to do next', TEXT),
      request_id: TEXT,
    },
    { member: said('the member at fault, as a JSON Pointer', TEXT) },
  ),
);

const BY_TOKEN = [{ bearer: [] }, { dpop: [] }];

const PROBLEM_TYPE = 'application/problem+json';

/** Headers of error answers, by status. */
const PROBLEM_HEADERS: Readonly<Record<number, readonly AnswerHeader[]>> = {
  401: ['WWW-Authenticate'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** Addresses with their operations by method; the `operationId` is that of {@link routeNamed}. */
type Routes = OpenAPIObject['paths'];
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

/** The name of a route by its class and method, until it is described. */
export function routeNamed(controller: string, method: string): string {
  return `${controller}.${method}`;
}

/** The document of these routes. @throws Error for a route that is not described */
export function openApiOf(routes: Routes, publicUrl: string): OpenAPIObject {
  const components = new Components();
  const paths = Object.fromEntries(
    Object.entries(routes).map(([path, item]) => [
      path,
      Object.fromEntries(
        METHODS.flatMap((method) => {
          const [controller = '', name = ''] = item[method]?.operationId?.split('.') ?? [];
          return controller === '' ? [] : [[method, operationOf(path, controller, name, components)]];
        }),
      ),
    ]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Assent',
      description: 'May this purpose use this field of this user, now?',
      version: versionOfPackage(),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: publicUrl }],
    security: BY_TOKEN,
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'RFC 6750' },
        dpop: {
          type: 'http',
          scheme: 'DPoP',
          description: 'A token that is bound to a key, with a proof of it in the header `DPoP` (RFC 9449).',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-assent-session',
          description:
            'A person who signed in, for pages of this service: changes also need the header `x-assent-request: 1`.',
        },
      },
      schemas: components.schemas,
      responses: components.responses,
    },
  };
}

function operationOf(path: string, controller: string, method: string, components: Components) {
  const { id, tag, summary, description, handler, ...described } = descriptionOf(controller, method);
  const { headers = [], problems = [], query = {}, body, examples, answers } = described;
  const schemas: unknown = Reflect.getMetadata(RouteSchema({}).KEY, handler);
  const config: unknown = Reflect.getMetadata(RouteConfig({}).KEY, handler);
  const open = isOpen({ url: path, config: Object(config) });
  const bySession = !open && path.startsWith('/v1/');
  const ownBody = shapeAt(schemas, 'body');
  const bodies = body ?? (ownBody === undefined ? {} : { 'application/json': ownBody });
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? { security: [] } : {}),
    ...(bySession ? { security: [...BY_TOKEN, { session: [] }] } : {}),
    parameters: [
      ...parametersIn('path', shapeAt(schemas, 'params')),
      ...parametersIn('query', shapeAt(schemas, 'querystring'), query),
      ...headers.map((name) => ({ name, in: 'header' as const, ...REQUEST_HEADERS[name], schema: TEXT })),
    ],
    ...(Object.keys(bodies).length === 0
      ? {}
      : { requestBody: { required: true, content: contentOf(bodies, components, examples) } }),
    responses: {
      ...responsesOf(
        answers,
        [...ALWAYS, ...(open ? [] : AUTHENTICATED), ...(bySession ? BY_SESSION : []), ...problems],
        components,
      ),
      default: {
        description: 'what else went wrong',
        content: { [PROBLEM_TYPE]: { schema: components.of(PROBLEM) } },
      },
    },
  };
}

/** The parameters that an object schema describes, each replaced by `instead` where that has it. */
function parametersIn(
  place: 'path' | 'query',
  { properties = {}, required = [] }: SchemaObject = {},
  instead: Readonly<Record<string, Shape>> = {},
) {
  const shapes: [string, Shape][] = Object.entries({ ...properties, ...instead });
  return shapes.map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || (Array.isArray(required) && required.includes(name)),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

type Header = { readonly description: string; readonly required: boolean; readonly schema: Shape };
type Shown = Record<string, { readonly summary: string; readonly value: unknown }>;
type Response = {
  readonly description: string;
  readonly headers: Readonly<Record<string, Header>>;
  readonly content: Readonly<Record<string, { readonly schema: Shape; readonly examples?: Shown }>>;
};
type Reference = { readonly $ref: string };

function responsesOf(
  answers: Readonly<Record<number, Answer>>,
  codes: readonly ErrorCode[],
  components: Components,
): Record<string, Response | Reference> {
  const problems = [...new Set(codes.map(statusOf))].map((status) => {
    const those = [...new Set(codes)].filter((code) => statusOf(code) === status);
    return [status, problemsAt(status, those, components)];
  });
  // an answer of the route itself replaces the problem
  return {
    ...Object.fromEntries(problems),
    ...Object.fromEntries(
      Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, components)]),
    ),
  };
}

function responseOf(
  { description, headers = [], mayHave = [], examples, ...answer }: Answer,
  components: Components,
): Response {
  const shapes = 'content' in answer ? answer.content : { 'application/json': answer.schema };
  return {
    description,
    headers: { ...headersOf(['X-Request-Id', ...headers]), ...headersOf(mayHave, false) },
    content: contentOf(shapes, components, examples),
  };
}

/** The error answer of a status for these codes; the document has each once. */
function problemsAt(status: number, codes: readonly ErrorCode[], components: Components): Reference {
  const type = { enum: codes.map(typeOfProblem) };
  const schema = { allOf: [components.of(PROBLEM), { properties: { type } }] };
  const name = codes.join('.');
  components.responses[name] = {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('; '),
    headers: headersOf(['X-Request-Id', ...(PROBLEM_HEADERS[status] ?? [])]),
    content: { [PROBLEM_TYPE]: { schema } },
  };
  return { $ref: `#/components/responses/${name}` };
}

function headersOf(names: readonly AnswerHeader[], required = true): Record<string, Header> {
  return Object.fromEntries(
    names.map((name) => [name, { description: ANSWER_HEADERS[name], required, schema: TEXT }]),
  );
}

function contentOf(
  shapes: Readonly<Record<string, Shape>>,
  components: Components,
  examples: Examples = {},
): Response['content'] {
  const shown = Object.entries(examples).map(([summary, value], at) => [
    `example${at + 1}`,
    { summary, value },
  ]);
  return Object.fromEntries(
    Object.entries(shapes).map(([type, shape], at) => [
      type,
      {
        schema: components.of(shape),
        ...(at > 0 || shown.length === 0 ? {} : { examples: Object.fromEntries(shown) }),
      },
    ]),
  );
}

/** The document's named components: schemas and error answers. */
class Components {
  readonly schemas: Record<string, Shape> = {};
  readonly responses: Record<string, Response> = {};

  /** The schema, with a reference in place of each named one inside. */
  of(shape: Shape): Shape {
    // an object may have a member of that name
    const title = typeof shape['title'] === 'string' ? shape['title'] : undefined;
    const inner: Shape = Object.fromEntries(
      Object.entries(shape)
        .filter(([key]) => key !== 'title' || title === undefined)
        .map(([key, value]: [string, unknown]) => [key, this.within(value)]),
    );
    if (title === undefined) return inner;
    const known = this.schemas[title];
    if (known !== undefined && !isDeepStrictEqual(known, inner))
      throw new Error(`two shapes are named \`${title}\`: name one of them otherwise`);
    this.schemas[title] = inner;
    return { $ref: `#/components/schemas/${title}` };
  }

  private within(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each: unknown) => this.within(each));
    return isShape(value) ? this.of(value) : value;
  }
}

function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null;
}

function shapeAt(value: unknown, name: string): Shape | undefined {
  const found: unknown = isShape(value) ? value[name] : undefined;
  return isShape(found) ? found : undefined;
}

/** The version of Assent that runs. */
export function versionOfPackage(): string {
  const description: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  return isShape(description) ? String(description['version']) : '0';
}
