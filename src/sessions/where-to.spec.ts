import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { kindOf, pageAskedFor } from './where-to.js';

const HERE = 'https://assent.example';
const PIECES = [
  '/',
  '\\',
  '.',
  '..',
  '%2f',
  '%5c',
  '@',
  ':',
  '?',
  '#',
  '\t',
  '\n',
  '\0',
  'settings',
  'console',
  'evil.example',
  'a-1',
  ' ',
  '//',
  '/settings',
  '/console',
];

it('leads to a page of this service alone, as a browser reads it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(fc.constantFrom(...PIECES)).map((pieces) => pieces.join('')),
        fc.array(fc.constantFrom(...PIECES)).map((pieces) => `/settings${pieces.join('')}`),
        fc.string({ unit: 'binary' }),
      ),
      (to) => {
        const page = pageAskedFor(to);
        if (page === undefined) return;
        const { origin, pathname, search } = new URL(page, HERE);
        expect(origin).toBe(HERE);
        expect(pathname).toMatch(/^\/(settings|console)(\/|$)/);
        expect(search).toBe('');
        expect(`${pathname}${new URL(page, HERE).hash}`).toBe(page.replace(/#$/, ''));
      },
    ),
    { numRuns: 5_000 },
  );
});

it('leads to each page and to places in it, and to the settings where none is named', () => {
  for (const to of [
    '/settings',
    '/console',
    '/settings/review',
    '/console/drafts/a-1_b',
    '/settings#who/used-it',
  ])
    expect(pageAskedFor(to)).toBe(to);
  expect(pageAskedFor(undefined)).toBe('/settings');
});

it('is for admins where the console is, and for users elsewhere', () => {
  expect(kindOf('/console')).toBe('admins');
  expect(kindOf('/console/drafts')).toBe('admins');
  expect(kindOf('/settings')).toBe('users');
});
