/** Evaluations that are answered before the router, see `src/http/direct.ts`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, ServiceCaller } from '../access/caller.js';
import type { DirectRoute } from '../http/direct.js';
import { checkOf } from '../http/contract/schema.js';
import { parseJson } from '../json.js';
import { textOf } from '../text.js';
import { CACHE_HEADER } from '../consent/caches/held.js';
import { evaluateBatchNow } from './batch.js';
import type { RequestRecord } from './decision-records.js';
import { EvaluationDto, EvaluationsDto } from './evaluation.dto.js';
import type { EvaluationService } from './evaluation.service.js';

const NONE: readonly string[] = [];

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
  return direct(evaluation, callerOf, (client, body, record) => {
    if (!isEvaluation(body)) return undefined;
    if (record !== 'impossible' && evaluation.mustWait([body])) return undefined;
    return evaluation.evaluateNow(client, body, record).json;
  });
}

/**
 * `POST /access/v1/evaluations`, as `directEvaluation`.
 *
 * @param held the name of the cache that may keep the answer to a request with these headers
 */
export function directEvaluations(
  evaluation: EvaluationService,
  callerOf: (headers: IncomingHttpHeaders) => Caller | null,
  held: (headers: IncomingHttpHeaders, client: ServiceCaller) => string | undefined,
): DirectRoute {
  const route = direct(evaluation, callerOf, (client, body, record) =>
    isBatch(body) ? evaluateBatchNow(evaluation, client, body, record) : undefined,
  );
  const headers = (sent: IncomingHttpHeaders): readonly string[] => {
    if (sent[CACHE_HEADER] === undefined) return NONE;
    const caller = callerOf(sent);
    const cache = caller?.kind === 'service' ? held(sent, caller) : undefined;
    return cache === undefined ? NONE : [CACHE_HEADER, cache];
  };
  return { ...route, headers };
}

/** @param answer must give one where the record is `impossible`, if it did before */
function direct(
  { records }: EvaluationService,
  callerOf: (headers: IncomingHttpHeaders) => Caller | null,
  answer: (client: ServiceCaller, body: unknown, record: RequestRecord | 'impossible') => string | undefined,
): DirectRoute {
  return {
    settled: () => records.settled(),
    open: (headers) => {
      let caller = callerOf(headers);
      if (caller?.kind !== 'service') return undefined;
      return (bytes, id) => {
        // while the body came, another policy may have been published, or the token may have ended
        if (id !== undefined) caller = callerOf(headers);
        if (caller?.kind !== 'service') return undefined;
        const text = textOf(bytes);
        try {
          if (text === undefined) return undefined;
          const json = answer(
            caller,
            parseJson(text),
            id === undefined ? 'impossible' : records.of(caller, id),
          );
          // what is handed on is counted there
          if (json !== undefined && id !== undefined) records.count(caller);
          return json;
        } catch {
          // the ordinary route finds the same fault, and reports it
          return undefined;
        }
      };
    },
  };
}
