/**
 * What somebody said when their session had ended. It is kept in the tab while they sign in, and offered to them again:
 * it is never sent by itself, and to nobody else who signs in here.
 */
import type { Settings } from '../service/answers.js';
import { isChoice } from '../service/answers.js';
import type { Before, Change } from './changes.js';
import { isAbsentOr, isList, isNullOr, isObject, isText } from '../service/shapes.js';

export type Unsent = {
  readonly user: string;
  readonly key: string;
  readonly said: string;
  /** The policy whose texts were shown. */
  readonly policy: string;
  readonly back?: Change['back'];
};
const isUnsent = isList(
  isObject<Unsent>({
    user: isText,
    key: isText,
    said: isText,
    policy: isText,
    back: isAbsentOr(isList(isObject<Before>({ purpose: isText, choice: isNullOr(isChoice) }))),
  }),
);

const PLACE = 'assent-unsent';

export function keepUnsent({ user, policy }: Settings, { key, said, back }: Change): void {
  const others = kept().filter((one) => one.user !== user || one.key !== key);
  try {
    sessionStorage.setItem(PLACE, JSON.stringify([...others, { user, key, said, policy, back }]));
  } catch {
    // a browser that keeps nothing: it is said anew
  }
}

/** What a user said, which is no longer kept then; neither is what others said in this tab. */
export function takeUnsent(user: string): readonly Unsent[] {
  const found = kept().filter((one) => one.user === user);
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    // nothing was kept
  }
  return found;
}

function kept(): readonly Unsent[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? '[]');
    return isUnsent(value) ? value : [];
  } catch {
    return [];
  }
}
