/**
 * Every answer that a test of this folder gets is held against the OpenAPI document: its route, its status, its media type,
 * its headers, and every member of its body. What the document does not say, no client that is made from it knows.
 */
import { Ajv2020, type SchemaObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { inject } from 'vitest';
import { membersOf, valueAt } from './replies.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The OpenAPI document, as `contract-setup.ts` got it; absent where servers are tried that are not the service. */
    contract?: object;
  }
}

export type Exchange = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly header: (name: string) => string | null | undefined;
  readonly body: string;
};

/** A body that the document shows. */
export type Example = {
  readonly operation: string;
  readonly type: string;
  /** Whether it is a request's. */
  readonly isSent: boolean;
  readonly value: unknown;
  readonly fault: string | undefined;
};

type Operation = {
  readonly method: string;
  readonly template: string;
  readonly steps: readonly string[];
  readonly described: unknown;
};

/** Bodies that are not read: bytes, pages, YAML. */
const READ = /^application\/(?:problem\+)?json$|^application\/x-ndjson$/;
const LINES = 'application/x-ndjson';
const PROBLEM = 'application/problem+json';
/** The document and pages for people, which are no operations of it. */
const DOCUMENTATION = /^\/(openapi\.json|(docs|settings|console)(\/.*)?)$/;

export class Contract {
  private readonly operations: readonly Operation[];
  private readonly ajv: Ajv2020;
  private readonly checks = new Map<string, ValidateFunction>();
  private readonly done = new Set<string>();

  constructor(private readonly document: object) {
    this.operations = membersOf(valueAt(document, 'paths')).flatMap(([template, item]) =>
      membersOf(item).map(([method, described]) => ({
        method: method.toUpperCase(),
        template,
        steps: template.split('/'),
        described,
      })),
    );
    this.ajv = new Ajv2020({ strict: false, validateFormats: false });
    const schemas = membersOf(valueAt(document, 'components', 'schemas')).map(([name, schema]) => [
      name,
      closed(schema),
    ]);
    this.ajv.addSchema({ $id: 'contract', components: { schemas: Object.fromEntries(schemas) } });
  }

  /** The operations that were never done, each as method and address. */
  get undone(): readonly string[] {
    return this.operations.map(nameOf).filter((name) => !this.done.has(name));
  }

  /** The addresses that take a method. */
  operationsOf(method: string): readonly string[] {
    return this.operations.filter((one) => one.method === method).map(({ template }) => template);
  }

  /** The operation that a request is for; nothing when there is none. */
  private operationAt(method: string, path: string): Operation | undefined {
    const steps = stepsOf(path);
    const wanted = method === 'HEAD' ? 'GET' : method;
    return this.operations
      .filter((operation) => operation.method === wanted && fits(operation.steps, steps))
      .toSorted((one, other) => parametersIn(one) - parametersIn(other))[0];
  }

  /** The examples of all bodies that are sent and answered, each with what is wrong with it. */
  get examples(): Example[] {
    return this.operations.flatMap((operation) => {
      const { method, template, described } = operation;
      const bodies = membersOf(valueAt(described, 'responses') ?? {}).map(
        ([, answer]) => [false, answer] as const,
      );
      return [[true, valueAt(described, 'requestBody')] as const, ...bodies].flatMap(([isSent, body]) =>
        membersOf(valueAt(this.resolved(body), 'content') ?? {}).flatMap(([type, content]) =>
          membersOf(valueAt(content, 'examples') ?? {}).map(([, example]) => {
            const value = valueAt(example, 'value');
            const check = this.checkOf(valueAt(content, 'schema'));
            const fault = check(value) ? undefined : this.ajv.errorsText(check.errors);
            return { operation: `${method} ${template}`, type, isSent, value, fault };
          }),
        ),
      );
    });
  }

