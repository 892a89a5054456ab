import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../access/authorisation.js';
import type { Caller } from '../access/caller.js';
import { CurrentCaller } from '../access/request-caller.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { momentOf } from '../time.js';
import { CaseParams, NewCaseDto, ReasonDto } from './cases.dto.js';
import * as examples from './cases.examples.js';
import { CASE, caseView } from './cases.view.js';
import { Cases } from './cases.js';

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
  async open(@CurrentCaller() caller: Caller, @Body() { expires_at: expiresAt, ...wanted }: NewCaseDto) {
    return caseView(await this.cases.open(caller, { ...wanted, expiresAt: momentOf(expiresAt) }));
  }

  @Get(':id')
  @May('read', 'cases')
  @RouteSchema({ params: schemaOf(CaseParams) })
  @Operation('getCase', {
    summary: 'A case, with what happened to it',
    answers: { 200: { description: 'the case', schema: CASE } },
    problems: ['case_not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param() { id }: CaseParams) {
    return caseView(await this.cases.get(caller, id));
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
