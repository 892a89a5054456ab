/** `npm run -s policy -- dry-run`: what a policy would do as a draft of a server, without a draft. */
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, argumentsOf, paint, say } from '../terminal.js';
import { baseIn, tellCheck, tellImpact } from './drafts.js';
import { defaultFolder, readSource, reportErrors } from './source.js';

export const dryRun: Command = {
  help: `usage: npm run -s policy -- dry-run [POLICY] [options]

What a server says of a policy as it would of a draft: whether the floor holds, what changes and what it takes to publish
it. Nothing is saved there. POLICY is a folder (default POLICY_DIR, or policies), a YAML or JSON file, or a version.
A service with the scope policies:write may.

  --base VERSION       the version that it is to follow; default current
  --impact             also count the users whom it would concern
${SERVER_HELP}

exit code: 0 it could be a draft; 1 it does not compile, or the floor does not hold; 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { base: { type: 'string' }, impact: { type: 'boolean' }, ...SERVER_OPTIONS },
      ['[POLICY]'],
    );
    const [name = defaultFolder()] = positionals;
    const base = baseIn(values.base);
    const server = await PolicyServer.from(values);
    try {
      const { id, document } = await readSource(name, async () => server);
      say(paint('dim', id));
      const check = await server.post(`/v1/policies/check?base=${base}`, document);
      const code = tellCheck(check.answer, id);
      if (values.impact === true && check.answer.at('compiles').flag) {
        say();
        tellImpact((await server.post(`/v1/policies/impact?base=${base}`, document)).answer);
      }
      return code;
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      return EXIT.wrong;
    }
  },
};
