import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { May } from '../access/authorisation.js';
import type { ServiceCaller } from '../access/caller.js';
import { CurrentService } from '../access/request-caller.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { WHOLE, named, objectOf, said } from '../http/contract/shapes.js';
import { DischargesDto } from './discharges.dto.js';
import { Discharges } from './discharges.js';

/** That services did what answers oblige them to. */
@Tag('uses')
@Controller('v1/discharges')
export class DischargesController {
  constructor(private readonly discharges: Discharges) {}

  @Post()
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(DischargesDto) })
  @Operation('reportDischarges', {
    summary: 'Say that what answers oblige to was done',
    description:
      'By the service that was answered, of answers that it asked a `discharge_token` of. All of it is recorded, or nothing; it is the word of the service. It may be sent again: each answer and obligation counts once.',
    examples: {
      'users were replaced by codes': {
        discharges: [{ answer: 'J0r0Q…vQ.Ao8hxGoJvlHQfjqylAAAAAAAAAAF', obligation: 'pseudonymise' }],
      },
    },
    answers: {
      200: {
        description: 'it is on record',
        schema: named('Discharged', objectOf({ recorded: said('how many', WHOLE) })),
      },
    },
    problems: ['answer_not_found', 'obligation_not_owed', 'nothing_recorded', 'record_unavailable'],
  })
  async report(
    @CurrentService() client: ServiceCaller,
    @Body() { discharges }: DischargesDto,
    @Req() { id }: FastifyRequest,
  ) {
    await this.discharges.report(client, id, discharges);
    return { recorded: discharges.length };
  }
}
