/** What stands for a purpose after a choice: a grant does not always open it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { TEXT, YES_OR_NO, listOf, named, objectOf, said, wordOf } from '../../http/contract/shapes.js';
import { ACKNOWLEDGED_MEMBERS, HOLDS_FROM, momentView } from '../log/acknowledgement.view.js';
import { BECAUSE } from './cause.js';
import { languageFor } from './request-headers.js';
import type { LanguageQuery } from './settings.dto.js';
import type { ExplainedSettings, Outcome } from './settings.service.js';
import { purposeView } from './settings.view.js';

export const HELD = { holds_from: HOLDS_FROM };
/** Absent where the settings cannot be read now, or the policy in force no longer has the purpose. */
export const OUTCOME = {
  on: said('whether data may be used for it now, as far as the user is concerned', YES_OR_NO),
  because: said('why it stands so', wordOf(BECAUSE)),
  dependency: said('the purpose that keeps it off', TEXT),
  why: said('the same as a sentence', TEXT),
  needs: said('purposes that it depends on and that are off', listOf(TEXT)),
};

/** Answer to a choice, and to taking one back. */
export const ACKNOWLEDGED_CHOICE = named('AcknowledgedChoice', objectOf(ACKNOWLEDGED_MEMBERS, OUTCOME));

/** What stands for purposes after a choice, in the language of the texts that the user was shown. */
export function standing(
  { explained, since }: Outcome,
  reply: FastifyReply,
  headers: IncomingHttpHeaders,
  shown: LanguageQuery,
) {
  const language = explained === undefined ? '' : languageFor(explained.settings, reply, headers, shown);
  return (purpose: string) => outcomeView(purpose, since(purpose), explained, language);
}

/** @param since when the choice was taken in, in milliseconds since the Unix epoch; absent: not known */
function outcomeView(
  purpose: string,
  since: number | undefined,
  explained: ExplainedSettings | undefined,
  language: string,
) {
  const held = { holds_from: momentView(since) };
  const one = explained?.settings.purposes.find(({ purpose: { id } }) => id === purpose);
  if (explained === undefined || one === undefined) return held;
  const view = purposeView(explained.settings, one, explained.history, language);
  const { on, because, dependency, why, needs } = view;
  return { ...held, on, because, ...(dependency === undefined ? {} : { dependency }), why, needs };
}
