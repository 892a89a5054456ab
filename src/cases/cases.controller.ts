import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import type { Caller } from '../access/caller.js';
import { CurrentCaller } from '../access/request-caller.js';
import { Operation, Tag } from '../http/contract/described.js';
import { queryOf, schemaOf } from '../http/contract/schema.js';
import { numberNamedBy } from '../http/headers/if-match.js';
import { PAGES, pageIn, paged } from '../http/pages.js';
import { momentOf } from '../time.js';
import { CASE_QUERY, filterIn } from './case-query.js';
import { CaseParams, ExtensionDto, NewCaseDto, ReasonDto, ReviewersDto } from './cases.dto.js';
import * as examples from './cases.examples.js';
import { CASE, CASES, caseSummaryView, caseView } from './cases.view.js';
import { Cases, type Standing } from './cases.js';

/** Narrow, recorded doors to private messages. */
@Tag('cases')
@Controller('v1/cases')
export class CasesController {
  constructor(private readonly cases: Cases) {}

  @Post()
  @May('open', 'cases')
  @RouteSchema({ body: schemaOf(NewCaseDto) })
  @Operation('openCase', {
    summary: 'Open a case',
    examples: examples.CASES,
    description:
      'For `safety.report_review`: by a service with the scope `cases:write`, or the role `case_reviewer`, with the reference of the report and exactly the items that were reported. For `security.investigation`: by the role `security_investigator`, with the fields that are to be read; it opens nothing until a second person approves it.',
    answers: { 201: { description: 'the case', schema: CASE } },
    problems: ['case_not_offered', 'not_confirmed'],
  })
  async open(
    @CurrentCaller() caller: Caller,
    @Body() { expires_at: expiresAt, disclose_after: discloseAfter, ...wanted }: NewCaseDto,
  ) {
    const times = {
      expiresAt: momentOf(expiresAt),
      ...(discloseAfter === undefined ? {} : { discloseAfter: momentOf(discloseAfter) }),
    };
    return caseView(await this.cases.open(caller, { ...wanted, ...times }));
  }

  @Get()
  @May('read', 'cases')
  @RouteSchema({ querystring: queryOf(...Object.keys(CASE_QUERY)) })
  @Operation('listCases', {
    summary: 'Cases that the caller may read, those that were opened last first',
    description: `\`status\` gives those that stand so, \`expires_within\` those that wait or are open and end within so many hours. ${PAGES}`,
    query: CASE_QUERY,
    answers: { 200: { description: 'the cases, without their items and events', schema: CASES } },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Query('limit') limit: string | undefined,
    @Query('cursor') cursor: string | undefined,
    @Query('status') status: string | undefined,
    @Query('expires_within') within: string | undefined,
  ) {
    const page = pageIn(limit, cursor);
    const readable = await this.cases.list(caller, page.limit + 1, page.after, filterIn(status, within));
    const { entries, next } = paged(readable, page, ({ found }) => ({ at: found.opened.at, id: found.id }));
    return { cases: entries.map(caseSummaryView), ...next };
  }

  @Get(':id')
  @May('read', 'cases')
  @RouteSchema({ params: schemaOf(CaseParams) })
  @Operation('getCase', {
    summary: 'A case, with what happened to it',
    answers: { 200: { description: 'the case', schema: CASE, headers: ['ETag'] } },
    problems: ['case_not_found'],
  })
  async get(
    @CurrentCaller() caller: Caller,
    @Param() { id }: CaseParams,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return tagged(reply, await this.cases.get(caller, id));
  }

  @Post(':id/approvals')
  @May('approve', 'cases')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(CaseParams), body: schemaOf(ReasonDto) })
  @Operation('approveCase', {
    summary: 'Approve a case, or the extension that waits',
    examples: examples.APPROVALS,
    description:
      'Role `case_approver`. Nobody approves what they asked for, what they would read, or what they have not seen: `If-Match` names the case as it was read.',
    headers: ['If-Match'],
    answers: { 200: { description: 'the case', schema: CASE, headers: ['ETag'] } },
    problems: [
      'case_not_found',
      'case_state_not_named',
      'case_changed',
      'case_ended',
      'nothing_to_approve',
      'case_full',
      'not_confirmed',
    ],
  })
  async approve(
    @CurrentCaller() caller: Caller,
    @Param() { id }: CaseParams,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { reason }: ReasonDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const seen = numberNamedBy(ifMatch, 'case_state_not_named', 'case');
    return tagged(reply, await this.cases.approve(caller, id, reason, seen));
  }

  @Post(':id/extensions')
  @May('extend', 'cases')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(CaseParams), body: schemaOf(ExtensionDto) })
  @Operation('extendCase', {
    summary: 'Ask for a later end of a case',
    examples: examples.EXTENSIONS,
    description: 'It takes two people again: the later end holds once a `case_approver` has approved it.',
    answers: { 200: { description: 'the case', schema: CASE } },
    problems: ['case_not_found', 'case_ended', 'case_waits', 'case_full', 'not_confirmed'],
  })
  async extend(
    @CurrentCaller() caller: Caller,
    @Param() { id }: CaseParams,
    @Body() { reason, expires_at: at }: ExtensionDto,
  ) {
    return caseView(await this.cases.extend(caller, id, reason, momentOf(at)));
  }

  @Post(':id/reviewers')
  @May('reassign', 'cases')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(CaseParams), body: schemaOf(ReviewersDto) })
  @Operation('reassignCase', {
    summary: 'Name others who read under a case, in place of all before',
    examples: examples.REVIEWERS,
    description:
      'Role `case_approver`, and not whoever opened it; for reports also a service with the scope `cases:write`. Nobody names themselves.',
    answers: { 200: { description: 'the case', schema: CASE } },
    problems: ['case_not_found', 'case_ended', 'case_full', 'not_confirmed'],
  })
  async reassign(
    @CurrentCaller() caller: Caller,
    @Param() { id }: CaseParams,
    @Body() { reason, reviewers }: ReviewersDto,
  ) {
    return caseView(await this.cases.reassign(caller, id, reason, reviewers));
  }

  @Post(':id/closings')
  @May('close', 'cases')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(CaseParams), body: schemaOf(ReasonDto) })
  @Operation('closeCase', {
    summary: 'Close a case, for good',
    examples: examples.CLOSINGS,
    description:
      'From the answer on, no process permits anything under it. One that is closed stays as it is.',
    answers: { 200: { description: 'the case', schema: CASE } },
    problems: ['case_not_found', 'not_confirmed'],
  })
  async close(@CurrentCaller() caller: Caller, @Param() { id }: CaseParams, @Body() { reason }: ReasonDto) {
    return caseView(await this.cases.close(caller, id, reason));
  }
}

/** The number of its events is the tag: every change is one. */
function tagged(reply: FastifyReply, standing: Standing) {
  void reply.header('etag', `"${standing.found.events.length}"`);
  return caseView(standing);
}
