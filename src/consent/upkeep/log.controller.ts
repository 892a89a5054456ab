import { Controller, Get, Post, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '../../http/described.js';
import { schemaOf } from '../../http/schema.js';
import { streamed } from '../../http/server.js';
import { PolicyStore } from '../../policy/policy.store.js';
import { Tokens } from '../log/consistency-token.js';
import { ConsentStore } from '../log/consent.store.js';
import { LogPageDto, pageOf } from '../log/log-page.dto.js';
import { erasureView } from './erasure.view.js';
import { type VerificationReport, verification } from './verification.js';

/** The consent log as those see it who have to show that nobody tampered with it. */
@ApiTags('consent log')
@ApiBearerAuth()
@Controller('v1')
export class LogController {
  constructor(
    private readonly store: ConsentStore,
    private readonly policyStore: PolicyStore,
    private readonly tokens: Tokens,
  ) {}

  @Get('log')
  @May('audit', 'policies')
  @ApiOperation({
    summary: 'The last entry of the consent log, and its hash',
    description:
      'Role `auditor` or `privacy_officer`. Whoever keeps the hash can show later whether anything up to there was changed.',
  })
  @ApiOkResponse({ description: 'revision, and hash in base64url' })
  async head() {
    const { revision, hash } = await this.store.end();
    return { revision, hash: hash.toString('base64url') };
  }

  @Post('log/verification')
  @May('audit', 'policies')
  @ApiOperation({
    summary: 'Verify the whole consent log, its users and publications',
    description:
      'Role `auditor` or `privacy_officer`. Lines of JSON: how far it is, and at last whether all of it is as it was written, or the first place that is not, and why.',
  })
  @ApiProduces('application/x-ndjson')
  async verify(@Res({ passthrough: true }) reply: FastifyReply) {
    void reply.code(200).type('application/x-ndjson');
    return streamed(reply, this.linesOf(verification(this.store, this.policyStore)));
  }

  @Get('erasures')
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(LogPageDto) })
  @ApiOperation({
    summary: 'The records that users were erased',
    description: 'Role `auditor` or `privacy_officer`. Nothing tells whom: that is gone.',
  })
  @ApiOkResponse({ description: 'the oldest first; `after` takes the `id` of the last one' })
  async erasures(@Query() page: LogPageDto) {
    const { after, limit } = pageOf(page, this.tokens);
    const erasures = await this.store.erasures(after, limit);
    return { erasures: erasures.map((erasure) => erasureView(erasure, this.tokens)) };
  }

  private async *linesOf(reports: AsyncIterable<VerificationReport>): AsyncGenerator<string, void> {
    for await (const report of reports) {
      if ('verified' in report) yield line(report);
      else if (report.intact) yield line({ ...report, hash: report.hash.toString('base64url') });
      else yield line({ intact: false, broken_at: report.revision, because: report.because });
    }
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
