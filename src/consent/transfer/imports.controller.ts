import type { Readable } from 'node:stream';
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
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import { CurrentCaller } from '../../access/request-caller.js';
import type { Caller } from '../../access/caller.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import {
  TEXT,
  TIME,
  WHOLE,
  either,
  just,
  listOf,
  mapOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import { REFUSALS } from './import-refusals.js';
import { ROW, ROWS } from './row.shape.js';
import { ReadsAs, schemaOf } from '../../http/contract/schema.js';
import { LINES, lasting, linesOf } from '../../http/body.js';
import { letStream, streamed } from '../../http/server.js';
import { NEXT, PAGES, PAGE_PARAMETERS, PAGE_QUERY, pageIn, paged } from '../../http/pages.js';
import { timeText } from '../../time.js';
import { type ImportListed, Imports } from './imports.js';
import type { ImportRun } from './import-run.js';

const NDJSON = 'application/x-ndjson';

/** Address of an import: a name that its client gives it, by default the hash of the file. */
class ImportParams {
  @ReadsAs(/^[A-Za-z0-9._-]{1,128}$/, '1 to 128 letters, digits, `.`, `_` or `-`')
  declare id: string;
}

class ImportQuery {
  @ReadsAs(/^[1-9]\d{0,14}$/, 'the number of a line, from 1 on')
  declare from: string;
}

const REFUSED = named(
  'RefusedLine',
  objectOf({ line: WHOLE, reason: wordOf(Object.keys(REFUSALS)), error: TEXT }),
);
const SUMMARY = named(
  'ImportSummary',
  objectOf({
    changed: WHOLE,
    unchanged: WHOLE,
    refused: WHOLE,
    reasons: said('how many lines were refused for which reason', mapOf(WHOLE)),
    permits_nothing: said('rows whose grant permits nothing', WHOLE),
    taken_as_strictest: said('rows with a level that its group does not have', WHOLE),
  }),
);
const PROGRESS = named(
  'ImportProgress',
  objectOf({ id: TEXT, line: WHOLE, summary: SUMMARY, refused_lately: listOf(REFUSED) }),
);
const IMPORTS = named(
  'Imports',
  objectOf(
    {
      imports: listOf(
        named(
          'Import',
          objectOf({
            id: TEXT,
            by: said('the service that sent the last block; null: not known', orNull(TEXT)),
            begun_at: said('when the first block was taken in; null: not known', orNull(TIME)),
            changed_at: said('when the last one was; null: not known', orNull(TIME)),
            line: said('the last that was taken in', WHOLE),
            summary: SUMMARY,
          }),
        ),
      ),
    },
    NEXT,
  ),
);
const REPORT = named(
  'ImportLine',
  either(
    REFUSED,
    objectOf({ line: WHOLE, summary: SUMMARY }, { done: just(true) }),
    said('it ended early', objectOf({ ended: said('an error code', TEXT), error: TEXT })),
  ),
);

/** Imports users' records from earlier systems. */
@Tag('imports and exports')
@Controller('v1/imports')
export class ImportsController implements OnModuleDestroy {
  private readonly logger = new Logger(ImportsController.name);

  constructor(private readonly imports: Imports) {}

  /** Runs before the server waits for open requests. */
  onModuleDestroy(): Promise<void> {
    return this.imports.close();
  }

  @Get()
  @May('oversee', 'policies')
  @RouteSchema({ querystring: PAGE_PARAMETERS })
  @Operation('listImports', {
    summary: 'Imports and how far they have come, those that changed last first',
    description: `Roles \`policy_admin\`, \`privacy_officer\` and \`auditor\`. Without rows, and without single lines that were refused. ${PAGES}`,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the imports', schema: IMPORTS } },
    problems: ['not_confirmed'],
  })
  async list(@Query('limit') limit: string | undefined, @Query('cursor') cursor: string | undefined) {
    const page = pageIn(limit, cursor);
    const found = await this.imports.list(page.limit + 1, page.after);
    const { entries, next } = paged(found, page, ({ id, changedAt }) => ({ at: changedAt ?? 0, id }));
    return { imports: entries.map(listedView), ...next };
  }

  @Get(':id')
  @May('import', 'users')
  @RouteSchema({ params: schemaOf(ImportParams) })
  @Operation('getImport', {
    summary: 'How far an import has come',
    description: 'Scope `choices:import`.',
    answers: {
      200: {
        description: 'the last line that was taken in, and what became of the lines until then',
        schema: PROGRESS,
      },
    },
    problems: ['import_not_found', 'not_confirmed'],
  })
  async progress(@Param('id') id: string) {
    const { line, summary, refusedLately } = await this.imports.progressOf(id);
    return { id, line, summary, refused_lately: refusedLately };
  }

  @Post(':id')
  @May('import', 'users')
  @HttpCode(200)
  @RouteConfig(LINES)
  @RouteSchema({ params: schemaOf(ImportParams), querystring: schemaOf(ImportQuery) })
  @Operation('importRows', {
    summary: 'Take in rows, one a line',
    examples: ROWS,
    description:
      'Scope `choices:import`. The body is one JSON object a line (NDJSON), as many as there are; a row has a profile (`region`, `age_band`), a choice (`purpose`, `choice`), a level (`group`, `level`) or a `signal` of a `user`, or several of them. Files of CSV, with the same names in their first line, are read by `npm run consent -- import`, which sends these lines. The answer is written while the rows are read: refused lines, and how far the import has come after each block.',
    query: { from: said('the line that the first one of the body is', { type: 'integer', minimum: 1 }) },
    body: { [NDJSON]: ROW },
    answers: {
      200: { description: 'refused lines, and how far it has come', content: { [NDJSON]: REPORT } },
    },
    problems: ['import_elsewhere', 'not_confirmed'],
  })
  async take(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query('from') from: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const body = linesOf(request);
    // listen first: a client may be gone before the run begins
    const gone = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    const run = await this.imports.goOn(id, Number(from), { kind: 'service', id: caller.id });
    void gone.then(() => {
      this.imports.letGo(id, run);
      return run.end(new DomainError('import_elsewhere', 'nobody waits for the answer'));
    });
    letStream(request);
    // an answer may end before the body does, and the rest of the body would keep the connection open
    void reply.type(NDJSON).header('connection', 'close');
    return streamed(reply, this.told(run, body));
  }

  /** The reports as lines. A failure is reported too, if the client still reads. */
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

function listedView({ id, by, begunAt, changedAt, line, summary }: ImportListed) {
  const timeOf = (at: number | null) => (at === null ? null : timeText(at));
  return { id, by, begun_at: timeOf(begunAt), changed_at: timeOf(changedAt), line, summary };
}
