/** What can be asked, and what cannot. */
import type { components } from './api.js';

type AnyContext = NonNullable<components['schemas']['EvaluationRequest']['context']>;
const FACTS = [
  'actor',
  'case',
  'reader_token',
  'legal_reference',
  'on_behalf_of',
  'consistency_token',
  'consistency',
] as const satisfies readonly (keyof AnyContext)[];

/** Facts of a request, named as the API names them (docs/api.md, "Facts of the request"). */
export type Context = Readonly<Pick<AnyContext, (typeof FACTS)[number]>>;

/** Facts of a question about an audience. */
export type AudienceContext = Pick<
  Context,
  'actor' | 'legal_reference' | 'consistency_token' | 'consistency'
>;

/** May the purpose read the field of the user, now? */
export type Question = {
  readonly purpose: string;
  readonly user: string;
  readonly field: string;
  /** Level of the visibility group that this item has by itself. */
  readonly visibility?: string | undefined;
  /** Id of the item, such as a message: what a case names. */
  readonly item?: string | undefined;
  readonly context?: Context | undefined;
};

/** Of which of some users may the purpose read which of these fields, now? */
export type AudienceQuestion = {
  readonly purpose: string;
  readonly fields: readonly string[];
  readonly context?: AudienceContext | undefined;
};

/** Most questions of one call. */
export const MOST_QUESTIONS = 10_000;

/** Most UTF-16 units of what names something; the service allows 256 bytes. */
const LONGEST_NAME = 256;
/** Most units of a token in a context, see `reader_token` in docs/api.md. */
const LONGEST_TOKEN = 16_384;

/** What is wrong with a question, in words; `undefined`: it can be sent. What the names mean, the service checks. */
export function faultOf({ purpose, user, field, visibility, item, context }: Question): string | undefined {
  return (
    faultOfName('purpose', purpose) ??
    faultOfName('user', user) ??
    faultOfName('field', field) ??
    (visibility === undefined ? undefined : faultOfName('visibility', visibility)) ??
    (item === undefined ? undefined : faultOfName('item', item)) ??
    faultOfContext(context, FACTS)
  );
}

const AUDIENCE_FACTS = ['actor', 'legal_reference', 'consistency_token', 'consistency'] as const;
/** Most fields of a question about an audience (docs/api.md, "Audiences"). */
const MOST_FIELDS = 100;

/** What is wrong with a question about an audience, see {@link faultOf}. */
export function faultOfAudience({ purpose, fields, context }: AudienceQuestion): string | undefined {
  if (fields.length === 0 || fields.length > MOST_FIELDS)
    return `\`fields\` has ${fields.length} entries: name 1 to ${MOST_FIELDS}`;
  // the fields travel in one list with commas, where one with a comma would be two others
  const split = fields.find((field) => typeof field === 'string' && field.includes(','));
  if (split !== undefined) return '`field` has a comma in it, as the id of no field has: correct it';
  return (
    faultOfName('purpose', purpose) ??
    fields.map((field) => faultOfName('field', field)).find((fault) => fault !== undefined) ??
    faultOfContext(context, AUDIENCE_FACTS)
  );
}

/** What is wrong with a name. Callers in JavaScript may send anything. */
export function faultOfName(what: string, name: unknown, longest = LONGEST_NAME): string | undefined {
  if (typeof name !== 'string') return `\`${what}\` is missing or not a text: send an id`;
  if (name === '') return `\`${what}\` is empty: send an id`;
  return name.length > longest ? `\`${what}\` is longer than ${longest} characters: send an id` : undefined;
}

function faultOfContext(context: unknown, facts: readonly string[]): string | undefined {
  if (context === undefined) return undefined;
  if (typeof context !== 'object' || context === null) return '`context` is not an object: send one';
  for (const [name, value] of Object.entries(context)) {
    if (!facts.includes(name))
      return `\`context\` has \`${name.slice(0, LONGEST_NAME)}\`, which is no fact of this question: leave it out`;
    const fault = value === undefined ? undefined : faultOfName(`context.${name}`, value, LONGEST_TOKEN);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
