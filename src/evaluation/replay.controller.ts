import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { RouteSchema } from '@nestjs/platform-fastify';
import { May } from '../access/authorisation.js';
import { Tokens } from '../consent/log/consistency-token.js';
import { DomainError } from '../errors.js';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '../http/described.js';
import { schemaOf } from '../http/schema.js';
import { momentOf as timeAt, timeText } from '../time.js';
import { type Moment, Replay, type Replayed } from './replay.js';
import { ReplayDto } from './replay.dto.js';

/** Decisions as they were, for those who must explain them. */
@ApiTags('policies')
@ApiBearerAuth()
@Controller('v1/decisions')
export class ReplayController {
  constructor(
    private readonly replay: Replay,
    private readonly tokens: Tokens,
  ) {}

  @Post('replay')
  @May('replay', 'policies')
  @HttpCode(200)
  @RouteSchema({ body: schemaOf(ReplayDto) })
  @ApiOperation({
    summary: 'Decide as it was decided then, and say why',
    description:
      'At a time (`at`), or on the `policy` and `revision` that a recorded answer names. The version that was in force, the consent events until then, the same engine.',
  })
  @ApiBody({ schema: schemaOf(ReplayDto) })
  async decide(@Body() body: ReplayDto) {
    return view(
      await this.replay.decide(body.evaluation, momentOf(body, this.tokens), body.client_purposes),
      this.tokens,
    );
  }
}

function momentOf({ at, policy, revision }: ReplayDto, tokens: Tokens): Moment {
  if (at !== undefined && policy === undefined && revision === undefined) return { at: timeAt(at) };
  if (at === undefined && policy !== undefined && revision !== undefined) {
    const known = tokens.entryOf(revision);
    if (typeof known === 'number') return { policy, revision: known };
    throw new DomainError('invalid_request', `\`revision\` ${known}`, '/revision');
  }
  throw new DomainError(
    'invalid_request',
    'say when: give `at`, or `policy` and `revision` as the answer named them',
  );
}

function view({ answer, publication, record, regime, events }: Replayed, tokens: Tokens) {
  return {
    decision: answer.decision,
    context: answer.context,
    because: {
      ...(publication === undefined
        ? {}
        : {
            publication: {
              sequence: publication.sequence,
              at: timeText(publication.at),
              by: publication.by,
              draft: publication.draft,
            },
          }),
      user: {
        registered: record.registered,
        region: record.region,
        regime,
        age_band: record.ageBand,
        choices: Object.fromEntries(record.choices),
        signals: [...record.signals],
      },
      events: events.map(({ revision, at, by, change }) => ({
        revision: tokens.of(revision),
        at: timeText(at),
        by: by.kind,
        change,
      })),
    },
  };
}
