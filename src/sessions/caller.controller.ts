import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { May } from '../access/authorisation.js';
import { DeclaredRoutes } from '../access/declared-routes.js';
import { callerOfRequest } from '../access/request-caller.js';
import { Operation, Tag } from '../http/contract/described.js';
import { TEXT, TIME, listOf, mapOf, named, objectOf, said, wordOf } from '../http/contract/shapes.js';
import { timeText } from '../time.js';
import { Sessions } from './sessions.js';

const CALLER = named(
  'Caller',
  objectOf(
    {
      kind: wordOf(['user', 'admin', 'service']),
      id: TEXT,
      may: said(
        'the routes that they may use, by method and address: those on a user for what is theirs alone, unless they are a service',
        listOf(TEXT),
      ),
      may_not: said('why not the others, by route', mapOf(TEXT)),
    },
    {
      roles: said('of an admin', listOf(TEXT)),
      session: said(
        'of a person who is signed in: not of one who sends a token',
        objectOf({
          began_at: TIME,
          idle_until: said('when it ends, unless there is a request before', TIME),
          ends_at: said('when it ends at the latest', TIME),
        }),
      ),
    },
  ),
);

/** Tells a page who is signed in, and what they may do. */
@Tag('sessions')
@Controller('v1/me')
export class CallerController {
  constructor(
    private readonly sessions: Sessions,
    private readonly routes: DeclaredRoutes,
  ) {}

  @Get()
  @May('read', 'caller')
  @Operation('caller', {
    summary: 'Who calls, by their session or their token, and what they may do',
    answers: { 200: { description: 'who, how long, and what', schema: CALLER } },
  })
  caller(@Req() request: FastifyRequest) {
    const caller = callerOfRequest(request);
    const { session } = request;
    const ends = session === null ? undefined : this.sessions.endsOf(session);
    const { may, mayNot } = this.routes.openTo(caller);
    return {
      kind: caller.kind,
      id: caller.id,
      ...(caller.kind === 'admin' ? { roles: [...caller.roles].toSorted() } : {}),
      may,
      may_not: mayNot,
      ...(session === null || ends === undefined
        ? {}
        : {
            session: {
              began_at: timeText(session.began),
              idle_until: timeText(ends.idle),
              ends_at: timeText(ends.latest),
            },
          }),
    };
  }
}
