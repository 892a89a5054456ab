/** What the page sends when somebody answers, and how that is taken back. */
import { type Choice, type Group, type Purpose, type Settings, isChoice } from '../service/answers.js';

/** One request of a change. */
export type Step = {
  readonly method: 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** The purposes, or the group, that it answers. */
  readonly about: readonly string[];
};

/** How a purpose stood before a change. */
export type Before = { readonly purpose: string; readonly choice: Choice | null };

/** A change that can be sent again: each step says how it is to stand, so a repeated one changes nothing. */
export type Change = {
  /** Beside what its outcome is shown. */
  readonly key: string;
  /** What somebody said: yes, no, or the level. */
  readonly said: string;
  /** One after the other. */
  readonly steps: readonly Step[];
  readonly undo?: Change | undefined;
  /** Of an undo of several answers: what it goes back to. */
  readonly back?: readonly Before[] | undefined;
};

/** What stands after an answer is taken back where none was given before. */
export const NOTHING = 'none';

/** What is told of a yes that was said again while it held. */
export const RENEWED = 'renewed';

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

function nothingSaid(purpose: string, settings: Settings): Change {
  return { key: purpose, said: NOTHING, steps: [takenBack(purpose, settings)] };
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
    return nothingSaid(purpose.id, settings);
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

/**
 * Whether two readings have the same answers, of the same person and to the same texts.
 *
 * @param about the purposes that count; all, and the groups, unless given
 */
export function isSaidTheSame(one: Settings, other: Settings, about?: readonly string[]): boolean {
  const [before, now] = [one, other].map(({ user, signals, purposes, visibility }) =>
    JSON.stringify([
      user,
      signals,
      purposes.flatMap(({ id, choice, notice }) =>
        about?.includes(id) === false ? [] : [[id, choice, notice.version]],
      ),
      about === undefined ? visibility.map(({ id, level }) => [id, level]) : [],
    ]),
  );
  return before === now;
}

/** Whether a yes would turn on, by what holds now, something that stood beside it on no page. */
export function opensMore({ key, undo }: Change, shown: Settings, now: Settings): boolean {
  // nothing is told beside an undo
  if (undo === undefined) return false;
  const [told = [], opens = []] = [shown, now].map(
    ({ purposes }) => purposes.find(({ id }) => id === key)?.also_opens,
  );
  return opens.some((id) => !told.includes(id));
}

/** Makes it so that nothing was said for a purpose. */
function takenBack(purpose: string, settings: Settings): Step {
  return { method: 'DELETE', path: recordOf(settings, 'choices', purpose), about: [purpose] };
}

function answered(purpose: Answerable, choice: Choice, settings: Settings, language: string): Change {
  const { purpose: id, ...body } = saidFor(purpose, choice, settings);
  const path = recordOf(settings, 'choices', id);
  return {
    key: id,
    said: choice,
    steps: [{ method: 'PUT', path, body: { ...body, language }, about: [id] }],
  };
}

/** What a no to everything turns off. */
export function closedByNo({ purposes }: Settings): readonly Purpose[] {
  return purposes.filter((purpose) => purpose.on && purpose.offers.includes('denied'));
}

/** A no to everything; undoing it says each yes again that was said before, and takes back each no that was not. */
export function noToAll(settings: Settings, language: string): Change {
  const deniable = settings.purposes.filter(({ offers }) => offers.includes('denied'));
  const back = deniable
    .filter((purpose) => purpose.choice === null || (purpose.choice === 'granted' && isSameYes(purpose)))
    .map(({ id, choice }): Before => ({ purpose: id, choice }));
  return {
    key: ALL,
    said: 'denied',
    steps: [severalOf(settings, { choice: 'denied', language }, deniable)],
    undo: allBack(back, settings, language),
  };
}

/** The way back from a no to everything; nothing where there is none. */
function allBack(back: readonly Before[], settings: Settings, language: string): Change | undefined {
  const were = (wanted: Choice | null) =>
    settings.purposes.filter(({ id }) =>
      back.some(({ purpose, choice }) => purpose === id && choice === wanted),
    );
  const granted = were('granted');
  const choices = granted.map((purpose) => saidFor(purpose, 'granted', settings));
  const steps = [
    ...(choices.length === 0 ? [] : [severalOf(settings, { choices, language }, granted)]),
    ...were(null).map(({ id }) => takenBack(id, settings)),
  ];
  return steps.length === 0 ? undefined : { key: ALL, said: NOTHING, steps, back };
}

function severalOf(settings: Settings, body: object, of: readonly Purpose[]): Step {
  return { method: 'PUT', path: recordOf(settings, 'choices'), body, about: of.map(({ id }) => id) };
}

export function levelOf({ id, level: before }: Group, level: string, settings: Settings): Change {
  const setting = (to: string): Change => ({
    key: keyOfGroup(id),
    said: to,
    steps: [{ method: 'PUT', path: recordOf(settings, 'visibility', id), body: { level: to }, about: [id] }],
  });
  return { ...setting(level), undo: before === level ? undefined : setting(before) };
}

/** The change that somebody began on a page before, on the settings as they are now; nothing where it would change none. */
export function changeBegun(
  { key, said, back }: Pick<Change, 'key' | 'said' | 'back'>,
  settings: Settings,
): Change | undefined {
  const { purposes, visibility, language } = settings;
  if (key === ALL && said === NOTHING)
    return back === undefined ? undefined : allBack(back, settings, language);
  // a yes to everything is no change of anybody
  if (key === ALL)
    return said === 'denied' && closedByNo(settings).length > 0 ? noToAll(settings, language) : undefined;
  const purpose = purposes.find(({ id }) => id === key);
  if (purpose !== undefined && isChoice(said) && purpose.choice !== said && isAnswerable(purpose))
    return answerTo(purpose, said, settings, language);
  const group = visibility.find(({ id }) => keyOfGroup(id) === key);
  if (purpose !== undefined && said === NOTHING && purpose.choice !== null && isAnswerable(purpose))
    return nothingSaid(key, settings);
  const isLevel = group?.level !== said && group?.levels.some(({ id }) => id === said) === true;
  return isLevel ? levelOf(group, said, settings) : undefined;
}
