/** The comments that say what a column holds. */
import type { SchemaField } from './schema-text.js';

/** What a column holds. */
export type Use =
  | { readonly kind: 'field'; readonly field: string }
  /** The id of the user whose row it is. */
  | { readonly kind: 'user' }
  /** Nothing about a person. */
  | { readonly kind: 'none' };

const ANNOTATION = /^\/\/\/\s*@assent\.(?:(?<kind>none|user)|field\s+(?<field>[^\s,]+))\s*$/;
const WRITE_ONE = 'write `/// @assent.field ID`, `/// @assent.user` or `/// @assent.none` above it';

/** What its comments say it holds; or what is wrong with them, in words. */
export function useOf({ comments }: SchemaField): Use | string {
  const [annotation, second] = comments.filter((comment) => comment.includes('@assent'));
  if (annotation === undefined) return `has no field: ${WRITE_ONE}`;
  if (second !== undefined) return 'has two comments with `@assent`: leave one';
  const { kind, field } = ANNOTATION.exec(annotation)?.groups ?? {};
  if (field !== undefined) return { kind: 'field', field };
  if (kind === 'none' || kind === 'user') return { kind };
  return `has a comment that is not understood: ${WRITE_ONE}`;
}

/** Whether they say that it is nothing about a person. */
export function isNone(field: SchemaField): boolean {
  const use = useOf(field);
  return typeof use === 'object' && use.kind === 'none';
}
