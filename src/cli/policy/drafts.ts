/** `npm run -s policy -- push`, `impact` and `decline`: drafts on a server, from the files of a folder. */
import { doingsOf } from '../../decision/comparison/sentences.js';
import { PolicyFilesError } from '../../policy/text/policy-files.js';
import { type Json, PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Source, defaultFolder, readFolder, reportErrors, versionIn } from './source.js';
import {
  type Command,
  EXIT,
  UsageError,
  argumentsOf,
  count,
  paint,
  report,
  say,
  table,
} from '../terminal.js';

/** The address of a draft. */
export function pathOf(draft: string): string {
  return `/v1/policies/drafts/${encodeURIComponent(draft)}`;
}

/** The version that something is to follow. @throws UsageError */
export function baseIn(given = 'current'): string {
  const base = versionIn(given);
  if (base !== undefined) return base;
  throw new UsageError(
    `the --base \`${given}\` is no version: write \`current\`, or \`sha256:\` and 64 digits`,
  );
}

/** The content that the caller looked at. @throws UsageError */
export function contentIn(given = ''): string {
  if (given === '') throw new UsageError('--content is missing: say which content you looked at');
  const content = versionIn(given);
  if (content !== undefined && content !== 'current') return content;
  throw new UsageError(
    `\`${given}\` is no content: give \`sha256:\` and 64 digits, as push and the draft name it`,
  );
}

/** Maximum number of changes in a summary. */
const MOST_CHANGES = 5;

export const push: Command = {
  help: `usage: npm run -s policy -- push [FOLDER] --message TEXT [options]

Opens a draft of the policy of a folder (default POLICY_DIR, or policies), and says what it changes and what it takes to
publish it. Pushing the same content again returns the same draft; content already in force opens none. A service with
the scope policies:write may push, for example from CI. Nothing is published.

  --message TEXT       why the policy is to change, for those who approve it
  --base VERSION       the version that it is to follow; default current
${SERVER_HELP}

exit code: 0 the draft is open, or the policy is in force already; 1 it does not compile, or the floor does not hold;
2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { message: { type: 'string' }, base: { type: 'string' }, ...SERVER_OPTIONS },
      ['[FOLDER]'],
    );
    const { message = '' } = values;
    if (message === '') throw new UsageError('--message is missing: say why the policy is to change');
    const base = baseIn(values.base);
    const [folder = defaultFolder()] = positionals;
    try {
      return await pushSource(await readFolder(folder), await PolicyServer.from(values), { message, base });
    } catch (error) {
      if (!(error instanceof PolicyFilesError)) throw error;
      reportErrors(error);
      say('\nno draft was opened: the policy is not sound');
      return EXIT.wrong;
    }
  },
};

async function pushSource(
  { id, document }: Source,
  server: PolicyServer,
  start: { readonly message: string; readonly base: string },
): Promise<number> {
  const inForce = (await server.get('/v1/policies')).at('current').text;
  if (id === inForce) {
    say(`${id} is in force already: there is nothing to push, and no draft was opened`);
    return EXIT.fine;
  }
  const { isNew, answer } = await server.post('/v1/policies/drafts', { ...start, document });
  const draft = answer.at('id').text;
  say(`draft    ${paint('bold', draft)}`);
  say(`content  ${paint('dim', id)}`);
  if (!isNew)
    report(
      'note',
      `it was pushed before, with the message \`${answer.at('message').text}\`: the draft is the one of then`,
    );
  for (const decline of answer.at('declines').list)
    if (decline.at('stands').flag)
      report(
        'wrong',
        `\`${decline.at('by').text}\` declined it: ${decline.at('remark').text}; it is not published, until it says something else or they approve it`,
      );
  return tellCheck(await server.get(`/v1/policies/drafts/${draft}/check`), id);
}

