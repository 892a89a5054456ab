import type { IncomingHttpHeaders } from 'node:http';
import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DEVELOPMENT } from '../access/tokens/development-key.js';
import { DomainError } from '../errors.js';
import { FORM, FORM_TYPE, limitedTo } from '../http/body.js';
import { type AnswerHeader, Operation, Tag } from '../http/contract/described.js';
import { answerLanguage } from '../http/headers/accept-language.js';
import { SPOKEN, type Spoken, spokenTo } from '../http/headers/spoken.js';
import { PROBLEM } from '../http/contract/openapi.js';
import { TEXT, just, named, objectOf, said } from '../http/contract/shapes.js';
import { PUBLIC } from '../http/open-routes.js';
import { statusOf } from '../http/problem.js';
import { clearCookie } from './cookies.js';
import { OWN_HEADER, isOfOrigin, mustBeOwnPage } from './own-page.js';
import { personOf } from './session.js';
import { SESSION_PAGE_HEADERS, failurePage, messagePage, pickerPage } from './sessions.page.js';
import { SESSION_WORDS } from './sessions.words.js';
import { SESSION, Sessions } from './sessions.js';
import { SignInDesk } from './sign-in-desk.js';
import type { Arrived } from './sign-in.js';
import { pageAskedFor } from './where-to.js';

const PAGE = { 'text/html': TEXT };
const IN_LANGUAGE: readonly AnswerHeader[] = ['Content-Language'];
const REFUSED = {
  400: {
    description: 'what was sent does not hold',
    content: { ...PAGE, 'application/problem+json': PROBLEM },
  },
  403: { description: 'a page of somebody else sent it', content: PAGE },
  404: { description: 'people do not sign in here', content: PAGE },
  503: {
    description: 'it is not possible now',
    content: { ...PAGE, 'application/problem+json': PROBLEM },
  },
};
const SIGNED_OUT_AT = '/session/signed-out';
const SIGNED_OUT = named(
  'SignedOut',
  objectOf(
    { signed_out: just(true) },
    { continue_at: said('where the person signs out at the identity provider too: go there', TEXT) },
  ),
);
const GOES_ON = {
  description: 'go on there',
  headers: ['Location', 'Set-Cookie', 'Content-Language'],
  content: PAGE,
} as const;

/** Where people sign in to the pages of this service, and out. */
@Tag('sessions')
@Controller('session')
export class SessionsController {
  constructor(
    private readonly sessions: Sessions,
    private readonly desk: SignInDesk,
  ) {}

  @Get('sign-in')
  @RouteConfig(PUBLIC)
  @Operation('signIn', {
    summary: 'A person signs in',
    description:
      'For browsers, as a link. Leads to the identity provider; in development mode shows a picker.',
    query: {
      to: said('the page that follows: `/settings` or `/console`, or a place in one', TEXT),
      user: said('in development mode: the id that the picker proposes', TEXT),
    },
    headers: ['Accept-Language'],
    answers: {
      200: { description: 'the picker', headers: IN_LANGUAGE, content: PAGE },
      303: GOES_ON,
      ...REFUSED,
    },
  })
  signIn(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return asPage(request, reply, async (language) => {
      const query = queryOf(request);
      const to = pageIn(query.get('to'));
      if (this.desk.signIn === undefined) {
        this.mustBeHere(request);
        // without a referrer a browser also hides the origin of what a form sends (Fetch, section 3.2)
        void reply.header('referrer-policy', 'same-origin');
        return pickerPage(language, `${this.desk.base}/session/sign-in`, to, query.get('user') ?? '');
      }
      mustBeNavigation(request.headers);
      const { address, cookies } = await this.desk.signIn.begin(to, request.headers.cookie);
      return goOn(reply, language, address, cookies);
    });
  }

  @Post('sign-in')
  @RouteConfig({ ...PUBLIC, ...FORM, ...limitedTo(8_192) })
  @Operation('pickPerson', {
    summary: 'In development mode: a person is picked',
    body: {
      [FORM_TYPE]: objectOf({ id: TEXT }, { to: TEXT, role: said('of an admin, once for each', TEXT) }),
    },
    headers: ['Accept-Language'],
    answers: { 303: GOES_ON, ...REFUSED },
  })
  pick(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return asPage(request, reply, async (language) => {
      this.mustBeHere(request);
      const { headers, body } = request;
      if (
        headers['sec-fetch-site'] !== 'same-origin' ||
        !isOfOrigin(headers, this.desk.originOf(request.raw))
      )
        throw new DomainError('not_own_page', 'use the form on the page of this service');
      const fields = body instanceof URLSearchParams ? body : new URLSearchParams();
      const to = pageIn(fields.get('to'));
      const roles = fields.getAll('role');
      const person = personOf(roles.length === 0 ? 'user' : 'admin', fields.get('id'), roles);
      if (person === undefined)
        throw new DomainError('invalid_request', 'no person has such an id or role: go back and give others');
      const arrived = { person, issuer: DEVELOPMENT.issuer, to, done: [] };
      return this.signedIn(request, reply, language, arrived);
    });
  }

