import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../access/authorisation.js';
import { AddressedUser } from '../access/request-caller.js';
import { Tokens } from '../consent/log/consistency-token.js';
import { UserEvents } from '../consent/rights/dated-events.js';
import { UserParams } from '../consent/settings/settings.dto.js';
import { SettingsService } from '../consent/settings/settings.service.js';
import { languagesOf } from '../decision/policy.js';
import { Memberships } from '../evaluation/withdrawals/memberships.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { TEXT } from '../http/contract/shapes.js';
import { acceptedType } from '../http/headers/accept.js';
import { answerLanguage } from '../http/headers/accept-language.js';
import { streamed } from '../http/server.js';
import { Ledger, type ToldUse } from '../ledger/ledger.js';
import { lookupView, useOfUserView } from '../ledger/answers/uses.view.js';
import { Attributes } from '../reports/attributes/attributes.js';
import type { PolicyVersion } from '../policy/policy.service.js';
import { PAGE_HEADERS, pageIn } from './export.page.js';
import { AS_JSON, EXPORT, type ExportForm, eventsIn, exportHead } from './export.view.js';

/** Whose export it is, how far, and how it is written. */
type Asked = {
  readonly user: string;
  /** The last revision of the history. */
  readonly until: number;
  readonly policy: PolicyVersion;
  readonly language: string;
  readonly form: ExportForm;
};

/** Gives people everything that is held about them. */
@Tag('users and settings')
@Controller('v1/users/:id/export')
export class ExportController {
  constructor(
    private readonly settings: SettingsService,
    private readonly events: UserEvents,
    private readonly memberships: Memberships,
    private readonly attributes: Attributes,
    private readonly ledger: Ledger,
    private readonly tokens: Tokens,
  ) {}

  @Get()
  @May('export', 'user')
  @RouteSchema({ params: schemaOf(UserParams) })
  @Operation('exportUser', {
    summary: 'Everything that is held about a user',
    description:
      'The user themselves (`me`), or a service with scope `users:export`. As JSON, or as a page with `Accept: text/html`.',
    headers: ['Accept', 'Accept-Language'],
    answers: {
      200: {
        description: 'settings, history, extracts, attributes, who used what, and who looked into it',
        headers: ['Content-Language'],
        content: { 'application/json': EXPORT, 'text/html': TEXT },
      },
    },
    problems: ['consent_unavailable'],
  })
  async export(
    @AddressedUser() user: string,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const explained = await this.settings.explained(user);
    const held = {
      ...explained,
      extracts: await this.memberships.of(user),
      attributes: await this.attributes.of(user),
      until: await this.ledger.completeUntil(),
    };
    const { policy, revision } = explained.settings;
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    const isPage = acceptedType(headers.accept, ['application/json', 'text/html']) === 'text/html';
    const form = isPage ? pageIn(language) : AS_JSON;
    const head = form.head(exportHead(user, held, language, this.tokens));
    void reply.header('vary', 'Accept, Accept-Language').type('application/json; charset=utf-8');
    if (isPage) void reply.headers(PAGE_HEADERS);
    return streamed(reply, this.exported(head, { user, until: revision, policy, language, form }));
  }

  private async *exported(
    head: string,
    { user, until, policy, language, form }: Asked,
  ): AsyncGenerator<string, void> {
    yield head;
    yield* this.events.texts(user, until, eventsIn(form, this.tokens));
    yield form.beforeUses;
    const useView = (use: ToldUse) => useOfUserView(use, policy, language);
    yield* written(this.ledger.allOf(user), useView, form.uses);
    yield form.beforeLookups;
    yield* written(this.ledger.lookups(user), (one) => lookupView(one, language), form.lookups);
    yield form.tail;
  }
}

async function* written<One, View>(
  pages: AsyncIterable<readonly One[]>,
  view: (one: One) => View,
  write: (views: readonly View[], isFirst: boolean) => string,
): AsyncGenerator<string, void> {
  let isFirst = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield write(
      page.map((one) => view(one)),
      isFirst,
    );
    isFirst = false;
  }
}
