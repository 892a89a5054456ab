import { expect, it } from 'vitest';
import type { ConsentChange, NewConsentEvent } from '../decision/consent-event.js';
import { Tokens, drawName } from '../consent/log/consistency-token.js';
import { eventView } from '../consent/rights/event.view.js';
import { pageIn } from './export.page.js';

const AT = Date.UTC(2026, 10, 23, 12);
const TOKENS = new Tokens(drawName(), [{ after: 0, name: drawName() }]);

/** What the row of an event says, cell by cell. */
function rowOf(language: string, change: ConsentChange, of: Partial<NewConsentEvent> = {}): string[] {
  const by = { kind: 'user', id: 'u-1' } as const;
  const event = { revision: 1, subject: 1, user: 'u-1', by, at: AT, via: 'settings', change, ...of } as const;
  const page = pageIn(language).events([eventView(event, null, TOKENS)], true);
  return [...page.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = '']) => cell);
}

it.each<[string, ConsentChange, Partial<NewConsentEvent>, string, string]>([
  [
    'de',
    { kind: 'profile', region: null, ageBand: 'minor', adultFrom: AT },
    { via: 'import', by: { kind: 'service', id: 'accounts' }, saidAt: AT },
    'Wo Sie leben: unbekannt, Altersgruppe: minderjährig, volljährig ab 2026-11-23 12:00, gesagt: 2026-11-23 12:00',
    'der Dienst accounts (Übernahme aus einem früheren System)',
  ],
  [
    'de',
    { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 0, signal: true },
    { via: 'tcf', language: 'de' },
    'ads: abgelehnt, durch ein Signal, in der Sprache: de',
    'Sie (TCF-Zeichenkette)',
  ],
  [
    'de-AT',
    { kind: 'choice', purpose: 'ads', choice: 'granted', notice: 2, signal: true, until: AT },
    {},
    'ads: erlaubt, obwohl ein Signal dagegen stand, bis 2026-11-23 12:00',
    'Sie (Einstellungen)',
  ],
  [
    'de',
    { kind: 'signal', signal: 'gpc' },
    { via: 'gpc' },
    'Global Privacy Control',
    'Sie (Signal des Browsers)',
  ],
  [
    'en',
    { kind: 'choice', purpose: 'ads', choice: 'denied', notice: 0, signal: false },
    { via: 'expiry', by: { kind: 'engine', id: 'assent' } },
    'ads: denied',
    'Assent (a grant that ended)',
  ],
])('the page says in words of %s what was said: %j', (language, change, of, what, who) => {
  expect(rowOf(language, change, of).slice(1, 3)).toEqual([what, who]);
});
