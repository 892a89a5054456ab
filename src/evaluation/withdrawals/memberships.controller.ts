import { Controller, Get, Headers, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import { UserParams } from '../../consent/settings/settings.dto.js';
import { languagesOf } from '../../decision/policy.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { listOf, objectOf } from '../../http/contract/shapes.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { PolicyService } from '../../policy/policy.service.js';
import { Memberships } from './memberships.js';
import { USERS_EXTRACT, usersExtractView } from './memberships.view.js';

const EXTRACTS = objectOf({ extracts: listOf(USERS_EXTRACT) });

/** Tells a user what was taken of them for training. */
@Tag('extracts')
@Controller('v1/users/:id')
export class MembershipsController {
  constructor(
    private readonly memberships: Memberships,
    private readonly policies: PolicyService,
  ) {}

  @Get('extracts')
  @May('read_settings', 'user')
  @RouteSchema({ params: schemaOf(UserParams) })
  @Operation('listUsersExtracts', {
    summary: 'Which extracts is the user in, and what has become of that?',
    description:
      'The user themselves (`me`), or a service with scope `settings:read`. Those that were opened last first.',
    headers: ['Accept-Language'],
    answers: { 200: { description: 'the extracts', schema: EXTRACTS, headers: ['Content-Language'] } },
    problems: ['consent_unavailable'],
  })
  async list(
    @AddressedUser() user: string,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const policy = this.policies.current;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    const found = await this.memberships.of(user);
    return { extracts: found.map((one) => usersExtractView(one, policy, language)) };
  }
}
