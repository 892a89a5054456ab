/** What the service said when it confirmed a change, put in the place of what was read before. */
import type { Acknowledged, Choice, Purpose, Settings } from '../service/answers.js';
import { ALL, type Change } from './changes.js';

type Said = { readonly purpose: string; readonly choice: Choice };

/**
 * The settings as they stand by the answer to a change; nothing where it does not say how all that was changed stands.
 * What else the change moved, such as purposes that depend on it, is as it was. What the answer does not tell of a purpose,
 * such as the end of a yes and what comes with the next one, is left out until it is read.
 */
export function confirmedBy(
  answer: Acknowledged,
  { key, said, steps }: Change,
  settings: Settings,
): Settings | undefined {
  if (steps.length !== 1 || (said !== 'granted' && said !== 'denied')) return undefined;
  const told =
    key === ALL ? (answer.changes ?? []) : [{ ...answer, purpose: key, choice: said } satisfies Said];
  const stands = new Map(told.map((one) => [one.purpose, one]));
  let isWhole = stands.size > 0;
  const purposes = settings.purposes.map((purpose): Purpose => {
    const now = stands.get(purpose.id);
    if (now === undefined) return purpose;
    const { choice, on, because, why, needs, holds_from: since } = now;
    if (
      on === undefined ||
      because === undefined ||
      why === undefined ||
      needs === undefined ||
      since === undefined
    ) {
      isWhole = false;
      return purpose;
    }
    const stoodAlready = choice === purpose.choice;
    return {
      ...purpose,
      choice,
      on,
      because,
      why,
      needs: [...needs],
      set_at: since ?? (stoodAlready ? purpose.set_at : null),
      until: null,
      also_closes: [],
      also_opens: [],
      notice: {
        ...purpose.notice,
        accepted: choice === 'granted' ? purpose.notice.version : null,
      },
    };
  });
  return isWhole ? { ...settings, purposes } : undefined;
}
