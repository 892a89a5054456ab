import { Controller, Get, HttpCode, Logger, Post, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { Caller } from '../../access/caller.js';
import { CurrentCaller } from '../../access/request-caller.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, WHOLE, either, just, listOf, named, objectOf, said } from '../../http/contract/shapes.js';
import { schemaOf } from '../../http/contract/schema.js';
import { streamed } from '../../http/server.js';
import { PolicyStore } from '../../policy/policy.store.js';
import { ConsentStore } from '../log/consent.store.js';
import { LogPageDto, PAGE_LIMIT, pageOf } from '../log/log-page.dto.js';
import { ERASURE, erasureView } from './erasure.view.js';
import { FailedVerificationStore } from './failed-verifications.store.js';
import { keptVerification } from './kept-verification.js';
import { type VerificationReport, verification } from './verification.js';

const END = named('LogEnd', objectOf({ revision: WHOLE, hash: TEXT }));
const VERIFICATION = named(
  'LogVerificationLine',
  either(
    objectOf({ verified: WHOLE, of: WHOLE }),
    said('the last line', objectOf({ intact: just(true), revision: WHOLE, hash: TEXT })),
    said('the last line', objectOf({ intact: just(false), broken_at: WHOLE, because: TEXT })),
  ),
);
const ERASURES = named('Erasures', objectOf({ erasures: listOf(ERASURE) }));

/** The consent log for those who must prove that nobody tampered with it. */
@Tag('consent log')
@Controller('v1')
export class LogController {
  private readonly log = new Logger(LogController.name);

  constructor(
    private readonly store: ConsentStore,
    private readonly policyStore: PolicyStore,
    private readonly failed: FailedVerificationStore,
  ) {}

  @Get('log')
  @May('audit', 'policies')
  @Operation('getLogEnd', {
    summary: 'The last entry of the consent log, and its hash',
    description:
      'Role `auditor` or `privacy_officer`. Whoever keeps the hash can show later whether anything up to there was changed.',
    answers: { 200: { description: 'revision, and hash in base64url', schema: END } },
  })
  async head() {
    const { revision, hash } = await this.store.end();
    return { revision, hash: hash.toString('base64url') };
  }

  @Post('log/verification')
  @May('audit', 'policies')
  @HttpCode(200)
  @Operation('verifyLog', {
    summary: 'Verify the whole consent log, its users and publications',
    description:
      'Role `auditor` or `privacy_officer`. Lines of JSON: how far it is, and at last whether all of it is as it was written, or the first place that is not, and why. What failed waits for officers and auditors (`GET /v1/waiting`) until it is verified and holds.',
    answers: {
      200: {
        description: 'how far it is, and at last what was found',
        content: { 'application/x-ndjson': VERIFICATION },
      },
    },
  })
  async verify(@CurrentCaller() { id }: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    void reply.type('application/x-ndjson');
    const reports = verification(this.store, this.policyStore);
    const onTrouble = (error: unknown) => this.log.error(error);
    return streamed(reply, this.linesOf(keptVerification(reports, id, this.failed, Date.now, onTrouble)));
  }

  @Get('erasures')
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(LogPageDto) })
  @Operation('listErasures', {
    summary: 'The records that users were erased',
    description: 'Role `auditor` or `privacy_officer`. Nothing tells whom: that is gone.',
    query: { limit: PAGE_LIMIT },
    answers: {
      200: { description: 'the oldest first; `after` takes the `id` of the last one', schema: ERASURES },
    },
    problems: ['change_lost'],
  })
  async erasures(@Query() page: LogPageDto) {
    const { after, limit } = await pageOf(page, this.store);
    const erasures = await this.store.erasures(after, limit);
    return { erasures: erasures.map((erasure) => erasureView(erasure, this.store.tokens)) };
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
