/**
 * Policy tests: questions beside the policy, with the answers that it must give. `policies/test.schema.json` says what
 * each member means.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import type { CaseStanding, RequestFacts } from '../../decision/rules/ability.js';
import {
  type AgeBand,
  type Choice,
  EMPTY_RECORD,
  NO_NOTICE,
  type Signal,
  type UserRecord,
} from '../../decision/consent-event.js';
import { ACTION, type PolicyDocument, noticeOf } from '../../decision/policy.js';
import type { Decision, DenyReason } from '../../decision/reasons.js';
import type { WholeQuestion } from '../../decision/rules/reference.js';
import { finish } from '../../decision/steps.js';
import type { PolicyError } from './policy-text.js';
import { Budget, type YamlText, readYamlSteps } from './policy-yaml.js';
import { pathOf, shapeSentence } from './shape-sentences.js';
import { isPrintable, quoted, readablePath } from './quoting.js';

type Choices = {
  readonly [purpose: string]:
    Choice | { readonly choice: Choice; readonly notice: number; readonly signal?: boolean };
};

/** Levels by visibility group. */
type Levels = Readonly<Record<string, string>>;

/** One decision case. */
export type PolicyCase = {
  /** A sentence that a privacy officer understands. */
  readonly description: string;
  readonly user:
    | 'unknown'
    | 'unavailable'
    | {
        readonly region: string;
        readonly age_band: AgeBand;
        readonly choices?: Choices;
        readonly signals?: readonly Signal[];
        readonly visibility?: Levels;
      }
    | {
        readonly registered: false;
        readonly choices?: Choices;
        readonly signals?: readonly Signal[];
        readonly visibility?: Levels;
      };
  /** Purposes that the client's credentials list; absent: the one asked for. */
  readonly client?: readonly string[];
  readonly request: {
    readonly purpose: string;
    readonly field: string;
    readonly action?: string;
    readonly actor?: RequestFacts['actor'];
    readonly case?: CaseStanding;
    readonly legal_reference?: boolean;
    readonly own_data?: boolean;
    readonly visibility?: string;
  };
  readonly expect:
    | {
        readonly decision: 'permit';
        readonly reason: 'permitted';
        readonly obligations?: readonly string[];
      }
    | { readonly decision: 'deny'; readonly reason: DenyReason; readonly derived_source?: string };
};

/** The cases of a text, or everything that is wrong with it. */
export type PolicyCases =
  | {
      readonly ok: true;
      readonly cases: readonly {
        readonly case: PolicyCase;
        /** Of the text, from 1. */
        readonly line: number;
      }[];
    }
  | { readonly ok: false; readonly errors: readonly PolicyError[] };

const schema: unknown = JSON.parse(
  readFileSync(new URL('../../../policies/test.schema.json', import.meta.url), 'utf8'),
);
if (typeof schema !== 'object' || schema === null)
  throw new Error('policies/test.schema.json is not a JSON Schema: restore the file');
const isCases = new Ajv({ allErrors: true, verbose: true, formats: { text: isPrintable } })
  .addVocabulary(['patternErrorMessage'])
  .compile<readonly PolicyCase[]>(schema);

/** Reads the cases of one text, YAML or JSON. */
export function readPolicyCases(text: string): PolicyCases {
  const read = finish(readYamlSteps(text, new Budget()));
  if (!read.ok) return { ok: false, errors: read.faults.map((fault) => ({ ...fault, path: '' })) };
  const { value, placeOf } = read.text;
  if (isCases(value))
    return { ok: true, cases: value.map((one, index) => ({ case: one, line: placeOf([index])?.line ?? 1 })) };
  return { ok: false, errors: (isCases.errors ?? []).flatMap((error) => errorOf(error, placeOf)) };
}

function errorOf(error: ErrorObject, placeOf: YamlText['placeOf']) {
  const path = pathOf(error);
  const message =
    error.instancePath === ''
      ? 'a policy test is a list of cases: begin each with `- `'
      : shapeSentence(error, false);
  return message === undefined ? [] : [{ line: placeOf(path)?.line ?? 1, path: readablePath(path), message }];
}

/** The question that a case asks of a policy. @throws Error when the user chose for what the policy does not name */
export function questionOf({ user, client, request }: PolicyCase, document: PolicyDocument): WholeQuestion {
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
    ...(request.visibility === undefined ? {} : { visibility: request.visibility }),
  };
}

/** The decision that a case expects. */
export function expectedOf({ expect }: PolicyCase): Decision {
  return expect.decision === 'permit'
    ? { permit: true, reason: expect.reason, obligations: expect.obligations ?? [] }
    : {
        permit: false,
        reason: expect.reason,
        obligations: [],
        ...(expect.derived_source === undefined ? {} : { source: expect.derived_source }),
      };
}

function recordOf(user: PolicyCase['user'], document: PolicyDocument): UserRecord | 'unavailable' {
  if (user === 'unavailable') return user;
  if (user === 'unknown') return EMPTY_RECORD;
  const said = {
    choices: new Map(
      Object.entries(user.choices ?? {}).map(([id, said]) => [
        id,
        typeof said === 'string'
          ? { choice: said, notice: noticeToday(said, id, document), signal: false }
          : { ...said, signal: said.signal ?? false },
      ]),
    ),
    signals: new Set(user.signals),
    ...(user.visibility === undefined ? {} : { visibility: new Map(Object.entries(user.visibility)) }),
  };
  if ('registered' in user) return { ...EMPTY_RECORD, ...said };
  const region = user.region === 'unknown' ? null : user.region;
  return { registered: true, region, ageBand: user.age_band, ...said };
}

function noticeToday(choice: Choice, id: string, document: PolicyDocument): number {
  const purpose = document.purposes.find((one) => one.id === id);
  if (purpose === undefined)
    throw new Error(`the user chose for ${quoted(id)}, which the policy does not name: correct the name`);
  return choice === 'granted' ? noticeOf(purpose) : NO_NOTICE;
}
