import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../access/authorisation.js';
import { CurrentService } from '../access/request-caller.js';
import type { ServiceCaller } from '../access/caller.js';
import { Caches } from '../consent/caches/caches.js';
import { CACHE_HEADER, heldIn } from '../consent/caches/held.js';
import { Operation, Tag } from '../http/contract/described.js';
import { eachOf } from '../http/body.js';
import { schemaOf } from '../http/contract/schema.js';
import { DECISION, DECISIONS, FOUND_ACTIONS, FOUND_PURPOSES, FOUND_RESOURCES } from './answer.schema.js';
import { evaluateBatch } from './batch.js';
import * as examples from './evaluation.examples.js';
import {
  ActionSearchDto,
  EvaluationDto,
  EvaluationsDto,
  ResourceSearchDto,
  SubjectSearchDto,
} from './evaluation.dto.js';
import { EvaluationService } from './evaluation.service.js';
import { Search } from './search.js';

/** Sends JSON that is already serialised. */
function send(reply: FastifyReply, json: string): void {
  void reply.type('application/json; charset=utf-8').send(json);
}

/** The AuthZEN Authorization API 1.0. */
@Tag('decisions (AuthZEN 1.0)')
@Controller('access/v1')
export class EvaluationController {
  constructor(
    private readonly evaluation: EvaluationService,
    private readonly search: Search,
    private readonly caches: Caches,
  ) {}

  @Post('evaluation')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(EvaluationDto) })
  @Operation('evaluate', {
    summary: 'May this purpose read this field of this user, now?',
    examples: examples.EVALUATION,
    answers: {
      200: {
        description: 'the decision; a deny is a 200 too',
        schema: DECISION,
        examples: examples.DECISION,
      },
    },
    problems: ['change_lost', 'purpose_not_allowed'],
  })
  async evaluate(
    @CurrentService() client: ServiceCaller,
    @Body() body: EvaluationDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    send(reply, (await this.evaluation.evaluate(client, body, request.id)).json);
  }

  @Post('evaluations')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteConfig(eachOf('evaluations'))
  @RouteSchema({ body: schemaOf(EvaluationsDto) })
  @Operation('evaluateAll', {
    summary: 'Many evaluations in one request, answered in order',
    examples: examples.EVALUATIONS,
    answers: {
      200: {
        description: 'the decisions, in the order of the request',
        schema: DECISIONS,
        examples: examples.DECISIONS,
      },
    },
    problems: ['change_lost', 'purpose_not_allowed'],
  })
  async evaluateBatch(
    @CurrentService() client: ServiceCaller,
    @Body() body: EvaluationsDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const cache = heldIn(request.headers, client, this.caches);
    if (cache !== undefined) void reply.header(CACHE_HEADER, cache);
    send(reply, await evaluateBatch(this.evaluation, client, body, request.id));
  }

  @Post('search/subject')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(SubjectSearchDto) })
  @Operation('searchPurposes', {
    summary: 'Which purposes may read this field of this user?',
    examples: examples.PURPOSES_OF_FIELD,
    answers: { 200: { description: 'purposes', schema: FOUND_PURPOSES } },
    problems: ['change_lost', 'purpose_not_allowed', 'record_unavailable'],
  })
  searchSubjects(
    @CurrentService() client: ServiceCaller,
    @Body() body: SubjectSearchDto,
    @Req() { id }: FastifyRequest,
  ) {
    return this.search.subjects(client, body, id);
  }

  @Post('search/resource')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(ResourceSearchDto) })
  @Operation('searchFieldsOrUsers', {
    summary: 'Which fields of this user, or which users, may this purpose read?',
    examples: examples.FIELDS_OR_USERS,
    answers: { 200: { description: 'fields, or users', schema: FOUND_RESOURCES } },
    problems: ['change_lost', 'purpose_not_allowed', 'record_unavailable'],
  })
  searchResources(
    @CurrentService() client: ServiceCaller,
    @Body() body: ResourceSearchDto,
    @Req() { id }: FastifyRequest,
  ) {
    return this.search.resources(client, body, id);
  }

  @Post('search/action')
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(ActionSearchDto) })
  @Operation('searchActions', {
    summary: 'What may this purpose do with this field of this user?',
    examples: examples.ACTIONS,
    answers: { 200: { description: 'actions', schema: FOUND_ACTIONS } },
    problems: ['change_lost', 'purpose_not_allowed', 'record_unavailable'],
  })
  searchActions(
    @CurrentService() client: ServiceCaller,
    @Body() body: ActionSearchDto,
    @Req() { id }: FastifyRequest,
  ) {
    return this.search.actions(client, body, id);
  }
}
