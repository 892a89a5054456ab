import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../../access/authorisation.js';
import type { FastifyReply } from 'fastify';
import { eachQuoted } from '../../../decision/lists.js';
import { type Purpose, languagesOf } from '../../../decision/policy.js';
import { DomainError } from '../../../errors.js';
import { answerLanguage, matching } from '../../../http/headers/accept-language.js';
import { Operation, Tag } from '../../../http/contract/described.js';
import { NOTICE, NOTICE_VERSIONS } from './notice.shape.js';
import { schemaOf } from '../../../http/contract/schema.js';
import { NoticeHistory, type NoticeName, noticeIn } from '../../../policy/notices.js';
import { PolicyService, type PolicyVersion } from '../../../policy/policy.service.js';
import { timeText } from '../../../time.js';
import { noSuchPurpose } from '../settings.js';
import { NoticeParams, NoticeQuery } from '../settings.dto.js';

/** The notices of purposes. They are the same for everybody, so every caller may read them. */
@Tag('users and settings')
@Controller('v1/notices/:purpose')
export class NoticesController {
  constructor(
    private readonly policies: PolicyService,
    private readonly history: NoticeHistory,
  ) {}

  @Get()
  @May('read', 'notices')
  @RouteSchema({ params: schemaOf(NoticeParams), querystring: schemaOf(NoticeQuery) })
  @Operation('getNotice', {
    summary: 'What a user is told of a purpose now, or was told then, with its hash',
    description:
      'In `language`, or in what `Accept-Language` asks for. The present one, that of a number (`version`), or that of a policy version that was in force (`policy`), as receipts name it. Any caller.',
    headers: ['Accept-Language'],
    query: { version: { type: 'integer', minimum: 1 } },
    answers: { 200: { description: 'the notice', schema: NOTICE, headers: ['Content-Language'] } },
    problems: ['purpose_not_found', 'notice_not_found', 'policy_not_found'],
  })
  async notice(
    @Param('purpose') id: string,
    @Query() { language, ...query }: NoticeQuery,
    @Headers('accept-language') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const wanted = nameIn(query);
    const version = wanted === undefined ? this.policies.current : await this.history.holding(id, wanted);
    const purpose = wanted === undefined ? purposeIn(this.policies.current, id) : version?.purposes.get(id);
    if (version === undefined || purpose === undefined)
      throw new DomainError(
        'notice_not_found',
        '`GET /v1/notices/{purpose}/versions` lists those that existed',
      );
    const asked = language === undefined ? accepted : languageIn(version, language);
    return {
      policy: version.id,
      ...noticeIn(version, purpose, answerLanguage(reply, asked, languagesOf(version.document))),
    };
  }

  @Get('versions')
  @May('read', 'notices')
  @RouteSchema({ params: schemaOf(NoticeParams) })
  @Operation('listNotices', {
    summary: 'The notices that a purpose has had, newest first, with their hashes',
    description: 'From the last 1,000 publications. Any caller.',
    answers: { 200: { description: 'the notices', schema: NOTICE_VERSIONS } },
    problems: ['purpose_not_found'],
  })
  async versions(@Param('purpose') id: string) {
    const versions = await this.history.of(id);
    // a removed purpose still has notices
    if (versions.length === 0) purposeIn(this.policies.current, id);
    return {
      purpose: id,
      versions: versions.map(({ version, policy, since, until, hashes }) => ({
        version,
        policy,
        since: timeText(since),
        until: until === null ? null : timeText(until),
        languages: Object.keys(hashes),
        hashes,
      })),
    };
  }
}

/** What names an earlier notice; nothing: the current one. */
function nameIn({ version, policy }: Omit<NoticeQuery, 'language'>): NoticeName | undefined {
  if (version !== undefined && policy !== undefined)
    throw new DomainError('invalid_request', 'send either `version` or `policy`', '/policy');
  if (version !== undefined) return { version: Number(version) };
  return policy === undefined ? undefined : { policy };
}

function purposeIn({ purposes }: PolicyVersion, id: string): Purpose {
  const purpose = purposes.get(id);
  if (purpose === undefined) throw noSuchPurpose();
  return purpose;
}

function languageIn({ document }: PolicyVersion, wanted: string): string {
  const languages = languagesOf(document);
  const found = matching(wanted, languages);
  if (found === undefined)
    throw new DomainError(
      'invalid_request',
      `there is no notice in that language: ask for one of ${eachQuoted(languages).join(', ')}`,
      '/language',
    );
  return found;
}
