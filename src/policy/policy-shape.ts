/** The shape of a policy document: `policies/policy.schema.json`, the same file that editors complete from. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { ANY_REGION, type PolicyDocument } from '../decision/policy.js';

/** One thing that is wrong with the shape of a document. */
export type ShapeError = { readonly path: readonly (string | number)[]; readonly message: string };

const SECTIONS = [
  'schema',
  'unknown_regime',
  'regimes',
  'obligations',
  'purposes',
  'fields',
  'overlays',
  'floor',
];
/** Past this many, the first ones are what helps. */
const MAX_ERRORS = 100;

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../policies/policy.schema.json', import.meta.url), 'utf8'),
);
if (typeof schema !== 'object' || schema === null)
  throw new Error('policies/policy.schema.json is not a JSON Schema');
// a file may leave any section out; a whole document may not
const validateShape = new Ajv({ allErrors: true, allowUnionTypes: true }).compile<PolicyDocument>({
  ...schema,
  required: SECTIONS,
});

/** Whether a value has the shape of a policy document; its meaning is for `validate`. */
export function isPolicyDocument(value: unknown): value is PolicyDocument {
  return validateShape(value);
}

/** What is wrong with the shape of a document, each with a sentence that says what to do. */
export function shapeErrorsOf(value: unknown): ShapeError[] {
  validateShape(value);
  const seen = new Set<string>();
  const errors: ShapeError[] = [];
  for (const error of validateShape.errors ?? []) {
    const path = pathOf(error);
    const message = sentenceOf(error);
    const key = JSON.stringify([path, message]);
    // anyOf and oneOf report each branch; the branches say it better than the whole
    if (message === undefined || seen.has(key)) continue;
    seen.add(key);
    errors.push({ path, message });
  }
  return errors.slice(0, MAX_ERRORS);
}

function pathOf({ instancePath, keyword, params }: ErrorObject): (string | number)[] {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key.replaceAll('~1', '/').replaceAll('~0', '~')));
  return keyword === 'additionalProperties' ? [...path, String(params['additionalProperty'])] : path;
}

function sentenceOf({ keyword, params, message }: ErrorObject): string | undefined {
  switch (keyword) {
    case 'required':
      return `\`${params['missingProperty']}\` is missing: add it`;
    case 'additionalProperties':
      return `there is no \`${params['additionalProperty']}\` here: correct the name, or remove it`;
    case 'enum':
      return `this must be one of ${[params['allowedValues']]
        .flat()
        .map((value) => `\`${String(value)}\``)
        .join(', ')}`;
    case 'const':
      return `this must be \`${String(params['allowedValue'])}\``;
    case 'type':
      return `this must be ${[params['type']].flat().join(' or ')}`;
    case 'pattern':
      return `this is not written as it must be: ids are lower-case words joined by dots (\`ads.personalised\`), regions ISO 3166 codes (\`US-CA\`) or \`${ANY_REGION}\``;
    case 'uniqueItems':
      return 'an entry stands twice: remove one';
    case 'anyOf':
    case 'oneOf':
    case 'if':
      return undefined;
    default:
      return `this ${message ?? 'is not allowed'}`;
  }
}
