/** The way to the decision core itself, in this process: for tests of whoever asks. Nothing is sent, kept or recorded. */
import {
  AGE_BANDS,
  CHOICES,
  type Choice,
  EMPTY_RECORD,
  type UserRecord,
  applyChange,
} from '../../src/decision/consent-event.js';
import { eachQuoted, listOf } from '../../src/decision/lists.js';
import { COUNTRIES, PLACES_OF_TWO_CODES, isOfACountry } from '../../src/decision/places.js';
import {
  ACTION,
  CASE_CONDITIONS,
  CATEGORIES,
  CONDITIONS,
  DEIDENTIFICATIONS,
  PROVENANCES,
  type PolicyDocument,
  SETTINGS,
  noticeOf,
} from '../../src/decision/policy.js';
import type { CaseStanding } from '../../src/decision/rules/ability.js';
import { compileSteps } from '../../src/decision/rules/compile.js';
import { finish } from '../../src/decision/steps.js';
import { decide } from '../../src/decision/table/decide.js';
import { type DecisionTable, factsIndex } from '../../src/decision/table/table.js';
import { tabulateSteps } from '../../src/decision/table/tabulate.js';
import { ME, faultOfId, isId, isSpelledId, misspelling } from '../../src/id.js';
import { type Answer, denialOf, denied } from './terms/answer.js';
import { Failure } from './terms/failure.js';
import type { AudienceQuestion, Question } from './terms/question.js';
import { memberOf } from './terms/json.js';
import { serviceReasonOf } from './terms/reasons.js';
import { type AudiencePart, Transport } from './transport.js';

export type { PolicyDocument };

/** What is known of a user, as `PUT /v1/users/{id}` and the others take it (docs/api.md, "Users and settings"). */
export type TestUser = {
  /** ISO 3166-1 alpha-2 or ISO 3166-2 code, or `unknown`. */
  readonly region: string;
  readonly age_band: 'adult' | 'minor' | 'unknown';
  /** By purpose. A grant without a notice was given on the terms of today. */
  readonly choices?: Readonly<Record<string, Choice | { readonly choice: Choice; readonly notice?: number }>>;
  /** Whether their browser sends Global Privacy Control. */
  readonly gpc?: boolean;
  /** Level by visibility group. */
  readonly visibility?: Readonly<Record<string, string>>;
};

export type TestSettings = {
  /** A document, as `GET /v1/policies/{version}` answers with. */
  readonly policy: PolicyDocument;
  readonly users?: Readonly<Record<string, TestUser>>;
  /** The purposes that the client may ask for; absent: all of the policy. */
  readonly purposes?: readonly string[];
  /** As in the settings of a client of a service. */
  readonly reports?: boolean;
};

/** The consistency tokens of this transport: the number of users that were put. */
const REVISION = /^in-process-(\d{1,15})$/;

/**
 * A transport for tests.
 *
 * @throws Error in words when the policy does not compile
 */
export function inProcess(settings: TestSettings): InProcess {
  return new InProcess(settings);
}

export class InProcess extends Transport {
  private readonly table: DecisionTable;
  private readonly document: PolicyDocument;
  private readonly purposes: ReadonlySet<string>;
  private readonly users = new Map<string, UserRecord>();
  private readonly reports: boolean;
  private revision = 0;

  constructor({ policy, users = {}, purposes, reports = false }: TestSettings) {
    super();
    this.reports = reports;
    const faults = faultsOfSets(policy);
    if (faults.length > 0) throw new Error(`the policy has values that there are not: ${faults.join('; ')}`);
    const compiled = finish(compileSteps(policy));
    if (!compiled.ok) {
      const errors = compiled.errors.map(({ path, message }) => `/${path.join('/')} ${message}`);
      throw new Error(`the policy does not compile: ${errors.join('; ')}`);
    }
    this.table = finish(tabulateSteps(compiled.policy));
    this.document = policy;
    this.purposes = new Set(purposes ?? policy.purposes.map(({ id }) => id));
    for (const [id, user] of Object.entries(users)) this.put(id, user);
  }

