import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { type Purpose, languagesOf } from '../decision/policy.js';
import { DomainError } from '../errors.js';
import { answerLanguage, matching } from '../http/accept-language.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '../http/described.js';
import { schemaOf } from '../http/schema.js';
import { NoticeHistory, noticeIn } from '../policy/notices.js';
import { PolicyService, type PolicyVersion } from '../policy/policy.service.js';
import { NoticeParams, NoticeQuery } from './consent.dto.js';

/** What users are told of a purpose. It is the same for everybody, so every caller may read it. */
@ApiTags('users and settings')
@ApiBearerAuth()
@Controller('v1/notices/:purpose')
export class NoticesController {
  constructor(
    private readonly policies: PolicyService,
    private readonly history: NoticeHistory,
  ) {}

  @Get()
  @RouteSchema({ params: schemaOf(NoticeParams), querystring: schemaOf(NoticeQuery) })
  @ApiOperation({
    summary: 'What a user is told of a purpose now, with its hash',
    description: 'In `language`, or in what `Accept-Language` asks for. Any caller.',
  })
  @ApiQuery({ name: 'language', required: false, schema: { type: 'string' } })
  @ApiOkResponse({ description: 'the notice' })
  notice(
    @Param('purpose') id: string,
    @Query() { language }: NoticeQuery,
    @Headers('accept-language') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { current } = this.policies;
    const purpose = purposeIn(current, id);
    const wanted = language === undefined ? accepted : languageIn(current, language);
    return {
      policy: current.id,
      ...noticeIn(current, purpose, answerLanguage(reply, wanted, languagesOf(current.document))),
    };
  }

  @Get('versions')
  @RouteSchema({ params: schemaOf(NoticeParams) })
  @ApiOperation({
    summary: 'The notices that a purpose has had, newest first, with their hashes',
    description: 'From the last 1,000 publications. Any caller.',
  })
  @ApiOkResponse({ description: 'the notices' })
  async versions(@Param('purpose') id: string) {
    const versions = await this.history.of(id);
    // one that was removed has notices all the same
    if (versions.length === 0) purposeIn(this.policies.current, id);
    return {
      purpose: id,
      versions: versions.map(({ version, policy, since, until, hashes }) => ({
        version,
        policy,
        since: new Date(since).toISOString(),
        until: until === null ? null : new Date(until).toISOString(),
        languages: Object.keys(hashes),
        hashes,
      })),
    };
  }
}

function purposeIn({ purposes }: PolicyVersion, id: string): Purpose {
  const purpose = purposes.get(id);
  if (purpose === undefined)
    throw new DomainError(
      'purpose_not_found',
      'correct the purpose in the address; settings list those there are',
    );
  return purpose;
}

function languageIn({ document }: PolicyVersion, wanted: string): string {
  const languages = languagesOf(document);
  const found = matching(wanted, languages);
  if (found === undefined)
    throw new DomainError(
      'invalid_request',
      `there is no notice in that language: ask for one of ${languages.map((one) => `\`${one}\``).join(', ')}`,
      '/language',
    );
  return found;
}
