import { Controller, Get, Param } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../access/request-caller.js';
import { ExtractParams } from '../../extracts/extracts.dto.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { TEXT, TIME, WHOLE, named, objectOf, orNull, said } from '../../http/contract/shapes.js';
import { timeText } from '../../time.js';
import { ExtractBalances } from './extract-balances.js';

const EXTRACT_BALANCE = named(
  'ExtractBalance',
  objectOf({
    id: said('of the extract', TEXT),
    purpose: TEXT,
    policy: said('the version that decided', TEXT),
    counted_at: TIME,
    minimum: said('numbers are multiples of it, and nothing is told of fewer', WHOLE),
    remaining: said('of whom all that was taken may still be used; null: not told', orNull(WHOLE)),
    left: said('of whom something may not, or who were erased; null: not told', orNull(WHOLE)),
  }),
);

/** How many of an extract have withdrawn since, and never who. */
@Tag('extracts')
@Controller('v1/extracts')
export class ExtractBalancesController {
  constructor(private readonly balances: ExtractBalances) {}

  @Get(':id/balance')
  @May('audit', 'policies')
  @RouteSchema({ params: schemaOf(ExtractParams) })
  @Operation('getExtractBalance', {
    summary: 'How many of the extract have withdrawn since?',
    description:
      'Roles `auditor` and `privacy_officer`. Counted once a day for each policy version. Numbers are rounded, and not told where they are few, as those of the consent balance.',
    answers: { 200: { description: 'how many remain, and how many left', schema: EXTRACT_BALANCE } },
    problems: ['extract_not_found', 'consent_unavailable'],
  })
  async balance(@CurrentCaller() caller: Caller, @Param() { id }: ExtractParams) {
    const { extract, told, minimum, policy, countedAt } = await this.balances.of(caller, id);
    return {
      id: extract.id,
      purpose: extract.opening.purpose,
      policy,
      counted_at: timeText(countedAt),
      minimum,
      remaining: told.remaining || null,
      left: told.left || null,
    };
  }
}
