/** What the page sends when somebody answers, and how that is taken back. */
import type { Choice, Group, Purpose, Settings } from './answers.js';

/** A change that can be sent again: each says how it is to stand, so a repeated one changes nothing. */
export type Change = {
  /** Beside what its outcome is shown. */
  readonly key: string;
  /** Below the record of the user. */
  readonly path: string;
  readonly body: object;
  readonly undo?: Change | undefined;
};

/** The key of the answer to everything. */
export const ALL = '*';

export const keyOfGroup = (id: string) => `visibility/${id}`;

/** A purpose, and the notice of it that the page shows. */
export type Answerable = { readonly id: string; readonly notice: { readonly version: number } };

/** Whether an answer to a purpose would mean anything now: where the law or age closes it, no button is shown. */
export function isAnswerable({ offers, because }: Purpose): boolean {
  return (
    offers.includes('granted') &&
    offers.includes('denied') &&
    because !== 'age' &&
    because !== 'unknown_user' &&
    because !== 'regime'
  );
}

function saidFor({ id, notice }: Answerable, choice: Choice, { signals }: Settings) {
  return {
    purpose: id,
    choice,
    // the page shows the notice and the signal beside the button
    ...(choice === 'granted'
      ? { notice: notice.version, ...(signals.length > 0 ? { signal_shown: true } : {}) }
      : {}),
  };
}

export function answerTo(purpose: Answerable, choice: Choice, settings: Settings, language: string): Change {
  const before = settings.purposes.find(({ id }) => id === purpose.id)?.choice ?? null;
  const { purpose: id, ...body } = saidFor(purpose, choice, settings);
  // SEAM: where nothing was said before, that cannot be said again yet, so undoing is the other answer
  const back = before ?? (choice === 'denied' ? 'granted' : 'denied');
  return {
    key: id,
    path: `choices/${encodeURIComponent(id)}`,
    body: { ...body, language },
    undo: back === choice ? undefined : answerAgain(purpose, back, settings, language),
  };
}

function answerAgain(purpose: Answerable, choice: Choice, settings: Settings, language: string): Change {
  const { purpose: id, ...body } = saidFor(purpose, choice, settings);
  return { key: id, path: `choices/${encodeURIComponent(id)}`, body: { ...body, language } };
}

/** What a no to everything turns off. */
export function closedByNo({ purposes }: Settings): readonly Purpose[] {
  return purposes.filter((purpose) => purpose.on && purpose.offers.includes('denied'));
}

/** A no to everything; undoing it turns on again what it turned off. */
export function noToAll(settings: Settings, language: string): Change {
  const choices = closedByNo(settings).map((purpose) => saidFor(purpose, 'granted', settings));
  return {
    key: ALL,
    path: 'choices',
    body: { choice: 'denied', language },
    undo: choices.length === 0 ? undefined : { key: ALL, path: 'choices', body: { choices, language } },
  };
}

export function levelOf({ id, level: before }: Group, level: string): Change {
  const setting = (to: string) => ({
    key: keyOfGroup(id),
    path: `visibility/${encodeURIComponent(id)}`,
    body: { level: to },
  });
  return { ...setting(level), undo: before === level ? undefined : setting(before) };
}
