import { Controller, Get, HttpCode, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { ApiOperation, ApiTags } from './described.js';
import { PUBLIC } from './open-routes.js';

/** What the service must hold to be of use; asked at every readiness check. */
export abstract class Readiness {
  /** Name of each part and whether it is ready. */
  abstract parts(): Readonly<Record<string, boolean>>;

  /** Why a part is not ready, where somebody outside could mend it. */
  abstract trouble(): string | undefined;
}

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @HttpCode(200)
  @RouteConfig(PUBLIC)
  @ApiOperation({ summary: 'The process runs' })
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @RouteConfig(PUBLIC)
  @ApiOperation({ summary: 'Decisions can be made: 200, or 503 with the part that is missing' })
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const parts = this.readiness.parts();
    const up = Object.values(parts).every(Boolean);
    void reply.code(up ? 200 : 503);
    const trouble = this.readiness.trouble();
    return { status: up ? 'up' : 'down', parts, ...(trouble === undefined ? {} : { trouble }) };
  }
}
