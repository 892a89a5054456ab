import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Delete, Headers, Param, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { acknowledged } from '../log/acknowledgement.view.js';
import { Tokens } from '../log/consistency-token.js';
import { Author } from './addressed-user.js';
import { signalOf } from './gpc/gpc.js';
import { HearsGpc } from './gpc/hears-gpc.js';
import {
  ACKNOWLEDGED_CHOICE,
  ACKNOWLEDGED_SIGNAL_BACK,
  standing,
  standingWithoutSignal,
} from './outcome.view.js';
import { seenIn } from './request-headers.js';
import { ChoiceParams, SignalParams } from './settings.dto.js';
import { SettingsService } from './settings.service.js';
import { TakingBack } from './changes/taking-back.js';

@Tag('users and settings')
@Controller('v1/users/:id')
export class TakingBackController {
  constructor(
    private readonly takingBack: TakingBack,
    private readonly read: SettingsService,
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
    headers: ['Accept-Language', 'If-Match of settings'],
    answers: {
      200: {
        description: 'nothing is said for the purpose',
        schema: ACKNOWLEDGED_CHOICE,
        mayHave: ['Content-Language'],
      },
    },
    problems: [
      'settings_changed',
      'purpose_not_found',
      'signal_stands',
      'opt_out_in_progress',
      'too_many_users',
      'not_confirmed',
    ],
  })
  async choice(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Param('purpose') purpose: string,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const made = await this.takingBack.choice(user, by, purpose, seenIn(headers['if-match']));
    const outcome = await this.read.outcomeOf(user, by, made.at, [
      { purpose, choice: null, changed: made.changed },
    ]);
    return { ...acknowledged(made, this.tokens), ...standing(outcome, reply, headers, {})(purpose) };
  }

  @Delete('signals/:signal')
  @May('choose', 'user')
  @HearsGpc()
  @RouteSchema({ params: schemaOf(SignalParams) })
  @Operation('takeSignalBack', {
    summary: 'Take a signal back, as if it had never come',
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. Only `gpc`, Global Privacy Control. A grant that it closed is not given again.',
    headers: ['Accept-Language', 'If-Match of settings'],
    answers: {
      200: {
        description: 'the signal does not stand',
        schema: ACKNOWLEDGED_SIGNAL_BACK,
        mayHave: ['Content-Language'],
      },
    },
    problems: ['settings_changed', 'signal_stands', 'opt_out_in_progress', 'too_many_users', 'not_confirmed'],
  })
  async signal(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Param('signal') signal: SignalParams['signal'],
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    if (signalOf(headers) === signal)
      throw new DomainError(
        'signal_stands',
        'the browser still sends Global Privacy Control: have the user switch it off there, and send this again',
      );
    const made = await this.takingBack.gpc(user, by, seenIn(headers['if-match']));
    const explained = await this.read.explainedNow(user);
    return { ...acknowledged(made, this.tokens), ...standingWithoutSignal(explained, reply, headers) };
  }
}
