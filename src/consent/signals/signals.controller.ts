import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, listOf, named, objectOf, said } from '../../http/contract/shapes.js';
import { schemaOf } from '../../http/contract/schema.js';
import { Author } from '../settings/addressed-user.js';
import { ACKNOWLEDGED_MEMBERS, acknowledged } from '../log/acknowledgement.view.js';
import { UserParams } from '../settings/settings.dto.js';
import { Tokens } from '../log/consistency-token.js';
import { SignalDto } from './signals.dto.js';
import { Hearing } from '../settings/gpc/hearing.js';
import { Signals } from './signals.service.js';

const NOT_REPRESENTED = listOf(named('NotRepresented', objectOf({ what: TEXT, why: TEXT })));

/** Answer to a signal. */
const HEARD = named(
  'AcknowledgedSignal',
  objectOf(ACKNOWLEDGED_MEMBERS, {
    closed: said('of a TC string: the purposes that it closes', listOf(TEXT)),
    unchanged: said('of a TC string: purposes that it refuses and that were denied already', listOf(TEXT)),
    not_represented: said('of a TC string: what of it says nothing here', NOT_REPRESENTED),
  }),
);

const IN_TCF = named(
  'TcString',
  objectOf({ tc_string: TEXT, policy: TEXT, revision: TEXT, not_represented: NOT_REPRESENTED }),
);

@Tag('users and settings')
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
  @Operation('recordSignal', {
    summary: 'Record a signal that came with the user',
    examples: { 'Global Privacy Control': { signal: 'gpc' } },
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. `gpc`: Global Privacy Control. ' +
      '`tcf`: a TC string in `tc_string`; the answer says what it `closed`, what was `unchanged` and what was `not_represented`.',
    answers: { 200: { description: 'the change is in force', schema: HEARD } },
    problems: ['too_many_choices', 'user_erased', 'too_many_users', 'not_confirmed'],
  })
  async record(@Author() by: ChangedBy, @AddressedUser() user: string, @Body() body: SignalDto) {
    if (body.signal === 'gpc' && body.tc_string !== undefined)
      throw new DomainError(
        'invalid_request',
        '`tc_string` is read with the signal `tcf` only: leave it out, or send both, one after the other',
        '/tc_string',
      );
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
  @Operation('getTcString', {
    summary: 'A TC string of what stands for a user now',
    description: 'The user themselves (`me`), or a service with scope `settings:read`. Needs `TCF_CMP_ID`.',
    answers: { 200: { description: 'the TC string, and what it could not say', schema: IN_TCF } },
    problems: ['tcf_not_configured', 'consent_unavailable'],
  })
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
