/** Sessions of people in browsers: a sealed cookie each, and a list of those that were ended. */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { DomainError } from '../errors.js';
import { CLOCK_TOLERANCE_MS } from '../time.js';
import { cookieIn, cookiesIn, setCookie } from './cookies.js';
import type { Sealing } from './sealing.js';
import {
  type Lifetimes,
  type Person,
  type Session,
  contentOf,
  endOf,
  isToRenew,
  lasts,
  sessionOf,
} from './session.js';
import type { SpentIdStore } from './spent-ids.store.js';

/** The name of the cookie. */
export const SESSION = 'assent-session';

/** The most cookies of which is remembered whose they are. */
const MOST_REMEMBERED = 10_000;

export class Sessions {
  private readonly holders = new LRUCache<string, Person>({ max: MOST_REMEMBERED });

  /**
   * @param issuers those whose people are let in now
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly sealing: Sealing,
    private readonly spent: SpentIdStore,
    private readonly lifetimes: Lifetimes,
    private readonly issuers: readonly string[],
    private readonly now: () => number,
  ) {}

  /** Begins a session. @returns `Set-Cookie` */
  async begin(person: Person, issuer: string): Promise<string> {
    const now = this.now();
    const id = randomBytes(16).toString('base64url');
    return this.cookieOf({ id, person, issuer, began: now, renewed: now });
  }

  /**
   * The session whose cookie a request has.
   *
   * @param cookies the header
   * @returns `undefined` when it has none
   * @throws DomainError `not_authenticated` when it has ended or is none
   */
  async find(cookies: string | undefined): Promise<Session | undefined> {
    const sealed = cookiesIn(cookies).get(SESSION);
    if (sealed === undefined || sealed === '') return undefined;
    const session = sessionOf(await this.sealing.open(sealed));
    if (
      session === undefined ||
      !this.issuers.includes(session.issuer) ||
      !lasts(session, this.lifetimes, this.now()) ||
      (await this.spent.isSpent(bytesOf(session)))
    ) {
      this.holders.delete(sealed);
      throw new DomainError('not_authenticated', 'the session has ended: sign in again');
    }
    this.holders.set(sealed, session.person);
    return session;
  }

  /**
   * Whose session's cookie a request has, if it held when it was last looked for, without waiting: to share among those who
   * ask, not to let them in.
   */
  holderOf(cookies: string | undefined): Person | undefined {
    const sealed = cookieIn(cookies, SESSION);
    return sealed === undefined ? undefined : this.holders.get(sealed);
  }

  /** The session from now on, with `Set-Cookie` if enough time has passed to write it anew. */
  async renewed(session: Session): Promise<{ readonly session: Session; readonly cookie?: string }> {
    const now = this.now();
    if (!isToRenew(session, this.lifetimes, now)) return { session };
    const renewed = { ...session, renewed: now };
    return { session: renewed, cookie: await this.cookieOf(renewed) };
  }

  /** Ends a session, whoever has a copy of its cookie. */
  async end(session: Session): Promise<void> {
    // the clock of another process may be behind
    const until = session.began + this.lifetimes.longest + CLOCK_TOLERANCE_MS;
    await this.spent.spend(bytesOf(session), until, this.now());
  }

  /** When a session ends: unless it is used before, and at the latest. */
  endsOf(session: Session): { readonly idle: number; readonly latest: number } {
    return { idle: endOf(session, this.lifetimes), latest: session.began + this.lifetimes.longest };
  }

  private async cookieOf(session: Session): Promise<string> {
    return setCookie(SESSION, await this.sealing.seal(contentOf(session)));
  }
}

function bytesOf({ id }: Session): Buffer {
  return Buffer.from(id, 'base64url');
}
