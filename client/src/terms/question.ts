/** What can be asked, and what cannot. */
import type { components } from '../http/api.js';
import { Failure } from './failure.js';
import { isPlain } from './json.js';
import { shown } from './words.js';

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
  /** Id of the extract that takes in who is let through. */
  readonly extract?: string | undefined;
  readonly context?: AudienceContext | undefined;
};

/** Most questions of one call. */
export const MOST_QUESTIONS = 10_000;

/** Most UTF-16 units of what names something; the service allows 256 bytes. */
const LONGEST_NAME = 256;
/** Most units of a token in a context, see `reader_token` in docs/api.md. */
const LONGEST_TOKEN = 16_384;

/** What the caller gave, each member read once: a getter may fail, or answer otherwise the next time. */
export type Members = Readonly<Record<string, unknown>>;

export const OPTIONS = ['user', 'field', 'purpose', 'visibility', 'item', 'context', 'signal'] as const;
export const AUDIENCE_OPTIONS = ['purpose', 'extract', 'context', 'signal'] as const;

/**
 * Reads the members of a question, or of options. One that nobody heeds may be a misspelt one that would have closed
 * something.
 *
 * @throws Failure `invalid_question`
 */
export function membersOf(what: string, given: unknown, names: readonly string[]): Members {
  if (typeof given !== 'object' || given === null)
    throw invalidQuestion(`the ${what} is not an object: send one`);
  return read(`the ${what}`, () => {
    const astray = Object.getOwnPropertyNames(given).find((name) => !names.includes(name));
    if (astray !== undefined)
      throw invalidQuestion(
        `the ${what} has \`${shown(astray)}\`, which means nothing there: correct it, or leave it out`,
      );
    return Object.fromEntries(names.map((name) => [name, Reflect.get(given, name)]));
  });
}

/** The signal that a caller gave. @throws Failure `invalid_question` when it is none */
export function signalIn({ signal }: Members): AbortSignal | undefined {
  return read('`signal`', () => {
    // something made from its prototype is none, and to read it fails
    if (signal === undefined || (signal instanceof AbortSignal && typeof signal.aborted === 'boolean'))
      return signal;
    throw invalidQuestion('`signal` is not an AbortSignal: send one, or leave it out');
  });
}

/**
 * The question that a caller asks. What the names mean, the service checks.
 *
 * @throws Failure `invalid_question`
 */
export function questionIn(given: Members): Question {
  signalIn(given);
  const { purpose, user, field, visibility, item, context } = given;
  return {
    purpose: nameIn('purpose', purpose),
    user: nameIn('user', user),
    field: nameIn('field', field),
    visibility: visibility === undefined ? undefined : nameIn('visibility', visibility),
    item: item === undefined ? undefined : nameIn('item', item),
    context: contextIn(context, FACTS),
  };
}

const AUDIENCE_FACTS = ['actor', 'legal_reference', 'consistency_token', 'consistency'] as const;
/** Most fields of a question about an audience (docs/api.md, "Audiences"). */
const MOST_FIELDS = 100;

/** The question about an audience that a caller asks, see {@link questionIn}. @throws Failure `invalid_question` */
export function audienceQuestionIn(
  { purpose, extract, context }: Members,
  fields: readonly unknown[],
): AudienceQuestion {
  if (fields.length > MOST_FIELDS)
    throw invalidQuestion(`\`fields\` has ${fields.length} entries: name 1 to ${MOST_FIELDS}`);
  return {
    purpose: nameIn('purpose', purpose),
    fields: fields.map((field) => {
      const name = nameIn('field', field);
      // the fields travel in one list with commas, where one with a comma would be two others
      if (name.includes(','))
        throw invalidQuestion('`field` has a comma in it, as the id of no field has: correct it');
      return name;
    }),
    ...(extract === undefined ? {} : { extract: nameIn('extract', extract) }),
    context: contextIn(context, AUDIENCE_FACTS),
  };
}

/** What is wrong with a name. Callers in JavaScript may send anything. */
export function faultOfName(what: string, name: unknown, longest = LONGEST_NAME): string | undefined {
  if (typeof name !== 'string') return `\`${what}\` is missing or not a text: send an id`;
  if (name === '') return `\`${what}\` is empty: send an id`;
  return name.length > longest ? `\`${what}\` is longer than ${longest} characters: send an id` : undefined;
}

/** @throws Failure `invalid_question` */
export function nameIn(what: string, name: unknown, longest?: number): string {
  const fault = faultOfName(what, name, longest);
  if (fault !== undefined || typeof name !== 'string') throw invalidQuestion(fault);
  return name;
}

/**
 * A copy of the facts that a caller states: the caller may change them before they are sent.
 *
 * @throws Failure `invalid_question`
 */
export function contextIn(context: unknown, facts: readonly string[] = FACTS): Context {
  if (context === undefined) return {};
  const copy = read('`context`', () => {
    if (!isPlain(context)) throw invalidQuestion('`context` is not a plain object: send one');
    return { ...context };
  });
  mustBeFacts(copy, facts);
  return copy;
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
  actor: ['automated', 'human'],
  consistency: ['confirmed'],
};

function mustBeFacts(copy: object, facts: readonly string[]): asserts copy is Context {
  for (const [name, value] of Object.entries(copy)) {
    if (!facts.includes(name))
      throw invalidQuestion(
        `\`context\` has \`${shown(name)}\`, which is no fact of this question: leave it out`,
      );
    if (value === undefined) continue;
    const text = nameIn(`context.${name}`, value, LONGEST_TOKEN);
    if (VALUES[name]?.includes(text) === false)
      throw invalidQuestion(`\`context.${name}\` has no such value: send \`${VALUES[name].join('` or `')}\``);
  }
}

/** @throws Failure `invalid_question` where to read it fails */
function read<T>(what: string, reading: () => T): T {
  try {
    return reading();
  } catch (error) {
    throw error instanceof Failure ? error : invalidQuestion(`${what} cannot be read: send a plain object`);
  }
}

export function invalidQuestion(message: string | undefined): Failure {
  return new Failure('invalid_question', { message });
}
