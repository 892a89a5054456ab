import { Body, Controller, Delete, HttpCode, Param, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller } from '../../access/caller.js';
import { CurrentService } from '../../access/request-caller.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { just, objectOf } from '../../http/contract/shapes.js';
import { PolicyService } from '../../policy/policy.service.js';
import { AcknowledgementDto, CacheParams } from './caches.dto.js';
import { ATTACHED, NEWS, newsView } from './caches.view.js';
import { Caches } from './caches.js';

/** Lets clients keep answers until they change. */
@Tag('decisions (AuthZEN 1.0)')
@Controller('v1/caches')
export class CachesController {
  constructor(
    private readonly caches: Caches,
    private readonly policies: PolicyService,
  ) {}

  @Post()
  @May('cache', 'users')
  @Operation('attachCache', {
    summary: 'Attach a cache of answers',
    description:
      'Scope `decisions:cache`. From now on no change is confirmed before the cache has acknowledged it, or its lease has ended. Answers to requests that name it in `Assent-Cache` may be kept if they bear the same header.',
    answers: { 201: { description: 'the cache, and its lease', schema: ATTACHED } },
    problems: ['cache_refused'],
  })
  async attach(@CurrentService() client: ServiceCaller) {
    const { id, ...told } = await this.caches.attach(client);
    return { id, ...newsView(told, this.policies.current) };
  }

  @Post(':id/acknowledgements')
  @May('cache', 'users')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(CacheParams), body: schemaOf(AcknowledgementDto) })
  @Operation('acknowledgeCache', {
    summary: 'Say what the cache has dropped, renew its lease, and hear what to drop next',
    description:
      'Scope `decisions:cache`. The answer comes when something is to be dropped, at the latest after a sixth of `LEASE_MS`.',
    examples: { 'what the answer before said': { sequence: 17 } },
    answers: { 200: { description: 'what to drop', schema: NEWS } },
    problems: ['cache_not_found'],
  })
  async acknowledge(
    @CurrentService() client: ServiceCaller,
    @Param() { id }: CacheParams,
    @Body() { sequence }: AcknowledgementDto,
  ) {
    const told = await this.caches.next(id, client, sequence);
    return newsView(told, this.policies.current);
  }

  @Delete(':id')
  @May('cache', 'users')
  @RouteSchema({ params: schemaOf(CacheParams) })
  @Operation('detachCache', {
    summary: 'Detach a cache that has dropped everything',
    description: 'Scope `decisions:cache`. One that is not there is detached already.',
    answers: { 200: { description: 'it is detached', schema: objectOf({ detached: just(true) }) } },
  })
  detach(@CurrentService() client: ServiceCaller, @Param() { id }: CacheParams) {
    this.caches.detach(id, client);
    return { detached: true };
  }
}
