/**
 * What a record says, as the text that is signed: JSON with its members in this order, each only where it is there. Of a
 * question about many people it has how many there are in each set, and a commitment to who they are, so that to show the
 * record shows none of them.
 *
 * INVARIANT: texts of records never change, or what was signed no longer verifies. A new member goes to the end.
 */
import type {
  Asked,
  Person,
  RecordEntry,
  RecordedDecision,
  RecordedDischarge,
  RecordedSet,
} from '../record-entry.js';
import { timeText } from '../../time.js';

/** Commits to the people of a set; `place` counts the sets of a record. */
export type Commitment = (set: RecordedSet, place: number) => string;

/**
 * The texts of an entry, one for each id that it has.
 *
 * @param commit for the sets of a question about many people
 */
export function* textsOf(entry: RecordEntry, commit: Commitment): Generator<string, void> {
  const asked = JSON.stringify(askedOf(entry)).slice(0, -1);
  if (entry.kind === 'decisions')
    for (const decision of entry.decisions) yield `${asked},${JSON.stringify(decisionOf(decision)).slice(1)}`;
  else if (entry.kind === 'discharge')
    for (const decision of entry.decisions) {
      const said = { ...decisionOf(decision), ...dischargeOf(entry) };
      yield `${asked},${JSON.stringify(said).slice(1)}`;
    }
  else {
    const { way, purpose, fields, stream, part, isLast, sets, refused } = entry;
    const said = sets.map((set, place) => {
      const { permits, obligations, users, strangers } = set;
      return {
        permits,
        obligations,
        users: users.length,
        strangers: strangers.length,
        people: commit(set, place),
      };
    });
    const question = { way, purpose, fields, stream, part, isLast, sets: said, refused };
    yield `${asked},${JSON.stringify(question).slice(1)}`;
  }
}

function askedOf(asked: Asked) {
  return {
    at: timeText(asked.at),
    client: asked.client,
    request: asked.request,
    policy: asked.policy,
    revision: asked.revision,
    actor: asked.actor,
    case: asked.case,
    item: asked.item,
    reader: asked.reader,
    legalReference: asked.legalReference,
    onBehalfOf: nameOf(asked.onBehalfOf),
  };
}

function decisionOf({ purpose, field, level, reason, source, obligations, person }: RecordedDecision) {
  return { purpose, field, level, reason, source, obligations, user: nameOf(person) };
}

function dischargeOf({ obligation, decidedAt, decidedIn, answer }: RecordedDischarge) {
  return {
    discharged: obligation,
    decidedAt: timeText(decidedAt),
    decidedIn,
    answer: Buffer.from(answer).toString('base64url'),
  };
}

function nameOf(person: Person | undefined): number | string | undefined {
  return person instanceof Uint8Array ? Buffer.from(person).toString('base64url') : person;
}
