/** How reasons of counts are drawn and said. */
import { sentenceOf } from '../../words/reasons.js';
import { useLanguage, useWordsOf } from '../../words/words.js';
import { type Tone, signOf, toneOf } from '../matrix/marks.js';
import type { ToldReason } from './told.js';
import { CONSENT } from './words.js';

type Mark = {
  readonly sign: string;
  readonly tone: Tone;
  /** Tells reasons of one tone apart: how dark it is filled. */
  readonly look: 'full' | 'half' | 'light';
};

const LIGHT: ReadonlySet<ToldReason> = new Set(['needs_opt_in', 'age']);
const HALF: ReadonlySet<ToldReason> = new Set(['signal_opted_out', 'notice_outdated', 'untold']);

export function markOf(reason: ToldReason): Mark {
  const look = LIGHT.has(reason) ? 'light' : HALF.has(reason) ? 'half' : 'full';
  if (reason === 'untold') return { sign: '∗', tone: 'policy', look };
  return { sign: signOf(reason), tone: toneOf(reason), look };
}

/** The sentence of a reason, in the language that is spoken. */
export function useSentence(): (reason: ToldReason) => string {
  const language = useLanguage();
  const own = useWordsOf(CONSENT);
  return (reason) => (reason === 'untold' ? own.off : sentenceOf(reason, language));
}
