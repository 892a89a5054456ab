/** `npm run -s policy -- replay`: a decision as it was made then. */
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, report, say } from '../terminal.js';

export const replay: Command = {
  help: `usage: npm run -s policy -- replay --purpose PURPOSE --field FIELD --user USER --at TIME [options]
       npm run -s policy -- replay --purpose PURPOSE --field FIELD --user USER --policy VERSION --revision REVISION

Decides again as it was decided then, and says on what that rested. Admins and auditors may.

  --at TIME            with a time zone, as in 2026-11-26T13:59:39.696Z
  --policy, --revision as the answer named them, which is exact
${SERVER_HELP}

exit code: 0 it was decided, whatever the answer; 2 the command could not do its work
`,
  run: async (args) => {
    const text = { type: 'string' } as const;
    const { values } = argumentsOf(
      args,
      {
        purpose: text,
        field: text,
        user: text,
        at: text,
        policy: text,
        revision: text,
        ...SERVER_OPTIONS,
      },
      [],
    );
    const { purpose, field, user, at, policy, revision } = values;
    const missing = Object.entries({ purpose, field, user }).find(([, value]) => value === undefined)?.[0];
    if (missing !== undefined) throw new UsageError(`--${missing} is missing: say what was asked`);
    if ((at === undefined) === (policy === undefined || revision === undefined))
      throw new UsageError('say when: give --at, or --policy and --revision as the answer named them');
    const evaluation = {
      subject: { type: 'purpose', id: purpose },
      action: { name: 'read' },
      resource: { type: 'field', id: field, properties: { user } },
    };
    const server = await PolicyServer.from(values);
    const { answer } = await server.post('/v1/decisions/replay', {
      evaluation,
      ...(at === undefined ? { policy, revision } : { at }),
    });
    const context = answer.at('context');
    const isPermit = answer.at('decision').flag;
    report(isPermit ? 'ok' : 'note', isPermit ? 'permitted' : `denied: ${context.at('reason').text}`);
    for (const obligation of context.at('obligations').list) say(`obliges  ${obligation.text}`);
    say(`policy   ${context.at('policy').text}`);
    const because = answer.at('because');
    const publication = because.at('publication');
    if (publication.isThere)
      say(
        `         publication ${publication.at('sequence').number} of ${publication.at('at').text}, by ${publication.at('by').text}`,
      );
    say(`user     ${JSON.stringify(because.at('user').value)}`);
    for (const event of because.at('events').list)
      say(`event    ${event.at('at').text}  ${JSON.stringify(event.at('change').value)}`);
    return EXIT.fine;
  },
};
