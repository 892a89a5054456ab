import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import { May } from '../../access/authorisation.js';
import { languagesOf } from '../../decision/policy.js';
import { acceptedType } from '../../http/headers/accept.js';
import { answerLanguage } from '../../http/headers/accept-language.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { schemaOf } from '../../http/contract/schema.js';
import { TEXT } from '../../http/contract/shapes.js';
import { PAGES, PAGE_QUERY, pageIn, paged } from '../../http/pages.js';
import { streamed } from '../../http/server.js';
import { PolicyService, type PolicyVersion } from '../../policy/policy.service.js';
import { momentOf, timeText } from '../../time.js';
import { Ledger } from '../ledger.js';
import { placeBefore } from '../places.js';
import { dayOf } from '../roll-up.js';
import type { Total } from '../totals.js';
import { LATEST } from '../user-uses.js';
import type { TotalsWanted } from '../uses.store.js';
import { UseCountsQuery, UsesQuery } from './uses.dto.js';
import { CSV_HEAD, TOTAL, USES, USE_COUNTS, bucketView, csvLine, totalView } from './uses.view.js';

const JSON_TYPE = 'application/json';
const CSV_TYPE = 'text/csv';
const LINES_TYPE = 'application/x-ndjson';

/** Who used what, of all users together. */
@Tag('uses')
@Controller('v1/uses')
export class UsesController {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: PolicyService,
  ) {}

  @Get()
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(UsesQuery) })
  @Operation('listUses', {
    summary: 'How often data was used on a day, by whom, for what, under which terms; without users',
    description: `Roles \`auditor\` and \`privacy_officer\`. The latest day first. As JSON in pages: ${PAGES} As \`text/csv\` and \`application/x-ndjson\`: all of it.`,
    headers: ['Accept', 'Accept-Language'],
    query: PAGE_QUERY,
    answers: {
      200: {
        description: 'the uses',
        headers: ['Content-Language'],
        content: { [JSON_TYPE]: USES, [CSV_TYPE]: TEXT, [LINES_TYPE]: TOTAL },
      },
    },
    problems: ['nothing_recorded'],
  })
  async uses(
    @Query() query: UsesQuery,
    @Headers() headers: IncomingHttpHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const policy = this.policies.current;
    const wanted = wantedIn(query, policy);
    const language = answerLanguage(reply, headers['accept-language'], languagesOf(policy.document));
    const type = acceptedType(headers.accept, [JSON_TYPE, CSV_TYPE, LINES_TYPE]) ?? JSON_TYPE;
    void reply.header('vary', 'Accept, Accept-Language');
    if (type !== JSON_TYPE) {
      const lineOf = type === CSV_TYPE ? csvLine : (total: Total) => jsonLine(total, policy, language);
      const lines = linesOf(this.ledger.allTotals(wanted), type === CSV_TYPE ? CSV_HEAD : '', lineOf);
      void reply.type(`${type}; charset=utf-8`);
      return streamed(reply, lines);
    }
    const page = pageIn(query.limit, query.cursor);
    const { until, totals } = await this.ledger.totals(wanted, placeBefore(page.after), page.limit + 1);
    const { entries, next } = paged(totals, page, ({ day, term }) => ({ at: day, id: term }));
    return {
      complete_until: until === undefined ? null : timeText(until),
      language,
      uses: entries.map((total) => totalView(total, policy, language)),
      ...next,
    };
  }

  @Get('counts')
  @May('audit', 'policies')
  @RouteSchema({ querystring: schemaOf(UseCountsQuery) })
  @Operation('countUses', {
    summary: 'How often data was used in each day, week or month, divided by reason, client or purpose',
    description: `Roles \`auditor\` and \`privacy_officer\`. Narrowed as the list of uses. The latest bucket first, without those that have nothing; ${PAGES}`,
    query: PAGE_QUERY,
    answers: { 200: { description: 'the counts', schema: USE_COUNTS } },
    problems: ['nothing_recorded'],
  })
  async counts(@Query() query: UseCountsQuery) {
    const { every = 'day', by = 'reason' } = query;
    const page = pageIn(query.limit, query.cursor);
    const before = placeBefore(page.after).day;
    const wanted = wantedIn(query, this.policies.current);
    const { until, buckets } = await this.ledger.histogram(wanted, { every, by }, before, page.limit + 1);
    const { entries, next } = paged(buckets, page, ({ day }) => ({ at: day, id: '0' }));
    return {
      complete_until: until === undefined ? null : timeText(until),
      every,
      by,
      buckets: entries.map(bucketView),
      ...next,
    };
  }
}

async function* linesOf(
  totals: AsyncIterable<Total>,
  head: string,
  lineOf: (total: Total) => string,
): AsyncGenerator<string, void> {
  yield head;
  for await (const total of totals) yield lineOf(total);
}

function jsonLine(total: Total, policy: PolicyVersion, language: string): string {
  return `${JSON.stringify(totalView(total, policy, language))}\n`;
}

function wantedIn(query: UsesQuery, { fields }: PolicyVersion): TotalsWanted {
  const { client, purpose, category, reason, from, until } = query;
  return {
    client: quoted(client),
    purpose: quoted(purpose),
    reason: quoted(reason),
    permitted: query.permitted === undefined ? undefined : query.permitted === 'true',
    case: quoted(query.case),
    fields:
      category === undefined
        ? undefined
        : [...fields.values()]
            .filter((field) => field.category === category)
            .map(({ id }) => JSON.stringify(id)),
    fromDay: from === undefined ? 0 : dayOf(momentOf(from)),
    toDay: until === undefined ? LATEST.day : dayOf(momentOf(until)),
  };
}

function quoted(text: string | undefined): string | undefined {
  return text === undefined ? undefined : JSON.stringify(text);
}
