/** Whole documents in answers: only a few are read and written at a time, however many are requested. */
import type { FastifyReply } from 'fastify';
import pLimit from 'p-limit';
import { YAML_ALIASES, YAML_TYPE } from '../http/body.js';
import { acceptedType } from '../http/headers/accept.js';
import { writePolicyYamlSteps } from '../policy/text/policy-writer.js';
import { inSlices } from '../work/slices.js';

/** Limits concurrent work on whole documents: one takes many times its size while it is parsed and written. */
export const inTurnOfDocuments = pLimit(2);

/** A body as JSON bytes, which are outside the heap while a slow reader takes them. */
export function asJson(reply: FastifyReply, body: object): Buffer {
  void reply.type('application/json; charset=utf-8');
  return Buffer.from(JSON.stringify(body));
}

/** Whether a caller asks for YAML rather than JSON. */
export function prefersYaml(accept: string | undefined): boolean {
  const type = acceptedType(accept, ['application/json', YAML_TYPE, ...YAML_ALIASES]);
  return type !== undefined && type !== 'application/json';
}

/** A document as YAML, in the order in which people write one. */
export async function asYaml(reply: FastifyReply, document: unknown): Promise<Buffer> {
  void reply.type(`${YAML_TYPE}; charset=utf-8`);
  return Buffer.from(await inSlices(writePolicyYamlSteps(document)));
}
