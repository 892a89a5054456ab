import { Readable } from 'node:stream';
import { Controller, Get, Logger, Req, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import type { ServiceCaller } from '../../access/caller.js';
import { CurrentService } from '../../access/request-caller.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { parserOf, queryOf } from '../../http/contract/schema.js';
import { BYTES, TEXT, said, wordOf } from '../../http/contract/shapes.js';
import { acceptedType } from '../../http/headers/accept.js';
import { streamed } from '../../http/server.js';
import { questionIn } from '../audience/audience.dto.js';
import { PermitsQueryDto } from './permits.dto.js';
import { Permits } from './permits.service.js';

const PARQUET = 'application/vnd.apache.parquet';

const QUERY = {
  purpose: TEXT,
  fields: said('separated by commas; absent: all that the policy opens to the purpose', TEXT),
  actor: wordOf(['automated', 'human']),
  legal_reference: TEXT,
  consistency_token: TEXT,
  consistency: wordOf(['confirmed']),
};

const parseQuery = parserOf(PermitsQueryDto);

/** What a purpose may read of all users, as a file for a data lake. */
@Tag('audiences')
@Controller('v1/permits')
export class PermitsController {
  private readonly log = new Logger(PermitsController.name);

  constructor(private readonly permits: Permits) {}

  @Get()
  @May('export_permits', 'users')
  @RouteSchema({ querystring: { ...queryOf(...Object.keys(QUERY)), required: ['purpose'] } })
  @Operation('exportPermits', {
    summary: 'Which fields may this purpose read of every user, as a Parquet file?',
    description:
      'Scope `permits:export`. A row for each user of whom something may be read; who has no row is a no. A file that was cut off cannot be read.',
    query: QUERY,
    headers: ['Accept'],
    answers: {
      200: {
        description: 'the file',
        content: {
          [PARQUET]: said(
            'columns: `user`, `purpose`, `policy`, `made_at` (milliseconds since 1970), then for each field a truth, or one for each level that its items can have',
            BYTES,
          ),
        },
      },
    },
    problems: ['change_lost', 'purpose_not_allowed', 'consent_unavailable', 'record_unavailable'],
  })
  async export(
    @CurrentService() client: ServiceCaller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    if (acceptedType(request.headers.accept, [PARQUET]) === undefined)
      throw new DomainError(
        'invalid_request',
        `\`Accept\` names no type that permits are answered in: ask for ${PARQUET}`,
      );
    const { purpose, fields, ...context } = parseQuery(questionIn(request.query));
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const pieces = await this.permits.open(client, { purpose, fields, context }, request.id, gone.signal);
    void reply.type(PARQUET);
    // an answer without a body: nothing is looked up for it
    if (request.method === 'HEAD') return Readable.from([]);
    return streamed(reply, this.watched(pieces, gone.signal));
  }

  private async *watched(pieces: AsyncIterable<Uint8Array>, gone: AbortSignal) {
    try {
      yield* pieces;
    } catch (error) {
      if (!gone.aborted) this.log.error(error);
      throw error;
    }
  }
}
