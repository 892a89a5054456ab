/** What has changed since grants were given: follows the changes of the service (docs/api.md, "Following changes"). */
import { randomUUID } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import { Failure } from '../terms/failure.js';
import { isText, isTexts, memberOf, readJson } from '../terms/json.js';
import { Pauses } from '../sending/pauses.js';
import { type TokenSettings, type Tokens, tokensOf } from '../http/tokens.js';
import type { Claims } from './claims.js';
import { type Place, placeOf } from './revisions.js';
import { type NotGranted, not } from './verdict.js';

export type ChangesSettings = {
  /** Of a client with the scope `changes:read`, which may ask for the purposes of the grants. */
  readonly token: TokenSettings;
  /** Ids of the purposes that are followed; absent: all of the client's. */
  readonly purposes?: readonly string[];
};

/** Longest silence in milliseconds, also of word that everything was told: the service gives it every 15 seconds. */
const SILENCE_MS = 20_000;
/** Pauses before the changes are followed again, in milliseconds, at most: the first, and any. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** How far the clocks of two machines may differ, in milliseconds. */
const SKEW_MS = 5_000;
/** Milliseconds after which every grant has expired that is older than a change. */
const KEPT_MS = 120_000;
/** Most changes that are kept one by one. */
const MOST_CHANGES = 200_000;
const LONGEST_LINE = 1_048_576;
/** Stands for every purpose, of which none has this id. */
const ANY = '';

/** What was heard since the changes are followed without a gap. */
type Heard = {
  readonly log: string;
  readonly policy: string;
  readonly purposes: ReadonlySet<string>;
};

export class HeardChanges {
  /** Resolves when something was heard for the first time, or could not be. */
  readonly begun: Promise<void>;
  private heard: Heard | undefined;
  private heardAt = -Infinity;
  /** Grants on older revisions are refused, and those of before `since`. */
  private floor = { revision: 0, at: -Infinity };
  private since = 0;
  /** By purpose and user, the revision of the last change; those heard last at the end. */
  private readonly changed = new Map<string, { readonly revision: number; readonly at: number }>();
  private readonly closing = new AbortController();
  private readonly tokens: Tokens;
  private readonly url: URL;
  private begin: () => void = () => undefined;
  /** Why nothing is heard, in words. */
  private why = 'nobody has answered yet';

  /** @param now milliseconds since the Unix epoch */
  constructor(
    base: URL,
    { token, purposes }: ChangesSettings,
    timeout: number,
    private readonly now: () => number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.tokens = tokensOf(token, timeout);
    this.url = new URL('v1/changes', base);
    if (purposes !== undefined) this.url.searchParams.set('purposes', purposes.join(','));
    this.begun = Promise.race([
      new Promise<void>((resolve) => {
        this.begin = resolve;
      }),
      pass(timeout, undefined, { ref: false }),
    ]);
    void this.follow();
  }

  close(): void {
    this.closing.abort();
    this.tokens.close();
  }

  /** Why a grant may not be used for a user any more; `undefined`: nothing is known against it. */
  against({ purpose, policy, revision, issuedAt }: Claims, user: string): NotGranted | undefined {
    const { heard } = this;
    if (heard === undefined) return not('changes_unheard', this.why);
    if (this.clock() - this.heardAt > SILENCE_MS) return not('changes_unheard', 'the service is silent');
    if (!heard.purposes.has(purpose))
      return not('changes_unheard', `those of \`${purpose}\` are not followed`);
    const place = placeOf(revision);
    if (place?.log !== heard.log) return not('withdrawn', 'it rests on another log');
    if (policy !== heard.policy) return not('withdrawn', 'another policy version is in force');
    const isOlder =
      place.revision < this.least ||
      issuedAt * 1000 < this.since - SKEW_MS ||
      [purpose, ANY].some((one) => place.revision < (this.changed.get(keyOf(one, user))?.revision ?? 0));
    return isOlder ? not('withdrawn') : undefined;
  }

