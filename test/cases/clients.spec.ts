/** The schema that editors complete from, and the code, know the same scopes. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SCOPES, UNLISTED_CLIENTS } from '../../src/decision/policy.js';

it('the scopes and the words for unlisted clients of the schema are those of the code', () => {
  const schema = readFileSync(new URL('../../policies/policy.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(schema)).toMatchObject({
    definitions: { scope: { enum: Object.keys(SCOPES) } },
    properties: { unlisted_clients: { enum: [...UNLISTED_CLIENTS] } },
  });
});
