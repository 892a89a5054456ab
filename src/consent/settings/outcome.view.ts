/** What stands for a purpose after a choice: a grant does not always open it. */
import { TEXT, YES_OR_NO, listOf, said, wordOf } from '../../http/contract/shapes.js';
import { HOLDS_FROM, momentView } from '../log/acknowledgement.view.js';
import { BECAUSE } from './cause.js';
import type { ExplainedSettings } from './settings.service.js';
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

/** @param since when the choice was taken in, in milliseconds since the Unix epoch; absent: not known */
export function outcomeView(
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
