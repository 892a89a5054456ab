import { Readable } from 'node:stream';
import { Controller, Get, Post, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { CurrentCaller } from '../access/authentication.js';
import type { Caller } from '../access/caller.js';
import { mustBeAllowedOnPolicies } from '../access/policy-permissions.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '../http/described.js';
import { schemaOf } from '../http/schema.js';
import { GENESIS, firstBroken } from './chain.js';
import { Tokens } from './consistency-token.js';
import { ConsentStore } from './consent.store.js';
import { LogPageDto, pageOf } from './rights.dto.js';
import { erasureView } from './rights.views.js';

/** Links that are verified in one turn: about two milliseconds. */
const PAGE = 2_000;
const LINKS_A_LINE = 50;

/** The consent log as those see it who have to show that nobody tampered with it. */
@ApiTags('consent log')
@ApiBearerAuth()
@Controller('v1')
export class LogController {
  constructor(
    private readonly store: ConsentStore,
    private readonly tokens: Tokens,
  ) {}

  @Get('log')
  @ApiOperation({
    summary: 'The last entry of the consent log, and its hash',
    description:
      'Role `auditor` or `privacy_officer`. Whoever keeps the hash can show later whether anything up to there was changed.',
  })
  @ApiOkResponse({ description: 'revision, and hash in base64url' })
  async head(@CurrentCaller() caller: Caller) {
    mustBeAllowedOnPolicies(caller, 'audit');
    const revision = await this.store.head();
    return { revision, hash: (await this.hashAt(revision)).toString('base64url') };
  }

  @Post('log/verification')
  @ApiOperation({
    summary: 'Verify the chain of the whole consent log',
    description:
      'Role `auditor` or `privacy_officer`. Lines of JSON: how far it is, and at last whether every entry follows from the one before.',
  })
  @ApiProduces('application/x-ndjson')
  async verify(@CurrentCaller() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply) {
    mustBeAllowedOnPolicies(caller, 'audit');
    void reply.code(200).type('application/x-ndjson');
    return Readable.from(this.verified(await this.store.head()), { objectMode: false });
  }

  @Get('erasures')
  @RouteSchema({ querystring: schemaOf(LogPageDto) })
  @ApiOperation({
    summary: 'The records that users were erased',
    description: 'Role `auditor` or `privacy_officer`. Nothing tells whom: that is gone.',
  })
  @ApiOkResponse({ description: 'the oldest first; `after` takes the `id` of the last one' })
  async erasures(@CurrentCaller() caller: Caller, @Query() page: LogPageDto) {
    mustBeAllowedOnPolicies(caller, 'audit');
    const { after, limit } = pageOf(page, this.tokens);
    const erasures = await this.store.erasures(after, limit);
    return { erasures: erasures.map((erasure) => erasureView(erasure, this.tokens)) };
  }

  private async hashAt(revision: number): Promise<Buffer> {
    const [link] = await this.store.links(revision - 1, 1);
    return link?.hash ?? GENESIS;
  }

  private async *verified(head: number): AsyncGenerator<string, void> {
    let before = { revision: 0, hash: GENESIS };
    for (let page = 1; before.revision < head; page++) {
      const links = await this.store.links(before.revision, Math.min(PAGE, head - before.revision));
      const broken = links.length === 0 ? before.revision + 1 : firstBroken(before, links);
      if (broken !== undefined) {
        yield line({ intact: false, broken_at: broken });
        return;
      }
      before = links.at(-1) ?? before;
      if (page % LINKS_A_LINE === 0) yield line({ verified: before.revision, of: head });
    }
    yield line({ intact: true, revision: before.revision, hash: before.hash.toString('base64url') });
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
