/** What an erasure keeps, for the person who was erased. None of it leads to them. */
import { isSpoken, spokenTo } from '../../http/headers/spoken.js';
import {
  LANG,
  TEXT,
  TIME,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { withLang } from '../../policy/words.js';
import { DAY_MS, timeText } from '../../time.js';
import { KEPT_WORDS, KINDS, type Kind } from './kept-words.js';
import { MONTH_MS } from '../log/erased/erasure-list.js';
import { ERASED_GONE_MS, type Erasure } from '../log/consent.store.js';

export const KEPT = listOf(
  named(
    'Kept',
    objectOf(
      {
        kind: wordOf(KINDS),
        what: said('for people', TEXT),
        why: said('for people', TEXT),
        until: said('null: for good', orNull(TIME)),
      },
      LANG,
    ),
  ),
);

export class Kept {
  /**
   * @param recordDays how long uses are kept, in days; 0: for good; absent: they are not recorded
   * @param isFleet whether several processes share a snapshot
   * @param listDays how long an entry of the list of erasures is kept, in days; 0: for good; absent: there is no list
   */
  constructor(
    private readonly recordDays: number | undefined,
    private readonly isFleet: boolean,
    private readonly listDays?: number,
  ) {}

  /** @param language as a BCP 47 tag; where these sentences are not written in it, they are English, and `lang` says so */
  view({ at }: Pick<Erasure, 'at'>, language: string) {
    const spoken = spokenTo(language);
    const told = KEPT_WORDS[spoken];
    const lang = isSpoken(language) ? {} : { what: spoken, why: spoken };
    const absent: readonly Kind[] = [
      ...(this.recordDays === undefined ? (['uses'] as const) : []),
      ...(this.listDays === undefined ? (['erasure_list'] as const) : []),
      ...(this.isFleet ? [] : (['snapshot'] as const)),
    ];
    return KINDS.filter((kind) => !absent.includes(kind)).map((kind) => {
      const end = this.endOf(kind);
      return { kind, ...told[kind], ...withLang(lang), until: end === undefined ? null : timeText(at + end) };
    });
  }

  /** How long after the erasure, in milliseconds; `undefined`: for good. */
  private endOf(kind: Kind): number | undefined {
    if (kind === 'erased_id') return ERASED_GONE_MS;
    if (kind === 'snapshot') return DAY_MS;
    const { recordDays = 0, listDays = 0 } = this;
    if (kind === 'erasure_list' && listDays > 0) return listDays * DAY_MS + MONTH_MS + DAY_MS;
    return kind === 'uses' && recordDays > 0 ? recordDays * DAY_MS : undefined;
  }
}