  /**
   * Says what is known of a user from now on, in place of what was.
   *
   * @returns the consistency token of the change
   * @throws Error in words when a service would not take the id or what is said of the user. Only, of a part of a country
   *   it is not known whether there is one
   */
  put(id: string, user: TestUser): string {
    const fault = id === ME ? `is \`${ME}\`, as all users call themselves` : faultOfId(id);
    if (fault !== undefined) throw new Error(`the id of the user ${fault}: correct it`);
    if (typeof user !== 'object' || user === null) throw new Error('the user is not an object: send one');
    const { region, age_band: ageBand, choices = {}, gpc = false, visibility = {} } = user;
    if (!isRegion(region))
      throw new Error(
        '`region` is neither a code of ISO 3166-1 alpha-2 or ISO 3166-2 in upper case nor `unknown`: correct it',
      );
    mustBeOf('age_band', ageBand, AGE_BANDS);
    mustBeOf('gpc', gpc, [true, false]);
    const home = region === 'unknown' ? null : region;
    let record = applyChange(EMPTY_RECORD, { kind: 'profile', region: home, ageBand });
    for (const [purpose, said] of Object.entries(choices)) {
      const current = this.noticeOf(purpose);
      const { choice, notice = current } =
        typeof said === 'object' && said !== null ? said : { choice: said, notice: undefined };
      mustBeOf(`choices.${purpose}`, choice, CHOICES);
      if (!Number.isInteger(notice) || notice < 0 || notice > current)
        throw new Error(`the notice of \`${purpose}\` is none: send a whole number from 0 to ${current}`);
      record = applyChange(record, { kind: 'choice', purpose, choice, notice, signal: false });
    }
    if (gpc) record = applyChange(record, { kind: 'signal', signal: 'gpc' });
    for (const [group, level] of Object.entries(visibility)) {
      const levels = this.document.visibility?.find((one) => one.id === group)?.levels ?? [];
      mustBeOf(
        `visibility.${group}`,
        level,
        levels.map(({ id }) => id),
      );
      record = applyChange(record, { kind: 'visibility', group, level });
    }
    this.users.set(id, record);
    return `in-process-${++this.revision}`;
  }

  evaluate(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    if (signal.aborted) return Promise.reject(new Failure('aborted'));
    return Promise.resolve(questions.map((question) => this.answerTo(question)));
  }

