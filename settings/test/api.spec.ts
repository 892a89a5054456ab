import { expect, inject, test } from 'vitest';
import { typesOf } from '../../client/test/api-types.js';

/** The paths that the page asks. */
const PATHS = [
  '/v1/users/{id}',
  '/v1/users/{id}/settings',
  '/v1/users/{id}/choices',
  '/v1/users/{id}/choices/{purpose}',
  '/v1/users/{id}/visibility/{group}',
  '/v1/users/{id}/prompts',
  '/v1/users/{id}/uses',
  '/v1/users/{id}/history',
  '/v1/users/{id}/receipts/{event}',
  '/v1/notices/{purpose}',
  '/.well-known/receipt-keys.json',
];

const HEAD = `// Made from the OpenAPI document of the service, and held against it by settings/test/api.spec.ts: do not edit.
// \`npx vitest run --project settings settings/test/api.spec.ts -u\` makes it anew.
`;

test('the types are those of the OpenAPI document that the service gives', async () => {
  const types = HEAD + (await typesOf(JSON.stringify(inject('contract')), PATHS));
  await expect(types).toMatchFileSnapshot('../src/api.ts');
});