  @Get('callback')
  @RouteConfig(PUBLIC)
  @Operation('signedIn', {
    summary: 'A person comes back from the identity provider',
    description: 'For browsers, which the provider sends here.',
    query: { code: TEXT, state: TEXT, iss: TEXT, error: TEXT },
    headers: ['Accept-Language'],
    answers: { 303: GOES_ON, ...REFUSED },
  })
  callback(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return asPage(request, reply, async (language) => {
      const { signIn } = this.desk;
      if (signIn === undefined) throw notHere();
      const query = request.url.slice(request.url.indexOf('?') + 1);
      const arrived = await signIn.complete(query, request.headers.cookie).catch((error: unknown) => {
        if (error instanceof DomainError && error.code === 'sign_in_failed')
          void reply.header('set-cookie', signIn.forgets(query));
        throw error;
      });
      return this.signedIn(request, reply, language, { ...arrived, done: signIn.forgets(query) });
    });
  }

  @Post('sign-out')
  @HttpCode(200)
  @RouteConfig(PUBLIC)
  @Operation('signOut', {
    summary: 'A person signs out',
    description: `Ends the session of the browser, and every copy of its cookie. For pages of this service, with \`${OWN_HEADER}: 1\`.`,
    answers: { 200: { description: 'nobody is signed in now', headers: ['Set-Cookie'], schema: SIGNED_OUT } },
    problems: ['not_own_page'],
  })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    mustBeOwnPage(request.raw, this.desk.originOf);
    const session = await this.sessions.find(request.headers.cookie).catch(unlessUnknown);
    if (session !== undefined) await this.sessions.end(session);
    void reply.header('set-cookie', clearCookie(SESSION));
    const back = `${this.desk.publicUrl}${SIGNED_OUT_AT}`;
    // they are signed out here, whatever the provider does
    const there =
      session && (await this.desk.signIn?.signOutAddress(session.issuer, back).catch(() => undefined));
    return { signed_out: true, ...(there === undefined ? {} : { continue_at: there }) };
  }

  @Get('signed-out')
  @RouteConfig(PUBLIC)
  @Operation('signedOut', {
    summary: 'The page after signing out',
    headers: ['Accept-Language'],
    answers: { 200: { description: 'it says so', headers: IN_LANGUAGE, content: PAGE } },
  })
  signedOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return asPage(request, reply, async (language) => {
      const { signedOut, signedOutSays, signIn } = SESSION_WORDS[language];
      const to = `${this.desk.base}/session/sign-in`;
      return messagePage(language, signedOut, signedOutSays, { to, as: signIn });
    });
  }

  /** A new session, and never one that was there before: whoever set that would share it. */
  private async signedIn(
    { headers: { cookie } }: FastifyRequest,
    reply: FastifyReply,
    language: Spoken,
    { person, issuer, to, done }: Arrived & { readonly done: readonly string[] },
  ): Promise<string> {
    const before = await this.sessions.find(cookie).catch(unlessUnknown);
    if (before !== undefined) await this.sessions.end(before);
    return goOn(reply, language, `${this.desk.base}${to}`, [
      ...done,
      await this.sessions.begin(person, issuer),
    ]);
  }

  /** @throws DomainError unless this is development mode, and the browser is on this machine */
  private mustBeHere({ raw }: FastifyRequest): void {
    if (this.desk.signIn !== undefined || this.desk.originOf(raw) === undefined) throw notHere();
  }
}

function notHere(): DomainError {
  return new DomainError('route_not_found', 'people sign in at the identity provider, not here');
}

/** @throws DomainError unless a person followed a link: what a page loads or frames may not begin to sign in */
function mustBeNavigation({ 'sec-fetch-dest': destination }: IncomingHttpHeaders): void {
  if (destination !== undefined && destination !== 'document')
    throw new DomainError('not_own_page', 'people sign in by a link, not inside of another page');
}

function queryOf({ url }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');
}

/** @throws DomainError `invalid_request` */
function pageIn(to: string | null): string {
  const page = pageAskedFor(to ?? undefined);
  if (page === undefined)
    throw new DomainError('invalid_request', '`to` is no page of this service: `/settings` or `/console`');
  return page;
}

function goOn(reply: FastifyReply, language: Spoken, to: string, cookies: readonly string[]): string {
  const { goingOn, goingOnSays, goOn: as } = SESSION_WORDS[language];
  void reply
    .code(303)
    .header('location', to)
    .header('set-cookie', [...cookies]);
  return messagePage(language, goingOn, goingOnSays, { to, as });
}

/** The answer as a page, and its error as one, in the language of the browser: a person reads it. */
async function asPage(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  answer: (language: Spoken) => Promise<string>,
): Promise<string> {
  void reply.headers(SESSION_PAGE_HEADERS);
  const language = spokenTo(answerLanguage(reply, headers['accept-language'], SPOKEN));
  try {
    return await answer(language);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    void reply.code(statusOf(error.code));
    return failurePage(language, error);
  }
}

/** @throws what is not a DomainError, or says that something does not answer */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof DomainError && error.code === 'not_authenticated') return undefined;
  throw error;
}
