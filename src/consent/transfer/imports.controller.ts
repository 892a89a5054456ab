import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  HttpCode,
  Logger,
  type OnModuleDestroy,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import { IsString, Matches } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import { CurrentCaller } from '../../access/request-caller.js';
import type { Caller } from '../../access/caller.js';
import { DomainError } from '../../errors.js';
import {
  ApiBearerAuth,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '../../http/described.js';
import { schemaOf } from '../../http/schema.js';
import { STREAMED } from '../../http/body.js';
import { letStream, streamed } from '../../http/server.js';
import { Imports } from './imports.js';
import type { ImportRun } from './import-run.js';

const NDJSON = 'application/x-ndjson';

/** Address of an import: a name that its client gives it, by default the hash of the file. */
class ImportParams {
  @IsString()
  @Matches(/^[A-Za-z0-9._-]{1,128}$/)
  declare id: string;
}

class ImportQuery {
  @IsString()
  @Matches(/^[1-9]\d{0,14}$/)
  declare from: string;
}

/** Takes in what earlier systems know of users. */
@ApiTags('imports and exports')
@ApiBearerAuth()
@Controller('v1/imports/:id')
export class ImportsController implements OnModuleDestroy {
  private readonly logger = new Logger(ImportsController.name);

  constructor(private readonly imports: Imports) {}

  /** Before the server waits for the requests that are open. */
  onModuleDestroy(): Promise<void> {
    return this.imports.close();
  }

  @Get()
  @May('import', 'users')
  @RouteSchema({ params: schemaOf(ImportParams) })
  @ApiOperation({ summary: 'How far an import has come', description: 'Scope `choices:import`.' })
  @ApiOkResponse({ description: 'the last line that was taken in, and what became of the lines until then' })
  async progress(@Param('id') id: string) {
    const { line, summary, refusedLately } = await this.imports.progressOf(id);
    return { id, line, summary, refused_lately: refusedLately };
  }

  @Post()
  @May('import', 'users')
  @HttpCode(200)
  @RouteConfig(STREAMED)
  @RouteSchema({ params: schemaOf(ImportParams), querystring: schemaOf(ImportQuery) })
  @ApiOperation({
    summary: 'Take in rows, one a line',
    description:
      'Scope `choices:import`. The answer is written while the rows are read: refused lines, and how far the import has come after each block.',
  })
  @ApiConsumes(NDJSON)
  @ApiProduces(NDJSON)
  @ApiQuery({ name: 'from', description: 'the line that the first one of the body is' })
  async take(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query('from') from: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const { body } = request;
    if (!(body instanceof Readable) || (request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new DomainError('invalid_request', `send rows as \`${NDJSON}\`, without \`Content-Encoding\``);
    // listened for first: a client may be gone before the run begins
    const gone = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    const run = await this.imports.goOn(id, Number(from), { kind: 'service', id: caller.id });
    void gone.then(() => {
      this.imports.letGo(id, run);
      return run.end(new DomainError('import_elsewhere', 'nobody waits for the answer'));
    });
    letStream(request);
    // an answer may end before the body does, and what is left of that would keep the connection open
    void reply.type(NDJSON).header('connection', 'close');
    return streamed(reply, this.told(run, body));
  }

  /** What is told, as lines. What ends it early is told too, as far as anybody still listens. */
  private async *told(run: ImportRun, body: Readable): AsyncGenerator<string, void> {
    try {
      for await (const report of run.take(lasting(body))) yield `${JSON.stringify(report)}\n`;
    } catch (error) {
      if (!(error instanceof DomainError)) {
        if (!body.destroyed) this.logger.error(error);
        throw error;
      }
      yield `${JSON.stringify({ ended: error.code, error: error.message })}\n`;
    }
  }
}

/** A body that outlives its reading: to end it would end the connection, before what ended the import is told. */
function lasting(body: Readable): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => body.iterator({ destroyOnReturn: false }) };
}