  audience(
    { purpose, fields, context = {}, extract }: AudienceQuestion,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<AudiencePart> {
    if (signal.aborted) return Promise.reject(new Failure('aborted'));
    if (extract !== undefined) return Promise.reject(new Failure('refused', { code: 'extract_not_found' }));
    // as the service refuses the whole request, and not a user
    const fault = this.faultOfFacts(context);
    const misnamed = [purpose, ...fields].some((name) => !isId(name));
    if (fault !== undefined || misnamed)
      return Promise.reject(new Failure('refused', { code: 'invalid_request', message: fault }));
    if (this.isKnown(purpose) && !this.purposes.has(purpose))
      return Promise.reject(new Failure('refused', { code: 'purpose_not_allowed' }));
    const obligations = new Set<string>();
    const answered = users.map((user) => {
      const wrong = this.users.has(user) ? undefined : faultOfId(user);
      if (wrong !== undefined) return `the id ${wrong}`;
      return fields.filter((field) => {
        const { permit, obligations: terms } = this.decisionOn({ purpose, user, field, context });
        for (const term of terms) obligations.add(term);
        return permit;
      });
    });
    return Promise.resolve({ ...this.basis, obligations: [...obligations], users: answered });
  }

  /** Nothing is recorded here: reports are said to be, and no budget is. */
  override report(_path: string, body: object, signal: AbortSignal): Promise<unknown> {
    if (signal.aborted) return Promise.reject(new Failure('aborted'));
    const discharges = memberOf(body, 'discharges');
    return Promise.resolve(Array.isArray(discharges) ? { recorded: discharges.length } : {});
  }

  private get basis() {
    return { policy: 'in-process', revision: `in-process-${this.revision}` };
  }

  private answerTo(question: Question): Answer {
    const fault = this.faultOf(question);
    if (fault !== undefined) return denialOf(new Failure('invalid_question', { message: fault }));
    const { permit, reason, obligations, source } = this.decisionOn(question);
    if (permit && reason === 'permitted')
      return {
        permitted: true,
        reason,
        obligations: Object.freeze([...obligations]),
        ...this.basis,
        ...(this.reports && obligations.length > 0 ? { dischargeToken: 'in-process' } : {}),
      };
    return denied(serviceReasonOf(reason) ?? 'consent_unavailable', this.basis, source);
  }

  private decisionOn({ purpose, user, field, visibility, context = {} }: Question) {
    const facts = factsIndex({
      actor: context.actor ?? 'human',
      case: this.caseOf(purpose, context.case),
      legalReference: context.legal_reference !== undefined,
      ownData: context.on_behalf_of === user,
    });
    const isReached = (this.revisionIn(context.consistency_token) ?? Infinity) <= this.revision;
    const record = isReached ? (this.users.get(user) ?? EMPTY_RECORD) : 'unavailable';
    const question = { purpose, action: ACTION, field, clientPurposes: this.purposes, facts, visibility };
    return decide(this.table, question, this.table.consentOf(record));
  }

  /** There are no cases here, so none that is named covers anything. */
  private caseOf(purpose: string, named: string | undefined): CaseStanding {
    const conditions = this.document.purposes.find(({ id }) => id === purpose)?.conditions ?? [];
    return named !== undefined && conditions.some((one) => CASE_CONDITIONS.has(one))
      ? 'out_of_scope'
      : 'none';
  }

  /** What the service refuses to be asked, see `src/evaluation/evaluation.service.ts`. */
  private faultOf({ purpose, user, field, visibility, item, context = {} }: Question): string | undefined {
    const names = [purpose, user, field, visibility, item].filter((name) => name !== undefined);
    if (!names.every(isId)) return 'a name is no id: correct it';
    const wrong = this.users.has(user) ? undefined : misspelling(user);
    if (wrong !== undefined) return `the id of the user ${wrong}`;
    const fault = misspelling(field);
    if (fault !== undefined) return `the id of the field ${fault}`;
    const known = this.table.fieldIndex(field);
    if (visibility !== undefined && known !== undefined && !this.table.knowsLevel(known, visibility))
      return `\`${visibility}\` is no level of \`${field}\`: correct it, or leave it out`;
    return this.faultOfFacts(context);
  }

  private faultOfFacts(context: NonNullable<Question['context']>): string | undefined {
    const { case: named, legal_reference: reference, on_behalf_of: self } = context;
    if (![named, reference].every((name) => name === undefined || isId(name)))
      return 'a fact of the context is no id: correct it';
    if (self !== undefined && !this.users.has(self) && !isSpelledId(self))
      return '`context.on_behalf_of` is not spelled as ids are: correct it';
    if (this.revisionIn(context.consistency_token) === undefined)
      return '`context.consistency_token` is not one of this transport: leave it out';
    return ['automated', 'human', undefined].includes(context.actor) &&
      ['confirmed', undefined].includes(context.consistency)
      ? undefined
      : '`context` has a value that there is not: correct it';
  }

  private revisionIn(token: string | undefined): number | undefined {
    if (token === undefined) return 0;
    const [, revision] = REVISION.exec(token) ?? [];
    return revision === undefined ? undefined : Number(revision);
  }

  private isKnown(purpose: string): boolean {
    return this.table.purposeIndex(purpose) !== undefined;
  }

  /** @throws Error in words when there is no such purpose */
  private noticeOf(id: string): number {
    const purpose = this.document.purposes.find((one) => one.id === id);
    if (purpose === undefined) throw new Error(`\`${id}\` is no purpose of the policy: correct it`);
    return noticeOf(purpose);
  }
}

/** As the service asks for, see `src/http/headers/region.ts`, but without the list of the parts of all countries. */
function isRegion(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  if (text === 'unknown' || COUNTRIES.has(text)) return true;
  if (text.length === 2) return false;
  return PLACES_OF_TWO_CODES.includes(text) || (/^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(text) && isOfACountry(text));
}

/** @throws Error in words */
function mustBeOf(name: string, value: unknown, known: readonly unknown[]): void {
  const fault = faultIn(name, value, known);
  if (fault !== undefined) throw new Error(`${fault}: correct it`);
}

function faultIn(name: string, value: unknown, known: readonly unknown[]): string | undefined {
  if (known.includes(value)) return undefined;
  const ways = listOf(eachQuoted(known.filter((one) => one !== undefined).map(String)), 'or');
  return `\`${name}\` is none of ${ways === '' ? 'those that there are' : ways}`;
}

/**
 * What decisions take from closed sets, which the compiler of policies expects of the JSON Schema (see
 * `policies/policy.schema.json`): of a value that it does not know it may make something that is open.
 */
function faultsOfSets(policy: PolicyDocument): string[] {
  const { purposes, fields, visibility = [], transforms = [], floor } = policy;
  const inPurposes = purposes.flatMap((purpose, at) => [
    ...Object.entries(purpose.settings).map(([id, one]) =>
      faultIn(`purposes.${at}.settings.${id}`, one, SETTINGS),
    ),
    ...purpose.categories.map((one) => faultIn(`purposes.${at}.categories`, one, CATEGORIES)),
    ...(purpose.provenance ?? []).map((one) => faultIn(`purposes.${at}.provenance`, one, PROVENANCES)),
    ...(purpose.conditions ?? []).map((one) => faultIn(`purposes.${at}.conditions`, one, CONDITIONS)),
    faultIn(`purposes.${at}.consistency`, purpose.consistency, ['confirmed', undefined]),
    Number.isInteger(noticeOf(purpose)) && noticeOf(purpose) > 0
      ? undefined
      : `\`purposes.${at}.notice\` is no notice: number them from 1`,
  ]);
  const inFields = fields.flatMap(({ category, provenance, release }, at) => [
    faultIn(`fields.${at}.category`, category, [...CATEGORIES, 'unclassified', undefined]),
    faultIn(`fields.${at}.provenance`, provenance, [...PROVENANCES, undefined]),
    release === undefined
      ? undefined
      : faultIn(`fields.${at}.release.category`, release.category, CATEGORIES),
  ]);
  const inLevels = visibility.flatMap(({ levels }, at) =>
    levels.map(({ category }) => faultIn(`visibility.${at}.levels`, category, CATEGORIES)),
  );
  const inTransforms = transforms.flatMap(({ release }, at) => [
    faultIn(`transforms.${at}.release.method`, release?.method, ['aggregate', 'deidentified', undefined]),
    faultIn(`transforms.${at}.release.by`, release?.by, [...DEIDENTIFICATIONS, undefined]),
  ]);
  const inFloor = Object.keys(floor).map((one) => faultIn('floor', one, CATEGORIES));
  return [inPurposes, inFields, inLevels, inTransforms, inFloor]
    .flat()
    .filter((fault) => fault !== undefined);
}
