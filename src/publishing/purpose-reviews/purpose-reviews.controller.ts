import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import type { AdminCaller } from '../../access/caller.js';
import { CurrentCaller } from '../../access/request-caller.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, numberIn, pageIn, paged } from '../../http/pages.js';
import { DueQuery, PurposeReviewDto } from './purpose-reviews.dto.js';
import { PurposeReviews } from './purpose-reviews.js';
import { DUE, PURPOSE_REVIEW, PURPOSE_REVIEWS, dueView, purposeReviewView } from './purpose-reviews.view.js';

const TODAY = 'P0D';

/** Which purposes somebody is to look at again, and what was found. */
@Tag('policies')
@Controller('v1/policies')
export class PurposeReviewsController {
  constructor(private readonly reviews: PurposeReviews) {}

  @Post('reviews')
  @May('review', 'policies')
  @HttpCode(201)
  @RouteSchema({ body: schemaOf(PurposeReviewDto) })
  @Operation('reviewPurpose', {
    summary: 'Record that a purpose was looked at again',
    description:
      'Role `privacy_officer`. It answers the `review_by` that the purpose has in the version in force. With `next`, the purpose is due by that day, until the policy names another `review_by`; without, it stays due until then.',
    examples: {
      'nothing to change': {
        purpose: 'ads.personalised',
        finding: 'The balance of interests still holds; complaints went down.',
        next: '2028-05-31',
      },
      'something to change': {
        purpose: 'ads.partner_data',
        finding: 'Two partners no longer show that people were told. A draft takes their data out.',
      },
    },
    answers: { 201: { description: 'the review', schema: PURPOSE_REVIEW } },
    problems: ['purpose_not_found'],
  })
  async review(@CurrentCaller() caller: AdminCaller, @Body() { purpose, finding, next }: PurposeReviewDto) {
    return purposeReviewView(await this.reviews.record(caller, { purpose, finding, next: next ?? null }));
  }

  @Get('reviews')
  @May('read', 'policies')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listPurposeReviews', {
    summary: 'Reviews of purposes, newest first',
    description: PAGES,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the reviews', schema: PURPOSE_REVIEWS } },
  })
  async list(@Query('limit') limit: string | undefined, @Query('cursor') cursor: string | undefined) {
    const page = pageIn(limit, cursor);
    const found = await this.reviews.store.list(page.limit + 1, numberIn(page));
    const { entries, next } = paged(found, page, ({ sequence, purpose }) => ({ at: sequence, id: purpose }));
    return { reviews: entries.map(purposeReviewView), ...next };
  }

  @Get('due')
  @May('read', 'policies')
  @RouteSchema({ querystring: schemaOf(DueQuery) })
  @Operation('getDueReviews', {
    summary: 'Purposes that somebody is to look at again, the longest due first',
    description: 'Of the version in force. With `within`, also those that become due so soon.',
    answers: { 200: { description: 'the purposes', schema: DUE } },
  })
  async due(@Query() { within = TODAY }: DueQuery) {
    return dueView(await this.reviews.due(within));
  }
}
