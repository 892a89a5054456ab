/** Reads the decision cases of this folder, and makes of each the policy and the question it speaks of. */
import { readFileSync, readdirSync } from 'node:fs';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import type { CaseStanding } from '../../src/decision/ability.js';
import { type CompiledPolicy, compile } from '../../src/decision/compile.js';
import {
  type AgeBand,
  type Choice,
  EMPTY_RECORD,
  NO_NOTICE,
  type Signal,
  type UserRecord,
} from '../../src/decision/consent-event.js';
import { ACTION, type PolicyDocument, noticeOf } from '../../src/decision/policy.js';
import type { Decision, DenyReason } from '../../src/decision/reasons.js';
import type { WholeQuestion } from '../../src/decision/reference.js';
import { readPolicyFiles } from '../../src/policy/policy-files.js';
import { isPolicyDocument, shapeErrorsOf } from '../../src/policy/policy-shape.js';

type Choices = { readonly [purpose: string]: Choice | { readonly choice: Choice; readonly notice: number } };

/** One decision case; `case.schema.json` says what each member means. */
export type DecisionCase = {
  readonly description: string;
  readonly policy?: string;
  readonly user:
    | 'unknown'
    | 'unavailable'
    | {
        readonly region: string;
        readonly age_band: AgeBand;
        readonly choices?: Choices;
        readonly signals?: readonly Signal[];
      }
    | {
        readonly registered: false;
        readonly choices?: Choices;
        readonly signals?: readonly Signal[];
      };
  readonly client?: readonly string[];
  readonly request: {
    readonly purpose: string;
    readonly field: string;
    readonly action?: string;
    readonly actor?: 'automated' | 'human';
    readonly case?: CaseStanding;
    readonly legal_reference?: boolean;
    readonly own_data?: boolean;
  };
  readonly expect:
    | {
        readonly decision: 'permit';
        readonly reason: 'permitted';
        readonly obligations?: readonly string[];
      }
    | { readonly decision: 'deny'; readonly reason: DenyReason };
};

type ListSection = 'regimes' | 'obligations' | 'purposes' | 'fields';
type Members = Readonly<Record<string, unknown>>;
type Change =
  | { readonly in: ListSection; readonly id: string; readonly set: Members }
  | { readonly in: ListSection; readonly add: Members }
  | { readonly in: 'overlays' | 'floor'; readonly set: Members };
type Variant = { readonly description: string; readonly changes: readonly Change[] };

/** Name under which the policy of `policies/` stands among the variants. */
export const REFERENCE = 'reference';

const here = (path: string) => new URL(path, import.meta.url);

function guardOf<T>(schemaFile: string): (value: unknown) => value is T {
  const schema: unknown = JSON.parse(readFileSync(here(schemaFile), 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error(`${schemaFile} is not a JSON Schema`);
  const validate = new Ajv({ allErrors: true }).compile<T>(schema);
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
export async function readPolicies(): Promise<ReadonlyMap<string, CompiledPolicy>> {
  const reference = await readPolicyFiles(here('../../policies').pathname);
  const policies = new Map([[REFERENCE, compiled(REFERENCE, reference)]]);
  for (const file of readdirSync(here('policies')).filter((name) => name.endsWith('.yaml'))) {
    const variant: unknown = parse(readFileSync(here(`policies/${file}`), 'utf8'));
    if (!isVariant(variant)) continue;
    const name = file.replace(/\.yaml$/, '');
    const document = variant.changes.reduce<unknown>((before, change) => changed(before, change), reference);
    if (!isPolicyDocument(document))
      throw new Error(
        `the variant ${name} is no policy: ${JSON.stringify(shapeErrorsOf(document), null, 1)}`,
      );
    policies.set(name, compiled(name, document));
  }
  return policies;
}

/** The question a case asks of its policy. */
export function questionOf({ user, client, request }: DecisionCase, document: PolicyDocument): WholeQuestion {
  return {
    purpose: request.purpose,
    action: request.action ?? ACTION,
    field: request.field,
    clientPurposes: new Set(client ?? [request.purpose]),
    record: recordOf(user, document),
    facts: {
      actor: request.actor ?? 'human',
      case: request.case ?? 'none',
      legalReference: request.legal_reference ?? false,
      ownData: request.own_data ?? false,
    },
  };
}

/** The decision a case expects. */
export function expectedOf({ expect }: DecisionCase): Decision {
  return expect.decision === 'permit'
    ? { permit: true, reason: expect.reason, obligations: expect.obligations ?? [] }
    : { permit: false, reason: expect.reason, obligations: [] };
}

function recordOf(user: DecisionCase['user'], document: PolicyDocument): UserRecord | 'unavailable' {
  if (user === 'unavailable') return user;
  if (user === 'unknown') return EMPTY_RECORD;
  const said = {
    choices: new Map(
      Object.entries(user.choices ?? {}).map(([id, said]) => [
        id,
        typeof said === 'string' ? { choice: said, notice: noticeToday(said, id, document) } : said,
      ]),
    ),
    signals: new Set(user.signals),
  };
  if ('registered' in user) return { ...EMPTY_RECORD, ...said };
  const region = user.region === 'unknown' ? null : user.region;
  return { registered: true, region, ageBand: user.age_band, ...said };
}

function noticeToday(choice: Choice, id: string, document: PolicyDocument): number {
  const purpose = document.purposes.find((one) => one.id === id);
  if (purpose === undefined) throw new Error(`a user chose for \`${id}\`, which the policy does not name`);
  return choice === 'granted' ? noticeOf(purpose) : NO_NOTICE;
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
