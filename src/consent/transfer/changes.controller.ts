import type { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller, ServiceCredentials } from '../../access/caller.js';
import { serviceUnder, whyWithout } from '../../access/clients.js';
import { CurrentService } from '../../access/request-caller.js';
import { didYouMean } from '../../decision/nearest.js';
import { REASONS } from '../../decision/reasons.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { streamed, whenClosed } from '../../http/server.js';
import {
  TEXT,
  YES_OR_NO,
  either,
  just,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import type { PolicyVersion } from '../../policy/policy.service.js';
import { ConsentStore } from '../log/consent.store.js';
import { entryNamed } from '../log/named-entry.js';
import { type ChangeLine, Changes, type Following } from './changes.js';
import { ChangesDto } from './changes.dto.js';

const TOKEN = { consistency_token: said('`after` of whoever goes on from here', TEXT) };
const LINE = named(
  'ChangeLine',
  either(
    said(
      'everything up to the token was told, as this policy version has it: at the beginning, after a publication, now and then, and at the end',
      objectOf({ policy: TEXT, purposes: said('those that are followed', listOf(TEXT)), ...TOKEN }),
    ),
    said(
      'what holds by now',
      objectOf({
        user: TEXT,
        purpose: TEXT,
        on: said('whether data may be used for it, as far as the user is concerned', YES_OR_NO),
        reason: wordOf(Object.keys(REASONS)),
        ...TOKEN,
      }),
    ),
    said(
      'everything that was said of the user is gone; null: so is who it was',
      objectOf({ user: orNull(TEXT), erased: just(true), ...TOKEN }),
    ),
  ),
);

/** Reports changes to clients that keep copies. */
@Tag('imports and exports')
@Controller('v1/changes')
export class ChangesController {
  constructor(
    private readonly changes: Changes,
    private readonly store: ConsentStore,
  ) {}

  @Get()
  @May('follow', 'users')
  @RouteSchema({ querystring: schemaOf(ChangesDto) })
  @Operation('followChanges', {
    summary: 'Whose settings change, from now on or from a token on',
    description:
      "Scope `changes:read`. Lines of JSON without end, about the client's purposes. What a line says holds at least as new as its token; of changes in quick succession the last is told.",
    query: {
      purposes: {
        type: 'string',
        description: "ids of purposes, separated by commas; absent: all of the client's",
      },
      follow: {
        type: 'string',
        enum: ['true', 'false'],
        default: 'true',
        description: '`false`: the answer ends when everything up to now was told',
      },
    },
    answers: {
      200: {
        description: 'what changed, while it changes',
        content: { 'application/x-ndjson': LINE },
      },
    },
    problems: ['change_lost', 'purpose_not_allowed', 'consent_unavailable', 'answers_waiting'],
  })
  async follow(
    @CurrentService() client: ServiceCaller,
    @Query() { after, purposes, follow = 'true' }: ChangesDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    return this.answer(reply, {
      after: after === undefined ? undefined : await entryNamed('after', after, this.store, LOST),
      purposes: (policy) => purposesFor(client, purposes, policy),
      goesOn: follow === 'true',
    });
  }

  private async answer(reply: FastifyReply, asked: Following): Promise<Readable> {
    const gone = new AbortController();
    const pages = this.changes.lines(asked, gone.signal);
    whenClosed(reply, () => {
      gone.abort();
      void pages.return();
    });
    // refusals must come before the answer begins
    const first = await pages.next();
    void reply.type('application/x-ndjson');
    return streamed(reply, this.textOf(first, pages));
  }

  private async *textOf(
    first: IteratorResult<readonly ChangeLine[], void>,
    pages: AsyncGenerator<readonly ChangeLine[], void>,
  ): AsyncGenerator<string, void> {
    for (let page = first; page.done !== true; page = await pages.next())
      yield page.value.map((line) => `${JSON.stringify(this.viewOf(line))}\n`).join('');
  }

  private viewOf({ revision, ...line }: ChangeLine): object {
    const consistency_token = this.store.tokens.of(revision);
    return 'erased' in line
      ? { user: line.erased, erased: true, consistency_token }
      : { ...line, consistency_token };
  }
}

/** What to do about a token of changes that the log has lost: the follower's copy may contain them too. */
const LOST = 'make a new copy, and take the token to go on from before it';

/**
 * The purposes that a client follows under a policy version.
 *
 * @throws DomainError `invalid_request`; `purpose_not_allowed` when the client may not ask for one, or for none at all
 */
function purposesFor(
  client: ServiceCaller,
  asked: string | undefined,
  { document, purposes }: PolicyVersion,
): readonly string[] {
  const { from, ...bound } = serviceUnder(document, client.from.token);
  if (asked === undefined) {
    const followed = [...bound.purposes].filter((purpose) => purposes.has(purpose));
    if (followed.length === 0) throw new DomainError('purpose_not_allowed', whyNone(from.token, purposes));
    return followed;
  }
  const wanted = asked.split(',');
  for (const purpose of wanted) {
    if (!purposes.has(purpose))
      throw new DomainError(
        'invalid_request',
        `\`purposes\`: ${unknownPurpose(purpose, purposes)}`,
        '/purposes',
      );
    if (!bound.purposes.has(purpose))
      throw new DomainError(
        'purpose_not_allowed',
        whyWithout({ from, ...bound }, 'purposes', purpose),
        '/purposes',
      );
  }
  return wanted;
}

/** Why a client has no purpose to follow. */
function whyNone(token: ServiceCredentials, purposes: PolicyVersion['purposes']): string {
  const unknown = [...(token.purposes ?? [])].find((purpose) => !purposes.has(purpose));
  return unknown === undefined
    ? 'this client may ask for no purpose, so that nothing would ever be told: ask for credentials that list one, or for one in the `clients` of the policy'
    : `nothing would ever be told, for the client may ask for none: ${unknownPurpose(unknown, purposes)}`;
}

function unknownPurpose(purpose: string, purposes: PolicyVersion['purposes']): string {
  return `the policy names no purpose \`${purpose}\`${didYouMean(purpose, purposes.keys())}`;
}
