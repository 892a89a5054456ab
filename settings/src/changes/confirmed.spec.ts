import { expect, test } from 'vitest';
import type { Acknowledged, Purpose, Settings } from '../service/answers.js';
import { answerTo } from './changes.js';
import { confirmedBy } from './confirmed.js';

const THEN = '2026-01-01T00:00:00.000Z';
const NOW = '2026-02-01T00:00:00.000Z';

const PURPOSE: Purpose = {
  id: 'ads',
  parent: null,
  title: 'Ads',
  description: 'Ads for you',
  setting: 'opt_in',
  choice: 'granted',
  on: true,
  because: 'lapses_soon',
  why: 'Your yes ends soon.',
  set_at: THEN,
  offers: ['granted', 'denied'],
  also_closes: ['ads.partner'],
  also_opens: ['ads.partner'],
  until: NOW,
  needs: [],
  notice: { version: 3, accepted: 2, lapses_after: 'P1Y' },
  data: [],
};
const SETTINGS: Settings = {
  user: 'u-1',
  known: true,
  region: 'DE',
  regime_title: 'GDPR',
  signals: [],
  policy: '1',
  language: 'en',
  languages: ['en'],
  purposes: [PURPOSE],
  visibility: [],
};

function after(choice: 'granted' | 'denied', answer: Partial<Acknowledged>): Purpose | undefined {
  const change = answerTo(PURPOSE, choice, SETTINGS, 'en');
  const acknowledged: Acknowledged = {
    changed: true,
    consistency_token: 'x',
    holds_from: NOW,
    on: choice === 'granted',
    because: 'choice',
    why: 'You said so.',
    needs: [],
    ...answer,
  };
  return confirmedBy(acknowledged, change, SETTINGS)?.purposes[0];
}

test.each([
  ['granted', 3],
  ['denied', null],
] as const)('after `%s`, nothing is told that was true of the answer before', (choice, accepted) => {
  const now = after(choice, {});
  expect(now).toMatchObject({ choice, why: 'You said so.', set_at: NOW, until: null });
  expect(now?.notice.accepted).toBe(accepted);
  expect([now?.also_closes, now?.also_opens]).toEqual([[], []]);
});

test('where the log does not say since when, an answer that stood keeps its time and another one has none', () => {
  expect(after('granted', { changed: false, holds_from: null })?.set_at).toBe(THEN);
  expect(after('denied', { holds_from: null })?.set_at).toBeNull();
});

test('an answer that does not say how the purpose stands changes nothing that is shown', () => {
  expect(after('denied', { holds_from: undefined })).toBeUndefined();
  expect(after('denied', { on: undefined })).toBeUndefined();
});
