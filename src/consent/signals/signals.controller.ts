import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '../../http/described.js';
import { schemaOf } from '../../http/schema.js';
import { Author } from '../settings/addressed-user.js';
import { ACKNOWLEDGED, acknowledged } from '../log/acknowledgement.view.js';
import { UserParams } from '../settings/settings.dto.js';
import { Tokens } from '../log/consistency-token.js';
import { SignalDto } from './signals.dto.js';
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
  ) {}

  @Post()
  @May('choose', 'user')
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
  async record(@Author() by: ChangedBy, @AddressedUser() user: string, @Body() body: SignalDto) {
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
  @May('read_settings', 'user')
  @RouteSchema({ params: schemaOf(UserParams) })
  @ApiOperation({
    summary: 'A TC string of what stands for a user now',
    description: 'The user themselves (`me`), or a service with scope `settings:read`. Needs `TCF_CMP_ID`.',
  })
  @ApiOkResponse({ description: 'the TC string, and what it could not say' })
  inTcf(@AddressedUser() user: string) {
    const { tcString, policy, revision, notRepresented } = this.signals.inTcf(user);
    return {
      tc_string: tcString,
      policy: policy.id,
      revision: this.tokens.of(revision),
      not_represented: notRepresented,
    };
  }
}
