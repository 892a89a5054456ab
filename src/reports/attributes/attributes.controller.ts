import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, HttpCode, Logger, Param, Post, Put, Req, Res } from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import { DomainError } from '../../errors.js';
import { LINES, lasting, linesOf } from '../../http/body.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { TEXT, named, objectOf, orNull } from '../../http/contract/shapes.js';
import { letStream, streamed } from '../../http/server.js';
import type { RowReport } from './attribute-rows.js';
import { AttributeDto, AttributeParams } from './attributes.dto.js';
import { Attributes } from './attributes.js';
import { ATTRIBUTE, ATTRIBUTES, ROW_REPORT, attributeView } from './attributes.view.js';

const NDJSON = 'application/x-ndjson';
const ROW = named('AttributeRow', objectOf({ user: TEXT, value: orNull(TEXT) }));
const SCOPE = 'Scope `attributes:write`.';

/** What users are told apart by in the consent balance alone. */
@Tag('reports')
@Controller('v1/attributes')
export class AttributesController {
  private readonly logger = new Logger(AttributesController.name);

  constructor(private readonly attributes: Attributes) {}

  @Get()
  @May('describe', 'users')
  @Operation('listAttributes', {
    summary: 'Attributes by which the consent balance tells users apart',
    description: `${SCOPE} Who has which value is told to nobody but the user.`,
    answers: {
      200: { description: 'the attributes, in the order of their registration', schema: ATTRIBUTES },
    },
  })
  async list() {
    return { attributes: (await this.attributes.all()).map(attributeView) };
  }

  @Put(':attribute')
  @May('describe', 'users')
  @RouteSchema({ params: schemaOf(AttributeParams), body: schemaOf(AttributeDto) })
  @Operation('putAttribute', {
    summary: 'Register an attribute, or change its texts and add values',
    description: `${SCOPE} Values are a closed list: none that users may have can be left out.`,
    examples: {
      'two values': {
        title: 'Industry',
        values: [
          { id: 'health', title: 'Health care' },
          { id: 'other', title: 'Everything else' },
        ],
      },
    },
    answers: { 200: { description: 'the attribute', schema: ATTRIBUTE } },
    problems: ['too_many_attributes'],
  })
  async put(@Param() { attribute: id }: AttributeParams, @Body() { title, values }: AttributeDto) {
    return attributeView(
      await this.attributes.register({
        id,
        title,
        values: values.map((one) => ({ id: one.id, title: one.title })),
      }),
    );
  }

  @Delete(':attribute')
  @May('describe', 'users')
  @RouteSchema({ params: schemaOf(AttributeParams) })
  @Operation('deleteAttribute', {
    summary: 'Delete an attribute, and what users have of it',
    description: SCOPE,
    answers: { 200: { description: 'the attribute that is gone', schema: ATTRIBUTE } },
    problems: ['attribute_not_found'],
  })
  async drop(@Param() { attribute }: AttributeParams) {
    return attributeView(await this.attributes.drop(attribute));
  }

  @Post(':attribute/rows')
  @May('describe', 'users')
  @HttpCode(200)
  @RouteConfig(LINES)
  @RouteSchema({ params: schemaOf(AttributeParams) })
  @Operation('takeAttributeRows', {
    summary: 'Say which value users have, one a line',
    description: `${SCOPE} The body is one JSON object a line (NDJSON), as many as there are. A user has one value of an attribute: the latest stands, and null takes it back. So rows can be sent again. The answer is written while the rows are read: refused lines, and how far it has come.`,
    examples: {
      'a value': { user: 'u-123', value: 'health' },
      'none any more': { user: 'u-123', value: null },
    },
    body: { [NDJSON]: ROW },
    answers: {
      200: { description: 'refused lines, and how far it has come', content: { [NDJSON]: ROW_REPORT } },
    },
    problems: ['attribute_not_found', 'consent_unavailable'],
  })
  async take(
    @Param() { attribute }: AttributeParams,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const body = linesOf(request);
    const reports = await this.attributes.take(attribute, lasting(body));
    letStream(request);
    // an answer may end before the body does, and the rest of the body would keep the connection open
    void reply.type(NDJSON).header('connection', 'close');
    return streamed(reply, this.told(reports, body));
  }

  /** The reports as lines. A failure is reported too, if the client still reads. */
  private async *told(reports: AsyncIterable<RowReport>, body: Readable): AsyncGenerator<string, void> {
    try {
      for await (const report of reports) yield `${JSON.stringify(report)}\n`;
    } catch (error) {
      if (!(error instanceof DomainError)) {
        if (!body.destroyed) this.logger.error(error);
        throw error;
      }
      yield `${JSON.stringify({ ended: error.code, error: error.message })}\n`;
    }
  }
}
