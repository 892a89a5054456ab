import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import { CurrentCaller } from '../access/request-caller.js';
import type { Caller } from '../access/caller.js';
import { Operation, Tag } from '../http/contract/described.js';
import { TEXT } from '../http/contract/shapes.js';
import { schemaOf } from '../http/contract/schema.js';
import { YAML_TYPE } from '../http/body.js';
import { PolicyService } from '../policy/policy.service.js';
import { PolicyStore } from '../policy/policy.store.js';
import { asJson, asYaml, inTurnOfDocuments, prefersYaml } from './documents.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, numberIn, pageIn, paged } from '../http/pages.js';
import { PUBLICATION_PROBLEMS } from './publication-problems.js';
import {
  POLICIES,
  PUBLICATIONS,
  ROLLBACK,
  RULES,
  VERSIONS,
  WHOLE_VERSION,
  draftView,
  publicationView,
  versionView,
} from './publishing.views.js';
import { ROLLBACKS } from './publishing.examples.js';
import { noticesIn } from './requests.js';
import { Publisher } from './publisher.js';
import { RollbackDto, VersionParams } from './publishing.dto.js';
import { Versions } from '../policy/versions.js';

/** Maximum entries of a list. */
const MOST = 200;

/** Policy versions: what was in force when, and their documents. */
@Tag('policies')
@Controller('v1/policies')
export class PoliciesController {
  constructor(
    private readonly policies: PolicyService,
    private readonly versions: Versions,
    private readonly store: PolicyStore,
    private readonly publisher: Publisher,
  ) {}

  @Get()
  @May('read', 'policies')
  @Operation('getPolicies', {
    summary: 'Policy versions and when each was in force, newest first',
    answers: {
      200: {
        description: 'the last 200 of each; `/versions` and `/publications` give all, in pages',
        schema: POLICIES,
      },
    },
  })
  async list() {
    const [versions, publications] = await Promise.all([
      this.store.versions(MOST),
      this.store.publications(MOST),
    ]);
    return {
      current: this.policies.current.id,
      versions: versions.map(versionView),
      publications: publications.map(publicationView),
    };
  }

  @Get('versions')
  @May('read', 'policies')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listVersions', {
    summary: 'Policy versions, newest first, without their documents',
    description: PAGES,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the versions', schema: VERSIONS } },
  })
  async listVersions(@Query('limit') limit: string | undefined, @Query('cursor') cursor: string | undefined) {
    const page = pageIn(limit, cursor);
    const { entries, next } = paged(
      await this.store.versions(page.limit + 1, page.after),
      page,
      (one) => one,
    );
    return { versions: entries.map(versionView), ...next };
  }

  @Get('publications')
  @May('read', 'policies')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listPublications', {
    summary: 'When each version came into force, the last first',
    description: PAGES,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the publications', schema: PUBLICATIONS } },
  })
  async listPublications(
    @Query('limit') limit: string | undefined,
    @Query('cursor') cursor: string | undefined,
  ) {
    const page = pageIn(limit, cursor);
    const found = await this.store.publications(page.limit + 1, numberIn(page));
    const { entries, next } = paged(found, page, ({ sequence, version }) => ({ at: sequence, id: version }));
    return { publications: entries.map(publicationView), ...next };
  }

  @Get(':id')
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(VersionParams) })
  @Operation('getVersion', {
    summary: 'A policy version, whole',
    description: '`current` for the one in force. As JSON, or as YAML with `Accept: application/yaml`.',
    headers: ['Accept'],
    answers: {
      200: {
        description: 'the version; as YAML, its document',
        headers: ['ETag'],
        content: { 'application/json': WHOLE_VERSION, [YAML_TYPE]: TEXT },
      },
    },
    problems: ['policy_not_found'],
  })
  async get(
    @Param() { id }: VersionParams,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return inTurnOfDocuments(async () => {
      const stored = await this.versions.stored(id);
      void reply.header('etag', `"${stored.id}"`);
      if (prefersYaml(accept)) return asYaml(reply, stored.document);
      return asJson(reply, { ...versionView(stored), document: stored.document });
    });
  }

  @Get(':id/rules')
  @May('read', 'policies')
  @RouteSchema({ params: schemaOf(VersionParams) })
  @Operation('getRules', {
    summary: 'The CASL rules that a policy version compiles to',
    description: 'By purpose. Of the rules that match, the last one decides, and its reason is the answer.',
    answers: { 200: { description: 'the rules', schema: RULES } },
    problems: ['policy_not_found'],
  })
  async rules(@Param() { id }: VersionParams, @Res({ passthrough: true }) reply: FastifyReply) {
    return inTurnOfDocuments(async () => {
      const version = await this.versions.get(id);
      return asJson(reply, { policy: version.id, rules: Object.fromEntries(version.rules) });
    });
  }

  @Post(':id/rollback')
  @May('publish', 'policies')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(VersionParams), body: schemaOf(RollbackDto) })
  @Operation('rollBack', {
    summary: 'Return to an old version',
    examples: ROLLBACKS,
    description:
      'Opens a draft of it. If it only closes cells, it is in force at once; otherwise the draft waits for its approvals as any other.',
    answers: { 200: { description: 'the draft, and its publication if it is in force', schema: ROLLBACK } },
    problems: ['policy_not_found', 'too_many_drafts', ...PUBLICATION_PROBLEMS],
  })
  async rollBack(
    @CurrentCaller() caller: Caller,
    @Param() { id }: VersionParams,
    @Body() { message, notices }: RollbackDto,
  ) {
    const { draft, publication } = await this.publisher.rollBack(id, caller.id, message, noticesIn(notices));
    return {
      draft: await draftView(draft),
      ...(publication === undefined ? {} : { publication: publicationView(publication) }),
    };
  }
}
