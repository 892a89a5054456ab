/** `npm run -s policy -- drafts` and `versions`: what is to come, and what was. */
import { writePolicyYaml } from '../../policy/text/policy-writer.js';
import { type Json, PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Command, EXIT, UsageError, argumentsOf, paint, report, say, table } from '../terminal.js';
import { pathOf } from './drafts.js';

const MOST = 200;

export const drafts: Command = {
  help: `usage: npm run -s policy -- drafts [DRAFT] [options]

The last ${MOST} drafts of a server that are open or wait for their time, the newest first; or one of them, with who approved and
who declined it. A service with the scope policies:read may.

  --all                also those that were published or discarded
  --document           the policy of the draft alone, as YAML
${SERVER_HELP}

exit code: 0 they were told, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { all: { type: 'boolean' }, document: { type: 'boolean' }, ...SERVER_OPTIONS },
      ['[DRAFT]'],
    );
    const [id] = positionals;
    if (id === undefined && values.document === true)
      throw new UsageError('--document is of one draft: name it');
    const server = await PolicyServer.from(values);
    if (id === undefined) await tellDrafts(server, values.all === true);
    else tellDraft(await server.get(pathOf(id)), values.document === true);
    return EXIT.fine;
  },
};

async function tellDrafts(server: PolicyServer, all: boolean): Promise<void> {
  const found = (await server.get(`/v1/policies/drafts?limit=${MOST}`)).at('drafts').list;
  const rows = found
    .filter((draft) => all || ['open', 'scheduled'].includes(draft.at('status').text))
    .map((draft) => [
      draft.at('id').text,
      draft.at('status').text,
      String(draft.at('approvals').list.length),
      String(draft.at('declined').number),
      firstLine(draft.at('message').text),
    ]);
  if (rows.length === 0) say(all ? 'there are no drafts' : 'no draft is open');
  else tellTable([['draft', 'status', 'approvals', 'declines', 'message'], ...rows]);
}

function tellDraft(draft: Json, document: boolean): void {
  if (document) {
    process.stdout.write(writePolicyYaml(draft.at('document').value));
    return;
  }
  const at = draft.at('publish_at').value;
  say(`draft    ${paint('bold', draft.at('id').text)}`);
  say(`status   ${draft.at('status').text}${typeof at === 'string' ? `, until ${at}` : ''}`);
  say(`content  ${paint('dim', draft.at('content').text)}`);
  say(`follows  ${paint('dim', draft.at('base').text)}`);
  say(
    `authors  ${draft
      .at('authors')
      .list.map((author) => author.text)
      .join(', ')}`,
  );
  say(`message  ${draft.at('message').text}`);
  const refusal = draft.at('refusal').value;
  if (typeof refusal === 'string') report('wrong', `it was not published at its time: ${refusal}`);
  for (const error of draft.at('errors').list)
    report('wrong', `${error.at('path').text}  ${error.at('message').text}`);
  tellReviews(draft);
}

/** Who approves a draft, and who declines it. */
export function tellReviews(draft: Json): void {
  const by = draft.at('approvals').list.map((approval) => approval.at('by').text);
  say(`approved by ${by.length === 0 ? 'nobody' : by.join(', ')}`);
  for (const decline of draft.at('declines').list)
    if (decline.at('stands').flag)
      report('wrong', `\`${decline.at('by').text}\` declines it: ${decline.at('remark').text}`);
}

export const versions: Command = {
  help: `usage: npm run -s policy -- versions [options]

What was in force when: the last ${MOST} publications, the newest first. The first of them is in force. A service with the scope
policies:read may.

${SERVER_HELP}

exit code: 0 they were told, 2 the command could not do its work
`,
  run: async (args) => {
    const { values } = argumentsOf(args, SERVER_OPTIONS, []);
    const server = await PolicyServer.from(values);
    const answer = await server.get('/v1/policies');
    const messages = new Map(
      answer.at('versions').list.map((version) => [version.at('id').text, version.at('message').text]),
    );
    const rows = answer
      .at('publications')
      .list.map((publication) => [
        String(publication.at('sequence').number),
        publication.at('at').text,
        publication.at('version').text,
        publication.at('by').text,
        firstLine(messages.get(publication.at('version').text) ?? ''),
      ]);
    tellTable([['', 'in force from', 'version', 'by', 'message'], ...rows]);
    return EXIT.fine;
  },
};

/** Rows under their heads. */
export function tellTable(rows: readonly (readonly string[])[]): void {
  for (const [at, line] of table(rows, rows[0]?.length ?? 0).entries())
    say(at === 0 ? paint('bold', line) : line);
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