export function tellCheck(check: Json, id: string): number {
  for (const error of check.at('errors').list)
    report('wrong', `${error.at('path').text}  ${error.at('message').text}`);
  if (!check.at('compiles').flag) return EXIT.wrong;
  const floor = check.at('floor');
  const [own, ofBase] = [floor.at('own'), floor.at('of_base')];
  const holds = floor.at('holds').flag;
  const cells = own.at('cells_examined').number + ofBase.at('cells_examined').number;
  report(
    holds ? 'ok' : 'wrong',
    `the floor ${holds ? 'holds' : 'does not hold'}: ${count(cells, 'cell')} below it examined`,
  );
  for (const violation of [...own.at('violations').list, ...ofBase.at('violations').list])
    report('wrong', violation.at('says').text);
  tellDifference(check.at('difference'));
  for (const lint of check.at('lints').list) report('note', lint.at('message').text);
  for (const change of floor.at('changes').list) report('note', change.text);
  tellNotices(check.at('requirements'));
  say(`\n${requirementsIn(check, id)}`);
  return holds ? EXIT.fine : EXIT.wrong;
}

function tellDifference(difference: Json): void {
  const [opened, closed] = [difference.at('cells_opened').number, difference.at('cells_closed').number];
  say(`       ${count(opened, 'cell opens', 'cells open')}, ${count(closed, 'cell closes', 'cells close')}`);
  const changes = [
    ...difference.at('changes').list,
    ...difference.at('obligations').list,
    ...difference.at('consistency').list,
    ...difference.at('lapses').list,
    ...difference.at('visibility').list,
    ...difference.at('lineage').list,
    ...difference.at('clients').list,
  ];
  const rewrites = difference.at('rewrites').list;
  for (const change of changes.slice(0, MOST_CHANGES)) say(`       ${change.at('says').text}`);
  const left = changes.length - MOST_CHANGES + difference.at('changes_left_out').number;
  if (left > 0) say(`       and ${count(left, 'more change')}: run diff to see all`);
  for (const rewrite of rewrites.slice(0, MOST_CHANGES)) say(`       ${rewrite.at('says').text}`);
  const unsaid = rewrites.length - MOST_CHANGES + difference.at('rewrites_left_out').number;
  if (unsaid > 0) say(`       and ${count(unsaid, 'more change')} of what it says: run diff to see all`);
}

/** What it takes to publish the draft. */
function requirementsIn(check: Json, id: string): string {
  const requirements = check.at('requirements');
  const approvers = requirements.at('approvals_needed').number;
  const role = requirements.at('role').value;
  const isNamed = requirements.at('notices_to_name').list.length > 0;
  const notices = JSON.stringify({ notices: requirements.at('notices').value });
  const named = isNamed ? `; whoever publishes it must name the notices, as in ${notices}` : '';
  if (approvers === 0) return `it opens nothing: one admin may publish it${named}`;
  const who = `${approvers} ${role === 'privacy_officer' ? 'privacy officers' : 'admins'} who did not write it must approve ${id}`;
  return check.at('floor').at('changes').list.length > 0
    ? `it changes the floor: ${who}, and then it waits${named}`
    : `it ${doingsIn(check.at('difference'))}: ${who}${named}`;
}

/** Notices that must be raised before anybody approves, because that takes another edit. */
function tellNotices(requirements: Json): void {
  for (const notice of requirements.at('notices_to_raise').list) {
    const [purpose, atLeast] = [notice.at('purpose').text, notice.at('at_least').number];
    report(
      'wrong',
      `users were shown other terms of \`${purpose}\` under the number of its notice: give it \`notice: ${atLeast}\` or higher and push again, before anybody approves it`,
    );
  }
}

/** What others must agree to. */
function doingsIn(difference: Json): string {
  return doingsOf({
    opened: difference.at('cells_opened').number,
    widens: difference.at('widens').flag,
    obligations: difference.at('obligations').list.map((change) => ({ dropped: change.at('dropped').list })),
    consistency: difference
      .at('consistency')
      .list.map((change) => ({ demanded: change.at('demanded').flag })),
    lapses: difference.at('lapses').list.map((change) => ({ opens: change.at('opens').flag })),
    visibility: difference.at('visibility').list.map((change) => ({ opens: change.at('opens').flag })),
    lineage: difference.at('lineage').list.map((change) => ({ kind: change.at('kind').text })),
    clients: difference.at('clients').list.map((client) => ({ opens: client.at('opens').flag })),
    rewrites: difference.at('rewrites').list,
  });
}

