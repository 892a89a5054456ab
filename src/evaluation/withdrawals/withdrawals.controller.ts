import type { Readable } from 'node:stream';
import { Controller, Get, Logger, Param, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller } from '../../access/caller.js';
import { CurrentService } from '../../access/request-caller.js';
import { REASONS } from '../../decision/reasons.js';
import { ExtractParams, LookDto } from '../../extracts/extracts.dto.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import {
  TEXT,
  WHOLE,
  either,
  just,
  YES_OR_NO,
  mapOf,
  named,
  objectOf,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { streamed, whenClosed } from '../../http/server.js';
import { type WithdrawalLine, Withdrawals } from './withdrawals.js';

const LINE = named(
  'WithdrawalLine',
  either(
    objectOf({
      member: said('the handle by which the extract names the user', TEXT),
      user: TEXT,
      withdrawn: said(
        'the fields that were extracted and may not be read any more, each with the reason',
        mapOf(wordOf(Object.keys(REASONS))),
      ),
    }),
    said('the user was erased', objectOf({ member: TEXT, erased: just(true) })),
    said(
      'the last line; an answer without it was cut off',
      objectOf({
        since: said('stands for this look', TEXT),
        policy: TEXT,
        complete: said('whether all who withdrew are told, and not only since another look', YES_OR_NO),
        members: said('how many the extract has', WHOLE),
        withdrawn: WHOLE,
        erased: WHOLE,
      }),
    ),
  ),
);

/** Who of an extract has withdrawn since. */
@Tag('extracts')
@Controller('v1/extracts')
export class WithdrawalsController {
  private readonly log = new Logger(WithdrawalsController.name);

  constructor(private readonly withdrawals: Withdrawals) {}

  @Get(':id/withdrawn')
  @May('keep', 'extracts')
  @RouteSchema({ params: schemaOf(ExtractParams), querystring: schemaOf(LookDto) })
  @Operation('listWithdrawn', {
    summary: 'Who of the extract may not be in it any more?',
    description:
      'Everybody in it is decided about anew, as the service would be answered now. A line for each of whom something that was extracted is not permitted any more, or who was erased.',
    answers: { 200: { description: 'the lines', content: { 'application/x-ndjson': LINE } } },
    problems: ['change_lost', 'extract_not_found', 'consent_unavailable', 'answers_waiting'],
  })
  async withdrawn(
    @CurrentService() client: ServiceCaller,
    @Param() { id }: ExtractParams,
    @Query() { since }: LookDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const gone = new AbortController();
    const pages = this.withdrawals.lines(client, id, since, gone.signal);
    whenClosed(reply, () => {
      gone.abort();
      void pages.return();
    });
    // refusals must come before the answer begins
    const first = await pages.next();
    void reply.type('application/x-ndjson');
    return streamed(reply, this.textOf(first, pages, gone.signal));
  }

  private async *textOf(
    first: IteratorResult<readonly WithdrawalLine[], void>,
    pages: AsyncGenerator<readonly WithdrawalLine[], void>,
    gone: AbortSignal,
  ): AsyncGenerator<string, void> {
    try {
      for (let page = first; page.done !== true; page = await pages.next())
        yield page.value.map((line) => `${JSON.stringify(line)}\n`).join('');
    } catch (error) {
      if (!gone.aborted) this.log.error(error);
      throw error;
    }
  }
}
