import { expect, inject, test } from 'vitest';
import { typesOf } from './api-types.js';

/** The paths that the client calls. */
const PATHS = ['/access/v1/evaluation', '/access/v1/evaluations', '/v1/audiences'];

const HEAD = `// Made from the OpenAPI document of the service, and held against it by client/test/api.spec.ts: do not edit.
// \`npx vitest run --project client client/test/api.spec.ts -u\` makes it anew.
`;

test('the types are those of the OpenAPI document that the service gives', async () => {
  const types = HEAD + (await typesOf(inject('openapi'), PATHS));
  await expect(types).toMatchFileSnapshot('../src/http/api.ts');
});
