/** The history of a user as a page shows it: every event, with what it is called today. */
import type { ConsentChange, Signal } from '../../decision/consent-event.js';
import { type PolicyDocument, textsIn } from '../../decision/policy.js';
import { TEXT, YES_OR_NO, listOf, named, objectOf, orNull, said } from '../../http/contract/shapes.js';
import type { Tokens } from '../log/consistency-token.js';
import { hasReceipt } from '../log/settlement/event-rules.js';
import type { Titled } from '../settings/settings.view.js';
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
  { level_title: said('of a level', orNull(TEXT)) },
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
      return { title: titleAmong(document.purposes, change.purpose, language) };
    case 'signal':
      return { title: SIGNAL_TITLES[change.signal] };
    case 'visibility': {
      const { visibility = [] } = document;
      const levels = visibility.find(({ id }) => id === change.group)?.levels ?? [];
      return {
        title: titleAmong(visibility, change.group, language),
        level_title: titleAmong(levels, change.level, language),
      };
    }
  }
}

function titleAmong(entries: readonly Titled[], id: string, language: string): string | null {
  const entry = entries.find((one) => one.id === id);
  return entry === undefined ? null : textsIn(entry, language).title;
}
