import { Controller, Get } from '@nestjs/common';
import { May } from '../access/authorisation.js';
import type { Caller } from '../access/caller.js';
import { CurrentCaller } from '../access/request-caller.js';
import { CONSENT_LOG } from '../consent/upkeep/failed-verifications.store.js';
import { Operation, Tag } from '../http/contract/described.js';
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
  wordOf,
} from '../http/contract/shapes.js';
import { timeText } from '../time.js';
import { KINDS, type Kind, WaitingWork } from './waiting.js';

/** How many of a kind are named; the lists have the others. */
const NAMED = 20;

const WAITING = named(
  'Waiting',
  objectOf({
    waiting: listOf(
      named(
        'WaitingKind',
        objectOf({
          kind: said(
            Object.entries(KINDS)
              .map(([kind, what]) => `\`${kind}\`: ${what}`)
              .join('; '),
            wordOf(Object.keys(KINDS)),
          ),
          count: WHOLE,
          entries: said(
            `${NAMED} at most, the soonest due first`,
            listOf(
              objectOf(
                {
                  id: said('of a draft or a case; `consent_log`, or `record/` and the writer', TEXT),
                  href: said('where it is read', TEXT),
                  about: said('the message of a draft, the purpose of a case, what was found', TEXT),
                  due: said('when it ends, or is published', orNull(TIME)),
                },
                { at: said('when it was found', TIME) },
              ),
            ),
          ),
        }),
      ),
    ),
    whole: said(
      'false: there are more cases than are looked at for this, and older ones are not counted',
      YES_OR_NO,
    ),
  }),
);

/** What waits for whoever asks. */
@Tag('policies')
@Controller('v1/waiting')
export class WaitingController {
  constructor(private readonly work: WaitingWork) {}

  @Get()
  @May('read', 'caller')
  @Operation('listWaiting', {
    summary: 'What waits for the caller: drafts, cases and failed verifications, by kind',
    description:
      'The kinds that the roles of the caller have a part in; for others there are none. What a draft takes, and which role, its `check` says.',
    answers: { 200: { description: 'how many of each kind, and the first of them', schema: WAITING } },
  })
  async waiting(@CurrentCaller() caller: Caller) {
    const { kinds, isWhole } = await this.work.for(caller);
    return {
      waiting: [...kinds].map(([kind, all]) => ({
        kind,
        count: all.length,
        entries: all.slice(0, NAMED).map(({ id, about, due, at }) => ({
          id,
          href: hrefOf(kind, id),
          about,
          due: due === null ? null : timeText(due),
          ...(at === undefined ? {} : { at: timeText(at) }),
        })),
      })),
      whole: isWhole,
    };
  }
}

function hrefOf(kind: Kind, id: string): string {
  if (kind === 'verifications_failed') return id === CONSENT_LOG ? '/v1/log' : '/v1/uses';
  return `${kind.startsWith('cases_') ? '/v1/cases' : '/v1/policies/drafts'}/${encodeURIComponent(id)}`;
}
