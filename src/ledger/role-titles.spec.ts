import { describe, expect, test } from 'vitest';
import { READERS } from '../access/case-permissions.js';
import { roleTitle } from './role-titles.js';

describe('the title of a role', () => {
  test.each([...Object.values(READERS), 'privacy_officer', 'auditor'])(
    'that looks at data is there in each language: %s',
    (role) => {
      const titles = ['en', 'de'].map((language) => roleTitle(role, language));
      expect(new Set([role, ...titles]).size).toBe(role === 'auditor' ? 2 : 3);
      expect(roleTitle(role, 'de-AT')).toBe(titles[1]);
      expect(roleTitle(role, 'fr')).toBe(titles[0]);
    },
  );

  test('that has none is the role', () => {
    expect(roleTitle('new_role', 'de')).toBe('new_role');
  });
});
