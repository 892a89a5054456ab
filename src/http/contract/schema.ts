/**
 * Bodies and parameters are described once, by DTO classes with class-validator decorators, and checked by JSON Schemas
 * compiled from those classes: four times faster than class-validator itself, and the same schemas stand in the
 * OpenAPI document. A test holds the two equal over a corpus of good and bad bodies.
 */
import {
  Ajv,
  type ErrorObject,
  type FuncKeywordDefinition,
  type SchemaObject,
  type ValidateFunction,
} from 'ajv';
import {
  IsObject,
  ValidateBy,
  ValidateIf,
  ValidateNested,
  type ValidationOptions,
  buildMessage,
} from 'class-validator';
import { JSONSchema, targetConstructorToSchema } from 'class-validator-jsonschema';
import { eachQuoted } from '../../decision/lists.js';
import { nearest } from '../../decision/nearest.js';
import { DomainError } from '../../errors.js';
import { faultOfId, isId, isSpelledId } from '../../id.js';
import { namesIn, pointerOf } from '../../json.js';
import { faultOfTime, timeOf } from '../../time.js';
import { faultOfRegion, isRegion } from '../headers/region.js';

/**
 * Formats that a JSON Schema cannot state: name, check, and what is wrong with a value that fails it, after its name.
 */
const FORMATS = {
  id: { check: isSpelledId, fault: faultOfId },
  user: { check: isId, fault: faultOfId },
  region: { check: isRegion, fault: faultOfRegion },
  time: { check: (text: unknown) => timeOf(text) !== undefined, fault: faultOfTime },
} as const;

type FormatName = keyof typeof FORMATS;

function isFormatName(name: unknown): name is FormatName {
  return typeof name === 'string' && Object.hasOwn(FORMATS, name);
}

function HasFormat(name: FormatName, options?: ValidationOptions): PropertyDecorator {
  const { check, fault } = FORMATS[name];
  const validator = {
    validate: check,
    defaultMessage: buildMessage(
      (each, given) => `${each}$property ${fault(given?.value) ?? INVALID}`,
      options,
    ),
  };
  return ValidateBy({ name, validator }, options);
}

/** The property is an id, or a list of them (`each`), spelled as ids are; see {@link isSpelledId}. */
export const IsId = (options?: ValidationOptions): PropertyDecorator => HasFormat('id', options);

/** The property is the id of a user. The spelling is checked later, for users who are not in the log. */
export const IsUserId = (): PropertyDecorator => HasFormat('user');

/**
 * The property lists ids of users. Whether they are spelled as ids are, and differ, is checked later.
 *
 * @param hint what to do where there are too few
 */
export const AreUserIds = (least: number, most: number, hint: string): PropertyDecorator =>
  ValidateBy({
    name: 'people',
    constraints: [least, most, hint],
    validator: {
      validate: (value) =>
        Array.isArray(value) && value.length >= least && value.length <= most && value.every(isId),
      defaultMessage: () => `must list ${least} to ${most} users`,
    },
  });

/** The property is an object of the DTO class that is its type. */
export const IsNested = (): PropertyDecorator => (target, key) => {
  const dto: unknown = Reflect.getMetadata('design:type', target, key);
  if (typeof dto === 'function') classes.set(dto.name, dto);
  IsObject()(target, key);
  ValidateNested()(target, key);
};

/** The property lists objects of a DTO class. */
export const AreNested =
  (dto: new () => object): PropertyDecorator =>
  (target, key) => {
    classes.set(dto.name, dto);
    ValidateNested({ each: true })(target, key);
    JSONSchema({ type: 'array', items: { $ref: `${DEFINITIONS}${dto.name}` } })(target, String(key));
  };

/** The property is an object of any members; what they say is checked by whoever reads them. */
export const IsAnyObject = (): PropertyDecorator => (target, key) => {
  IsObject()(target, key);
  JSONSchema({ type: 'object', additionalProperties: true })(target, String(key));
};

/** The property is a region; see {@link isRegion}. */
export const IsRegion = (): PropertyDecorator => HasFormat('region');

/** The property is a time; see {@link timeOf}. */
export const IsTime = (): PropertyDecorator => HasFormat('time');

/** The property is a text of this pattern. @param words describes such a text, to follow "must be" */
export const ReadsAs = (pattern: RegExp, words: string): PropertyDecorator =>
  ValidateBy({
    name: 'reads',
    constraints: [pattern, words],
    validator: {
      validate: (value) => typeof value === 'string' && pattern.test(value),
      defaultMessage: () => `must be ${words}`,
    },
  });

