/** AuthZEN's Access Evaluations: many evaluations in one request, each answered in its place. */
import type { ServiceCaller } from '../access/caller.js';
import { BATCH_KEYS, KeyBatch } from '../decision/state/key-batch.js';
import { DomainError } from '../errors.js';
import { NO_CASES } from '../cases/case-readings.js';
import { BrokenEntry } from '../http/body.js';
import { checkOf, parserOf } from '../http/contract/schema.js';
import { memberOf } from '../json.js';
import { EvaluationDto, EvaluationItemDto, type EvaluationsDto, type Semantic } from './evaluation.dto.js';
import { inSpanNow } from '../traces.js';
import type { RequestRecord } from './decision-records.js';
import type { EvaluationService, FoundUser } from './evaluation.service.js';
import { type EvaluationRequest, userOf } from './question.js';
import { mustBeFewEnough } from './several.js';

const isItem = checkOf(EvaluationItemDto);
const parseEvaluation = parserOf(EvaluationDto);

/**
 * Answers a batch in order, once that is recorded. Without items it is a single evaluation.
 *
 * @param id of the request
 * @returns the answer as JSON
 * @throws DomainError as a single evaluation does, when there are no items
 */
export async function evaluateBatch(
  evaluation: EvaluationService,
  client: ServiceCaller,
  batch: EvaluationsDto,
  id: string,
): Promise<string> {
  const { evaluations: _items, options: _options, ...defaults } = batch;
  const requests = requestsIn(batch);
  if (requests.length === 0) return (await evaluation.evaluate(client, parseEvaluation(defaults), id)).json;
  const { policy: before } = evaluation;
  const isConfirmed = await evaluation.freshEnough(wellFormed(requests));
  const findings = await evaluation.casesOf(wellFormed(requests));
  const semantic = batch.options?.evaluations_semantic;
  return evaluation.records.once(client, id, (record) => {
    const bound = evaluation.boundNow(client, before);
    return decided(requests, () =>
      answersTo(evaluation, bound, requests, record, semantic, isConfirmed, findings),
    );
  });
}

/**
 * The same for a batch with items if nothing has to wait; otherwise `undefined`. The answer may leave when its record
 * is settled.
 */
export function evaluateBatchNow(
  evaluation: EvaluationService,
  client: ServiceCaller,
  batch: EvaluationsDto,
  record: RequestRecord | 'impossible',
): string | undefined {
  const requests = requestsIn(batch);
  const whole = wellFormed(requests);
  if (whole.length === 0) return undefined;
  if (record !== 'impossible' && evaluation.mustWait(whole)) return undefined;
  return decided(requests, () =>
    answersTo(evaluation, client, requests, record, batch.options?.evaluations_semantic),
  );
}

function decided(requests: readonly Request[], answers: () => string): string {
  return inSpanNow('decisions', answers, () => ({ 'assent.evaluations': requests.length }));
}

type Request = EvaluationRequest | Refusal;

/** @throws DomainError `invalid_request` when the items are about too many people */
function requestsIn({ evaluations: items = [], options: _options, ...defaults }: EvaluationsDto): Request[] {
  let people = 0;
  for (const item of items) people += peopleIn(memberOf(item, 'resource') ?? defaults.resource);
  mustBeFewEnough(people, '/evaluations');
  return items.map((item, index) => attempt(index, () => requestOf(defaults, item)));
}

function wellFormed(requests: readonly Request[]): EvaluationRequest[] {
  return requests.filter((request): request is EvaluationRequest => !(request instanceof Refusal));
}

function answersTo(
  evaluation: EvaluationService,
  client: ServiceCaller,
  requests: readonly Request[],
  record: RequestRecord | 'impossible',
  semantic: Semantic = 'execute_all',
  isConfirmed = false,
  findings = NO_CASES,
): string {
  const { policy } = evaluation;
  const stopAt = STOPS_AT[semantic];
  let at = 0;
  let consentOf: ReturnType<EvaluationService['lookUp']> | undefined;
  const found: FoundUser = {
    consent: (purpose) => consentOf?.(at, purpose) ?? policy.table.ofUnavailable(purpose),
    get number() {
      return USERS.numbers[at] ?? 0;
    },
  };
  const answers: string[] = [];
  for (const [index, request] of requests.entries()) {
    at = index % BATCH_KEYS;
    if (at === 0) consentOf = evaluation.lookUp(policy, usersOf(requests.slice(index, index + BATCH_KEYS)));
    const answer =
      request instanceof Refusal
        ? request
        : attempt(index, () =>
            evaluation.answer(client, policy, request, record, isConfirmed, findings, found),
          );
    answers.push(answer.json);
    if (answer.decision === stopAt) break;
  }
  if (record !== 'impossible') record.end();
  return `{"evaluations":[${answers.join(',')}]}`;
}

/** Reused, because making one takes as long as answering some items. It is read before anything is awaited. */
const USERS = new KeyBatch();
/** Stands for the user of an item without one; no user has this id. */
const NOBODY = '';

/** The users of some items, in their places. */
function usersOf(requests: readonly Request[]): KeyBatch {
  USERS.clear();
  for (const request of requests)
    USERS.add((request instanceof Refusal ? undefined : userOf(request.resource)) ?? NOBODY);
  return USERS;
}

/** How many people an item is about, whether it is well-formed or not. */
function peopleIn(resource: unknown): number {
  const users = memberOf(memberOf(resource, 'properties'), 'users');
  return Array.isArray(users) ? users.length : 1;
}

/** The decision after which the rest is not evaluated. */
const STOPS_AT: Record<Semantic, boolean | undefined> = {
  execute_all: undefined,
  deny_on_first_deny: false,
  permit_on_first_permit: true,
};

/** A member of the item replaces the default as a whole; nothing is merged below it. */
function requestOf(
  defaults: Omit<EvaluationsDto, 'evaluations' | 'options'>,
  item: unknown,
): EvaluationRequest {
  if (item instanceof BrokenEntry) throw item.fault;
  if (isItem(item)) {
    const { subject = defaults.subject, action = defaults.action, resource = defaults.resource } = item;
    const { context = defaults.context } = item;
    if (subject !== undefined && action !== undefined && resource !== undefined)
      return context === undefined ? { subject, action, resource } : { subject, action, resource, context };
  }
  if (item === null || typeof item !== 'object' || Array.isArray(item))
    throw new DomainError('invalid_request', 'the item must be an object', '');
  // the same error as for a single evaluation
  return parseEvaluation({ ...defaults, ...item });
}

/**
 * The answer to a malformed item: denied, with its error. Only this function makes one, so that no input can imitate
 * it.
 */
class Refusal {
  readonly decision = false;
  readonly json: string;

  constructor(index: number, { code, message, member }: DomainError) {
    const at = member === undefined ? {} : { member: `/evaluations/${index}${member}` };
    this.json = JSON.stringify({
      decision: false,
      context: { error: { status: 400, code, message, ...at } },
    });
  }
}

/** The value, or the refusal of the item at this place when it is not well-formed. */
function attempt<T>(index: number, value: () => T): T | Refusal {
  try {
    return value();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return new Refusal(index, error);
  }
}
