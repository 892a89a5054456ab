import { Readable } from 'node:stream';
import { Controller, HttpCode, Logger, Post, Req, Res } from '@nestjs/common';
import { RouteConfig, RouteSchema } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { May } from '../../access/authorisation.js';
import { CurrentService } from '../../access/request-caller.js';
import type { ServiceCaller } from '../../access/caller.js';
import { DomainError } from '../../errors.js';
import { Operation, Tag } from '../../http/contract/described.js';
import { TEXT, said } from '../../http/contract/shapes.js';
import { AUDIENCE, QUERY } from './audience.shape.js';
import { parserOf, queryOf, schemaOf } from '../../http/contract/schema.js';
import { acceptedType } from '../../http/headers/accept.js';
import { STREAMED, wasCutOff } from '../../http/body.js';
import { letStream, streamed } from '../../http/server.js';
import { faultOfId, isId, misspelling } from '../../id.js';
import { MEDIA_TYPES, type MediaType } from './formats.js';
import { AudienceStream, firstWrong, linesOf } from './stream.js';
import { AudienceDto, AudienceQueryDto, questionIn } from './audience.dto.js';
import { AudienceService, type OpenAudience } from './audience.service.js';

/** The trailer with the summary, for answers whose body has no room for it. */
const SUMMARY_TRAILER = 'assent-summary';

/** The type that names members. */
const MEMBERS = 'application/x-ndjson';

const parseBody = parserOf(AudienceDto);
const parseQuery = parserOf(AudienceQueryDto);

/** Bulk decisions. */
@Tag('audiences')
@Controller('v1/audiences')
export class AudienceController {
  private readonly log = new Logger(AudienceController.name);

  constructor(private readonly audiences: AudienceService) {}

  @Post()
  @May('ask', 'decisions')
  @HttpCode(200)
  @RouteConfig(STREAMED)
  @RouteSchema({ querystring: queryOf(...Object.keys(QUERY)) })
  @Operation('decideAudience', {
    summary: 'Which of these users may this purpose read these fields of, now?',
    examples: {
      'which of these two, to train models on': {
        purpose: 'ai',
        fields: ['member.skills', 'post.text'],
        users: ['u-123', 'u-456'],
        context: { actor: 'automated' },
      },
    },
    description:
      'Users in a JSON body, or one a line as a stream of any length, with the question in the query. The answer is written while the users are read.',
    headers: ['Accept'],
    query: QUERY,
    body: {
      'application/json': schemaOf(AudienceDto),
      'application/x-ndjson': said('an id a line, as a JSON string', TEXT),
      'text/plain': said('an id a line', TEXT),
    },
    answers: { 200: { description: 'the answer, in the type of `Accept`', content: AUDIENCE } },
    problems: [
      'change_lost',
      'purpose_not_allowed',
      'record_unavailable',
      'extract_not_found',
      'extract_closed',
    ],
  })
  decide(
    @CurrentService() client: ServiceCaller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const { body } = request;
    return body instanceof Readable
      ? this.decideStream(client, request, reply, body)
      : this.decideList(client, request, reply, body);
  }

  private async decideList(
    client: ServiceCaller,
    request: FastifyRequest,
    reply: FastifyReply,
    body: unknown,
  ): Promise<Readable> {
    mustHaveNone(request.query);
    const { purpose, fields, users, extract, context = {} } = parseBody(body);
    const mediaType = answerType(request, 'application/json', extract);
    const open = await this.audiences.open(client, { purpose, fields, context, extract }, request.id);
    const isUser = (id: string) => isId(id) && (misspelling(id) === undefined || open.knows(id));
    mustShow(open, mediaType);
    const strange = await firstWrong(users, isUser);
    if (strange >= 0)
      throw new DomainError(
        'invalid_request',
        `\`users.${strange}\` ${faultOfId(users[strange])}`,
        `/users/${strange}`,
      );
    return this.answer(new AudienceStream(open, mediaType, 'text'), linesOf(users), mediaType, reply);
  }

  private async decideStream(
    client: ServiceCaller,
    request: FastifyRequest,
    reply: FastifyReply,
    body: Readable,
  ): Promise<Readable> {
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new DomainError('invalid_request', 'send the ids as they are, without `Content-Encoding`');
    const { purpose, fields, extract, ...context } = parseQuery(questionIn(request.query));
    const mediaType = answerType(request, 'application/x-ndjson', extract);
    const open = await this.audiences.open(client, { purpose, fields, context, extract }, request.id);
    mustShow(open, mediaType);
    const isText = /^\s*text\//i.test(request.headers['content-type'] ?? '');
    letStream(request);
    return this.answer(new AudienceStream(open, mediaType, isText ? 'text' : 'json'), body, mediaType, reply);
  }

  private answer(
    stream: AudienceStream,
    chunks: AsyncIterable<Uint8Array>,
    mediaType: MediaType,
    reply: FastifyReply,
  ): Readable {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    void reply.type(mediaType);
    if (stream.hasTrailer)
      reply.trailer(SUMMARY_TRAILER, (_reply, _payload, done) => done(null, ascii(stream.summary)));
    return streamed(reply, this.watched(stream, chunks, gone.signal));
  }

  /** The answer; if it is not read to its end, the log says how far it came. */
  private async *watched(stream: AudienceStream, chunks: AsyncIterable<Uint8Array>, gone: AbortSignal) {
    let whole = false;
    try {
      yield* stream.answer(chunks, gone);
      whole = true;
    } catch (error) {
      if (!gone.aborted && !wasCutOff(error)) this.log.error(error);
      throw error;
    } finally {
      const { users, malformed_lines } = stream.summary;
      if (!whole)
        this.log.debug(`audience abandoned: ${users} users decided, ${malformed_lines} lines malformed`);
    }
  }
}

/** The media type of the answer. Only lines have room for the handles of members. */
function answerType({ headers }: FastifyRequest, usual: MediaType, extract: string | undefined): MediaType {
  if (extract !== undefined) {
    if (acceptedType(headers.accept, [MEMBERS]) === MEMBERS) return MEMBERS;
    throw new DomainError(
      'invalid_request',
      `an audience that is taken into an extract is answered as \`${MEMBERS}\`: accept that`,
    );
  }
  const mediaType = acceptedType(headers.accept, [usual, ...MEDIA_TYPES]);
  if (mediaType === undefined)
    throw new DomainError(
      'invalid_request',
      `\`Accept\` names no type that an audience is answered in: ask for one of ${MEDIA_TYPES.join(', ')}`,
    );
  return mediaType;
}

/**
 * Refuses an answer that would be empty because of a typo and could not say so: a text lists who passes, and nothing
 * else.
 *
 * @throws DomainError `invalid_request`
 */
function mustShow({ unknown }: OpenAudience, mediaType: MediaType): void {
  if (mediaType !== 'text/plain' || unknown === undefined) return;
  throw new DomainError(
    'invalid_request',
    `\`${unknown.slice(1).replace('/', '.')}\` names no ${unknown === '/purpose' ? 'purpose' : 'field'} of the policy, so the list would be empty: correct it, or ask for another type of answer`,
    unknown,
  );
}

/** Refuses the query of a stream beside a list, whose body asks the whole question: to ignore it would ask another. */
function mustHaveNone(query: unknown): void {
  const [name] = Object.keys(Object(query));
  if (name === undefined) return;
  throw new DomainError(
    'invalid_request',
    `\`${name}\` is read from the query only where the users are a stream: send it in the body`,
    `/${name}`,
  );
}

/** JSON that is valid in a header. */
function ascii(value: object): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
