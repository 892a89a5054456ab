/** Builders of JSON Schemas for answers; views declare their schemas with them. */
import type { SchemaObject } from 'ajv';

export type Shape = Readonly<SchemaObject & { type?: string | string[] }>;

export const TEXT: Shape = { type: 'string' };
export const YES_OR_NO: Shape = { type: 'boolean' };
export const WHOLE: Shape = { type: 'integer' };
export const NUMBER: Shape = { type: 'number' };
/** As `timeText` writes it. */
export const TIME: Shape = { type: 'string', format: 'date-time' };
/** Binary data. */
export const BYTES: Shape = { type: 'string', format: 'binary' };
/** Any JSON. */
export const ANYTHING: Shape = {};

export const wordOf = (words: readonly string[]): Shape => ({ type: 'string', enum: [...words] });
export const just = (value: string | number | boolean): Shape => ({ type: typeof value, enum: [value] });
export const listOf = (items: Shape): Shape => ({ type: 'array', items });
/** What an object says of the languages of its texts. */
export const LANG: Readonly<Record<'lang', Shape>> = {
  lang: {
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      'the languages of texts that are not in the one of the answer, by member; absent: all are in that one',
  },
};
/** An object with arbitrary member names. */
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

/** A shape that the document has once, under a name. */
export const named = (title: string, shape: Shape): Shape => ({ ...shape, title });
