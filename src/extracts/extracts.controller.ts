import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../access/authorisation.js';
import type { Caller, ServiceCaller } from '../access/caller.js';
import { CurrentCaller, CurrentService } from '../access/request-caller.js';
import { StateInForce } from '../consent/log/state-in-force.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { PAGES, PAGE_PARAMETERS, PAGE_QUERY, pageIn, paged } from '../http/pages.js';
import { ExtractParams, NewExtractDto, UnlearnedDto } from './extracts.dto.js';
import * as examples from './extracts.examples.js';
import type { StoredExtract } from './extracts.store.js';
import { EXTRACT, EXTRACTS, extractSummary, extractView } from './extracts.view.js';
import { Extracts } from './extracts.js';

/** What services take of users for training, so that it is known who is in it. */
@Tag('extracts')
@Controller('v1/extracts')
export class ExtractsController {
  constructor(
    private readonly extracts: Extracts,
    private readonly consent: StateInForce,
  ) {}

  @Post()
  @May('keep', 'extracts')
  @RouteSchema({ body: schemaOf(NewExtractDto) })
  @Operation('openExtract', {
    summary: 'Open an extract',
    examples: examples.EXTRACTS,
    description:
      'By a service, for a purpose that it may ask for. Audiences that name the extract take into it who they let through. Its id is the `training_snapshot_id`.',
    answers: { 201: { description: 'the extract', schema: EXTRACT } },
    problems: ['purpose_not_allowed'],
  })
  async open(@CurrentService() client: ServiceCaller, @Body() wanted: NewExtractDto) {
    return extractView(await this.extracts.open(client, wanted), [], this.tokenOf);
  }

  @Get()
  @May('read', 'extracts')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listExtracts', {
    summary: 'Extracts that the caller may read, those that were opened last first',
    description: `A service reads its own, an admin all. ${PAGES}`,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the extracts', schema: EXTRACTS } },
  })
  async list(
    @CurrentCaller() caller: Caller,
    @Query('limit') limit: string | undefined,
    @Query('cursor') cursor: string | undefined,
  ) {
    const page = pageIn(limit, cursor);
    const found = await this.extracts.list(caller, page.limit + 1, page.after);
    const { entries, next } = paged(found, page, ({ id, opening }) => ({ at: opening.at, id }));
    return { extracts: entries.map((one) => extractSummary(one, this.tokenOf)), ...next };
  }

  @Get(':id')
  @May('read', 'extracts')
  @RouteSchema({ params: schemaOf(ExtractParams) })
  @Operation('getExtract', {
    summary: 'An extract, with what its service said about who withdrew',
    answers: { 200: { description: 'the extract', schema: EXTRACT } },
    problems: ['extract_not_found'],
  })
  async get(@CurrentCaller() caller: Caller, @Param() { id }: ExtractParams) {
    return this.viewOf(await this.extracts.get(caller, id));
  }

  @Post(':id/close')
  @May('keep', 'extracts')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(ExtractParams) })
  @Operation('closeExtract', {
    summary: 'Close an extract: nobody is taken into it any more',
    description: 'One that is closed stays as it is.',
    answers: { 200: { description: 'the extract', schema: EXTRACT } },
    problems: ['extract_not_found'],
  })
  async close(@CurrentService() client: ServiceCaller, @Param() { id }: ExtractParams) {
    return this.viewOf(await this.extracts.close(client, id));
  }

  @Post(':id/unlearned')
  @May('keep', 'extracts')
  @HttpCode(200)
  @RouteSchema({ params: schemaOf(ExtractParams), body: schemaOf(UnlearnedDto) })
  @Operation('unlearnExtract', {
    summary: 'Say that who had withdrawn by a look is left out, or unlearned',
    examples: { 'what a look ended with': { since: 'Ao8hxGoJvlHQfjqylAAAAAAAAAAF.12' } },
    answers: { 200: { description: 'the extract', schema: EXTRACT } },
    problems: ['change_lost', 'extract_not_found', 'extract_full'],
  })
  async unlearn(
    @CurrentService() client: ServiceCaller,
    @Param() { id }: ExtractParams,
    @Body() { since }: UnlearnedDto,
  ) {
    await this.extracts.unlearn(client, id, since);
    return this.viewOf(await this.extracts.get(client, id));
  }

  private async viewOf(found: StoredExtract) {
    return extractView(found, await this.extracts.unlearnedIn(found.id), this.tokenOf);
  }

  private readonly tokenOf = (revision: number): string => this.consent.tokens.of(revision);
}
