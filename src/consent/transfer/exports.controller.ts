import type { Readable } from 'node:stream';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { ROW } from './row.shape.js';
import { streamed } from '../../http/server.js';
import { Exports } from './exports.js';

/** Exports users' choices for another system. */
@Tag('imports and exports')
@Controller('v1/exports')
export class ExportsController {
  constructor(private readonly exports: Exports) {}

  @Get('choices')
  @May('export', 'users')
  @Operation('exportChoices', {
    summary: 'The profiles, choices, levels and signals of all users, one row a line',
    description: 'Scope `choices:export`. The rows are those that an import takes.',
    answers: {
      200: { description: 'the rows', headers: ['Assent-Users'], content: { 'application/x-ndjson': ROW } },
    },
    problems: ['consent_unavailable'],
  })
  export(@Res({ passthrough: true }) reply: FastifyReply): Readable {
    void reply.type('application/x-ndjson').header('assent-users', this.exports.users);
    return streamed(reply, this.exports.rows());
  }
}
