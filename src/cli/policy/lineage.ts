/** `npm run -s policy -- lineage`: what a field is made of, what is made of it, and for what it may be used. */
import { lineageSteps } from '../../decision/comparison/lineage.js';
import { didYouMean } from '../../decision/nearest.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { lineageDot, lineageText } from '../../publishing/lineage/lineage.text.js';
import { type LineageView, lineageView } from '../../publishing/lineage/lineage.view.js';
import { inSlices } from '../../work/slices.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, say } from '../terminal.js';
import { defaultFolder, readSource, reportErrors, tableOf } from './source.js';

const WRITERS = new Map<string, (view: LineageView) => string>([
  ['text', lineageText],
  ['json', (view) => `${JSON.stringify(view, undefined, 2)}\n`],
  ['dot', lineageDot],
]);

export const lineage: Command = {
  help: `usage: npm run -s policy -- lineage FIELD [POLICY] [options]

What a field is made of, what is made of it, for which purposes it is open, and why not for others, as far as the policy
says. The policy is a folder (default POLICY_DIR, or policies), a file, or with a server \`current\` or a version.

  --format FORMAT      text (default), json, or dot for Graphviz: … --format dot | dot -Tsvg > lineage.svg
${SERVER_HELP}

exit code: 0 told, 1 the policy is not sound or has no such field, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { format: { type: 'string', default: 'text' }, ...SERVER_OPTIONS },
      ['FIELD', '[POLICY]'],
    );
    const [field = '', name = defaultFolder()] = positionals;
    const write = WRITERS.get(values.format);
    if (write === undefined)
      throw new UsageError(`there is no format \`${values.format}\`: choose text, json or dot`);
    try {
      const { id, document } = await readSource(name, () => PolicyServer.from(values));
      const table = await tableOf(document);
      const found = await inSlices(lineageSteps(table, field));
      if (found === undefined) {
        const known = document.fields.map(({ id: one }) => one);
        say(`${name} names no field \`${field}\`${didYouMean(field, known)}`);
        return EXIT.wrong;
      }
      process.stdout.write(write(lineageView(id, table, found)));
      return EXIT.fine;
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      return EXIT.wrong;
    }
  },
};
