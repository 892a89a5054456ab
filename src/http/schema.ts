/**
 * Bodies and parameters are described once, by DTO classes with class-validator decorators, and checked by JSON Schemas
 * compiled from those classes: four times faster than class-validator itself, and the same schemas stand in the
 * OpenAPI document. A test holds the two equal over a corpus of good and bad bodies.
 */
import { Ajv, type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import {
  ValidateBy,
  ValidateIf,
  type ValidationOptions,
  buildMessage,
  isISO31661Alpha2,
} from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import { DomainError } from '../errors.js';
import { MAX_ID_BYTES, isId } from '../id.js';

/** Whether the text is an ISO 3166-1 alpha-2 or ISO 3166-2 code in upper case (`DE`, `US-CA`), or `unknown`. */
export function isRegion(text: unknown): boolean {
  if (text === 'unknown') return true;
  return (
    typeof text === 'string' && /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/.test(text) && isISO31661Alpha2(text.slice(0, 2))
  );
}

/** Whether the text is a time with its zone, as `2027-01-31T12:00:00Z` (ISO 8601, as RFC 3339 narrows it). */
export function isTime(text: unknown): boolean {
  return typeof text === 'string' && TIME.test(text) && !Number.isNaN(Date.parse(text));
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Formats that a JSON Schema cannot state: name, check, and how an error calls them. */
const FORMATS = {
  id: { check: isId, description: `an id: 1 to ${MAX_ID_BYTES} bytes of text without control characters` },
  region: {
    check: isRegion,
    description: 'an ISO 3166-1 alpha-2 or ISO 3166-2 code such as `DE` or `US-CA`, or `unknown`',
  },
  time: { check: isTime, description: 'a time with its zone, such as `2027-01-31T12:00:00Z`' },
} as const;

function HasFormat(name: keyof typeof FORMATS, options?: ValidationOptions): PropertyDecorator {
  const { check, description } = FORMATS[name];
  const validator = {
    validate: check,
    defaultMessage: buildMessage((each) => `${each}$property must be ${description}`, options),
  };
  return ValidateBy({ name, validator }, options);
}

/** The property is an id, or a list of them (`each`); see {@link isId}. */
export const IsId = (options?: ValidationOptions): PropertyDecorator => HasFormat('id', options);

/** The property is a region; see {@link isRegion}. */
export const IsRegion = (): PropertyDecorator => HasFormat('region');

/** The property is a time; see {@link isTime}. */
export const IsTime = (): PropertyDecorator => HasFormat('time');

/** The property may be left out; unlike with class-validator's IsOptional, it may not be null. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A JSON Schema of an object, as ajv and OpenAPI both take it. */
export type JsonSchema = SchemaObject & { readonly type: 'object' };

const DEFINITIONS = '#/definitions/';

/** The schemas of all classes that were known when they were last read. */
let read: Record<string, SchemaObject> = {};

/** The schema of a class. Read again only for a class that is new since: to read them all takes milliseconds. */
function known(name: string): SchemaObject | undefined {
  if (read[name] === undefined) read = readAll();
  return read[name];
}

function readAll(): Record<string, SchemaObject> {
  return validationMetadatasToSchemas({
    refPointerPrefix: DEFINITIONS,
    additionalConverters: {
      id: { type: 'string', format: 'id' },
      region: { type: 'string', format: 'region' },
      time: { type: 'string', format: 'time' },
    },
  });
}

/** The JSON Schema of a DTO class, complete in itself. Unknown members are allowed: AuthZEN wants them ignored. */
export function schemaOf(dto: new () => object): JsonSchema {
  const schema = known(dto.name);
  if (schema === undefined) throw new Error(`\`${dto.name}\` has no validation decorators`);
  return { ...inline(schema), type: 'object' };
}

function inline(schema: SchemaObject): SchemaObject {
  const entries = Object.entries(schema).map(([key, value]) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [key, value];
    const target = typeof value.$ref === 'string' ? known(value.$ref.slice(DEFINITIONS.length)) : undefined;
    return [key, inline(target ?? value)];
  });
  return Object.fromEntries(entries);
}

const ajv = new Ajv({
  allErrors: false,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  strict: true,
  // the schemas are made here, so they are not checked against the schema of schemas, which costs a start 40 ms
  meta: false,
  validateSchema: false,
  formats: { id: isId, region: isRegion, time: isTime },
});

/** Compiles a schema when its first value comes: a start does not wait for what it may never be asked. */
function compiledLate<T>(schema: SchemaObject): () => ValidateFunction<T> {
  let validate: ValidateFunction<T> | undefined;
  return () => (validate ??= ajv.compile<T>(schema));
}

/** The one validator of the service, as Fastify takes it. */
export function validatorOf(schema: SchemaObject): RouteValidator {
  const compiled = compiledLate(schema);
  const check: RouteValidator = (value) => {
    const validate = compiled();
    const valid = validate(value);
    check.errors = validate.errors ?? null;
    return valid;
  };
  return check;
}

/** Says whether the value is valid, and leaves what is wrong with it in `errors`. */
type RouteValidator = { (value: unknown): boolean; errors?: ErrorObject[] | null };

/** A check for values that no route's schema covers (the items of a batch). */
export function checkOf<T extends object>(dto: new () => T): (value: unknown) => value is T {
  const compiled = compiledLate<T>(schemaOf(dto));
  return (value): value is T => compiled()(value);
}

/**
 * A parser for values that no route's schema covers.
 *
 * @returns a function that gives the value as the DTO, or throws `invalid_request` naming the member
 */
export function parserOf<T extends object>(dto: new () => T): (value: unknown, at?: string) => T {
  const compiled = compiledLate<T>(schemaOf(dto));
  return (value, at = '') => {
    const validate = compiled();
    if (validate(value)) return value;
    throw invalidRequest(validate.errors ?? [], at);
  };
}

/**
 * The first error of a validation as a domain error that names the member.
 *
 * @param at JSON Pointer of the validated value within the request
 */
export function invalidRequest(errors: readonly ErrorObject[], at = ''): DomainError {
  const [error] = errors;
  if (error === undefined) return new DomainError('invalid_request', 'the request is not well-formed');
  const missing = error.keyword === 'required' ? `/${String(error.params['missingProperty'])}` : '';
  const member = `${at}${error.instancePath}${missing}`;
  return new DomainError('invalid_request', `${nameOf(member)} ${faultOf(error)}`, member);
}

function nameOf(pointer: string): string {
  return pointer === '' ? 'the body' : `\`${pointer.slice(1).replaceAll('/', '.')}\``;
}

function faultOf({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is missing: add it';
    case 'type':
      return `must be ${article(String(params['type']))}`;
    case 'enum':
      return `must be one of ${[params['allowedValues']]
        .flat()
        .map((value) => `\`${String(value)}\``)
        .join(', ')}`;
    case 'format':
      return `must be ${Object.entries(FORMATS).find(([name]) => name === params['format'])?.[1].description}`;
    default:
      return message ?? 'is not valid';
  }
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