/** The property is the id of a policy version or of what a draft holds. */
export const IsContentId = (): PropertyDecorator =>
  ReadsAs(/^sha256:[0-9a-f]{64}$/, '`sha256:` and 64 hexadecimal digits, as an answer gave it');

/** The property belongs elsewhere, and would be ignored here. @param hint what to do: where it belongs */
export const BelongsElsewhere = (hint: string): PropertyDecorator =>
  ValidateBy({
    name: 'elsewhere',
    constraints: [hint],
    validator: { validate: (value) => value === undefined, defaultMessage: () => hint },
  });

/** The property is why somebody does what they do, on one line. */
export const IsReason = (): PropertyDecorator =>
  ReadsAs(
    /^(?=.{1,500}$)\P{Cc}*[\p{L}\p{N}]\P{Cc}*$/u,
    'text of at most 500 characters that says something, on one line',
  );

/** The property may be left out; unlike with class-validator's IsOptional, it may not be null. */
export const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

/** A JSON Schema of an object, as ajv and OpenAPI both take it. */
export type JsonSchema = SchemaObject & { readonly type: 'object' };

const DEFINITIONS = '#/definitions/';

/** The classes that have a schema, by name: those that were asked for, and the parts of others. */
const classes = new Map<string, object>();
/** What was read of them. */
const read = new Map<string, SchemaObject>();

/** The schema of a class. A start asks for one after the other: to read all of them each time would take it 100 ms. */
function known(name: string): SchemaObject | undefined {
  const dto = classes.get(name);
  if (typeof dto !== 'function') return undefined;
  const schema = read.get(name) ?? targetConstructorToSchema(dto, READING);
  read.set(name, schema);
  return schema;
}

const READING = {
  refPointerPrefix: DEFINITIONS,
  additionalConverters: {
    id: { type: 'string', format: 'id' },
    user: { type: 'string', format: 'user' },
    region: { type: 'string', format: 'region' },
    time: { type: 'string', format: 'time' },
    reads: ({ constraints: [pattern, words] }) => ({
      type: 'string',
      pattern: pattern.source,
      description: String(words),
    }),
    people: ({ constraints: [least, most, hint] }) => ({
      type: 'array',
      items: { type: 'string', format: 'user' },
      minItems: least,
      maxItems: most,
      description: String(hint),
    }),
    elsewhere: ({ constraints: [hint] }) => ({ not: {}, description: String(hint) }),
  },
} satisfies Parameters<typeof targetConstructorToSchema>[1];

/** A keyword of JSON Schema: the name must not be a misspelling of one of these. */
const NEAR = 'x-not-nearly';

/** The schema of other members; `true`: they are ignored. */
type OfUnknown = boolean | { readonly [NEAR]: readonly string[] };

/** By the names of classes. */
const ofUnknown = new Map<string, OfUnknown>();

/**
 * Ignores members that the class and its parts do not name, because a standard asks for it. Everywhere else they are
 * refused: an ignored one might have been the end of a grant.
 *
 * @param butNear misspellings of these names are refused nevertheless
 */
export const IgnoresUnknown =
  (...butNear: readonly string[]): ClassDecorator =>
  ({ name }) =>
    void ofUnknown.set(name, butNear.length === 0 || { [NEAR]: butNear });

/** The JSON Schema of a DTO class, complete in itself. */
export function schemaOf(dto: new () => object): JsonSchema {
  classes.set(dto.name, dto);
  const schema = known(dto.name);
  if (schema?.['properties'] === undefined) throw new Error(`\`${dto.name}\` has no validation decorators`);
  const whole = inline(schema, ofUnknown.get(dto.name) ?? false);
  return { title: dto.name.replace(/Dto$/, 'Request'), ...whole, type: 'object' };
}

/** The schema of a query with these parameters, whose values the route checks by itself. */
export function queryOf(...names: readonly string[]): JsonSchema {
  const properties = Object.fromEntries(names.map((name) => [name, {}]));
  return { type: 'object', properties, additionalProperties: false };
}

function inline(schema: SchemaObject, additional: OfUnknown): SchemaObject {
  const entries = Object.entries(schema).map(([key, value]) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [key, value];
    const name = typeof value.$ref === 'string' ? value.$ref.slice(DEFINITIONS.length) : '';
    // a misspelling of a top-level name may be a valid name further inside
    const within = ofUnknown.get(name) ?? additional !== false;
    const target = name === '' ? undefined : known(name);
    // a member of a class may be called `properties` too
    return [key, inline(target ?? value, key === 'properties' && name === '' ? additional : within)];
  });
  const whole = Object.fromEntries(entries);
  const isObject = schema['type'] === 'object' && typeof schema['properties'] === 'object';
  return isObject && additional !== true ? { ...whole, additionalProperties: additional } : whole;
}

