import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { CurrentCaller } from '../../access/tokens/authentication.js';
import type { Caller } from '../../access/caller.js';
import { mustBeAllowed } from '../../access/permissions.js';
import { DomainError } from '../../errors.js';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '../../http/described.js';
import { schemaOf } from '../../http/schema.js';
import { changedBy, userOf } from '../settings/addressed-user.js';
import { ACKNOWLEDGED, acknowledged } from '../settings/settings.controller.js';
import { UserParams } from '../settings/settings.dto.js';
import { Tokens } from '../log/consistency-token.js';
import { SignalDto } from './signals.dto.js';
import { ConsentService } from '../settings/consent.service.js';
import { Hearing } from '../settings/hearing.js';
import { Signals } from './signals.service.js';

@ApiTags('users and settings')
@ApiBearerAuth()
@Controller('v1/users/:id/signals')
export class SignalsController {
  constructor(
    private readonly hearing: Hearing,
    private readonly signals: Signals,
    private readonly tokens: Tokens,
    private readonly consent: ConsentService,
  ) {}

  @Post()
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(UserParams), body: schemaOf(SignalDto) })
  @ApiOperation({
    summary: 'Record a signal that came with the user',
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. `gpc`: Global Privacy Control. ' +
      '`tcf`: a TC string in `tc_string`; the answer says what it `closed`, what was `unchanged` and what was `not_represented`.',
  })
  @ApiBody({ schema: schemaOf(SignalDto) })
  @ApiOkResponse({ schema: ACKNOWLEDGED, description: 'the change is in force' })
  async record(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: SignalDto) {
    const user = userOf(caller, id, this.consent);
    mustBeAllowed(caller, 'choose', user);
    const by = changedBy(caller);
    if (body.signal === 'gpc')
      return acknowledged(await this.hearing.record(user, by, body.signal), this.tokens);
    if (body.tc_string === undefined)
      throw new DomainError('invalid_request', '`tc_string` is missing: add it', '/tc_string');
    const heard = await this.signals.recordTcString(user, by, body.tc_string);
    return {
      ...acknowledged(heard, this.tokens),
      closed: heard.closed,
      unchanged: heard.unchanged,
      not_represented: heard.notRepresented,
    };
  }

  @Get('tcf')
  @RouteSchema({ params: schemaOf(UserParams) })
  @ApiOperation({
    summary: 'A TC string of what stands for a user now',
    description: 'The user themselves (`me`), or a service with scope `settings:read`. Needs `TCF_CMP_ID`.',
  })
  @ApiOkResponse({ description: 'the TC string, and what it could not say' })
  inTcf(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const user = userOf(caller, id, this.consent);
    mustBeAllowed(caller, 'read_settings', user);
    const { tcString, policy, revision, notRepresented } = this.signals.inTcf(user);
    return {
      tc_string: tcString,
      policy: policy.id,
      revision: this.tokens.of(revision),
      not_represented: notRepresented,
    };
  }
}