  private async follow(): Promise<void> {
    const pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    while (!this.closing.signal.aborted) {
      const from = this.clock();
      try {
        this.why = await this.followOnce();
      } catch (error) {
        // whatever it is, nothing is heard any more; what fetch throws may quote anything
        this.why = error instanceof Failure ? error.message : 'the connection broke, or could not be made';
      }
      this.heard = undefined;
      if (this.clock() - from > LONGEST_PAUSE_MS) pauses.reset();
      await pass(pauses.next(), undefined, { ref: false, signal: this.closing.signal }).catch(
        () => undefined,
      );
    }
  }

  /**
   * Begins with what is in force now. Grants of before are refused: nobody heard what was withdrawn meanwhile.
   *
   * @returns why it ended, in words
   */
  private async followOnce(): Promise<string> {
    const { signal } = this.closing;
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), SILENCE_MS).unref();
    const id = randomUUID();
    const token = await this.tokens.get(signal);
    try {
      const response = await fetch(this.url, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson', 'x-request-id': id },
        redirect: 'error',
        signal: AbortSignal.any([signal, ending.signal]),
      });
      if (response.status === 401) this.tokens.refused(token);
      const { headers, body } = response;
      const isOurs = headers.get('x-request-id') === id;
      if (response.status !== 200) return saidBy(response.status);
      if (!isOurs || body === null) return 'what came is not an answer of the service';
      this.since = this.now();
      let rest = '';
      for await (const text of body.pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))) {
        timer.refresh();
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > LONGEST_LINE || !lines.every((line) => this.take(readJson(line))))
          return 'what came are no changes';
      }
      return 'the connection was lost';
    } finally {
      clearTimeout(timer);
      ending.abort();
    }
  }

  /** @returns whether it is a line of changes that fits those before */
  private take(line: unknown): boolean {
    const token = memberOf(line, 'consistency_token');
    const place = typeof token === 'string' ? placeOf(token) : undefined;
    if (place === undefined || (this.heard !== undefined && place.log !== this.heard.log)) return false;
    const [policy, purposes] = [memberOf(line, 'policy'), memberOf(line, 'purposes')];
    if (isText(policy) && isTexts(purposes)) this.beginWith(place, policy, new Set(purposes));
    else if (!this.note(line, place.revision)) return false;
    return true;
  }

  private beginWith({ log, revision }: Place, policy: string, purposes: ReadonlySet<string>): void {
    if (this.heard === undefined) this.raise(revision);
    this.heard = { log, policy, purposes };
    // a change tells what was, and perhaps long ago
    this.heardAt = this.clock();
    this.begin();
  }

  private note(line: unknown, revision: number): boolean {
    const [user, purpose] = [memberOf(line, 'user'), memberOf(line, 'purpose')];
    if (memberOf(line, 'erased') === true) {
      // of whom, nobody knows any more
      if (user === null) this.raise(revision);
      else if (isText(user)) this.keep(keyOf(ANY, user), revision);
      else return false;
      return true;
    }
    if (!isText(user) || !isText(purpose)) return false;
    this.keep(keyOf(purpose, user), revision);
    return true;
  }

  private keep(key: string, revision: number): void {
    const at = this.clock();
    this.changed.delete(key);
    this.changed.set(key, { revision, at });
    for (const [oldest, change] of this.changed) {
      if (at - change.at < KEPT_MS) break;
      this.changed.delete(oldest);
    }
    if (this.changed.size > MOST_CHANGES) this.raise(revision);
  }

  /** Refuses all grants on older revisions, of whomever. */
  private raise(revision: number): void {
    this.floor = { revision: Math.max(this.least, revision), at: this.clock() };
    this.changed.clear();
  }

  /** None is older by now; but in a log that was restored, revisions count from less. */
  private get least(): number {
    return this.clock() - this.floor.at < KEPT_MS ? this.floor.revision : 0;
  }
}

/** What a status of an answer without changes means. */
function saidBy(status: number): string {
  const toDo =
    status === 401 || status === 403
      ? ': its token needs the scope `changes:read`, and the purposes that it follows'
      : '';
  return `\`/v1/changes\` was answered with ${status}${toDo}`;
}

/** No id has a control character in it. */
function keyOf(purpose: string, user: string): string {
  return `${purpose}\n${user}`;
}
