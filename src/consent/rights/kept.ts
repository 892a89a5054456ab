/** What an erasure keeps, for the person who was erased. None of it leads to them. */
import { matching } from '../../http/headers/accept-language.js';
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
import { ERASED_GONE_MS, type Erasure } from '../log/consent.store.js';

const KINDS = ['erasure', 'log', 'erased_id', 'snapshot', 'uses', 'training_sets'] as const;
type Kind = (typeof KINDS)[number];
type Told = Readonly<Record<Kind, { readonly what: string; readonly why: string }>>;

const ENGLISH: Told = {
  erasure: {
    what: 'That somebody was erased, when, and whether by themselves or by which service; not who.',
    why: 'We must be able to show that we erase what we are asked to (GDPR article 5(2)).',
  },
  log: {
    what: 'When something was said and of which kind, under a number that leads to nobody any more, and a seal of what it was.',
    why: 'It shows that nobody has changed what others said. What you said cannot be read again by anybody.',
  },
  erased_id: {
    what: 'Your id, sealed.',
    why: 'Until then every part of the service forgets you, and nothing that is still on its way records you anew.',
  },
  snapshot: {
    what: 'A sealed copy of what stands for all users, which the parts of the service share.',
    why: 'A part that starts reads it. It is written anew without you within that time.',
  },
  uses: {
    what: 'Which services asked for data, and what they were answered, under that number.',
    why: 'We must be able to show who used data, and for what (GDPR article 5(2)).',
  },
  training_sets: {
    what: 'If data was taken for training: the handle of that set, which leads to nobody here.',
    why: 'By it, whoever keeps the set finds what is to be taken out of it.',
  },
};

const GERMAN: Told = {
  erasure: {
    what: 'Dass jemand gelöscht wurde, wann, und ob auf eigenen Wunsch oder durch welchen Dienst; nicht, wer.',
    why: 'Wir müssen nachweisen können, dass wir löschen, worum wir gebeten werden (Artikel 5 Absatz 2 DSGVO).',
  },
  log: {
    what: 'Wann etwas gesagt wurde und welcher Art es war, unter einer Nummer, die zu niemandem mehr führt, und ein Siegel davon.',
    why: 'Es zeigt, dass niemand verändert hat, was andere gesagt haben. Was Sie gesagt haben, kann niemand mehr lesen.',
  },
  erased_id: {
    what: 'Ihre Kennung, versiegelt.',
    why: 'Bis dahin vergisst Sie jeder Teil des Dienstes, und nichts, was noch unterwegs ist, legt Sie neu an.',
  },
  snapshot: {
    what: 'Eine versiegelte Kopie dessen, was für alle gilt; die Teile des Dienstes teilen sie.',
    why: 'Ein Teil, der startet, liest sie. In dieser Zeit wird sie ohne Sie neu geschrieben.',
  },
  uses: {
    what: 'Welche Dienste nach Daten gefragt haben und was sie zur Antwort bekamen, unter dieser Nummer.',
    why: 'Wir müssen nachweisen können, wer Daten wofür verwendet hat (Artikel 5 Absatz 2 DSGVO).',
  },
  training_sets: {
    what: 'Falls Daten für ein Training entnommen wurden: die Bezeichnung darin, die hier zu niemandem führt.',
    why: 'Daran findet, wer die Sammlung hat, was herauszunehmen ist.',
  },
};

const LANGUAGES: ReadonlyMap<string, Told> = new Map([
  ['en', ENGLISH],
  ['de', GERMAN],
]);

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
   */
  constructor(
    private readonly recordDays: number | undefined,
    private readonly isFleet: boolean,
  ) {}

  /** @param language as a BCP 47 tag; where these sentences are not written in it, they are English, and `lang` says so */
  view({ at }: Pick<Erasure, 'at'>, language: string) {
    const spoken = matching(language, [...LANGUAGES.keys()]);
    const told = LANGUAGES.get(spoken ?? 'en') ?? ENGLISH;
    const lang = spoken === undefined ? { what: 'en', why: 'en' } : {};
    const absent: readonly Kind[] = [
      ...(this.recordDays === undefined ? (['uses'] as const) : []),
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
    const { recordDays = 0 } = this;
    return kind === 'uses' && recordDays > 0 ? recordDays * DAY_MS : undefined;
  }
}
