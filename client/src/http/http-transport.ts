/** The way to a service over HTTP. */
import { randomUUID } from 'node:crypto';
import { Agent as PlainAgent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import type { Answer } from '../terms/answer.js';
import { answersIn, partIn } from './answers.js';
import { bodyOf } from './body.js';
import { type Hide, problemIn } from './problem.js';
import type { CacheService, Told } from '../cache/attachment.js';
import { type Agent, type Reply, agentFor, exchange, singleLike } from './exchange.js';
import { Failure } from '../terms/failure.js';
import { readJson } from '../terms/json.js';
import type { AudienceQuestion, Question } from '../terms/question.js';
import { baseOf, isSecureUrl } from './address.js';
import { settled } from '../terms/settled.js';
import { type TokenSettings, type Tokens, tokensOf } from './tokens.js';
import { type AudiencePart, type ExtractSent, type GrantSent, Transport } from '../transport.js';

export type HttpSettings = {
  /** Address of the service: https, or a loopback address. */
  readonly url: string;
  readonly token: TokenSettings;
  /** The address that the service has as its `PUBLIC_URL`, which proofs of keys name; absent: `url`. */
  readonly publicUrl?: string;
  /** Makes connections, such as one that shows a client certificate; absent: one that keeps them open. */
  readonly agent?: Agent;
  /** Whether answers come with what it takes to report that their obligations were kept, see {@link Assent.discharged}. */
  readonly reports?: boolean;
};

/** Bytes of an answer besides what was sent, and of each answer in it. */
const MOST_AROUND = 65_536;
const MOST_OF_ANSWER = 8_192;
/** Bytes of a line of an audience besides the id, which may be escaped, and the fields. */
const MOST_OF_LINE = 2_048;

/** Bytes of what a cache is told. */
const MOST_OF_NEWS = 16_777_216;
/** Names a cache, in the request and in an answer that it may keep. */
const CACHE_HEADER = 'assent-cache';
/**
 * Most connections of a cache that are let go of because another process than that of the cache is at their end: a balancer
 * may spread requests instead of connections, and then every one has many ends.
 */
const MOST_LET_GO = 64;

type Request = {
  readonly method?: 'GET' | 'DELETE';
  readonly path: string;
  /** The cache that asks. */
  readonly cache?: string;
  /** Whether it is for a cache itself: nobody waits for it. */
  readonly isOfCache?: boolean;
  /** The status of its answer, if that is not 200. */
  readonly answeredBy?: 201;
  /** Media type of the body. */
  readonly type: string;
  /** Media type of the answer. */
  readonly accept: string;
  readonly body: string;
  readonly most: number;
  /** Of the key that the answer is to be bound to. */
  readonly proof?: string;
};

const JSON_TYPE = 'application/json';
const LINES_TYPE = 'application/x-ndjson';

export class HttpTransport extends Transport implements CacheService {
  private readonly base: URL;
  private readonly publicBase: URL;
  private readonly agent: Agent;
  /** An agent of the caller may have other connections. */
  private readonly isAgentOurs: boolean;
  /** Of what is sent for a cache: the process that knows it is at the other end of one connection. */
  private readonly single: Agent;
  private readonly tokens: Tokens;
  private readonly reports: boolean;
  /** By the signal of a request, which all its attempts share: the token in place of one that was refused. */
  private readonly replacements = new WeakMap<AbortSignal, string>();
  /** Connections that were let go of since a cache was attached. */
  private letGo = 0;

  /**
   * @param timeout milliseconds that the identity provider may take
   * @throws TypeError in words when the settings cannot work
   */
  constructor({ url, token, publicUrl = url, agent, reports = false }: HttpSettings, timeout: number) {
    super();
    if (!isSecureUrl(url))
      throw new TypeError('`url` is not safe for a token: set an https address, or a loopback one');
    if (typeof reports !== 'boolean') throw new TypeError('`reports` is neither true nor false: set one');
    this.reports = reports;
    this.base = baseOf(url);
    if (!isSecureUrl(publicUrl))
      throw new TypeError(
        '`publicUrl` is no address that tokens are sent to: set an https address, or a loopback one',
      );
    this.publicBase = baseOf(publicUrl);
    this.agent = agent === undefined ? agentFor(this.base) : fitting(agent, this.base);
    this.isAgentOurs = agent === undefined;
    this.single = singleLike(this.agent);
    this.tokens = tokensOf(token, timeout);
  }

  async evaluate(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    return (await this.evaluateFor(undefined, questions, signal)).answers;
  }

  /** @param cache the id of the cache that would keep the answers; absent: there is none */
  async evaluateFor(
    cache: string | undefined,
    questions: readonly Question[],
    signal: AbortSignal,
  ): Promise<{ readonly answers: readonly Answer[]; readonly mayBeKept: boolean }> {
    const body = JSON.stringify({
      action: { name: 'read' },
      evaluations: questions.map((question) => itemOf(question, this.reports)),
    });
    const most = MOST_AROUND + MOST_OF_ANSWER * questions.length;
    const named = cache === undefined ? {} : { cache };
    const request = {
      path: 'access/v1/evaluations',
      type: JSON_TYPE,
      accept: JSON_TYPE,
      body,
      most,
      ...named,
    };
    const secrets = questions.flatMap(({ context }) => context?.reader_token ?? []);
    const { text, hide, headers } = await this.send(request, secrets, signal);
    const mayBeKept = cache !== undefined && headers[CACHE_HEADER] === cache;
    return { answers: answersIn(text, questions.length, hide), mayBeKept };
  }

  async attach(signal: AbortSignal): Promise<Told & { readonly id: string }> {
    this.letGo = 0;
    // most programs keep nothing
    const { attachedIn } = await import('../cache/told.js');
    return attachedIn(await this.sendOfCache('', {}, signal));
  }

  async acknowledge(id: string, sequence: number, signal: AbortSignal): Promise<Told> {
    const { toldIn } = await import('../cache/told.js');
    return toldIn(await this.sendOfCache(`/${id}/acknowledgements`, { sequence }, signal));
  }

  async detach(id: string, signal: AbortSignal): Promise<void> {
    await this.sendOfCache(`/${id}`, undefined, signal);
  }

  async audience(
    { purpose, fields, context, extract }: AudienceQuestion,
    users: readonly string[],
    signal: AbortSignal,
  ): Promise<AudiencePart> {
    const query = new URLSearchParams({ purpose, fields: fields.join(',') });
    for (const [name, fact] of Object.entries(context ?? {})) if (fact !== undefined) query.set(name, fact);
    if (extract !== undefined) query.set('extract', extract);
    const body = users.map((user) => `${JSON.stringify(user)}\n`).join('');
    const most = MOST_AROUND + (MOST_OF_LINE + JSON.stringify(fields).length) * users.length;
    const request = {
      path: `v1/audiences?${query.toString()}`,
      type: LINES_TYPE,
      accept: LINES_TYPE,
      body,
      most,
    };
    const { text, hide } = await this.send(request, [], signal);
    return partIn(text, fields, users, hide, extract !== undefined);
  }

  override async report(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    const request = {
      path,
      type: JSON_TYPE,
      accept: JSON_TYPE,
      body: JSON.stringify(body),
      most: MOST_AROUND,
    };
    const { text } = await this.send(request, [], signal);
    return readJson(text);
  }

  override async grant({ body, most, proofOf }: GrantSent, signal: AbortSignal): Promise<string> {
    const path = 'v1/grants';
    const proof = await proofOf('POST', new URL(path, this.publicBase).href);
    const request = { path, type: JSON_TYPE, accept: JSON_TYPE, body, most, proof };
    return (await this.send(request, [], signal)).text;
  }

  override async extract({ body, ...sent }: ExtractSent, signal: AbortSignal): Promise<string> {
    const how = body === undefined ? { method: 'GET' as const, body: '' } : { body: JSON.stringify(body) };
    return (await this.send({ ...sent, ...how, type: JSON_TYPE }, [], signal)).text;
  }

  override close(): void {
    if (this.isAgentOurs) this.agent.destroy();
    this.tokens.close();
  }

  /** @param body absent: it is to be deleted */
  private async sendOfCache(path: string, body: object | undefined, signal: AbortSignal): Promise<string> {
    const request = {
      ...(body === undefined ? { method: 'DELETE' as const } : {}),
      ...(path === '' ? { answeredBy: 201 as const } : {}),
      path: `v1/caches${path}`,
      type: JSON_TYPE,
      accept: JSON_TYPE,
      body: body === undefined ? '' : JSON.stringify(body),
      most: MOST_OF_NEWS,
      isOfCache: true,
    };
    return (await this.send(request, [], signal)).text;
  }

  /**
   * The body of the answer. A token that is refused is replaced, once for a request, and whoever limits the attempts sends
   * it again: here, refusals and failures in turn would make twice as many.
   */
  private async send(
    request: Request,
    secrets: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly hide: Hide; readonly headers: Reply['headers'] }> {
    const replacement = this.replacements.get(signal);
    const token = replacement ?? (await settled(this.tokens.get(signal), signal));
    const [reply, id] = await this.exchanged(request, token, signal);
    const hide = hiding([token, ...secrets]);
    if (reply.status !== 401)
      return {
        text: bodyOf(reply, id, request.accept, hide, request.answeredBy),
        hide,
        headers: reply.headers,
      };
    // so that the next request does not begin with it
    this.tokens.refused(token);
    const refusal = { message: `status ${reply.status}`, ...problemIn(reply.body, hide) };
    if (replacement !== undefined) {
      // whoever goes on with the same signal begins anew
      this.replacements.delete(signal);
      throw new Failure('unauthorised', refusal);
    }
    const another = await settled(this.tokens.get(signal), signal);
    this.replacements.set(signal, another);
    throw new Failure('unauthorised', { ...refusal, isWorthAnother: another !== token });
  }

  private async exchanged(
    { method, path, type, accept, body, most, cache, isOfCache, proof }: Request,
    token: string,
    signal: AbortSignal,
  ): Promise<[Reply, string]> {
    const id = randomUUID();
    const headers = {
      authorization: `Bearer ${token}`,
      ...(method === undefined ? { 'content-type': type } : {}),
      accept,
      'x-request-id': id,
      ...(cache === undefined ? {} : { [CACHE_HEADER]: cache }),
      ...(proof === undefined ? {} : { dpop: proof }),
    };
    const url = new URL(path, this.base);
    const agent = isOfCache === true ? this.single : this.agent;
    const isLast = cache === undefined ? undefined : (of: Reply['headers']) => this.isElsewhere(of, cache);
    const sent = { url, headers, body, agent, most, isIdle: isOfCache, isLast };
    return [await exchange(method === undefined ? sent : { ...sent, method }, signal), id];
  }

  /** Whether answers of that connection can never be kept. Another connection may lead to another process. */
  private isElsewhere(headers: Reply['headers'], cache: string): boolean {
    return headers[CACHE_HEADER] !== cache && this.letGo++ < MOST_LET_GO;
  }
}

/** The agent, if it can make connections of this kind. @throws TypeError in words */
function fitting(agent: unknown, { protocol }: URL): Agent {
  if (!(agent instanceof PlainAgent))
    throw new TypeError('`agent` is no agent of Node: set one, or leave it out');
  const isSecure = agent instanceof SecureAgent;
  // one of a class that extends that of http may make secure ones as well, as those of proxies do
  const isPlain = Object.getPrototypeOf(agent) === PlainAgent.prototype;
  if (protocol === 'https:' ? isPlain : isSecure)
    throw new TypeError(
      '`agent` is of the other protocol than `url`: set one of `node:http` or `node:https`',
    );
  return agent;
}

function itemOf({ purpose, user, field, visibility, item, context }: Question, reports: boolean) {
  return {
    subject: { type: 'purpose', id: purpose },
    resource: { type: 'field', id: field, properties: { user, visibility, item } },
    context: reports ? { ...context, discharge: true } : context,
  };
}

/** What a service repeats of a request may end in a log, where no token belongs. */
function hiding(secrets: readonly string[]): Hide {
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, '[token]'), text);
}