  /** What of an answer the document does not say; nothing when it says all of it. */
  faultOf({ method, path, status, header, body }: Exchange): string | undefined {
    if (DOCUMENTATION.test(path.split('?', 1)[0] ?? '')) return undefined;
    // what a browser asks before a page of another origin may call, which is no operation
    if (method === 'OPTIONS' && status === 204 && body === '') return undefined;
    // the metadata of another path than that of the service is an address that there is not
    const operation = status >= 400 && METADATA.test(path) ? undefined : this.operationAt(method, path);
    const type = header('content-type')?.split(';', 1)[0] ?? 'none';
    if (operation === undefined)
      return status >= 400 && type === PROBLEM
        ? this.faultIn(body, type, { $ref: '#/components/schemas/Problem' })
        : `the document has no ${method} ${path}, which was answered with ${status}`;
    const where = nameOf(operation);
    if (status < 400) this.done.add(where);
    const response = this.resolved(valueAt(operation.described, 'responses', String(status)));
    if (response === undefined)
      return `the document has no status ${status} for ${where}: ${body.slice(0, 300)}`;
    for (const [name, described] of membersOf(valueAt(response, 'headers') ?? {}))
      if (valueAt(described, 'required') === true && (header(name) ?? '') === '')
        return `the document has a header ${name} for ${status} of ${where}, and the answer has none`;
    if (method === 'HEAD' || status === 304) return undefined;
    const schema = membersOf(valueAt(response, 'content') ?? {}).find(([name]) => name === type)?.[1];
    if (schema === undefined) return `the document has no media type ${type} for ${status} of ${where}`;
    const fault = this.faultIn(body, type, valueAt(schema, 'schema'));
    return fault === undefined ? undefined : `${status} of ${where} is not as the document says: ${fault}`;
  }

  private faultIn(body: string, type: string, schema: unknown): string | undefined {
    if (!READ.test(type)) return undefined;
    const check = this.checkOf(schema);
    const texts = type === LINES ? body.split('\n').filter((line) => line !== '') : [body];
    for (const text of texts) {
      const value: unknown = JSON.parse(text);
      if (!check(value)) return `${this.ajv.errorsText(check.errors)} in ${text.slice(0, 2_000)}`;
    }
    return undefined;
  }

  private checkOf(schema: unknown): ValidateFunction {
    const key = JSON.stringify(schema);
    const known = this.checks.get(key) ?? this.ajv.compile(closed(schema));
    this.checks.set(key, known);
    return known;
  }

  private resolved(value: unknown): unknown {
    const target = valueAt(value, '$ref');
    return typeof target === 'string' ? valueAt(this.document, ...target.slice(2).split('/')) : value;
  }
}

/** The schema, with members refused that it does not name, and references that hold wherever it stands. */
function closed(schema: unknown): SchemaObject {
  return membersOf(schema).reduce<SchemaObject>(
    (made, [key, value]) => ({ ...made, [key]: key === '$ref' ? `contract${String(value)}` : within(value) }),
    isClosable(schema) ? { additionalProperties: false } : {},
  );
}

function within(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => within(each));
  return typeof value === 'object' && value !== null ? closed(value) : value;
}

function isClosable(schema: unknown): boolean {
  return valueAt(schema, 'type') === 'object' && typeof valueAt(schema, 'properties') === 'object';
}

/** Of a service whose public address has a path, which the document of the one that was asked has not. */
const METADATA = /^(\/\.well-known\/authzen-configuration)\/.*/;

function stepsOf(path: string): string[] {
  return (path.split(/[?#]/, 1)[0] ?? '')
    .replace(METADATA, '$1')
    .split('/')
    .map((step) => {
      try {
        return decodeURIComponent(step);
      } catch {
        return step;
      }
    });
}

const nameOf = ({ method, template }: Operation) => `${method} ${template}`;
const isParameter = (step: string) => step.startsWith('{');
const parametersIn = ({ steps }: Operation) => steps.filter(isParameter).length;

function fits(template: readonly string[], steps: readonly string[]): boolean {
  return (
    template.length === steps.length &&
    template.every((step, at) => (isParameter(step) ? steps[at] !== '' : step === steps[at]))
  );
}

let known: Contract | undefined;

/** The contract of the service that is built. Asked for late, because what gets the document starts a service too. */
export function contract(): Contract | undefined {
  const document = inject('contract');
  if (document !== undefined) known ??= new Contract(document);
  return known;
}

/** Holds an answer to the document. @throws Error that says what of it the document does not */
export function holdToContract(exchange: Exchange): void {
  const fault = contract()?.faultOf(exchange);
  if (fault !== undefined) throw new Error(fault);
}
