import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import { AddressedUser } from '../access/request-caller.js';
import { UserParams } from '../consent/settings/settings.dto.js';
import { languagesOf } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import { answerLanguage } from '../http/headers/accept-language.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, pageIn, paged } from '../http/pages.js';
import { PolicyService } from '../policy/policy.service.js';
import { timeText } from '../time.js';
import { Ledger } from './ledger.js';
import { LATEST } from './user-uses.js';
import type { Place } from './uses.store.js';
import { USES_OF_USER, useOfUserView } from './uses.view.js';

/** Who used a user's data. */
@Tag('users and settings')
@Controller('v1/users/:id/uses')
export class UserUsesController {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: PolicyService,
  ) {}

  @Get()
  @May('read_settings', 'user')
  @RouteSchema({ params: schemaOf(UserParams), querystring: PAGE_PARAMETERS })
  @Operation('getUses', {
    summary:
      'Who used what of a user: how often on a day, for what, under which terms; permitted or refused, and why',
    description: `The user themselves (\`me\`), or a service with scope \`settings:read\`. The latest day first. ${PAGES} A page may have fewer, or none, where others may not be told yet.`,
    headers: ['Accept-Language'],
    query: PAGE_QUERY,
    answers: { 200: { description: 'the uses', schema: USES_OF_USER, headers: ['Content-Language'] } },
    problems: ['nothing_recorded'],
  })
  async uses(
    @AddressedUser() user: string,
    @Query('limit') limit: string | undefined,
    @Query('cursor') cursor: string | undefined,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const page = pageIn(limit, cursor);
    const before = page.after === undefined ? LATEST : placeOf(page.after);
    const { until, all, mayBeTold } = await this.ledger.of(user, before, page.limit + 1);
    const { entries, next } = paged(all, page, ({ day, term }) => ({ at: day, id: term }));
    const policy = this.policies.current;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    return {
      user,
      complete_until: until === undefined ? null : timeText(until),
      language,
      uses: entries.filter(mayBeTold).map((use) => useOfUserView(use, policy, language)),
      ...next,
    };
  }
}

/** What the database has as the name of a term. */
const MOST_TERM = 2n ** 63n - 1n;

/** @throws DomainError `invalid_request` when a cursor names no place in a ledger */
function placeOf({ at, id }: { readonly at: number; readonly id: string }): Place {
  if (at > LATEST.day || !/^\d{1,19}$/.test(id) || BigInt(id) > MOST_TERM)
    throw new DomainError('invalid_request', '`cursor` is none that was given: begin without one', '/cursor');
  return { day: at, term: id };
}
