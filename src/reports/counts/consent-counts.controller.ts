import { Controller, Get, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { momentOf } from '../../time.js';
import { ConsentCountsQuery } from './consent-counts.dto.js';
import { ConsentCounts } from './consent-counts.js';
import { CONSENT_COUNTS, consentCountsView } from './consent-counts.view.js';

/** Where users stand for a purpose, today and on the days before. */
@Tag('reports')
@Controller('v1/reports/consent-counts')
export class ConsentCountsController {
  constructor(private readonly counts: ConsentCounts) {}

  @Get()
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(ConsentCountsQuery) })
  @Operation('getConsentCounts', {
    summary: 'How many users a purpose is on and off for, by regime and reason, today or day by day',
    description:
      'Roles `auditor` and `privacy_officer`. Numbers of users are rounded, and not told where they are few. Each day is counted once; `from` and `until` are times in the first and the last day that are asked for, at most 366 days.',
    answers: { 200: { description: 'the counts', schema: CONSENT_COUNTS } },
    problems: ['consent_unavailable'],
  })
  async ofPurpose(@Query() { purpose, regime, from, until }: ConsentCountsQuery) {
    const counts = await this.counts.of({
      purpose,
      ...(regime === undefined ? {} : { regime }),
      ...(from === undefined ? {} : { from: momentOf(from) }),
      ...(until === undefined ? {} : { until: momentOf(until) }),
    });
    return consentCountsView(purpose, counts);
  }
}
