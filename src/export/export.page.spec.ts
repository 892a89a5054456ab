import { describe, expect, it } from 'vitest';
import type { ConsentChange, NewConsentEvent } from '../decision/consent-event.js';
import { Tokens, drawName } from '../consent/log/consistency-token.js';
import { eventView } from '../consent/rights/event.view.js';
import { SPOKEN } from '../http/headers/spoken.js';
import { pageIn } from './export.page.js';
import type { ExportHead } from './export.view.js';

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

/** What is held about somebody who said nothing, by a policy with one purpose. */
const headIn = (language: string, lang?: Readonly<Record<string, string>>): ExportHead => ({
  exported_at: '2026-11-23T12:00:00.000Z',
  settings: {
    user: 'u-1',
    known: true,
    region: 'MA',
    regime: 'ROW',
    regime_title: 'Law',
    age_band: 'adult',
    signals: [],
    policy: 'sha256:0',
    revision: 'r',
    language,
    languages: [language],
    purposes: [
      {
        id: 'ads',
        parent: null,
        title: 'A title',
        description: 'A description.',
        ...(lang === undefined ? {} : { lang }),
        setting: 'opt_in',
        choice: null,
        on: false,
        reason: 'needs_opt_in',
        because: 'default',
        why: 'A reason.',
        until: null,
        set_by: null,
        set_at: null,
        notice: { version: 1, language, hash: 'sha256:0', accepted: null, lapses_after: null },
        offers: [],
        also_closes: [],
        also_opens: [],
        needs: [],
        data: [{ category: 'profile', title: 'A category', fields: [{ id: 'f', title: 'A field' }] }],
      },
    ],
    visibility: [],
  },
  extracts: [],
  attributes: [],
  uses_complete_until: null,
});

describe('the page of an export', () => {
  it.each(SPOKEN)('is in %s, in its direction, and nothing in it is in another language', (language) => {
    const page = pageIn(language).head(headIn(language));
    expect(page).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
    expect(page.match(/ lang="/g)).toHaveLength(1);
    expect(page).not.toMatch(/undefined|\[object/);
    const isEnglish = page.includes('What is held about you');
    expect(isEnglish).toBe(language === 'en');
  });

  it('says of each text of the policy in which language it is, where that is not its own', () => {
    const partly = pageIn('ja').head(headIn('ja', { description: 'en' }));
    expect(partly).toContain('<p><span lang="en" dir="auto">A description.</span></p>');
    expect(partly).toContain('<h3>A title: ');

    // the words of the page are English where it does not speak the language of the policy
    const foreign = pageIn('it').head(headIn('it', { why: 'en' }));
    expect(foreign).toContain('<html lang="en" dir="ltr">');
    expect(foreign).toContain('<h3><span lang="it" dir="auto">A title</span>: Off</h3>');
    expect(foreign).toContain('<p>A reason.</p>');
  });
});
