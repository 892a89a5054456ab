import type { PlacedEntry } from '../../record/block/block-decoder.js';
import type { Person } from '../../record/record-entry.js';
import { type ReadBlock, idOf } from '../../record/segment/segment-reader.js';
import { timeText } from '../../time.js';
import { type Command, EXIT, UsageError, argumentsOf, report, say } from '../terminal.js';
import { USUAL_FOLDER, readRecord } from './folder.js';

const HELP = `usage: npm run -s record -- show [FOLDER] [--user NUMBER]

Writes the decisions of a record as lines of JSON, in the order of each writer. A user is the number that the consent
log has for them; whoever it does not know is a hash that changes daily. A question about many users is one line, with
how many of them each field was permitted.

  FOLDER               the record, or a copy of it; default RECORD_DIR, and without it
                       record in DATA_DIR
  --user NUMBER        only what concerns this user

exit code: 0 all of it was written, 1 the record is damaged, 2 the command could not do its work
`;

export const show: Command = {
  help: HELP,
  run: async (args) => {
    const { values, positionals } = argumentsOf(args, { user: { type: 'string' } }, ['[FOLDER]']);
    const [folder = USUAL_FOLDER] = positionals;
    const { user } = values;
    if (user !== undefined && !/^[1-9]\d{0,9}$/.test(user))
      throw new UsageError(`\`${user}\` is no number of a user: give the number, not the id`);
    const wanted = user === undefined ? undefined : Number(user);
    let isSound = true;
    for await (const { damage } of readRecord(folder, (block) => writeAll(block, wanted)))
      if (damage !== undefined) {
        isSound = false;
        report('wrong', damage);
      }
    return isSound ? EXIT.fine : EXIT.wrong;
  },
};

function writeAll(block: ReadBlock, user: number | undefined): void {
  for (const placed of block.entries())
    for (const line of linesOf(placed, user)) say(JSON.stringify({ ...line, id: idOf(block, line.id) }));
}

/** A decision, or a question about many people. */
type Line = { readonly id: number; readonly [member: string]: unknown };

function* linesOf({ index, entry }: PlacedEntry, user: number | undefined): Generator<Line, void> {
  const { kind: _kind, at, onBehalfOf, ...asked } = entry;
  const common = {
    at: timeText(at),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf: nameOf(onBehalfOf) }),
  };
  if (entry.kind !== 'users') {
    if (!('decisions' in asked)) return;
    const { decisions, ...terms } = asked;
    const report =
      entry.kind === 'discharge'
        ? {
            decidedAt: timeText(entry.decidedAt),
            answer: Buffer.from(entry.answer).toString('base64url'),
          }
        : {};
    for (const [place, { person, ...decision }] of decisions.entries())
      if (user === undefined || person === user)
        yield {
          id: index + place,
          ...common,
          ...terms,
          ...report,
          ...decision,
          ...(person === undefined ? {} : { user: nameOf(person) }),
        };
    return;
  }
  if (!('sets' in asked)) return;
  const sets = asked.sets.filter(({ users }) => user === undefined || users.includes(user));
  if (user !== undefined && sets.length === 0) return;
  yield {
    id: index,
    ...common,
    ...asked,
    sets: sets.map(({ permits, obligations, users, strangers }) => ({
      permits,
      obligations,
      users: users.length + strangers.length,
    })),
  };
}

function nameOf(person: Person): number | string {
  return typeof person === 'number' ? person : Buffer.from(person).toString('base64url');
}
