/** The shape of a policy document: `policies/policy.schema.json`, the same file that editors use for completion. */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { PolicyDocument } from '../../decision/policy.js';
import { type Steps, finish } from '../../decision/steps.js';
import { ErrorList } from '../../decision/rules/validate.js';
import { pathOf, shapeSentence } from './shape-sentences.js';
import { isPrintable } from './quoting.js';

/** A schema error of a document. */
export type ShapeError = { readonly path: readonly (string | number)[]; readonly message: string };

/** A value that has the shape of a policy document, or everything that is wrong with it. */
export type Shaped =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly errors: readonly ShapeError[] };

/** Lists that are checked entry by entry, and the schema of an entry. */
const LISTS = [
  ['regimes', 'regime'],
  ['obligations', 'obligation'],
  ['categories', 'category_texts'],
  ['purposes', 'purpose'],
  ['visibility', 'visibility_group'],
  ['transforms', 'transform'],
  ['fields', 'field'],
  ['removed', 'removed_field'],
  ['clients', 'client'],
] as const;
const ENTRIES = new Set<unknown>(LISTS.map(([, entry]) => `#/definitions/${entry}`));
const SECTIONS = [
  'regimes',
  'obligations',
  'purposes',
  'fields',
  'schema',
  'unknown_regime',
  'overlays',
  'floor',
];

// the schema is ours, so a start need not check it against the meta-schema
const ajv = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  meta: false,
  validateSchema: false,
  verbose: true,
  formats: { text: isPrintable },
});
// editors show this sentence as well
ajv.addVocabulary(['patternErrorMessage']);
// Ajv's own compares every entry with every other
ajv.removeKeyword('uniqueItems');
ajv.addKeyword({
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  errors: true,
  validate: hasUniqueItems,
});

const schemaText = readFileSync(new URL('../../../policies/policy.schema.json', import.meta.url), 'utf8');
/** The schema of the document without that of the entries: Ajv takes quadratic time to collect errors. */
const frame: unknown = JSON.parse(schemaText, (key, value: unknown) =>
  key === 'items' && ENTRIES.has(refOf(value)) ? undefined : value,
);
if (typeof frame !== 'object' || frame === null)
  throw new Error('policies/policy.schema.json is not a JSON Schema: restore the file');
// a file may leave any section out; a whole document may not
const hasFrame = ajv.compile<PolicyDocument>({ ...frame, $id: 'policy', required: SECTIONS });
const entryShapes = LISTS.map(
  ([section, entry]) => [section, ajv.compile({ $ref: `policy#/definitions/${entry}` })] as const,
);

/** Whether a value has the shape of a policy document; `validate` checks its meaning. */
export function isPolicyDocument(value: unknown): value is PolicyDocument {
  return finish(shapeSteps(value)).ok;
}

/** Whether a value has the shape of a policy document, and if not, what is wrong; an entry in each step. */
export function* shapeSteps(value: unknown): Steps<Shaped> {
  const errors = new ErrorList();
  const document = hasFrame(value) ? value : undefined;
  const faulty = reportAll(hasFrame, [], errors);
  for (const [section, isEntry] of entryShapes) {
    // for a list that is too long, only its length is reported
    if (faulty.has(section)) continue;
    for (const [index, entry] of listOf(value, section).entries()) {
      if (!isEntry(entry)) reportAll(isEntry, [section, index], errors);
      yield;
    }
  }
  const all = errors.all();
  // INVARIANT: a document with a valid frame and valid entries matches the whole schema
  return document !== undefined && all.length === 0 ? { ok: true, document } : { ok: false, errors: all };
}

/** @returns the first names of the places */
function reportAll(
  { errors: found }: ValidateFunction,
  above: readonly (string | number)[],
  errors: ErrorList,
): Set<string | number | undefined> {
  const faulty = new Set<string | number | undefined>();
  // report that there are too many before other errors
  for (const error of (found ?? []).toSorted((a, b) => weight(b) - weight(a))) {
    const message = shapeSentence(error, above.length === 0);
    const path = [...above, ...pathOf(error)];
    faulty.add(path[0]);
    if (message !== undefined) errors.report(path, message);
  }
  return faulty;
}

function weight({ keyword }: ErrorObject): number {
  return keyword === 'maxItems' ? 1 : 0;
}

function listOf(value: unknown, section: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const list: unknown = new Map<string, unknown>(Object.entries(value)).get(section);
  return Array.isArray(list) ? list : [];
}

function refOf(schema: unknown): unknown {
  return typeof schema === 'object' && schema !== null && '$ref' in schema ? schema.$ref : undefined;
}

/** The keyword `uniqueItems` for lists of texts and numbers, in one pass. */
function hasUniqueItems(wanted: boolean, list: readonly unknown[]): boolean {
  const seen = new Set<unknown>();
  const index = wanted ? list.findIndex((entry) => seen.size === seen.add(entry).size) : -1;
  hasUniqueItems.errors =
    index < 0 ? [] : [{ keyword: 'uniqueItems', params: { index, twice: list[index] } }];
  return index < 0;
}
hasUniqueItems.errors = new Array<Partial<ErrorObject>>();