const nearNone: FuncKeywordDefinition = {
  keyword: NEAR,
  schemaType: 'array',
  validate: (
    names: readonly string[],
    _value: unknown,
    _schema: unknown,
    at?: { parentDataProperty: unknown },
  ) => nearest(String(at?.parentDataProperty), names) === undefined,
};

const ajv = new Ajv({
  allErrors: false,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  strict: true,
  // our own schemas need no check against the meta-schema, which costs a start 40 ms
  meta: false,
  validateSchema: false,
  // error messages show the value
  verbose: true,
  formats: Object.fromEntries(Object.entries(FORMATS).map(([name, { check }]) => [name, check])),
  keywords: [nearNone],
});

/** Compiles a schema for its first value: a start does not wait for it. */
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

/** Returns whether the value is valid, and sets `errors` if not. */
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
  const named = [error.params['missingProperty'], error.params['additionalProperty']].find(isText);
  const member = `${at}${error.instancePath}${named === undefined ? '' : pointerOf([named])}`;
  // a missing body and null look alike, and a route whose members are all optional still needs a body
  const isMissing = member === '' && (error.data ?? null) === null;
  const fault = isMissing ? `is missing: send ${leastOf(error.parentSchema?.['required'])}` : faultOf(error);
  return new DomainError('invalid_request', `${nameOf(member)} ${fault}`, member);
}

function nameOf(pointer: string): string {
  return pointer === '' ? 'the body' : `\`${pointer.slice(1).replaceAll('/', '.')}\``;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const lastOf = (pointer: string) => namesIn(pointer).at(-1) ?? '';

const INVALID = 'is not valid';

function faultOf({ keyword, params, message, data, instancePath, parentSchema }: ErrorObject): string {
  switch (keyword) {
    case 'required':
      return 'is missing: add it';
    case 'additionalProperties':
      return unknownMember(String(params['additionalProperty']), readIn(parentSchema?.['properties']));
    case 'pattern':
      return `must be ${String(parentSchema?.['description'])}`;
    case 'minimum':
      return `must be at least ${String(params['limit'])}`;
    case 'maximum':
      return `must be at most ${String(params['limit'])}`;
    case 'minLength':
      return 'is empty: fill it';
    case 'maxLength':
      return `must have at most ${String(params['limit'])} characters`;
    case 'minItems':
      return params['limit'] === 1
        ? 'is empty: give at least one'
        : `must have at least ${String(params['limit'])} entries: ${String(parentSchema?.['description'])}`;
    case 'maxItems':
      return `must have at most ${String(params['limit'])} entries`;
    case 'type':
      // a number may be meant as a time
      if (parentSchema?.['format'] === 'time') return faultOfTime(data) ?? INVALID;
      return `must be ${article(String(params['type']))}${slipOfType(String(params['type']), data)}`;
    case 'enum':
      return `must be one of ${[params['allowedValues']]
        .flat()
        .map((value) => `\`${String(value)}\``)
        .join(', ')}`;
    case NEAR:
      return `is not known here: did you mean \`${nearest(lastOf(instancePath), parentSchema?.[NEAR])}\`?`;
    case 'not':
      return `is not read here: ${String(parentSchema?.['description'])}`;
    case 'format':
      return isFormatName(params['format']) ? (FORMATS[params['format']].fault(data) ?? INVALID) : INVALID;
    default:
      return message ?? INVALID;
  }
}

/** The names of properties that belong here. */
function readIn(properties: object = {}): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => ('not' in Object(schema) ? [] : [name]));
}

function unknownMember(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  if (meant !== undefined) return `is not known here: did you mean \`${meant}\`?`;
  const known = eachQuoted(names).join(', ');
  const others =
    names.length === 0 ? '' : `, or correct it to ${names.length === 1 ? known : `one of ${known}`}`;
  return `is not known here: leave it out${others}`;
}

/** The smallest body that has these members. */
function leastOf(names: unknown): string {
  const members = [names].flat().filter(isText);
  return `JSON, as in \`{${members.map((name) => `"${name}": …`).join(', ')}}\``;
}

/** How to send a value of the wrong type that reads as the right one. */
function slipOfType(type: string, data: unknown): string {
  const isQuoted =
    typeof data === 'string' &&
    (type === 'boolean' ? /^(true|false)$/ : /^-?\d{1,15}$/).test(data) &&
    ['boolean', 'integer', 'number'].includes(type);
  return isQuoted ? `, not a string: send \`${data}\` without quotes` : '';
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
