import { Controller, Get, Header, Inject } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiTags } from '../http/described.js';
import { PUBLIC } from '../http/open-routes.js';

/** Injection token of the service's public base URL. */
export const PUBLIC_URL = Symbol('PUBLIC_URL');

/** Where the API is, for those who ask (AuthZEN 1.0, section "Policy Decision Point Metadata"). */
@ApiTags('decisions (AuthZEN 1.0)')
@Controller('.well-known')
export class DiscoveryController {
  /** @param base from the configuration: the Host header is the caller's word, and would let it name another server */
  constructor(@Inject(PUBLIC_URL) private readonly base: string) {}

  @Get('authzen-configuration')
  @RouteConfig(PUBLIC)
  @Header('cache-control', 'public, max-age=3600')
  @ApiOperation({ summary: 'Where the endpoints are' })
  configuration() {
    return {
      policy_decision_point: this.base,
      access_evaluation_endpoint: `${this.base}/access/v1/evaluation`,
      access_evaluations_endpoint: `${this.base}/access/v1/evaluations`,
      search_subject_endpoint: `${this.base}/access/v1/search/subject`,
      search_resource_endpoint: `${this.base}/access/v1/search/resource`,
      search_action_endpoint: `${this.base}/access/v1/search/action`,
    };
  }
}
