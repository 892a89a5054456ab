import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import { LOOKS_INTO } from '../../consent/log/log-page.dto.js';
import { UserParams } from '../../consent/settings/settings.dto.js';
import { languagesOf } from '../../decision/policy.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { PAGES, PAGE_QUERY, pageIn, paged } from '../../http/pages.js';
import { PolicyService } from '../../policy/policy.service.js';
import { timeText } from '../../time.js';
import { Ledger } from '../ledger.js';
import { placeBefore } from '../places.js';
import { LedgerOfUserQuery } from './uses.dto.js';
import { USES_OF_USER, lookupView, useOfUserView } from './uses.view.js';

/** Who used a user's data. */
@Tag('users and settings')
@Controller('v1/users/:id/uses')
export class UserUsesController {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: PolicyService,
  ) {}

  @Get()
  @May('look_into', 'user')
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(LedgerOfUserQuery) })
  @Operation('getUses', {
    summary:
      'Who used what of a user: how often on a day, for what, under which terms; permitted or refused, and why',
    description: `${LOOKS_INTO} The latest day first. ${PAGES} Of what was asked for under a case, users are told once it has ended.`,
    headers: ['Accept-Language'],
    query: PAGE_QUERY,
    answers: { 200: { description: 'the uses', schema: USES_OF_USER, headers: ['Content-Language'] } },
    problems: ['nothing_recorded', 'consent_unavailable'],
  })
  async uses(
    @AddressedUser() user: string,
    @Query() { limit, cursor, language: asked }: LedgerOfUserQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const page = pageIn(limit, cursor);
    const before = placeBefore(page.after);
    const { until, uses } = await this.ledger.of(user, before, page.limit + 1);
    const { entries, next } = paged(uses, page, ({ use: { day, term } }) => ({ at: day, id: term }));
    const policy = this.policies.current;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document), asked);
    return {
      user,
      complete_until: until === undefined ? null : timeText(until),
      language,
      uses: entries.map((use) => useOfUserView(use, policy, language)),
      lookups: (await this.ledger.latestLookups(user)).map((one) => lookupView(one, language)),
      ...next,
    };
  }
}
