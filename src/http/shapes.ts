/** The shapes of answers, as JSON Schemas: what a view gives stands beside it, in these words. */
import type { SchemaObject } from 'ajv';

export type Shape = Readonly<SchemaObject & { type?: string | string[] }>;

export const TEXT: Shape = { type: 'string' };
export const YES_OR_NO: Shape = { type: 'boolean' };
export const WHOLE: Shape = { type: 'integer' };
export const NUMBER: Shape = { type: 'number' };
/** As `timeText` writes it. */
export const TIME: Shape = { type: 'string', format: 'date-time' };
/** Bytes that are no text. */
export const BYTES: Shape = { type: 'string', format: 'binary' };
/** JSON of which nothing is promised. */
export const ANYTHING: Shape = {};

export const wordOf = (words: readonly string[]): Shape => ({ type: 'string', enum: [...words] });
export const just = (value: string | number | boolean): Shape => ({ type: typeof value, enum: [value] });
export const listOf = (items: Shape): Shape => ({ type: 'array', items });
/** An object whose members have names that nobody knows before. */
export const mapOf = (values: Shape): Shape => ({ type: 'object', additionalProperties: values });
export const orNull = (shape: Shape): Shape => ({ anyOf: [shape, { type: 'null' }] });
export const either = (...shapes: readonly Shape[]): Shape => ({ anyOf: shapes });
export const said = (description: string, shape: Shape): Shape => ({ ...shape, description });

type Members = Readonly<Record<string, Shape>>;

/** @param optional members that may be absent */
export const objectOf = (members: Members, optional: Members = {}): Shape => ({
  type: 'object',
  required: Object.keys(members),
  properties: { ...members, ...optional },
});

/** A shape that the document keeps under a name, for all who use it. */
export const named = (title: string, shape: Shape): Shape => ({ ...shape, title });
