/** What stands for a purpose after a choice: a grant does not always open it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { TEXT, YES_OR_NO, listOf, named, objectOf, said, wordOf } from '../../http/contract/shapes.js';
import { ACKNOWLEDGED_MEMBERS, HOLDS_FROM, momentView } from '../log/acknowledgement.view.js';
import { BECAUSE, causeOf } from './causes/cause.js';
import type { UserHistory } from './history.js';
import { languageFor } from './request-headers.js';
import type { LanguageQuery } from './settings.dto.js';
import type { Outcome } from './settings.service.js';
import type { PurposeSetting, PurposesOn } from './settings.js';
import { causeView, namedIn, needsOf } from './settings.view.js';

export const HELD = { holds_from: HOLDS_FROM };
const OUTCOME_MEMBERS = {
  on: said('whether data may be used for it now, as far as the user is concerned', YES_OR_NO),
  because: said('why it stands so', wordOf(BECAUSE)),
  why: said('the same as a sentence', TEXT),
  needs: said('purposes that it depends on and that are off', listOf(TEXT)),
};
const OUTCOME_ALSO = { dependency: said('the purpose that keeps it off', TEXT) };
/** Absent where the settings cannot be read now, or the policy in force no longer has the purpose. */
export const OUTCOME = { ...OUTCOME_MEMBERS, ...OUTCOME_ALSO };

/** Answer to a choice, and to taking one back. */
export const ACKNOWLEDGED_CHOICE = named('AcknowledgedChoice', objectOf(ACKNOWLEDGED_MEMBERS, OUTCOME));

/** Answer to taking a signal back. */
export const ACKNOWLEDGED_SIGNAL_BACK = named(
  'AcknowledgedSignalBack',
  objectOf(ACKNOWLEDGED_MEMBERS, {
    purposes: said(
      'those that the signal closes, as they stand now; absent where the settings cannot be read now',
      listOf(objectOf({ purpose: TEXT, ...OUTCOME_MEMBERS }, OUTCOME_ALSO)),
    ),
  }),
);

/** How the purposes that Global Privacy Control closes stand after it was taken back. */
export function standingWithoutSignal(
  explained: Outcome['explained'],
  reply: FastifyReply,
  headers: IncomingHttpHeaders,
) {
  if (explained === undefined) return {};
  const { settings, history } = explained;
  const language = languageFor(settings, reply, headers, {});
  const closable = settings.policy.document.overlays.gpc.opt_out;
  const purposes = settings.purposes
    .filter(({ purpose: { id } }) => closable.includes(id))
    .map((one) => ({
      purpose: one.purpose.id,
      ...standsView(settings, one, history, language),
    }));
  return { purposes };
}

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
  explained: Outcome['explained'],
  language: string,
) {
  const held = { holds_from: momentView(since) };
  const one = explained?.settings.purposes.find(({ purpose: { id } }) => id === purpose);
  if (explained === undefined || one === undefined) return held;
  return { ...held, ...standsView(explained.settings, one, explained.history, language) };
}

function standsView(settings: PurposesOn, one: PurposeSetting, history: UserHistory, language: string) {
  const cause = causeOf(settings, one, history);
  return {
    on: one.on,
    ...causeView(cause, language, namedIn(settings, language)),
    needs: needsOf(settings, one.purpose),
  };
}
