import openapiTS, { astToString } from 'openapi-typescript';
import { expect, inject, test } from 'vitest';
import { memberOf, pickFrom, refsIn } from './members.js';

/** The paths that the client calls. */
const PATHS = ['/access/v1/evaluation', '/access/v1/evaluations', '/v1/audiences'];

const HEAD = `// Made from the OpenAPI document of the service, and held against it by client/test/api.spec.ts: do not edit.
// \`npx vitest run --project client client/test/api.spec.ts -u\` makes it anew.
`;

/** What a document says of some paths: these, and the components that they refer to. */
function ofPaths(document: unknown): unknown {
  const paths = pickFrom(memberOf(document, 'paths'), PATHS);
  const all = memberOf(document, 'components');
  const names = new Set<string>();
  let found = refsIn(paths);
  while (found.length > 0) {
    const added = found.filter((name) => !names.has(name));
    for (const name of added) names.add(name);
    found = added.flatMap((name) => {
      const [section = '', component = ''] = name.split('/');
      return refsIn(memberOf(memberOf(all, section), component));
    });
  }
  const components = Object.fromEntries(
    ['schemas', 'responses'].map((section) => {
      const within = [...names].filter((name) => name.startsWith(`${section}/`));
      return [
        section,
        pickFrom(
          memberOf(all, section),
          within.map((name) => name.slice(section.length + 1)),
        ),
      ];
    }),
  );
  return { openapi: memberOf(document, 'openapi'), info: memberOf(document, 'info'), paths, components };
}

test('the types are those of the OpenAPI document that the service gives', async () => {
  const part = JSON.stringify(ofPaths(JSON.parse(inject('openapi'))));
  const types = HEAD + astToString(await openapiTS(part));
  await expect(types).toMatchFileSnapshot('../src/http/api.ts');
});
