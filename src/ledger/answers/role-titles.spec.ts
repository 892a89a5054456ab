import { describe, expect, test } from 'vitest';
import { READERS } from '../../access/case-permissions.js';
import { SPOKEN } from '../../http/headers/spoken.js';
import { roleTitle } from './role-titles.js';

describe('the title of a role', () => {
  test.each([...Object.values(READERS), 'privacy_officer', 'auditor'])(
    'that looks at data is there in each language: %s',
    (role) => {
      const titles = SPOKEN.map((language) => roleTitle(role, language));
      expect(titles.slice(1)).not.toContain(role);
      expect(new Set(titles).size).toBe(SPOKEN.length);
      expect(roleTitle(role, 'de-AT')).toBe(roleTitle(role, 'de'));
    },
  );

  test.each(['new_role', 'constructor', '__proto__'])('that has none is the role: %s', (role) => {
    expect(roleTitle(role, 'de')).toBe(role);
  });
});
