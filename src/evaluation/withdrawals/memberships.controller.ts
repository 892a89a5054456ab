import { Controller, Get, Headers, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import { UserParams } from '../../consent/settings/settings.dto.js';
import { languagesOf } from '../../decision/policy.js';
import { REASONS } from '../../decision/reasons.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import {
  TEXT,
  TIME,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { PolicyService } from '../../policy/policy.service.js';
import { timeText } from '../../time.js';
import { Memberships, type UsersExtract } from './memberships.js';

const EXTRACTS = objectOf({
  extracts: listOf(
    named(
      'UsersExtract',
      objectOf({
        id: TEXT,
        client: said('the service that took the data', TEXT),
        title: orNull(TEXT),
        purpose: objectOf({ id: TEXT, title: TEXT }),
        fields: said('what was taken of the user', listOf(TEXT)),
        opened_at: TIME,
        closed_at: orNull(TIME),
        withdrawn: said(
          'the fields that may not be used for the purpose any more, each with the reason',
          mapOf(wordOf(Object.keys(REASONS))),
        ),
        left_out_at: said(
          'when the service said that it has left out, or unlearned, what may not be used any more; null: it has not',
          orNull(TIME),
        ),
      }),
    ),
  ),
});

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
    const { document, purposes } = this.policies.current;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(document));
    const titleOf = (id: string) => {
      const purpose = purposes.get(id);
      return purpose?.translations?.[language]?.title ?? purpose?.title ?? id;
    };
    const found = await this.memberships.of(user);
    return { extracts: found.map((one) => viewOf(one, titleOf)) };
  }
}

function viewOf({ extract, fields, withdrawn, leftOutAt }: UsersExtract, titleOf: (id: string) => string) {
  const { client, title, purpose, at } = extract.opening;
  return {
    id: extract.id,
    client,
    title,
    purpose: { id: purpose, title: titleOf(purpose) },
    fields,
    opened_at: timeText(at),
    closed_at: extract.closedAt === null ? null : timeText(extract.closedAt),
    withdrawn,
    left_out_at: leftOutAt === null ? null : timeText(leftOutAt),
  };
}
