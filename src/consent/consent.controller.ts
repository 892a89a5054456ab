import type { IncomingHttpHeaders } from 'node:http';
import { Body, Controller, Get, Headers, Param, Put } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { CurrentCaller } from '../access/authentication.js';
import type { Caller } from '../access/caller.js';
import { mustBeAllowed } from '../access/permissions.js';
import type { ChangedBy } from '../decision/consent-event.js';
import { DomainError } from '../errors.js';
import { ApiBearerAuth, ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '../http/described.js';
import { schemaOf } from '../http/schema.js';
import type { Acknowledgement } from './consent-log.js';
import { ChoiceDto, ChoiceParams, ProfileDto, UserParams } from './consent.dto.js';
import { ConsentService, type UserSettings } from './consent.service.js';
import { tokenOf } from './consistency-token.js';
import { signalOf } from './gpc.js';
import { Signals } from './signals.service.js';

/** How a user calls themselves in an address. */
const ME = 'me';

/** Answer to a change. */
export const ACKNOWLEDGED = {
  type: 'object' as const,
  properties: {
    consistency_token: {
      type: 'string' as const,
      description: 'a decision that carries it as `context.consistency_token` rests on the change',
    },
    changed: { type: 'boolean' as const, description: 'false: it stood so already, and nothing was written' },
  },
};

@ApiTags('users and settings')
@ApiBearerAuth()
@Controller('v1/users/:id')
export class ConsentController {
  constructor(
    private readonly consent: ConsentService,
    private readonly signals: Signals,
  ) {}

  @Put()
  @RouteSchema({ params: schemaOf(UserParams), body: schemaOf(ProfileDto) })
  @ApiOperation({
    summary: 'Set where a user lives and how old they are',
    description: 'Scope `users:write`.',
  })
  @ApiBody({ schema: schemaOf(ProfileDto) })
  @ApiOkResponse({ schema: ACKNOWLEDGED, description: 'the change is in force' })
  async setProfile(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: ProfileDto) {
    if (id === ME)
      throw new DomainError('invalid_request', '`me` stands for the caller: give the id of a user', '/id');
    mustBeAllowed(caller, 'set_profile', id);
    const region = body.region === 'unknown' ? null : body.region;
    return acknowledged(await this.consent.setProfile(id, changedBy(caller), region, body.age_band));
  }

  @Get('settings')
  @RouteSchema({ params: schemaOf(UserParams) })
  @ApiOperation({
    summary: 'Every purpose as it stands for a user now, and why',
    description: 'The user themselves (`me`), or a service with scope `settings:read`.',
  })
  @ApiOkResponse({ description: 'the settings' })
  async settings(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Headers() headers: IncomingHttpHeaders,
  ) {
    const user = userOf(caller, id);
    mustBeAllowed(caller, 'read_settings', user);
    await this.signals.hear(user, changedBy(caller), signalOf(headers));
    return settingsBody(user, this.consent.settingsOf(user));
  }

  @Put('choices/:purpose')
  @RouteSchema({ params: schemaOf(ChoiceParams), body: schemaOf(ChoiceDto) })
  @ApiOperation({
    summary: 'Grant or deny a purpose',
    description:
      'The user themselves (`me`), or a service with scope `choices:write`. Giving and withdrawing take the same call. A grant against a signal needs `signal_shown`.',
  })
  @ApiBody({ schema: schemaOf(ChoiceDto) })
  @ApiOkResponse({ schema: ACKNOWLEDGED, description: 'the change is in force' })
  async choose(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('purpose') purpose: string,
    @Body() body: ChoiceDto,
    @Headers() headers: IncomingHttpHeaders,
  ) {
    const user = userOf(caller, id);
    mustBeAllowed(caller, 'choose', user);
    await this.signals.hear(user, changedBy(caller), signalOf(headers));
    const { choice, signal_shown: shown } = body;
    return acknowledged(await this.consent.choose(user, changedBy(caller), purpose, choice, shown));
  }
}

/** The user that an address names; `me`: the one who calls. */
export function userOf(caller: Caller, id: string): string {
  if (id !== ME) return id;
  if (caller.kind !== 'user')
    throw new DomainError(
      'invalid_request',
      '`me` stands for a user who calls: give the id of a user',
      '/id',
    );
  return caller.id;
}

export function changedBy(caller: Caller): ChangedBy {
  return { kind: caller.kind === 'user' ? 'user' : 'service', id: caller.id };
}

export function acknowledged({ revision, changed }: Acknowledgement) {
  return { consistency_token: tokenOf(revision), changed };
}

function settingsBody(user: string, { record, regime, policy, revision, purposes }: UserSettings) {
  return {
    user,
    known: record.registered,
    region: record.region ?? 'unknown',
    regime,
    age_band: record.ageBand,
    signals: [...record.signals],
    policy: policy.id,
    revision: tokenOf(revision),
    purposes: purposes.map(({ purpose, setting, choice, on, reason, offers }) => ({
      id: purpose.id,
      parent: purpose.parent ?? null,
      title: purpose.title,
      description: purpose.description,
      setting,
      choice,
      on,
      reason,
      offers,
    })),
  };
}
