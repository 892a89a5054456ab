import type { Readable } from 'node:stream';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '../../http/described.js';
import { streamed } from '../../http/server.js';
import { Exports } from './exports.js';

/** Hands out what users have said, for another system. */
@ApiTags('imports and exports')
@ApiBearerAuth()
@Controller('v1/exports')
export class ExportsController {
  constructor(private readonly exports: Exports) {}

  @Get('choices')
  @May('export', 'users')
  @ApiOperation({
    summary: 'The profiles, choices and signals of all users, one row a line',
    description: 'Scope `choices:export`. The rows are those that an import takes.',
  })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({ description: 'the rows; `assent-users` says how many users were known when it began' })
  export(@Res({ passthrough: true }) reply: FastifyReply): Readable {
    void reply.type('application/x-ndjson').header('assent-users', this.exports.users);
    return streamed(reply, this.exports.rows());
  }
}
