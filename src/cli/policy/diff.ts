/** `npm run -s policy -- diff A B`: what one policy permits and the other does not. */
import {
  type ChangeOfConsistency,
  type Difference,
  type Flip,
  differenceSteps,
} from '../../decision/comparison/difference.js';
import { type ChangeOfFloor, changeOfFloor } from '../../decision/comparison/floor.js';
import {
  sentenceOfConsistency,
  sentenceOfFlip,
  sentenceOfFloorStep,
  sentenceOfLapse,
  sentenceOfObligations,
  sentenceOfRewrite,
} from '../../decision/comparison/sentences.js';
import { inSlices } from '../../work/slices.js';
import { differenceView } from '../../publishing/difference.view.js';
import { PolicyServer, SERVER_HELP, SERVER_OPTIONS } from '../server.js';
import { type Source, readSource, tableOf } from './source.js';
import { type Command, EXIT, argumentsOf, count, during, paint, say, table } from '../terminal.js';

export const diff: Command = {
  help: `usage: npm run -s policy -- diff BEFORE AFTER [options]

What turns from deny to permit and from permit to deny, by purpose, for whom and in which requests. BEFORE and AFTER are
each a folder, a YAML or JSON file, or with a server \`current\` or a version (sha256:…).

  --json               all of it as JSON, each change with an example
${SERVER_HELP}

exit code: 0 the same policy, 1 another, 2 the command could not do its work
`,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { json: { type: 'boolean' }, ...SERVER_OPTIONS }, [
      'BEFORE',
      'AFTER',
    ]);
    const [one = '', other = ''] = positionals;
    let server: Promise<PolicyServer> | undefined;
    // the token may come from standard input, which is read once
    const connect = () => (server ??= PolicyServer.from(values));
    const [before, after] = [await readSource(one, connect), await readSource(other, connect)];
    const steps = differenceSteps(await tableOf(before.document), await tableOf(after.document));
    const difference = await during('comparing', inSlices(steps));
    const floor = await inSlices(changeOfFloor(before.document, after.document));
    if (values.json === true) say(JSON.stringify(viewOf(before, after, difference, floor), null, 2));
    else tell(before, after, difference, floor);
    return before.id === after.id ? EXIT.fine : EXIT.wrong;
  },
};

function tell(before: Source, after: Source, difference: Difference, floor: ChangeOfFloor): void {
  for (const line of table(
    [
      ['before', before.name, before.id],
      ['after', after.name, after.id],
    ],
    3,
  ))
    say(line);
  for (const [purpose, changes] of changesOf(difference)) {
    say(`\n${paint('bold', purpose)}`);
    for (const change of changes) say(`  ${change}`);
  }
  const { rewrites, visibility, lineage } = difference;
  if (visibility.length > 0) say(`\n${paint('bold', 'visibility')}`);
  for (const { opens, says } of visibility)
    say(opens ? paint('green', `  + ${says}`) : paint('red', `  - ${says}`));
  if (lineage.length > 0) say(`\n${paint('bold', 'releases and removed fields')}`);
  for (const { says } of lineage) say(paint('green', `  + ${says}`));
  if (rewrites.length > 0) say(`\n${paint('bold', 'what is said changes')}`);
  for (const rewrite of rewrites) say(paint('yellow', `  ~ ${sentenceOfRewrite(rewrite)}`));
  if (difference.clients.length > 0) say(`\n${paint('bold', 'clients')}`);
  for (const { opens, says } of difference.clients)
    say(opens ? paint('green', `  + ${says}`) : paint('red', `  - ${says}`));
  const steps = stepsOf(floor);
  if (steps.length > 0) say(`\n${paint('bold', 'the floor changes')}`);
  for (const step of steps) say(paint('yellow', `  ! ${step}`));
  say(`\n${summaryOf(before, after, difference)}`);
}

/** The lines of each purpose. */
function changesOf({ flips, obligations, consistency, lapses }: Difference): Map<string, string[]> {
  const changes = new Map<string, string[]>();
  const add = (purpose: string, line: string) =>
    changes.set(purpose, [...(changes.get(purpose) ?? []), line]);
  for (const flip of flips) add(flip.purpose, lineOf(flip));
  for (const change of obligations)
    add(change.purpose, paint('yellow', `~ ${sentenceOfObligations(change)}`));
  for (const change of consistency) add(change.purpose, lineOfConsistency(change));
  for (const change of lapses)
    add(
      change.purpose,
      paint(change.opens ? 'green' : 'red', `${change.opens ? '+' : '-'} ${sentenceOfLapse(change)}`),
    );
  return changes;
}

function lineOf(flip: Flip): string {
  const sentence = `${sentenceOfFlip(flip)} ${paint('dim', `(${count(flip.cells, 'cell')})`)}`;
  return flip.direction === 'opened' ? paint('green', `+ ${sentence}`) : paint('red', `- ${sentence}`);
}

function lineOfConsistency(change: ChangeOfConsistency): string {
  const sentence = sentenceOfConsistency(change);
  return change.demanded ? paint('red', `- ${sentence}`) : paint('green', `+ ${sentence}`);
}

function stepsOf({ lowered, raised }: ChangeOfFloor): string[] {
  return [
    ...lowered.map((step) => sentenceOfFloorStep(step, 'lowered')),
    ...raised.map((step) => sentenceOfFloorStep(step, 'raised')),
  ];
}

function summaryOf(
  before: Source,
  after: Source,
  { cells, opened, closed, clients, rewrites, widens, narrows }: Difference,
): string {
  if (before.id === after.id) return 'they are the same version';
  const turned = `of ${count(cells, 'cell')} compared, ${opened.toLocaleString('en')} open and ${closed.toLocaleString('en')} close`;
  // cells are compared as if every client could ask for everything
  const compared = clients.length === 0 ? turned : `${turned}, and what clients may ask for or do changes`;
  if (widens && narrows) return `it widens and narrows: ${compared}`;
  if (widens) return `it widens: ${compared}`;
  if (narrows) return `it narrows: ${compared}`;
  const says = rewrites.length + clients.length > 0 ? 'what it says' : 'in what order it is written';
  return `no decision changes: ${compared}; what differs is ${says}`;
}

function viewOf(before: Source, after: Source, difference: Difference, floor: ChangeOfFloor) {
  return {
    before: before.id,
    after: after.id,
    same: before.id === after.id,
    floor_changes: stepsOf(floor),
    difference: differenceView(difference),
  };
}
