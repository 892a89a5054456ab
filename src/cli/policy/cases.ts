/** `npm run -s policy -- cases`: narrow doors to private messages, opened and closed from the command line. */
import { type Json, PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, paint, say } from '../terminal.js';
import { firstLine, tellTable } from './lists.js';

const MOST = 200;
const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
type Run = Command['run'];

export const cases: Command = {
  help: `usage: npm run -s policy -- cases list
       npm run -s policy -- cases show CASE
       npm run -s policy -- cases open --purpose PURPOSE --user USER --reviewer ID … --expires-at TIME --reason TEXT …
       npm run -s policy -- cases approve CASE --state N --reason TEXT
       npm run -s policy -- cases extend CASE --expires-at TIME --reason TEXT
       npm run -s policy -- cases close CASE --reason TEXT

Who may do what is in docs/cases.md. Lists have the last ${MOST} that you may read.

  --reason TEXT        why, for whoever looks at the case later
  --expires-at TIME    when it ends, with a time zone, at most 72 hours from now
  --state N            the state of the case that you looked at, as show names it; refused if something happened since
  --reviewer ID        who is to read; once for each
  --report ID          of a report: its reference where reports are kept
  --item ID            of a report: what was reported; once for each
  --field FIELD        of an investigation: what is to be read; once for each
  --disclose-after TIME  when the user may be told of it; default: once it has ended
${SERVER_HELP}

exit code: 0 it is done, 2 the command could not do its work
`,
  run: async ([name = '', ...args]) => {
    const run = COMMANDS.get(name);
    if (run !== undefined) return run(args);
    throw new UsageError(
      name === '' ? 'say what to do with cases' : `there is no command \`${name}\` of cases`,
    );
  },
};

const list: Run = async (args) => {
  const { values } = argumentsOf(args, SERVER_OPTIONS, []);
  const server = await PolicyServer.from(values);
  const rows = (await server.get(`/v1/cases?limit=${MOST}`))
    .at('cases')
    .list.map((found) =>
      ['id', 'status', 'purpose', 'user', 'expires_at'].map((member) => found.at(member).text),
    );
  if (rows.length === 0) say('there are no cases that you may read');
  else tellTable([['case', 'status', 'purpose', 'user', 'ends'], ...rows]);
  return EXIT.fine;
};

const show: Run = async (args) => {
  const { values, positionals } = argumentsOf(args, SERVER_OPTIONS, ['CASE']);
  const [id = ''] = positionals;
  tellCase(await (await PolicyServer.from(values)).get(pathOf(id)));
  return EXIT.fine;
};

const open: Run = async (args) => {
  const { values } = argumentsOf(
    args,
    {
      purpose: text,
      user: text,
      reviewer: texts,
      report: text,
      item: texts,
      field: texts,
      reason: text,
      'expires-at': text,
      'disclose-after': text,
      ...SERVER_OPTIONS,
    },
    [],
  );
  const { purpose, user, reviewer = [], report, item, field, reason } = values;
  const [ends, disclosed] = [values['expires-at'], values['disclose-after']];
  // what is missing the server says, as it differs by purpose
  const body = {
    purpose,
    user,
    reviewers: reviewer.map((id) => ({ id })),
    report,
    items: item,
    fields: field,
    reason,
    expires_at: ends,
    disclose_after: disclosed,
  };
  const server = await PolicyServer.from(values);
  tellCase((await server.post('/v1/cases', body)).answer);
  return EXIT.fine;
};

const approve: Run = async (args) => {
  const options = { state: text, reason: text, ...SERVER_OPTIONS };
  const { values, positionals } = argumentsOf(args, options, ['CASE']);
  const state = /^\d{1,6}$/.test(values.state ?? '') ? Number(values.state) : undefined;
  if (state === undefined)
    throw new UsageError('--state is missing or no number: say which state you looked at, as show names it');
  return change(await PolicyServer.from(values), positionals, 'approvals', reasonIn(values), state);
};

const extend: Run = async (args) => {
  const options = { 'expires-at': text, reason: text, ...SERVER_OPTIONS };
  const { values, positionals } = argumentsOf(args, options, ['CASE']);
  const body = { ...reasonIn(values), expires_at: values['expires-at'] };
  return change(await PolicyServer.from(values), positionals, 'extensions', body);
};

const close: Run = async (args) => {
  const { values, positionals } = argumentsOf(args, { reason: text, ...SERVER_OPTIONS }, ['CASE']);
  return change(await PolicyServer.from(values), positionals, 'closings', reasonIn(values));
};

const COMMANDS = new Map<string, Run>(Object.entries({ list, show, open, approve, extend, close }));

async function change(
  server: PolicyServer,
  [id = '']: readonly string[],
  what: string,
  body: object,
  state?: number,
): Promise<number> {
  tellCase((await server.post(`${pathOf(id)}/${what}`, body, state)).answer);
  return EXIT.fine;
}

function reasonIn({ reason = '' }: { readonly reason?: string | undefined }) {
  if (reason === '') throw new UsageError('--reason is missing: say why');
  return { reason };
}

function tellCase(found: Json): void {
  const events = found.at('events').list;
  say(`case     ${paint('bold', found.at('id').text)}`);
  say(`state    ${events.length}, ${found.at('status').text}`);
  say(`purpose  ${found.at('purpose').text}`);
  say(`user     ${found.at('user').text}`);
  say(`ends     ${found.at('expires_at').text}`);
  say(
    `read by  ${found
      .at('reviewers')
      .list.map((reader) => reader.at('id').text)
      .join(', ')}`,
  );
  for (const event of events)
    say(
      `${event.at('at').text}  ${event.at('kind').text} by ${event.at('by').at('id').text}: ${firstLine(event.at('reason').text)}`,
    );
}

function pathOf(id: string): string {
  return `/v1/cases/${encodeURIComponent(id)}`;
}
