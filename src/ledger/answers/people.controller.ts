import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { Caller } from '../../access/caller.js';
import { mustBeAllowedOnPolicies } from '../../access/policy-permissions.js';
import { CurrentCaller } from '../../access/request-caller.js';
import { languagesOf } from '../../decision/policy.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { PAGES, PAGE_QUERY, pageIn, paged } from '../../http/pages.js';
import { PolicyService } from '../../policy/policy.service.js';
import { timeText } from '../../time.js';
import { Ledger, type LedgerReader } from '../ledger.js';
import { numberAfter, placeNamed } from '../places.js';
import { ReasonedQuery, UseParams } from './uses.dto.js';
import { PEOPLE, personView, totalView } from './uses.view.js';

const NO_IDS: ReadonlyMap<number, string> = new Map();

/** Whose data was used. */
@Tag('uses')
@Controller('v1/uses/:id/people')
export class PeopleController {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: PolicyService,
  ) {}

  @Get()
  @May('audit', 'policies')
  @RouteSchema({ params: schemaOf(UseParams), querystring: schemaOf(ReasonedQuery) })
  @Operation('listPeopleOfUse', {
    summary: 'Whose data was used on a day under the same terms: how often, and when',
    description: `Roles \`auditor\` and \`privacy_officer\`. Without ids of users; the role \`privacy_officer\` has them with a \`reason\`, which is noted and told to each of these users. ${PAGES}`,
    headers: ['Accept-Language'],
    query: PAGE_QUERY,
    answers: { 200: { description: 'each person', schema: PEOPLE, headers: ['Content-Language'] } },
    problems: ['use_not_found', 'nothing_recorded'],
  })
  async people(
    @CurrentCaller() caller: Caller,
    @Param() { id }: UseParams,
    @Query() { limit, cursor, reason }: ReasonedQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const page = pageIn(limit, cursor);
    const reader = reason === undefined ? undefined : readerFor(caller, reason);
    const after = numberAfter(page.after);
    const { until, total, people } = await this.ledger.people(placeNamed(id), after, page.limit + 1);
    const { entries, next } = paged(people, page, ({ user }) => ({ at: user, id: 'user' }));
    const ids = reader === undefined ? NO_IDS : await this.ledger.idsFor(reader, total, entries);
    const policy = this.policies.current;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    return {
      complete_until: until === undefined ? null : timeText(until),
      language,
      use: totalView(total, policy, language),
      people: entries.map((person) => personView(person, ids)),
      ...next,
    };
  }
}

/** @throws DomainError `caller_not_allowed` */
function readerFor(caller: Caller, reason: string): LedgerReader {
  mustBeAllowedOnPolicies(caller, 'see_users');
  if (caller.kind !== 'admin') throw new Error('somebody who is no admin may see the ids of users');
  return { admin: caller, reason };
}
