/** What the page sends when somebody answers, and how that is taken back. */
import { type Choice, type Group, type Purpose, type Settings, isChoice } from './answers.js';

/** One request of a change. */
export type Step = { readonly method: 'PUT' | 'DELETE'; readonly path: string; readonly body?: object };

/** A change that can be sent again: each step says how it is to stand, so a repeated one changes nothing. */
export type Change = {
  /** Beside what its outcome is shown. */
  readonly key: string;
  /** What somebody said: yes, no, or the level. */
  readonly said: string;
  /** One after the other. */
  readonly steps: readonly Step[];
  readonly undo?: Change | undefined;
};

/** What stands after an answer is taken back where none was given before. */
const NOTHING = 'none';

/** The key of the answer to everything. */
export const ALL = '*';

export const keyOfGroup = (id: string) => `visibility/${id}`;

/**
 * The address of the record of whoever the page shows, or of a part of it. By `me` it would be that of whoever has signed in
 * since in another window.
 */
export function recordOf({ user }: Settings, ...parts: readonly string[]): string {
  return ['/v1/users', ...[user, ...parts].map(encodeURIComponent)].join('/');
}

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

/** Whether a yes that is said again is the same yes: not one to a text that has changed since, and opens nothing. */
function isSameYes({ on, notice }: Purpose): boolean {
  return on || notice.accepted === notice.version;
}

export function answerTo(purpose: Answerable, choice: Choice, settings: Settings, language: string): Change {
  const now = settings.purposes.find(({ id }) => id === purpose.id);
  return { ...answered(purpose, choice, settings, language), undo: now && backTo(now) };

  function backTo(before: Purpose): Change | undefined {
    const { choice: back } = before;
    if (back === choice || (back === 'granted' && !isSameYes(before))) return undefined;
    if (back !== null) return answered(before, back, settings, language);
    return { key: purpose.id, said: NOTHING, steps: [takenBack(purpose.id, settings)] };
  }
}

/**
 * Whether it may open something, or open again what was closed elsewhere since: a yes, an answer that is taken back, or a
 * level that is not narrower than the one that is shown.
 */
export function mayOpen({ said, key }: Change, { visibility }: Settings): boolean {
  const group = visibility.find(({ id }) => keyOfGroup(id) === key);
  if (group === undefined) return said === 'granted' || said === NOTHING;
  // the widest stands first
  const levels = group.levels.map(({ id }) => id);
  return said !== levels.at(-1) && levels.indexOf(said) <= levels.indexOf(group.level);
}

/** Whether two readings have the same answers, of the same person and to the same texts. */
export function isSaidTheSame(one: Settings, other: Settings): boolean {
  const [before, now] = [one, other].map(({ user, signals, purposes, visibility }) =>
    JSON.stringify([
      user,
      signals,
      purposes.map(({ id, choice, notice }) => [id, choice, notice.version]),
      visibility.map(({ id, level }) => [id, level]),
    ]),
  );
  return before === now;
}

/** Makes it so that nothing was said for a purpose. */
function takenBack(purpose: string, settings: Settings): Step {
  return { method: 'DELETE', path: recordOf(settings, 'choices', purpose) };
}

function answered(purpose: Answerable, choice: Choice, settings: Settings, language: string): Change {
  const { purpose: id, ...body } = saidFor(purpose, choice, settings);
  const path = recordOf(settings, 'choices', id);
  return { key: id, said: choice, steps: [{ method: 'PUT', path, body: { ...body, language } }] };
}

/** What a no to everything turns off. */
export function closedByNo({ purposes }: Settings): readonly Purpose[] {
  return purposes.filter((purpose) => purpose.on && purpose.offers.includes('denied'));
}

/** A no to everything; undoing it says each yes again that was said before, and takes back each no that was not. */
export function noToAll(settings: Settings, language: string): Change {
  const deniable = settings.purposes.filter(({ offers }) => offers.includes('denied'));
  const granted = deniable.filter((purpose) => purpose.choice === 'granted' && isSameYes(purpose));
  const unsaid = deniable.filter(({ choice }) => choice === null);
  const several = (body: object): Step => ({
    method: 'PUT',
    path: recordOf(settings, 'choices'),
    body: { ...body, language },
  });
  const choices = granted.map((purpose) => saidFor(purpose, 'granted', settings));
  const back = [
    ...(choices.length === 0 ? [] : [several({ choices })]),
    ...unsaid.map(({ id }) => takenBack(id, settings)),
  ];
  return {
    key: ALL,
    said: 'denied',
    steps: [several({ choice: 'denied' })],
    undo: back.length === 0 ? undefined : { key: ALL, said: NOTHING, steps: back },
  };
}

export function levelOf({ id, level: before }: Group, level: string, settings: Settings): Change {
  const setting = (to: string): Change => ({
    key: keyOfGroup(id),
    said: to,
    steps: [{ method: 'PUT', path: recordOf(settings, 'visibility', id), body: { level: to } }],
  });
  return { ...setting(level), undo: before === level ? undefined : setting(before) };
}

/** The change that somebody began on a page before, on the settings as they are now; nothing where it would change none. */
export function changeBegun(key: string, said: string, settings: Settings): Change | undefined {
  const { purposes, visibility, language } = settings;
  // a yes to everything is no change of anybody
  if (key === ALL)
    return said === 'denied' && closedByNo(settings).length > 0 ? noToAll(settings, language) : undefined;
  const purpose = purposes.find(({ id }) => id === key);
  if (purpose !== undefined && isChoice(said) && purpose.choice !== said && isAnswerable(purpose))
    return answerTo(purpose, said, settings, language);
  const group = visibility.find(({ id }) => keyOfGroup(id) === key);
  const isLevel = group?.level !== said && group?.levels.some(({ id }) => id === said) === true;
  return isLevel ? levelOf(group, said, settings) : undefined;
}
