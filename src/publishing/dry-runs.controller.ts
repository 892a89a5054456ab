import { Body, Controller, HttpCode, Post, Query } from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import pLimit from 'p-limit';
import { May } from '../access/authorisation.js';
import type { Caller } from '../access/caller.js';
import { mustBeAllowedOnPolicies } from '../access/policy-permissions.js';
import { CurrentCaller } from '../access/request-caller.js';
import { Tokens } from '../consent/log/consistency-token.js';
import { YAML, YAML_TYPE } from '../http/body.js';
import { Operation, Tag } from '../http/contract/described.js';
import { schemaOf } from '../http/contract/schema.js';
import { ANYTHING, TEXT } from '../http/contract/shapes.js';
import { Budget, type YamlResult, readYamlSteps } from '../policy/text/policy-yaml.js';
import { CURRENT, Versions } from '../policy/versions.js';
import { inSlices } from '../work/slices.js';
import { contentOf } from './drafts.js';
import { CheckQuery, ImpactQuery } from './publishing.dto.js';
import { DOCUMENT_CHECK, IMPACT, documentCheckView, impactView } from './publishing.views.js';
import { MOST_SAMPLES, readYaml, samplesIn } from './requests.js';
import { Reviewer } from './review/review.js';

const BODY = { 'application/json': ANYTHING, [YAML_TYPE]: TEXT };

/**
 * What a document would do as a draft, of which nothing is kept. It tells no more than the check of a draft does, which
 * whoever may read policies sees. But it costs as much for any document that is sent, so it is for those who may write
 * drafts, and one is looked at at a time.
 */
@Tag('policies')
@Controller('v1/policies')
export class DryRunsController {
  private readonly inTurn = pLimit(1);

  constructor(
    private readonly versions: Versions,
    private readonly reviewer: Reviewer,
    private readonly tokens: Tokens,
  ) {}

  @Post('check')
  @May('edit', 'policies')
  @HttpCode(200)
  @RouteConfig(YAML)
  @RouteSchema({ querystring: schemaOf(CheckQuery) })
  @Operation('checkDocument', {
    summary: 'All that the check of a draft would say of a document, without a draft',
    description:
      'As JSON or YAML. Nothing is saved. Errors and lints of a document in YAML have `line` and `column`; so has a text that is no YAML, whose errors are answered as well.',
    body: BODY,
    answers: { 200: { description: 'what was found', schema: DOCUMENT_CHECK } },
    problems: ['policy_not_found'],
  })
  async check(@Query() { base: wanted = CURRENT }: CheckQuery, @Body() body: unknown) {
    return this.inTurn(async () => {
      const { id: base } = await this.versions.stored(wanted);
      const read = await readBody(body);
      if (!read.ok) {
        const errors = read.faults.map((fault) => ({ ...fault, path: '' }));
        return documentCheckView({ base, placeOf: () => undefined }, { errors, lints: [] });
      }
      const { value: document, placeOf } = read.text;
      const content = await contentOf(document);
      return documentCheckView({ base, content, placeOf }, await this.reviewer.check({ base, document }));
    });
  }

  @Post('impact')
  @May('edit', 'policies')
  @HttpCode(200)
  @RouteConfig(YAML)
  @RouteSchema({ querystring: schemaOf(ImpactQuery) })
  @Operation('countImpact', {
    summary: 'The impact that a document would have as a draft, without a draft',
    description:
      'As JSON or YAML. Nothing is saved. Counted over the live consent state. `?samples=5` adds ids of users, for privacy officers.',
    query: { samples: { type: 'integer', minimum: 0, maximum: MOST_SAMPLES, default: 0 } },
    body: BODY,
    answers: { 200: { description: 'the counts', schema: IMPACT } },
    problems: ['policy_not_found', 'draft_not_sound', 'consent_unavailable'],
  })
  async impact(
    @CurrentCaller() caller: Caller,
    @Query() { base: wanted = CURRENT, samples }: ImpactQuery,
    @Body() body: unknown,
  ) {
    const most = samplesIn(samples);
    if (most > 0) mustBeAllowedOnPolicies(caller, 'see_users');
    return this.inTurn(async () => {
      const { id: base } = await this.versions.stored(wanted);
      const document = typeof body === 'string' ? await readYaml(body) : body;
      await contentOf(document);
      return impactView(await this.reviewer.impact({ base, document }, most), this.tokens);
    });
  }
}

/** The document of a body. What was sent as JSON has no places. */
async function readBody(body: unknown): Promise<YamlResult> {
  if (typeof body === 'string') return inSlices(readYamlSteps(body, new Budget()));
  return { ok: true, text: { value: body, placeOf: () => undefined } };
}
