import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Delete, Headers, Param } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { ACKNOWLEDGED, acknowledged } from '../log/acknowledgement.view.js';
import { Tokens } from '../log/consistency-token.js';
import { Author } from './addressed-user.js';
import { signalOf } from './gpc/gpc.js';
import { HearsGpc } from './gpc/hears-gpc.js';
import { ChoiceParams, SignalParams } from './settings.dto.js';
import { TakingBack } from './taking-back.js';

@Tag('users and settings')
@Controller('v1/users/:id')
export class TakingBackController {
  constructor(
    private readonly takingBack: TakingBack,
    private readonly tokens: Tokens,
  ) {}

  @Delete('choices/:purpose')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(ChoiceParams) })
  @Operation('takeChoiceBack', {
    summary: 'Take a choice back, as if nothing had been said for the purpose',
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. The law decides again: it is not a denial, and where the law needs no consent it may open the purpose. What a signal closes stays closed.',
    answers: { 200: { description: 'nothing is said for the purpose', schema: ACKNOWLEDGED } },
    problems: [
      'purpose_not_found',
      'signal_stands',
      'opt_out_in_progress',
      'too_many_users',
      'not_confirmed',
    ],
  })
  async choice(@Author() by: ChangedBy, @AddressedUser() user: string, @Param('purpose') purpose: string) {
    return acknowledged(await this.takingBack.choice(user, by, purpose), this.tokens);
  }

  @Delete('signals/:signal')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(SignalParams) })
  @Operation('takeSignalBack', {
    summary: 'Take a signal back, as if it had never come',
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. `gpc`: Global Privacy Control; a grant that it closed is not given again. `tcf`: what TC strings denied and nothing has replaced.',
    answers: { 200: { description: 'the signal does not stand', schema: ACKNOWLEDGED } },
    problems: ['signal_stands', 'opt_out_in_progress', 'too_many_users', 'not_confirmed'],
  })
  async signal(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Param('signal') signal: SignalParams['signal'],
    @Headers() headers: IncomingHttpHeaders,
  ) {
    if (signal === 'tcf') return acknowledged(await this.takingBack.tcf(user, by), this.tokens);
    if (signalOf(headers) === signal)
      throw new DomainError(
        'signal_stands',
        'the browser still sends Global Privacy Control: have the user switch it off there, and send this again',
      );
    return acknowledged(await this.takingBack.gpc(user, by), this.tokens);
  }
}
