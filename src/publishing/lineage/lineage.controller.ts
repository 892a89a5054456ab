import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { lineageSteps } from '../../decision/comparison/lineage.js';
import { didYouMean } from '../../decision/nearest.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { TEXT } from '../../http/contract/shapes.js';
import { acceptedType } from '../../http/headers/accept.js';
import { Versions } from '../../policy/versions.js';
import { inSlices } from '../../work/slices.js';
import { inTurnOfDocuments } from '../documents.js';
import { lineageDot, lineageText } from './lineage.text.js';
import { LINEAGE, lineageView } from './lineage.view.js';
import { LineageQuery } from '../publishing.dto.js';

const JSON_TYPE = 'application/json';
const TEXT_TYPE = 'text/plain';
const DOT_TYPE = 'text/vnd.graphviz';

/** What fields are made of. */
@Tag('policies')
@Controller('v1/lineage')
export class LineageController {
  constructor(private readonly versions: Versions) {}

  @Get()
  @May('read', 'policies')
  @RouteSchema({ querystring: schemaOf(LineageQuery) })
  @Operation('getLineage', {
    summary: 'What a field is made of, what is made of it, and for what it may be used',
    description:
      'As far as the policy says; what users say comes on top. For people as `text/plain`, as a graph as `text/vnd.graphviz`.',
    headers: ['Accept'],
    answers: {
      200: {
        description: 'the lineage',
        content: { [JSON_TYPE]: LINEAGE, [TEXT_TYPE]: TEXT, [DOT_TYPE]: TEXT },
      },
    },
    problems: ['policy_not_found', 'field_not_found'],
  })
  async get(
    @Query() { field, version = 'current' }: LineageQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return inTurnOfDocuments(async () => {
      const { id, table, fields } = await this.versions.get(version);
      const lineage = await inSlices(lineageSteps(table, field));
      if (lineage === undefined)
        throw new DomainError(
          'field_not_found',
          `the policy names no field \`${field}\`${didYouMean(field, fields.keys(), 'correct the id, or have the field added')}`,
          '/field',
        );
      const view = lineageView(id, table, lineage);
      switch (acceptedType(accept, [JSON_TYPE, TEXT_TYPE, DOT_TYPE])) {
        case TEXT_TYPE:
          void reply.type(`${TEXT_TYPE}; charset=utf-8`);
          return lineageText(view);
        case DOT_TYPE:
          void reply.type(`${DOT_TYPE}; charset=utf-8`);
          return lineageDot(view);
        case JSON_TYPE:
        case undefined:
          return view;
      }
    });
  }
}
