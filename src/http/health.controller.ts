import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { Operation, Tag } from './contract/described.js';
import { TEXT, YES_OR_NO, just, mapOf, named, objectOf, said, wordOf } from './contract/shapes.js';
import { PUBLIC } from './open-routes.js';

/** The parts that the service needs; checked at every readiness check. */
export abstract class Readiness {
  /** Name of each part and whether it is ready. */
  abstract parts(): Readonly<Record<string, boolean>>;

  /** Why a part is not ready, where somebody outside could fix it. */
  abstract trouble(): string | undefined;
}

const LIVE = named('Live', objectOf({ status: just('up') }));
const READY = named(
  'Ready',
  objectOf(
    { status: wordOf(['up', 'down']), parts: said('whether each is ready', mapOf(YES_OR_NO)) },
    { trouble: said('why a part is not ready, where somebody outside could fix it', TEXT) },
  ),
);

@Tag('health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @HttpCode(200)
  @RouteConfig(PUBLIC)
  @Operation('isLive', {
    summary: 'The process runs',
    answers: { 200: { description: 'it runs', schema: LIVE } },
  })
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @RouteConfig(PUBLIC)
  @Operation('isReady', {
    summary: 'Decisions can be made: 200, or 503 with the part that is missing',
    answers: {
      200: { description: 'they can', schema: READY },
      503: { description: 'they cannot yet, or no longer', schema: READY },
    },
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const parts = this.readiness.parts();
    const up = Object.values(parts).every(Boolean);
    void reply.code(up ? 200 : 503);
    const trouble = this.readiness.trouble();
    return { status: up ? 'up' : 'down', parts, ...(trouble === undefined ? {} : { trouble }) };
  }
}