export const impact: Command = {
  help: `usage: npm run -s policy -- impact DRAFT [options]

For how many users how many fields turn if a draft is published, by purpose and regime, over the live consent state.
A service with the scope policies:read may.

${SERVER_HELP}

exit code: 0 it was counted, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, SERVER_OPTIONS, ['DRAFT']);
    const [draft = ''] = positionals;
    const server = await PolicyServer.from(values);
    tellImpact(await server.get(`${pathOf(draft)}/impact`));
    return EXIT.fine;
  },
};

export function tellImpact(found: Json): void {
  const entries = found.at('by_purpose').list;
  const rows = entries.map((entry) => [
    entry.at('purpose').text,
    regimeIn(entry),
    ...numbersIn(entry.at('opened')),
    ...numbersIn(entry.at('closed')),
  ]);
  const heads = [
    ['', '', 'opens', '', 'closes', ''],
    ['purpose', 'regime', 'users', 'users × fields', 'users', 'users × fields'],
  ];
  const totals = ['all', '', ...numbersIn(found.at('opened')), ...numbersIn(found.at('closed'))];
  if (rows.length > 0)
    for (const [at, line] of table([...heads, ...rows, totals], 2).entries())
      say(at < heads.length ? paint('bold', line) : line);
  const [users, concerned] = [found.at('users').number, found.at('concerned').number];
  say(
    `${rows.length > 0 ? '\n' : ''}it concerns ${concerned.toLocaleString('en')} of ${count(users, 'user')}`,
  );
  for (const entry of found.at('lapsing').list) {
    const [purpose, regime, grants] = [entry.at('purpose'), entry.at('regime'), entry.at('grants')];
    say(`${count(grants.number, 'grant')} of ${purpose.text} in ${regime.text} would lapse at once`);
  }
  const changes = found.at('changes').number;
  if (changes > 0)
    say(`${count(changes, 'change')} arrived while it was counted: each number may be off by as many`);
}

function regimeIn(entry: Json): string {
  const [before, after] = [entry.at('regime_before').text, entry.at('regime_after').text];
  return before === after ? after : `${before} → ${after}`;
}

function numbersIn(turned: Json): string[] {
  return [turned.at('users').number, turned.at('user_fields').number].map((number) =>
    number.toLocaleString('en'),
  );
}

export const decline: Command = {
  help: `usage: npm run -s policy -- decline DRAFT --content VERSION --remark TEXT [options]

Says no to a draft, and why. It is not published then, neither now nor at its time, until it says something else or you
approve it; your own approval of it is withdrawn. An admin who may approve the draft may; whoever wrote on it may not.

  --content VERSION    what you looked at, as push and the draft name it; refused if the draft says something else by now
  --remark TEXT        why not, for those who wrote the draft and whoever would publish it
${SERVER_HELP}

exit code: 0 the draft is declined, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(
      args,
      { content: { type: 'string' }, remark: { type: 'string' }, ...SERVER_OPTIONS },
      ['DRAFT'],
    );
    const { remark = '' } = values;
    const content = contentIn(values.content);
    if (remark === '') throw new UsageError('--remark is missing: say why not');
    const [id = ''] = positionals;
    const path = pathOf(id);
    const server = await PolicyServer.from(values);
    const edit = (await server.get(path)).at('edit').number;
    const { answer } = await server.post(`${path}/declines`, { content, remark }, edit);
    say(`declined ${paint('bold', id)}`);
    say(`content  ${paint('dim', content)}`);
    const isScheduled = answer.at('status').text === 'scheduled';
    say(
      `\nit is not published${isScheduled ? ' when its time comes' : ''}, until it says something else or you approve it`,
    );
    return EXIT.fine;
  },
};
