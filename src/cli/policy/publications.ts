/** `npm run -s policy -- publish`, `unschedule` and `rollback`: what comes into force. */
import { type Json, PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, paint, say } from '../terminal.js';
import { contentIn, pathOf } from './drafts.js';
import { versionIn } from './source.js';

const NOTICES = { notice: { type: 'string', multiple: true } } as const;
const NOTICES_HELP = `  --notice PURPOSE=N   the number of the notice of an opt-in whose terms change; once for each, as the check names them`;

export const publish: Command = {
  help: `usage: npm run -s policy -- publish DRAFT --content VERSION [options]

Puts a draft in force. An admin may, once it has the approvals that it takes.

  --content VERSION    what you looked at, as push and the draft name it; refused if the draft says something else by now
  --at TIME            when, with a time zone, as in 2031-03-01T06:00:00Z; default now
${NOTICES_HELP}
${SERVER_HELP}

exit code: 0 it is in force, or waits for its time; 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { content: { type: 'string' }, at: { type: 'string' }, ...NOTICES, ...SERVER_OPTIONS },
      ['DRAFT'],
    );
    const content = contentIn(values.content);
    const notices = noticesIn(values.notice);
    const [id = ''] = positionals;
    const server = await PolicyServer.from(values);
    const draft = await server.get(pathOf(id));
    // the server goes by the edit alone
    if (draft.at('content').text !== content)
      throw new Error(`the draft says \`${draft.at('content').text}\` by now: look at it, and name that`);
    const order = { notices, ...(values.at === undefined ? {} : { publish_at: values.at }) };
    const edit = draft.at('edit').number;
    const { answer } = await server.post(`${pathOf(id)}/publication`, order, edit);
    if (values.at === undefined) tellPublication(answer);
    else say(`${paint('bold', id)} waits for ${answer.at('publish_at').text}`);
    return EXIT.fine;
  },
};

export const unschedule: Command = {
  help: `usage: npm run -s policy -- unschedule DRAFT [options]

Takes back a publication that waits for its time. The draft is open again, with its approvals. An admin may.

${SERVER_HELP}

exit code: 0 the draft is open, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, SERVER_OPTIONS, ['DRAFT']);
    const [id = ''] = positionals;
    const server = await PolicyServer.from(values);
    const edit = (await server.get(pathOf(id))).at('edit').number;
    const draft = await server.delete(`${pathOf(id)}/publication`, edit);
    say(`${paint('bold', id)} is ${draft.at('status').text}`);
    return EXIT.fine;
  },
};

export const rollback: Command = {
  help: `usage: npm run -s policy -- rollback VERSION --message TEXT [options]

Returns to an old version. If that only closes, it is in force at once; otherwise its draft waits for its approvals. An
admin may.

  --message TEXT       why, for those who approve it and for later readers
${NOTICES_HELP}
${SERVER_HELP}

exit code: 0 it is in force, or its draft is open; 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { message: { type: 'string' }, ...NOTICES, ...SERVER_OPTIONS },
      ['VERSION'],
    );
    const { message = '' } = values;
    const [version = ''] = positionals;
    const id = versionIn(version);
    if (id === undefined || id === 'current')
      throw new UsageError(`\`${version}\` is no old version: give \`sha256:\` and 64 digits`);
    if (message === '') throw new UsageError('--message is missing: say why');
    const notices = noticesIn(values.notice);
    const server = await PolicyServer.from(values);
    const { answer } = await server.post(`/v1/policies/${id}/rollback`, { message, notices });
    const publication = answer.at('publication');
    if (publication.isThere) tellPublication(publication);
    else {
      const draft = answer.at('draft');
      say(`draft    ${paint('bold', draft.at('id').text)}`);
      say(`content  ${paint('dim', draft.at('content').text)}`);
      say('\nit does more than close, so it waits for its approvals');
    }
    return EXIT.fine;
  },
};

function tellPublication(publication: Json): void {
  say(`in force ${paint('bold', publication.at('version').text)}`);
  say(`as publication ${publication.at('sequence').number}, by ${publication.at('by').text}`);
}

/** The notices that options name. @throws UsageError */
function noticesIn(given: readonly string[] = []): Record<string, number> {
  return Object.fromEntries(
    given.map((one) => {
      const [, purpose = '', number = ''] = /^([^=]+)=([1-9]\d{0,8})$/.exec(one) ?? [];
      if (purpose === '')
        throw new UsageError(
          `the --notice \`${one}\` is none: write a purpose and a number, as in \`ads.inferred=2\``,
        );
      return [purpose, Number(number)];
    }),
  );
}
