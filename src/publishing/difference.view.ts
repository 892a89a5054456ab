/** The difference of two versions as JSON: over the wire, and from the command line. */
import { AGE_BAND, RECORD_MEMBERS, recordMembers } from '../consent/log/change.shape.js';
import type { Difference } from '../decision/comparison/difference.js';
import {
  sentenceOfConsistency,
  sentenceOfFlip,
  sentenceOfLapse,
  sentenceOfObligations,
  sentenceOfRewrite,
} from '../decision/comparison/sentences.js';
import { REASONS } from '../decision/reasons.js';
import { CASES } from '../decision/table/table.js';
import {
  ANYTHING,
  TEXT,
  WHOLE,
  YES_OR_NO,
  either,
  just,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../http/contract/shapes.js';

const REASON = wordOf(Object.keys(REASONS));
/** A record of a user, as in an example. */
export const RECORD = named(
  'ExampleRecord',
  objectOf({ registered: YES_OR_NO, region: orNull(TEXT), age_band: AGE_BAND, ...RECORD_MEMBERS }),
);
const ACTOR = wordOf(['automated', 'human']);
const CASE = wordOf(CASES);
/** The facts of a request, as in an example. */
export const FACTS = named(
  'ExampleFacts',
  objectOf({ actor: ACTOR, case: CASE, legalReference: YES_OR_NO, ownData: YES_OR_NO }),
);
const SAID = either(
  objectOf({ choice: wordOf(['none', 'denied']) }),
  objectOf({ choice: just('granted'), from: WHOLE }, { to: WHOLE, signal: YES_OR_NO }),
);
const WHO = named(
  'ConcernedUsers',
  either(
    objectOf({ registered: just(false) }),
    objectOf(
      { registered: just(true), choices: listOf(objectOf({ purpose: TEXT, said: listOf(SAID) })) },
      {
        regimes: said('absent: all', listOf(objectOf({ before: TEXT, after: TEXT }))),
        ages: listOf(AGE_BAND),
        gpc: YES_OR_NO,
      },
    ),
  ),
);
const FLIP = named(
  'Flip',
  objectOf({
    says: TEXT,
    purpose: TEXT,
    direction: wordOf(['opened', 'closed']),
    because: wordOf(['fields', 'consent', 'conditions']),
    fields: listOf(TEXT),
    who: listOf(WHO),
    requests: said(
      'what is absent may be anything',
      objectOf({}, { actor: ACTOR, cases: listOf(CASE), legalReference: YES_OR_NO, ownData: YES_OR_NO }),
    ),
    cells: WHOLE,
    example: objectOf({ record: RECORD, field: TEXT, facts: FACTS, before: REASON, after: REASON }),
  }),
);
export const DIFFERENCE = named(
  'Difference',
  objectOf({
    cells_examined: WHOLE,
    cells_opened: WHOLE,
    cells_closed: WHOLE,
    widens: YES_OR_NO,
    narrows: YES_OR_NO,
    changes: listOf(FLIP),
    changes_left_out: WHOLE,
    clients: listOf(
      objectOf(
        { opens: YES_OR_NO, closes: YES_OR_NO, says: TEXT },
        { client: said('absent: all that are not listed', TEXT) },
      ),
    ),
    obligations: listOf(
      objectOf(
        { says: TEXT, purpose: TEXT, dropped: listOf(TEXT), added: listOf(TEXT) },
        { fields: said('absent: wherever it reads', listOf(TEXT)) },
      ),
    ),
    consistency: said(
      'purposes whose decisions the database must confirm from now on, or no longer',
      listOf(objectOf({ says: TEXT, purpose: TEXT, demanded: YES_OR_NO })),
    ),
    lapses: said(
      'how long grants hold from now on, as durations of ISO 8601; absent: they do not lapse',
      listOf(
        objectOf(
          { says: TEXT, purpose: TEXT, regime: TEXT, opens: YES_OR_NO, closes: YES_OR_NO },
          { before: TEXT, after: TEXT },
        ),
      ),
    ),
    visibility: said(
      'what changes about the levels that data is at; fields are compared level by level',
      listOf(objectOf({ opens: YES_OR_NO, closes: YES_OR_NO, says: TEXT }, { group: TEXT, field: TEXT })),
    ),
    lineage: said(
      'releases that widen, for privacy officers to approve, and removed fields that are forgotten or come back as less strict',
      listOf(objectOf({ says: TEXT, field: TEXT, kind: wordOf(['release', 'removed']) })),
    ),
    rewrites: listOf(
      objectOf({ says: TEXT, section: TEXT }, { id: TEXT, member: TEXT, before: ANYTHING, after: ANYTHING }),
    ),
    rewrites_left_out: WHOLE,
  }),
);

/** Above this many changes, only counts are shown. */
const MOST_CHANGES = 1_000;

type Example = Difference['flips'][number]['example'];

/** A record of a user, as in an example. */
export function recordView(record: Example['record']) {
  const { registered, region, ageBand } = record;
  return { registered, region, age_band: ageBand, ...recordMembers(record) };
}

/** A difference as JSON. */
export function differenceView({
  cells,
  opened,
  closed,
  flips,
  obligations,
  consistency,
  lapses,
  visibility,
  lineage,
  rewrites,
  clients,
  widens,
  narrows,
}: Difference) {
  return {
    cells_examined: cells,
    cells_opened: opened,
    cells_closed: closed,
    widens,
    narrows,
    changes: flips.slice(0, MOST_CHANGES).map((flip) => ({
      says: sentenceOfFlip(flip),
      purpose: flip.purpose,
      direction: flip.direction,
      because: flip.because,
      fields: flip.fields,
      who: flip.who,
      requests: flip.requests,
      cells: flip.cells,
      example: { ...flip.example, record: recordView(flip.example.record) },
    })),
    changes_left_out: Math.max(0, flips.length - MOST_CHANGES),
    clients,
    obligations: obligations.map((change) => ({ says: sentenceOfObligations(change), ...change })),
    consistency: consistency.map((change) => ({ says: sentenceOfConsistency(change), ...change })),
    lapses: lapses.map((change) => ({ says: sentenceOfLapse(change), ...change })),
    visibility,
    lineage,
    rewrites: rewrites
      .slice(0, MOST_CHANGES)
      .map((rewrite) => ({ says: sentenceOfRewrite(rewrite), ...rewrite })),
    rewrites_left_out: Math.max(0, rewrites.length - MOST_CHANGES),
  };
}
