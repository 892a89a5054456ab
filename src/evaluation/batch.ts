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
  const stopAt = STOPS_AT[options?.evaluations_semantic ?? 'execute_all'];
  const evaluations: (Answer | Refusal)[] = [];
  for (const [index, item] of items.entries()) {
    const answer = await evaluateItem(evaluation, client, defaults, item, index);
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

async function evaluateItem(
  evaluation: EvaluationService,
  client: ServiceCaller,
  defaults: Omit<EvaluationsDto, 'evaluations' | 'options'>,
  item: unknown,
  index: number,
): Promise<Answer | Refusal> {
  try {
    if (item === null || typeof item !== 'object' || Array.isArray(item))
      throw new DomainError('invalid_request', `\`evaluations.${index}\` must be an object`, '');
    // an entity that the item gives replaces the default whole; nothing is merged below it
    const request = parseEvaluation({ ...defaults, ...item });
    return evaluation.answer(client, await evaluation.basisFor(request.context), request);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const member = error.member === undefined ? {} : { member: `/evaluations/${index}${error.member}` };
    return { decision: false, context: { error: { status: 400, message: error.message, ...member } } };
  }
}
