import { describe, expect, it } from 'vitest';
import { DomainError } from '../errors.js';
import { SPOKEN } from '../http/headers/spoken.js';
import { failurePage, messagePage, pickerPage } from './sessions.page.js';

describe.each(SPOKEN)('in %s', (language) => {
  const pages = [
    messagePage(language, 'title', 'says'),
    pickerPage(language, '/session/sign-in', '/settings', 'u-1'),
    failurePage(language, new DomainError('sign_in_failed', 'begin <again>')),
  ];

  it('a page names its language and its direction', () => {
    for (const page of pages)
      expect(page).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
  });

  it('a failure is told in it, with the detail in English as text', () => {
    const [, , page = ''] = pages;
    expect(page).toContain('<p lang="en" dir="ltr">begin &lt;again&gt;.</p>');
    const told = (code: 'sign_in_failed' | 'identity_unavailable' | 'storage_unavailable') =>
      failurePage(language, new DomainError(code, 'x'));
    const codes = ['sign_in_failed', 'identity_unavailable', 'storage_unavailable'] as const;
    expect(new Set(codes.map(told)).size).toBe(codes.length);
  });
});
