import { Controller, Get, Header, Inject } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Operation, Tag } from '../http/contract/described.js';
import { ENDPOINTS } from './answer.schema.js';
import { PUBLIC } from '../http/open-routes.js';

/** Injection token of the service's public base URL. */
export const PUBLIC_URL = Symbol('PUBLIC_URL');

const NAME = 'authzen-configuration';
const CACHING = 'public, max-age=3600';

/** The addresses of the API (AuthZEN 1.0, section "Policy Decision Point Metadata"). */
@Tag('decisions (AuthZEN 1.0)')
@Controller('.well-known')
export class DiscoveryController {
  /** @param base from the configuration: the Host header comes from the caller, who could name another server */
  constructor(@Inject(PUBLIC_URL) private readonly base: string) {}

  @Get(NAME)
  @RouteConfig(PUBLIC)
  @Header('cache-control', CACHING)
  @Operation('authzenConfiguration', {
    summary: 'Where the endpoints are',
    answers: { 200: { description: 'their URLs', schema: ENDPOINTS } },
  })
  configuration() {
    return metadataOf(this.base);
  }
}

/**
 * Serves the metadata where it is looked for when the base has a path: the well-known part goes between the host and
 * the path (section "Obtaining Policy Decision Point Metadata"). Before the server is ready.
 */
export function serveDiscoveryOf(server: FastifyInstance, base: string): void {
  const { pathname } = new URL(base);
  if (pathname === '/') return;
  // a colon would name a parameter
  const address = `/.well-known/${NAME}${decodeURI(pathname).replaceAll(':', '::')}`;
  server.get(address, { config: PUBLIC }, (_request, reply) =>
    reply.header('cache-control', CACHING).send(metadataOf(base)),
  );
}

function metadataOf(base: string) {
  return {
    policy_decision_point: base,
    access_evaluation_endpoint: `${base}/access/v1/evaluation`,
    access_evaluations_endpoint: `${base}/access/v1/evaluations`,
    search_subject_endpoint: `${base}/access/v1/search/subject`,
    search_resource_endpoint: `${base}/access/v1/search/resource`,
    search_action_endpoint: `${base}/access/v1/search/action`,
  };
}
