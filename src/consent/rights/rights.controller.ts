import { Controller, Delete, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { AddressedUser } from '../../access/request-caller.js';
import type { ChangedBy } from '../../decision/consent-event.js';
import { languagesOf } from '../../decision/policy.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, either, just, named, objectOf, said } from '../../http/contract/shapes.js';
import { schemaOf } from '../../http/contract/schema.js';
import { Author } from '../settings/addressed-user.js';
import { UserParams } from '../settings/settings.dto.js';
import { ConsentStore } from '../log/consent.store.js';
import { ERASURE, erasureView } from '../upkeep/erasure.view.js';
import { Erasures } from '../upkeep/erasures.js';
import { PolicyService } from '../../policy/policy.service.js';
import { LOOKS_INTO, PAGE_LIMIT, pageOf } from '../log/log-page.dto.js';
import { UserEvents } from './dated-events.js';
import { HistoryQuery } from './history.dto.js';
import { HISTORY, toldEventView } from './history.view.js';
import { KEPT, Kept } from './kept.js';

const ERASED = named(
  'Erased',
  either(
    objectOf({ erased: just(false) }),
    objectOf({
      erased: just(true),
      record: ERASURE,
      consistency_token: TEXT,
      kept: said('what is kept, why and until when', KEPT),
    }),
  ),
);

/** No revision is greater. */
const MOST = Number.MAX_SAFE_INTEGER;

/** The rights that the law gives people over their data. */
@Tag('users and settings')
@Controller('v1/users/:id')
export class RightsController {
  constructor(
    private readonly events: UserEvents,
    private readonly erasures: Erasures,
    private readonly store: ConsentStore,
    private readonly policies: PolicyService,
    private readonly kept: Kept,
  ) {}

  @Get('history')
  @May('look_into', 'user')
  @RouteSchema({ params: schemaOf(UserParams), querystring: schemaOf(HistoryQuery) })
  @Operation('getHistory', {
    summary: 'Everything that was ever said for a user: what, by whom, how, when, on which notice and policy',
    description: `${LOOKS_INTO} The oldest first, or the newest (\`order\`).`,
    headers: ['Accept-Language'],
    query: { limit: PAGE_LIMIT },
    answers: {
      200: {
        description: 'the events; `after` takes the `id` of the last one',
        schema: HISTORY,
        headers: ['Content-Language'],
      },
    },
    problems: ['change_lost', 'consent_unavailable'],
  })
  async history(
    @AddressedUser() user: string,
    @Query() query: HistoryQuery,
    @Headers('accept-language') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { after, limit } = await pageOf(query, this.store);
    const isBack = query.order === 'newest';
    // one more shows whether there is another page
    const found = isBack
      ? await this.events.pageBack(user, query.after === undefined ? MOST : after - 1, limit + 1)
      : await this.events.page(user, after, limit + 1);
    const { document } = this.policies.current;
    const language = answerLanguage(reply, accepted, languagesOf(document), query.language);
    const { tokens } = this.store;
    const events = found.slice(0, limit).map((one) => toldEventView(one, document, language, tokens));
    const last = found.length > limit ? events.at(-1) : undefined;
    return { user, language, events, ...(last === undefined ? {} : { next: last.id }) };
  }

  @Delete()
  @May('erase', 'user')
  @RouteSchema({ params: schemaOf(UserParams) })
  @Operation('eraseUser', {
    summary: 'Erase a user, for good',
    description:
      'The user themselves (`me`), or a service with scope `users:erase`. What the log says of them can never be read again, by anybody; from then on they are `unknown_user`. For a day, nothing but a profile makes a new record of them.',
    headers: ['Accept-Language'],
    answers: {
      200: {
        description: 'whether there was somebody to erase, and the record that it was done',
        schema: ERASED,
        headers: ['Content-Language'],
      },
    },
    problems: ['not_confirmed'],
  })
  async erase(
    @Author() by: ChangedBy,
    @AddressedUser() user: string,
    @Headers('accept-language') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const erasure = await this.erasures.erase(user, by);
    const language = answerLanguage(reply, accepted, languagesOf(this.policies.current.document));
    if (erasure === undefined) return { erased: false };
    return {
      erased: true,
      record: erasureView(erasure, this.store.tokens),
      consistency_token: this.store.tokens.of(erasure.revision),
      kept: this.kept.view(erasure, language),
    };
  }
}
