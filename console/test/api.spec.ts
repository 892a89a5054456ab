import { format, resolveConfig } from 'prettier';
import { expect, inject, test } from 'vitest';
import { typesOf } from '../../client/test/api-types.js';
import { answersOf } from './answers-of.js';

/** The paths that the console asks. */
const PATHS = [
  '/v1/me',
  '/v1/policies',
  '/v1/policies/publications',
  '/v1/policies/{id}',
  '/v1/policies/drafts',
  '/v1/policies/drafts/{id}',
  '/v1/policies/drafts/{id}/document',
  '/v1/policies/drafts/{id}/rebase',
  '/v1/policies/drafts/{id}/check',
  '/v1/policies/drafts/{id}/impact',
  '/v1/policies/drafts/{id}/approvals',
  '/v1/policies/drafts/{id}/declines',
  '/v1/policies/drafts/{id}/publication',
  '/v1/policies/drafts/{id}/shadow',
  '/v1/decisions/replay',
  '/v1/uses',
  '/v1/uses/counts',
  '/v1/uses/{id}/people',
  '/v1/cases',
  '/v1/cases/{id}',
  '/v1/cases/{id}/approvals',
  '/v1/cases/{id}/extensions',
  '/v1/cases/{id}/reviewers',
  '/v1/cases/{id}/closings',
  '/v1/cases/{id}/accesses',
  '/v1/log',
  '/v1/log/verification',
  '/v1/erasures',
  '/v1/receipt-keys',
  '/.well-known/receipt-keys.json',
  '/v1/policies/due',
  '/v1/policies/reviews',
  '/v1/waiting',
  '/v1/reports/consent-counts',
  '/v1/reports/consent-balance',
  '/v1/extracts',
  '/v1/extracts/{id}',
  '/v1/extracts/{id}/balance',
  '/v1/processes',
  '/v1/imports',
  '/v1/budgets',
];

const HEAD = `// Made from the OpenAPI document of the service, and held against it by console/test/api.spec.ts: do not edit.
// \`npx vitest run --project console console/test/api.spec.ts -u\` makes it anew.
`;

test('the types are those of the OpenAPI document that the service gives', async () => {
  const types = HEAD + (await typesOf(JSON.stringify(inject('contract')), PATHS));
  await expect(types).toMatchFileSnapshot('../src/api/types.ts');
});

test('what each answer must have is what that document says', async () => {
  const answers = answersOf(inject('contract'), PATHS);
  const text = `${HEAD}
/** By method and path, what the answer must have, each with what it may be. */
export const ANSWERS: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(answers)};
`;
  const written = await format(text, {
    ...(await resolveConfig(import.meta.filename)),
    parser: 'typescript',
  });
  await expect(written).toMatchFileSnapshot('../src/api/answers.ts');
});
