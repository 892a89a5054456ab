/** Holds objects against the types of the Kubernetes API, which are made of its OpenAPI document: `kubernetes-types`. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { memberOf } from '../../src/json.js';

/** Where the types of each API version are. */
const MODULES: Readonly<Record<string, string>> = {
  v1: 'core/v1',
  'apps/v1': 'apps/v1',
  'autoscaling/v2': 'autoscaling/v2',
  'networking.k8s.io/v1': 'networking/v1',
  'policy/v1': 'policy/v1',
};
/** Beside this file, so that the packages of the repository are found. */
const FILE = fileURLToPath(new URL('made-objects.ts', import.meta.url));

/**
 * What is wrong with each object: a member that its type lacks, one that it must have, a value of another type. The compiler
 * refuses an unknown member of a literal at any depth, where the API server would drop it without a word.
 *
 * @throws Error for an API version that is not known here
 */
export function faultsOf(objects: readonly unknown[]): string[] {
  const source = objects.map((object, place) => {
    const version = String(memberOf(object, 'apiVersion'));
    const module = MODULES[version];
    if (module === undefined) throw new Error(`no types are known of \`${version}\`: add it to MODULES`);
    const type = `import('kubernetes-types/${module}').${String(memberOf(object, 'kind'))}`;
    return `export const object${place}: ${type} = ${JSON.stringify(object, null, 1)};\n`;
  });
  const host = ts.createCompilerHost({});
  host.readFile = (path) => (path === FILE ? source.join('') : ts.sys.readFile(path));
  host.fileExists = (path) => path === FILE || ts.sys.fileExists(path);
  const program = ts.createProgram({
    rootNames: [FILE],
    options: {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
      lib: ['lib.es2023.d.ts'],
      module: ts.ModuleKind.Preserve,
    },
    host,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
