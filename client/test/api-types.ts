/** Makes types of what an OpenAPI document says of some paths. */
import openapiTS, { astToString } from 'openapi-typescript';
import { memberOf, pickFrom, refsIn } from './members.js';

/** @param document as JSON */
export async function typesOf(document: string, paths: readonly string[]): Promise<string> {
  return astToString(await openapiTS(JSON.stringify(ofPaths(JSON.parse(document), paths))));
}

/** What a document says of some paths: these, and the components that they refer to. */
function ofPaths(document: unknown, wanted: readonly string[]): unknown {
  const paths = pickFrom(memberOf(document, 'paths'), wanted);
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
