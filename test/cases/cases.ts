/** Reads the decision cases of this folder, and makes of each the policy and the question it speaks of. */
import { readFileSync, readdirSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import type { CompiledPolicy } from '../../src/decision/rules/compile.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import type { PolicyCase } from '../../src/policy/text/policy-cases.js';
import { isPolicyDocument } from '../../src/policy/text/policy-shape.js';
import { compile, shapeErrorsOf } from '../at-once.js';
import { REFERENCE } from '../reference-policy.js';

/** One decision case; `case.schema.json` says what each member means. */
export type DecisionCase = PolicyCase & {
  /** Name of a variant of the reference policy; absent: the reference policy. */
  readonly policy?: string;
};

type ListSection = 'regimes' | 'obligations' | 'purposes' | 'fields';
type Members = Readonly<Record<string, unknown>>;
type Change =
  | { readonly in: ListSection; readonly id: string; readonly set: Members }
  | { readonly in: ListSection; readonly add: Members }
  | { readonly in: 'overlays' | 'floor'; readonly set: Members };
type Variant = { readonly description: string; readonly changes: readonly Change[] };

/** Name under which the policy of `policies/` stands among the variants. */
export const REFERENCE_NAME = 'reference';

/** The schema of policy tests, as the schema of cases refers to it. */
const POLICY_TESTS = '../../policies/test.schema.json';

const here = (path: string) => new URL(path, import.meta.url);

function schemaIn(file: string): object {
  const schema: unknown = JSON.parse(readFileSync(here(file), 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error(`${file} is not a JSON Schema`);
  return schema;
}

function guardOf<T>(schemaFile: string): (value: unknown) => value is T {
  const validate = new Ajv({ allErrors: true })
    .addVocabulary(['patternErrorMessage'])
    .addSchema(schemaIn(POLICY_TESTS), POLICY_TESTS)
    .compile<T>(schemaIn(schemaFile));
  return (value): value is T => {
    if (validate(value)) return true;
    const faults = validate.errors?.map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
    throw new Error(`this does not have the shape of ${schemaFile}:\n${faults?.join('\n')}`);
  };
}

const isCases = guardOf<readonly DecisionCase[]>('case.schema.json');
const isVariant = guardOf<Variant>('policies/variant.schema.json');

/** The cases of a text. @throws Error saying which member does not fit */
export function casesOf(text: string): readonly DecisionCase[] {
  const value: unknown = parse(text);
  return isCases(value) ? value : [];
}

/** The cases of every file, by file name. */
export function readCases(): ReadonlyMap<string, readonly DecisionCase[]> {
  const files = readdirSync(here('.')).filter((file) => file.endsWith('.yaml'));
  return new Map(files.sort().map((file) => [file, casesOf(readFileSync(here(file), 'utf8'))]));
}

/** The reference policy and its variants, compiled, by name. */
export function readPolicies(): ReadonlyMap<string, CompiledPolicy> {
  const policies = new Map([[REFERENCE_NAME, compiled(REFERENCE_NAME, REFERENCE)]]);
  for (const file of readdirSync(here('policies')).filter((name) => name.endsWith('.yaml'))) {
    const variant: unknown = parse(readFileSync(here(`policies/${file}`), 'utf8'));
    if (!isVariant(variant)) continue;
    const name = file.replace(/\.yaml$/, '');
    const document = variant.changes.reduce<unknown>((before, change) => changed(before, change), REFERENCE);
    if (!isPolicyDocument(document))
      throw new Error(
        `the variant ${name} is no policy: ${JSON.stringify(shapeErrorsOf(document), null, 1)}`,
      );
    policies.set(name, compiled(name, document));
  }
  return policies;
}

function compiled(name: string, document: PolicyDocument): CompiledPolicy {
  const result = compile(document);
  if (!result.ok)
    throw new Error(`the policy ${name} does not compile: ${JSON.stringify(result.errors, null, 1)}`);
  return result.policy;
}

function changed(document: unknown, change: Change): Members {
  const sections = membersOf(document);
  const section = sections[change.in];
  if ('add' in change)
    return { ...sections, [change.in]: [...(Array.isArray(section) ? section : []), change.add] };
  if (!('id' in change)) return { ...sections, [change.in]: { ...membersOf(section), ...change.set } };
  const entries = (Array.isArray(section) ? section : []).map(membersOf);
  if (!entries.some(({ id }) => id === change.id))
    throw new Error(`a variant changes \`${change.id}\`, which ${change.in} does not hold`);
  return {
    ...sections,
    [change.in]: entries.map((entry) => (entry['id'] === change.id ? { ...entry, ...change.set } : entry)),
  };
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
