/** The history of a user as a page shows it: every event, with what it is called today. */
import type { ConsentChange, Signal } from '../../decision/consent-event.js';
import type { PolicyDocument } from '../../decision/policy.js';
import { LANG, TEXT, YES_OR_NO, listOf, named, objectOf, orNull, said } from '../../http/contract/shapes.js';
import { type WithLang, titleIn, withLang } from '../../policy/words.js';
import type { Tokens } from '../log/consistency-token.js';
import { hasReceipt } from '../log/settlement/event-rules.js';
import type { DatedEvent } from './dated-events.js';
import { eventShape, eventView } from './event.view.js';

/** Its name is the same in every language. */
const SIGNAL_TITLES: Readonly<Record<Signal, string>> = { gpc: 'Global Privacy Control' };

const TOLD_EVENT = eventShape(
  'ToldEvent',
  {
    title: said(
      'of the purpose, the signal or the visibility group; null: a profile has none, nor what the policy no longer has',
      orNull(TEXT),
    ),
    receipt: said('whether there is a signed receipt of it', YES_OR_NO),
  },
  { level_title: said('of a level', orNull(TEXT)), ...LANG },
);
export const HISTORY = named(
  'History',
  objectOf(
    { user: TEXT, language: said('of the titles', TEXT), events: listOf(TOLD_EVENT) },
    { next: said('`after` of the next page; absent on the last', TEXT) },
  ),
);

/** @param language one of the policy's */
export function toldEventView(
  { event, policy }: DatedEvent,
  document: PolicyDocument,
  language: string,
  tokens: Tokens,
) {
  return {
    ...eventView(event, policy, tokens),
    ...titlesOf(event.change, document, language),
    receipt: hasReceipt(event) && policy !== null,
  };
}

function titlesOf(change: ConsentChange, document: PolicyDocument, language: string) {
  switch (change.kind) {
    case 'profile':
      return { title: null };
    case 'choice':
      return titleAmong(document, document.purposes, change.purpose, language);
    case 'signal':
      return { title: SIGNAL_TITLES[change.signal] };
    case 'visibility': {
      const { visibility = [] } = document;
      const levels = visibility.find(({ id }) => id === change.group)?.levels ?? [];
      const group = titleAmong(document, visibility, change.group, language);
      const level = titleAmong(document, levels, change.level, language);
      const lang = withLang({
        ...group.lang,
        ...(level.lang?.['title'] === undefined ? {} : { level_title: level.lang['title'] }),
      });
      return { title: group.title, level_title: level.title, ...lang };
    }
  }
}

/** The title of the entry of an id; null: there is none. */
function titleAmong(
  document: PolicyDocument,
  entries: readonly (Parameters<typeof titleIn>[1] & { readonly id: string })[],
  id: string,
  language: string,
): { readonly title: string | null } & WithLang {
  const entry = entries.find((one) => one.id === id);
  return entry === undefined ? { title: null } : titleIn(document, entry, language);
}
