/** The difference of two versions as JSON: over the wire, and from the command line. */
import type { Difference } from '../decision/comparison/difference.js';
import {
  sentenceOfFlip,
  sentenceOfObligations,
  sentenceOfRewrite,
} from '../decision/comparison/sentences.js';

/** Past so many changes a person reads the counts. */
const MOST_CHANGES = 1_000;

type Example = Difference['flips'][number]['example'];

/** A record of a user, as in an example. */
export function recordView({ registered, region, ageBand, choices, signals }: Example['record']) {
  return {
    registered,
    region,
    age_band: ageBand,
    choices: Object.fromEntries(choices),
    signals: [...signals],
  };
}

/** A difference as JSON. */
export function differenceView({
  cells,
  opened,
  closed,
  flips,
  obligations,
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
    rewrites: rewrites
      .slice(0, MOST_CHANGES)
      .map((rewrite) => ({ says: sentenceOfRewrite(rewrite), ...rewrite })),
    rewrites_left_out: Math.max(0, rewrites.length - MOST_CHANGES),
  };
}
