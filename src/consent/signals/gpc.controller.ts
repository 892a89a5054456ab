import { Controller, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '../../http/described.js';
import { PUBLIC } from '../../http/open-routes.js';

/** Says that the service abides by Global Privacy Control (section "GPC Support Resource"). */
@ApiTags('users and settings')
@Controller('.well-known')
export class GpcController {
  @Get('gpc.json')
  @RouteConfig(PUBLIC)
  @Header('cache-control', 'public, max-age=3600')
  @ApiOperation({ summary: 'That Global Privacy Control is honoured, and since when it is as it is' })
  support() {
    return { gpc: true, lastUpdate: '2026-11-23' };
  }
}
