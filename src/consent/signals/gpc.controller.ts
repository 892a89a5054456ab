import { Controller, Get, Header } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, YES_OR_NO, named, objectOf } from '../../http/contract/shapes.js';
import { PUBLIC } from '../../http/open-routes.js';

const SUPPORT = named('GpcSupport', objectOf({ gpc: YES_OR_NO, lastUpdate: TEXT }));

/** Says that the service abides by Global Privacy Control (section "GPC Support Resource"). */
@Tag('users and settings')
@Controller('.well-known')
export class GpcController {
  @Get('gpc.json')
  @RouteConfig(PUBLIC)
  @Header('cache-control', 'public, max-age=3600')
  @Operation('gpcSupport', {
    summary: 'That Global Privacy Control is honoured, and since when it is as it is',
    answers: { 200: { description: 'it is', schema: SUPPORT } },
  })
  support() {
    return { gpc: true, lastUpdate: '2026-11-23' };
  }
}
