/** Turns errors of a JSON Schema validator into sentences that say what to do. */
import type { ErrorObject } from 'ajv';
import { eachQuoted } from '../../decision/lists.js';
import { didYouMean } from '../../decision/nearest.js';
import { namesIn } from '../../json.js';
import { quoted } from './quoting.js';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping',
};

/** Where in the document an error is. */
export function pathOf({ instancePath, keyword, params }: ErrorObject): (string | number)[] {
  const path = namesIn(instancePath).map((name) => (/^\d+$/.test(name) ? Number(name) : name));
  const { additionalProperty, index } = params;
  if (keyword === 'additionalProperties') return [...path, String(additionalProperty)];
  // of the keyword as the policy has it: Ajv's own names no entry
  return keyword === 'uniqueItems' && typeof index === 'number' ? [...path, index] : path;
}

/**
 * @param error of Ajv with `verbose`
 * @param ofDocument whether the root that was validated is the whole document
 * @returns `undefined` if other errors of the same place say it better
 */
export function shapeSentence(error: ErrorObject, ofDocument: boolean): string | undefined {
  const { keyword, params, data } = error;
  const limit = String(params['limit']);
  switch (keyword) {
    case 'required':
      return `\`${params['missingProperty']}\` is missing: add it`;
    case 'additionalProperties':
      return unknownMember(String(params['additionalProperty']), error.parentSchema);
    case 'enum':
      return notOneOf(data, [params['allowedValues']].flat());
    case 'const':
      return `this must be the number \`${String(params['allowedValue'])}\`, the one version of this file format; a version of a policy is named by its content`;
    case 'type':
      return ofDocument && error.instancePath === '' ? NO_POLICY : wrongKind(String(params['type']), data);
    case 'pattern':
      return `${quoted(String(data))} cannot stand here: ${String(error.parentSchema?.['patternErrorMessage'])}`;
    case 'format':
      return 'this text has a character that cannot be shown: remove it';
    case 'uniqueItems':
      return `${quoted(String(params['twice']))} is listed twice: remove one`;
    case 'minItems':
      return 'this list is empty: add an entry, or leave the list out where it is not needed';
    case 'minProperties':
      return 'this mapping is empty: add a member';
    case 'minLength':
      return 'this text is empty: write it';
    case 'maxItems':
      return `there are ${Object.keys(Object(data)).length} entries here: remove some, for there can be at most ${limit}`;
    case 'maxProperties':
      return `there are ${Object.keys(Object(data)).length} members here: remove some, for there can be at most ${limit}`;
    case 'maxLength':
      return `this text has ${Array.from(String(data)).length} characters: shorten it to at most ${limit}`;
    case 'minimum':
      return `this must be at least ${limit}, not \`${String(data)}\``;
    case 'maximum':
      return `this must be at most ${limit}, not \`${String(data)}\``;
    default:
      return undefined;
  }
}

const NO_POLICY =
  'a policy is a mapping of sections: write `purposes:`, `fields:` or another section above what is here';

function unknownMember(name: string, schema: ErrorObject['parentSchema']): string {
  // the members of `settings` and `translations` are the policy's own regimes and languages
  if (schema?.['patternProperties'] !== undefined)
    return `${quoted(name)} cannot stand here: ${String(schema['patternErrorMessage'])}`;
  const members: unknown = schema?.['properties'];
  const names = typeof members === 'object' && members !== null ? Object.keys(members) : [];
  return `there is no ${quoted(name)} here${didYouMean(name, names, 'correct the name, or remove it')}`;
}

function notOneOf(data: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map(String);
  if (data === null) return `there is nothing here: write one of ${listed(names)}`;
  if (typeof data === 'object') return `this must be one of ${listed(names)}, not ${described(data)}`;
  return `${quoted(asWritten(data))} is not one of ${listed(names)}${didYouMean(asWritten(data), names)}`;
}

function listed(names: readonly string[]): string {
  return eachQuoted(names).join(', ');
}

function wrongKind(type: string, data: unknown): string {
  const wanted = KINDS[type] ?? type;
  if (data === null) return `this must be ${wanted}, but there is nothing here: write it, or remove the name`;
  const advice = adviceOn(type, data);
  return `this must be ${wanted}, not ${described(data)}${advice === undefined ? '' : `: ${advice}`}`;
}

function adviceOn(type: string, data: unknown): string | undefined {
  const scalar = typeof data !== 'object';
  if (type === 'string' && scalar) return 'put it in quotes';
  if (type === 'array' && scalar) return 'write it in brackets, as in `[a, b]`';
  if (type === 'array') return 'begin each entry with `- `';
  if (type === 'object') return 'write names and values, as in `name: value`';
  if (type === 'integer' && typeof data === 'string' && /^\d+$/.test(data)) return 'remove the quotes';
  return undefined;
}

function described(data: unknown): string {
  if (Array.isArray(data)) return 'a list';
  if (typeof data === 'object') return 'a mapping';
  return typeof data === 'string' ? `the text ${quoted(data)}` : quoted(asWritten(data));
}

function asWritten(scalar: unknown): string {
  return typeof scalar === 'string' ? scalar : JSON.stringify(scalar);
}
