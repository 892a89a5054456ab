import type { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller } from '../../access/caller.js';
import { whyWithout } from '../../access/clients.js';
import { CurrentService } from '../../access/request-caller.js';
import { REASONS } from '../../decision/reasons.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/described.js';
import { schemaOf } from '../../http/schema.js';
import { streamed } from '../../http/server.js';
import { TEXT, YES_OR_NO, either, just, named, objectOf, orNull, said, wordOf } from '../../http/shapes.js';
import { PolicyService } from '../../policy/policy.service.js';
import { Tokens } from '../log/consistency-token.js';
import { type ChangeLine, Changes, type Following } from './changes.js';
import { ChangesDto } from './changes.dto.js';

const TOKEN = { consistency_token: said('`after` of whoever goes on from here', TEXT) };
const LINE = named(
  'ChangeLine',
  either(
    said(
      'everything up to the token was told, as this policy version has it: at the beginning, after a publication, now and then, and at the end',
      objectOf({ policy: TEXT, ...TOKEN }),
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

/** Tells what changed, for those who keep what rests on it. */
@Tag('imports and exports')
@Controller('v1/changes')
export class ChangesController {
  constructor(
    private readonly changes: Changes,
    private readonly policies: PolicyService,
    private readonly tokens: Tokens,
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
    problems: ['purpose_not_allowed', 'consent_unavailable', 'answers_waiting'],
  })
  follow(
    @CurrentService() client: ServiceCaller,
    @Query() { after, purposes, follow = 'true' }: ChangesDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    return this.answer(reply, {
      after: after === undefined ? undefined : this.revisionOf(after),
      purposes: this.purposesFor(client, purposes),
      goesOn: follow === 'true',
    });
  }

  private async answer(reply: FastifyReply, asked: Following): Promise<Readable> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const pages = this.changes.lines(asked, gone.signal);
    // what is refused is refused before the answer begins
    const first = await pages.next();
    void reply.type('application/x-ndjson');
    return streamed(reply, this.textOf(first, pages));
  }

  private async *textOf(
    first: IteratorResult<readonly ChangeLine[], void>,
    pages: AsyncGenerator<readonly ChangeLine[], void>,
  ): AsyncGenerator<string, void> {
    try {
      for (let page = first; page.done !== true; page = await pages.next())
        yield page.value.map((line) => `${JSON.stringify(this.viewOf(line))}\n`).join('');
    } finally {
      await pages.return();
    }
  }

  private viewOf({ revision, ...line }: ChangeLine): object {
    const consistency_token = this.tokens.of(revision);
    return 'erased' in line
      ? { user: line.erased, erased: true, consistency_token }
      : { ...line, consistency_token };
  }

  private revisionOf(token: string): number {
    const revision = this.tokens.entryOf(token);
    if (typeof revision === 'string')
      throw new DomainError('invalid_request', `\`after\` ${revision}`, '/after');
    return revision;
  }

  private purposesFor(client: ServiceCaller, asked: string | undefined): readonly string[] {
    const { purposes } = this.policies.current;
    if (asked === undefined) return [...client.purposes];
    const wanted = asked.split(',');
    for (const purpose of wanted) {
      if (!purposes.has(purpose))
        throw new DomainError(
          'invalid_request',
          `\`purposes\`: the policy names no purpose \`${purpose}\``,
          '/purposes',
        );
      if (!client.purposes.has(purpose))
        throw new DomainError('purpose_not_allowed', whyWithout(client, 'purposes', purpose), '/purposes');
    }
    return wanted;
  }
}
