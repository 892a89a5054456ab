/** What the replay of a decision is asked, and what it answers. */
import type { components } from '../../api/types.js';

/** What stands in the address. With `policy` and `revision`, as an answer named them, it is exact; `at` is a time. */
export const USUAL = { at: '', purpose: '', field: '', user: '', actor: '', policy: '', revision: '' };
export type Question = Readonly<Record<keyof typeof USUAL, string>>;

export type Replayed = components['schemas']['ReplayedDecision'];
