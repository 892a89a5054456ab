/** Evaluations that are answered before the router, see `src/http/direct.ts`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, ServiceCaller } from '../access/caller.js';
import type { DirectRoute } from '../http/direct.js';
import { checkOf } from '../http/contract/schema.js';
import { parseJson } from '../json.js';
import { textOf } from '../text.js';
import { evaluateBatchNow } from './batch.js';
import { EvaluationDto, EvaluationsDto } from './evaluation.dto.js';
import type { EvaluationService } from './evaluation.service.js';

const isEvaluation = checkOf(EvaluationDto);
const isBatch = checkOf(EvaluationsDto);

/**
 * `POST /access/v1/evaluation`, if nothing is refused and nothing has to wait.
 *
 * @param callerOf who sends these headers, if that is known without waiting
 */
export function directEvaluation(
  evaluation: EvaluationService,
  callerOf: (headers: IncomingHttpHeaders) => Caller | null,
): DirectRoute {
  return direct(callerOf, (client, body) => {
    if (!isEvaluation(body) || !evaluation.isFreshEnough([body]) || evaluation.namesCase(body))
      return undefined;
    return evaluation.evaluateNow(client, body).json;
  });
}

/** `POST /access/v1/evaluations`, as `directEvaluation`. */
export function directEvaluations(
  evaluation: EvaluationService,
  callerOf: (headers: IncomingHttpHeaders) => Caller | null,
): DirectRoute {
  return direct(callerOf, (client, body) =>
    isBatch(body) ? evaluateBatchNow(evaluation, client, body) : undefined,
  );
}

function direct(
  callerOf: (headers: IncomingHttpHeaders) => Caller | null,
  answer: (client: ServiceCaller, body: unknown) => string | undefined,
): DirectRoute {
  return (headers) => {
    const caller = callerOf(headers);
    if (caller?.kind !== 'service') return undefined;
    return (bytes) => {
      const text = textOf(bytes);
      try {
        return text === undefined ? undefined : answer(caller, parseJson(text));
      } catch {
        // the ordinary route finds the same fault, and reports it
        return undefined;
      }
    };
  };
}
