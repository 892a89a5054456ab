/** `npm run -s policy -- approve` and `withdraw`: what others say of a draft. */
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, argumentsOf, paint, say } from '../terminal.js';
import { contentIn, pathOf } from './drafts.js';
import { tellReviews } from './lists.js';

export const approve: Command = {
  help: `usage: npm run -s policy -- approve DRAFT --content VERSION [options]

Says yes to a draft, and lifts your own decline of what it says. An admin who did not write on it may; what could never
count is refused, and why.

  --content VERSION    what you looked at, as push and the draft name it; refused if the draft says something else by now
${SERVER_HELP}

exit code: 0 the draft is approved, 2 the command could not do its work
`,
  run: async (args) => {
    const options = { content: { type: 'string' }, ...SERVER_OPTIONS } as const;
    const { values, positionals } = argumentsOf(args, options, ['DRAFT']);
    const content = contentIn(values.content);
    const [id = ''] = positionals;
    const server = await PolicyServer.from(values);
    const edit = (await server.get(pathOf(id))).at('edit').number;
    const { answer } = await server.post(`${pathOf(id)}/approvals`, { content }, edit);
    say(`approved ${paint('bold', id)}`);
    say(`content  ${paint('dim', content)}`);
    tellReviews(answer);
    return EXIT.fine;
  },
};

export const withdraw: Command = {
  help: `usage: npm run -s policy -- withdraw DRAFT [options]

Takes back what you said of a draft: your approval of it, or your decline of what it says.

${SERVER_HELP}

exit code: 0 you say nothing of the draft any more, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, SERVER_OPTIONS, ['DRAFT']);
    const [id = ''] = positionals;
    const server = await PolicyServer.from(values);
    const edit = (await server.get(pathOf(id))).at('edit').number;
    await server.delete(`${pathOf(id)}/approvals`, edit);
    const answer = await server.delete(`${pathOf(id)}/declines`, edit);
    say(`withdrawn from ${paint('bold', id)}`);
    tellReviews(answer);
    return EXIT.fine;
  },
};
