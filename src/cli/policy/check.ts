/** `npm run -s policy -- check`: whether a policy is sound, and the proof that nothing below its floor is open. */
import { floorOf, proveFloor } from '../../decision/comparison/floor.js';
import { lintSteps } from '../../decision/comparison/lint.js';
import { sentenceOfViolation } from '../../decision/comparison/sentences.js';
import type { DecisionTable } from '../../decision/table/table.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { dayText } from '../../time.js';
import { inSlices } from '../../work/slices.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Source, defaultFolder, readFolder, readSource, reportErrors, tableOf } from './source.js';
import { type Command, EXIT, argumentsOf, count, during, paint, report, say } from '../terminal.js';

export const check: Command = {
  help: `usage: npm run -s policy -- check [FOLDER] [options]

Everything that is wrong with the policy of a folder (default POLICY_DIR, or policies), with file and line. If nothing is,
the proof that its floor holds, for which every cell below it is looked at, and what is probably not meant.

  --base BASE          also prove the floor of another policy: a folder, a file, or with a server \`current\` or a version
${SERVER_HELP}

exit code: 0 the policy is sound and the floor holds, 1 it is not, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { base: { type: 'string' }, ...SERVER_OPTIONS }, [
      '[FOLDER]',
    ]);
    const [folder = defaultFolder()] = positionals;
    const base =
      values.base === undefined ? undefined : await readSource(values.base, () => PolicyServer.from(values));
    try {
      return await checkFolder(folder, base);
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      say(`\n${count(error.errors.length, 'error')} in ${folder}`);
      return EXIT.wrong;
    }
  },
};

async function checkFolder(folder: string, base: Source | undefined): Promise<number> {
  const source = await readFolder(folder);
  const { purposes, fields, regimes, clients = [] } = source.document;
  say(paint('bold', source.name));
  say(paint('dim', source.id));
  const table = await tableOf(source.document);
  report(
    'ok',
    `compiles: ${count(purposes.length, 'purpose')}, ${count(fields.length, 'field')}, ${count(regimes.length, 'regime')}, ${count(clients.length, 'client')}`,
  );
  let holds = await proved(table, source, 'the floor');
  if (base !== undefined) holds = (await proved(table, base, `the floor of ${base.name}`)) && holds;
  for (const { code, path, message } of await inSlices(lintSteps(table, base?.document, dayText(Date.now()))))
    report('note', `${source.placeOf(path)}  ${message} ${paint('dim', `(${code})`)}`);
  return holds ? EXIT.fine : EXIT.wrong;
}

/** Proves a floor and reports the result. @returns whether it holds */
async function proved(table: DecisionTable, { document }: Source, name: string): Promise<boolean> {
  const { holds, cells, violations } = await during(
    `proving ${name}`,
    inSlices(proveFloor(table, floorOf(document))),
  );
  const examined = `${count(cells, 'cell')} below it examined`;
  if (holds) report('ok', `${name} holds: ${examined}, none is permitted`);
  else report('wrong', `${name} does not hold: ${examined}`);
  for (const violation of violations) report('wrong', sentenceOfViolation(violation));
  return holds;
}
