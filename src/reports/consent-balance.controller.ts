import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import { languagesOf } from '../decision/policy.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { answerLanguage } from '../http/headers/accept-language.js';
import { PolicyService } from '../policy/policy.service.js';
import { ConsentBalanceQuery } from './consent-balance.dto.js';
import { CONSENT_BALANCE, consentBalanceView } from './consent-balance.view.js';
import { ConsentBalances } from './consent-balances.js';

/** Who remains for a purpose, compared with all users. */
@Tag('reports')
@Controller('v1/reports/consent-balance')
export class ConsentBalanceController {
  constructor(
    private readonly balances: ConsentBalances,
    private readonly policies: PolicyService,
  ) {}

  @Get()
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(ConsentBalanceQuery) })
  @Operation('getConsentBalance', {
    summary: 'How those who remain for a purpose differ from all users',
    description:
      'Roles `auditor` and `privacy_officer`. Users remain for whom the purpose is on, as their settings say. Numbers of users are rounded, and not told where they are few.',
    headers: ['Accept-Language'],
    answers: {
      200: { description: 'the report', headers: ['Content-Language'], schema: CONSENT_BALANCE },
    },
    problems: ['consent_unavailable'],
  })
  async balance(
    @Query() { purpose }: ConsentBalanceQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const policy = this.policies.current;
    const balance = await this.balances.of(policy, purpose);
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    return consentBalanceView(balance, policy, purpose, language);
  }
}
