import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { CurrentCaller } from '../access/authentication.js';
import type { Caller } from '../access/caller.js';
import { mustBeAllowed } from '../access/permissions.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '../http/described.js';
import { schemaOf } from '../http/schema.js';
import { changedBy, userOf } from './addressed-user.js';
import { UserParams } from './consent.dto.js';
import { tokenOf } from './consistency-token.js';
import { Erasures } from './erasures.js';
import { PageDto, pageOf } from './rights.dto.js';
import { erasureView, eventView } from './rights.views.js';
import { UserEvents } from './user-events.js';

/** What the law lets people ask of those who hold something about them. */
@ApiTags('users and settings')
@ApiBearerAuth()
@Controller('v1/users/:id')
export class RightsController {
  constructor(
    private readonly events: UserEvents,
    private readonly erasures: Erasures,
  ) {}

  @Get('history')
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(PageDto) })
  @ApiOperation({
    summary: 'Everything that was ever said for a user: what, by whom, how, when, on which notice and policy',
    description: 'The user themselves (`me`), or a service with scope `settings:read`. The oldest first.',
  })
  @ApiOkResponse({ description: 'the events; `after` takes the `id` of the last one' })
  async history(@CurrentCaller() caller: Caller, @Param('id') id: string, @Query() query: PageDto) {
    const user = userOf(caller, id);
    mustBeAllowed(caller, 'read_settings', user);
    const { after, limit } = pageOf(query);
    const events = await this.events.page(user, after, limit);
    return { user, events: events.map(({ event, policy }) => eventView(event, policy)) };
  }

  @Delete()
  @RouteSchema({ params: schemaOf(UserParams) })
  @ApiOperation({
    summary: 'Erase a user, for good',
    description:
      'The user themselves (`me`), or a service with scope `users:erase`. What the log says of them can never be read again, by anybody; from then on they are `unknown_user`.',
  })
  @ApiOkResponse({ description: 'whether there was somebody to erase, and the record that it was done' })
  async erase(@CurrentCaller() caller: Caller, @Param('id') id: string) {
    const user = userOf(caller, id);
    mustBeAllowed(caller, 'erase', user);
    const erasure = await this.erasures.erase(user, changedBy(caller));
    if (erasure === undefined) return { erased: false };
    return { erased: true, record: erasureView(erasure), consistency_token: tokenOf(erasure.revision) };
  }
}
