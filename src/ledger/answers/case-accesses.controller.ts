import { Controller, Get, Param, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../access/request-caller.js';
import { CaseParams } from '../../cases/cases.dto.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, pageIn, paged } from '../../http/pages.js';
import { timeText } from '../../time.js';
import { Ledger } from '../ledger.js';
import { mustBeNumber } from '../places.js';
import { ACCESSES, accessView } from './uses.view.js';

/** What was read under a case. */
@Tag('cases')
@Controller('v1/cases/:id/accesses')
export class CaseAccessesController {
  constructor(private readonly ledger: Ledger) {}

  @Get()
  @May('read', 'cases')
  @RouteSchema({ params: schemaOf(CaseParams), querystring: PAGE_PARAMETERS })
  @Operation('listCaseAccesses', {
    summary: 'What was asked for under a case, by whom, and what was answered, the latest first',
    description: PAGES,
    query: PAGE_QUERY,
    answers: { 200: { description: 'each access', schema: ACCESSES } },
    problems: ['case_not_found', 'nothing_recorded'],
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Param() { id }: CaseParams,
    @Query('limit') limit: string | undefined,
    @Query('cursor') cursor: string | undefined,
  ) {
    const page = pageIn(limit, cursor);
    if (page.after !== undefined) mustBeNumber(page.after.id);
    const { until, accesses } = await this.ledger.accessesUnder(caller, id, page.after, page.limit + 1);
    const { entries, next } = paged(accesses, page, (access) => access);
    return {
      complete_until: until === undefined ? null : timeText(until),
      accesses: entries.map(accessView),
      ...next,
    };
  }
}
