import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../access/authorisation.js';
import { REASONS } from '../decision/reasons.js';
import { DomainError } from '../errors.js';
import { Shadow, type ShadowReport } from '../evaluation/shadow.js';
import { Operation, Tag } from '../http/contract/described.js';
import {
  NUMBER,
  TEXT,
  TIME,
  WHOLE,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../http/contract/shapes.js';
import { schemaOf } from '../http/contract/schema.js';
import { timeText } from '../time.js';
import { Drafts } from './drafts.js';
import { DraftParams, ShadowDto } from './publishing.dto.js';
import { Reviewer } from './review/review.js';

const REASON = wordOf(Object.keys(REASONS));
const SHADOW = named(
  'ShadowReport',
  objectOf({
    draft: TEXT,
    edit: WHOLE,
    policy: TEXT,
    share: NUMBER,
    since: TIME,
    decisions: said('made since', WHOLE),
    compared: said('those that the draft decided too', WHOLE),
    skipped: said('those that it had no time for', WHOLE),
    differences: said(
      'what it answered otherwise, most frequent first',
      listOf(
        objectOf({
          purpose: TEXT,
          client: TEXT,
          live: REASON,
          draft: REASON,
          count: WHOLE,
          turns: wordOf(['to_deny', 'to_permit', 'reason_only']),
        }),
      ),
    ),
    others: said('differences beyond those that are counted apart', WHOLE),
    trouble: said('why it ended by itself; null while it runs', orNull(TEXT)),
    cost_ms: NUMBER,
    cost_share: NUMBER,
  }),
);

/** A draft beside the version in force, on real traffic. */
@Tag('policies')
@Controller('v1/policies/drafts/:id/shadow')
export class ShadowController {
  constructor(
    private readonly drafts: Drafts,
    private readonly reviewer: Reviewer,
    private readonly shadow: Shadow,
  ) {}

  @Put()
  @May('shadow', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(DraftParams), body: schemaOf(ShadowDto) })
  @Operation('startShadow', {
    summary: 'Have a draft decide beside the version in force',
    description:
      'On a share of the evaluations, one and many, within a fiftieth of the time; no answer changes. It takes the place of the draft that did so before, and ends with the process.',
    answers: { 200: { description: 'the report, which has nothing yet', schema: SHADOW } },
    problems: ['draft_not_found', 'draft_not_sound'],
  })
  async start(@Param() { id }: DraftParams, @Body() { share = 1 }: ShadowDto) {
    const draft = await this.drafts.get(id);
    const version = await this.reviewer.soundVersion(draft);
    await this.shadow.start({ draft: id, edit: draft.edit, version, share });
    return this.reportOn(id);
  }

  @Get()
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('getShadow', {
    summary: 'What the draft answered otherwise, by purpose, client and reason, and what it cost',
    answers: { 200: { description: 'the report', schema: SHADOW } },
    problems: ['shadow_not_found'],
  })
  report(@Param() { id }: DraftParams) {
    return this.reportOn(id);
  }

  @Delete()
  @May('shadow', 'policies')
  @RouteSchema({ params: schemaOf(DraftParams) })
  @Operation('stopShadow', {
    summary: 'End it, with a last report',
    answers: { 200: { description: 'the last report', schema: SHADOW } },
    problems: ['shadow_not_found'],
  })
  stop(@Param() { id }: DraftParams) {
    const report = this.reportOn(id);
    this.shadow.stop();
    return report;
  }

  private reportOn(draft: string) {
    const report = this.shadow.report();
    if (report?.draft !== draft)
      throw new DomainError('shadow_not_found', 'start it with `PUT` at the same address');
    return view(report);
  }
}

function view({ since, cost, differences, ...report }: ShadowReport) {
  return {
    ...report,
    since: timeText(since),
    differences: differences.map((difference) => ({
      ...difference,
      turns:
        difference.live === 'permitted'
          ? 'to_deny'
          : difference.draft === 'permitted'
            ? 'to_permit'
            : 'reason_only',
    })),
    cost_ms: Math.round(cost.total * 100) / 100,
    cost_share: Math.round(cost.share * 1e6) / 1e6,
  };
}
