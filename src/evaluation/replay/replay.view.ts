/** A replayed decision as JSON. */
import { AGE_BAND, CHANGED_BY, RECORD_MEMBERS, WAY, recordMembers } from '../../consent/log/change.shape.js';
import type { Tokens } from '../../consent/log/consistency-token.js';
import { CHANGE, changeView } from '../../consent/rights/event.view.js';
import {
  TEXT,
  TIME,
  WHOLE,
  YES_OR_NO,
  listOf,
  named,
  objectOf,
  orNull,
  said,
} from '../../http/contract/shapes.js';
import { timeText } from '../../time.js';
import { DECISION_CONTEXT } from '../answer.schema.js';
import type { Replayed } from './replay.js';

export const REPLAYED = named(
  'ReplayedDecision',
  objectOf({
    decision: YES_OR_NO,
    context: DECISION_CONTEXT,
    because: objectOf(
      {
        user: said(
          'as the log knew them then',
          objectOf({
            registered: YES_OR_NO,
            region: orNull(TEXT),
            regime: TEXT,
            age_band: AGE_BAND,
            ...RECORD_MEMBERS,
          }),
        ),
        events: said(
          'the last of the user until then, oldest first',
          listOf(
            objectOf({
              revision: TEXT,
              at: TIME,
              said_at: orNull(TIME),
              by: CHANGED_BY,
              via: WAY,
              change: CHANGE,
            }),
          ),
        ),
      },
      {
        publication: said(
          'absent: the version never was in force',
          objectOf({ sequence: WHOLE, at: TIME, by: TEXT, draft: orNull(TEXT) }),
        ),
      },
    ),
  }),
);

export function replayedView({ answer, publication, record, regime, events }: Replayed, tokens: Tokens) {
  return {
    decision: answer.decision,
    context: answer.context,
    because: {
      ...(publication === undefined
        ? {}
        : {
            publication: {
              sequence: publication.sequence,
              at: timeText(publication.at),
              by: publication.by,
              draft: publication.draft,
            },
          }),
      user: {
        registered: record.registered,
        region: record.region,
        regime,
        age_band: record.ageBand,
        ...recordMembers(record),
      },
      events: events.map(({ revision, at, saidAt, by, via, change }) => ({
        revision: tokens.of(revision),
        at: timeText(at),
        said_at: saidAt === undefined ? null : timeText(saidAt),
        by,
        via,
        change: changeView(change),
      })),
    },
  };
}
