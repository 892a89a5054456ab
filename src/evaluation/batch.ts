/** AuthZEN's Access Evaluations: many evaluations in one request, each answered in its place. */
import type { ServiceCaller } from '../access/caller.js';
import { DomainError } from '../errors.js';
import { parserOf } from '../http/schema.js';
import { EvaluationDto, type EvaluationsDto, type Semantic } from './evaluation.dto.js';
import type { Answer, EvaluationService } from './evaluation.service.js';

/** The place of an item that could not be evaluated: denied, with its error. */
export type Refusal = {
  readonly decision: false;
  readonly context: {
    readonly error: { readonly status: number; readonly message: string; readonly member?: string };
  };
};

const parseEvaluation = parserOf(EvaluationDto);

/**
 * Answers a batch in order. Without items it is a single evaluation.
 *
 * @throws DomainError as a single evaluation does, when there are no items
 */
export async function evaluateBatch(
  evaluation: EvaluationService,
  client: ServiceCaller,
  batch: EvaluationsDto,
): Promise<Answer | { readonly evaluations: (Answer | Refusal)[] }> {
  const { evaluations: items, options, ...defaults } = batch;
  if (items === undefined || items.length === 0)
    return evaluation.evaluate(client, parseEvaluation(defaults));
  const requests = items.map((item, index) => attempt(index, () => parseItem(defaults, item)));
  await evaluation.freshEnough(
    requests.flatMap((request) => ('value' in request ? [request.value.context] : [])),
  );
  const { policy } = evaluation;
  const stopAt = STOPS_AT[options?.evaluations_semantic ?? 'execute_all'];
  const evaluations: (Answer | Refusal)[] = [];
  for (const [index, request] of requests.entries()) {
    const answered =
      'value' in request ? attempt(index, () => evaluation.answer(client, policy, request.value)) : request;
    const answer = 'value' in answered ? answered.value : answered.refusal;
    evaluations.push(answer);
    if (answer.decision === stopAt) break;
  }
  return { evaluations };
}

/** The decision after which the rest is not evaluated. */
const STOPS_AT: Record<Semantic, boolean | undefined> = {
  execute_all: undefined,
  deny_on_first_deny: false,
  permit_on_first_permit: true,
};

/** What came of an item: made here and of nothing that the caller sent, so that no item can pass for an answer. */
type Attempt<T> = { readonly value: T } | { readonly refusal: Refusal };

function parseItem(defaults: Omit<EvaluationsDto, 'evaluations' | 'options'>, item: unknown): EvaluationDto {
  if (item === null || typeof item !== 'object' || Array.isArray(item))
    throw new DomainError('invalid_request', 'the item must be an object', '');
  // an entity that the item gives replaces the default whole; nothing is merged below it
  return parseEvaluation({ ...defaults, ...item });
}

/** The value, or the refusal of the item at this place when it is not well-formed. */
function attempt<T>(index: number, value: () => T): Attempt<T> {
  try {
    return { value: value() };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const member = error.member === undefined ? {} : { member: `/evaluations/${index}${error.member}` };
    return {
      refusal: { decision: false, context: { error: { status: 400, message: error.message, ...member } } },
    };
  }
}
