/**
 * A storm of opt-outs and of questions about the same users, and what came of it. What is asked is a process of a fleet, or
 * the address of all of them: tests and `npm run fleet` see the same.
 */
import { setTimeout as pass } from 'node:timers/promises';
import type { DevelopmentClaims } from '../../src/access/tokens/development-key.js';
import { EVALUATIONS, mayRead } from './questions.js';
import { listAt, valueAt } from './replies.js';
import type { Reply, Service } from './service.js';

/** Nobody may be asked about it in Germany unless they granted it. */
export const PURPOSE = 'ads.personalised';
const ASKED_AT_ONCE = 100;
const GRANTED_AT_ONCE = 2_000;
const RETRY_MS = 20;

const CALLERS = {
  import: { sub: 'import', purposes: [], scope: 'choices:import' },
  accounts: { sub: 'accounts', purposes: [], scope: 'choices:write' },
  ads: { sub: 'ads', purposes: [PURPOSE] },
} satisfies Record<string, DevelopmentClaims>;

export type Target = Pick<Service, 'request' | 'token'>;

/** Whom to ask next; `undefined` while nobody is there. */
export type Choosing = () => Target | undefined;

export class Storm {
  readonly seen = {
    decisions: 0,
    permits: 0,
    /** Permits of users whose opt-out had been confirmed before they were asked for. */
    stale: 0,
    /** Opt-outs, each repeated until it is confirmed; and how often one was not. */
    confirmed: 0,
    unconfirmed: 0,
    /** Most milliseconds from the first attempt of an opt-out to its confirmation. */
    longestWait: 0,
  };
  /** When each opt-out was confirmed, by user. */
  private readonly confirmed = new Map<string, number>();
  private readonly recent: string[] = [];
  private readonly granted: string[] = [];
  private readonly calm = new AbortController();
  private readonly working: Promise<void>[] = [];
  private readonly tokens = new WeakMap<Target, Map<string, Promise<string>>>();
  private users = 0;

  /**
   * Begins with users who have granted the purpose; there are always more of them. They opt out one after another.
   *
   * @param anyone takes the opt-outs and the grants
   * @param asked are asked all the while, each by itself
   */
  async begin(writers: number, anyone: Choosing, asked: readonly Choosing[]): Promise<void> {
    while (this.granted.length === 0) await this.grant(anyone());
    const untilCalm = async (work: () => Promise<void>) => {
      while (!this.calm.signal.aborted) await work();
    };
    this.working.push(
      untilCalm(() => (this.granted.length < GRANTED_AT_ONCE / 2 ? this.grant(anyone()) : pass(RETRY_MS))),
      ...Array.from({ length: writers }, () => untilCalm(() => this.denyNext(anyone))),
      ...asked.map((choosing) => untilCalm(() => this.askAll(choosing(), this.interesting()))),
    );
  }

  /** Resolves when everything is answered that was asked. */
  async end(): Promise<void> {
    this.calm.abort();
    await Promise.all(this.working);
  }

  /** How many confirmed opt-outs are no opt-outs to whom is asked; asks again while it cannot decide. */
  async lostAt(target: Target): Promise<number> {
    const users = [...this.confirmed.keys()];
    let lost = 0;
    for (let from = 0; from < users.length;) {
      const answers = await this.ask(target, users.slice(from, from + 1_000));
      const reasons = answers.map((answer) => valueAt(answer, 'context', 'reason'));
      if (reasons.length === 0 || reasons.includes('consent_unavailable')) {
        await pass(RETRY_MS);
        continue;
      }
      lost += reasons.filter((reason) => reason !== 'opted_out').length;
      from += 1_000;
    }
    return lost;
  }

  /** Those who have just opted out, and those who will next. */
  private interesting(): readonly string[] {
    return [...this.recent, ...this.granted.slice(-ASKED_AT_ONCE / 2)];
  }

  private async askAll(target: Target | undefined, users: readonly string[]): Promise<void> {
    const { permits } = this.seen;
    if (target !== undefined) await this.ask(target, users);
    // who denies everything is not there yet, and needs the machine to get there
    if (this.seen.permits === permits) await pass(RETRY_MS);
  }

  /** @returns nothing when it was not answered */
  private async ask(target: Target, users: readonly string[]): Promise<readonly unknown[]> {
    const body = { evaluations: users.map((user) => mayRead(PURPOSE, user)) };
    const sent = performance.now();
    const reply = await this.send(target, 'ads', 'POST', EVALUATIONS, body);
    if (reply?.status !== 200) return [];
    const answers = listAt(reply.body, 'evaluations');
    for (const [place, answer] of answers.entries()) {
      this.seen.decisions++;
      if (valueAt(answer, 'decision') !== true) continue;
      this.seen.permits++;
      const since = this.confirmed.get(users[place] ?? '');
      if (since !== undefined && since < sent) this.seen.stale++;
    }
    return answers;
  }

  private async denyNext(anyone: Choosing): Promise<void> {
    const user = this.granted.pop();
    if (user === undefined) return pass(RETRY_MS);
    const path = `/v1/users/${user}/choices/${PURPOSE}`;
    const begun = performance.now();
    while (!this.calm.signal.aborted) {
      const target = anyone();
      const reply = target && (await this.send(target, 'accounts', 'PUT', path, { choice: 'denied' }));
      if (reply?.status === 200) {
        this.confirm(user, begun);
        return;
      }
      this.seen.unconfirmed++;
      await pass(RETRY_MS);
    }
  }

  private confirm(user: string, begun: number): void {
    const now = performance.now();
    this.confirmed.set(user, now);
    this.seen.confirmed++;
    this.seen.longestWait = Math.max(this.seen.longestWait, now - begun);
    this.recent.push(user);
    if (this.recent.length > ASKED_AT_ONCE / 2) this.recent.shift();
  }

  private async grant(target: Target | undefined): Promise<void> {
    if (target === undefined) return pass(RETRY_MS);
    const users = Array.from({ length: GRANTED_AT_ONCE }, (_, place) => `u-${this.users + place}`);
    const said = { region: 'DE', age_band: 'adult', purpose: PURPOSE, choice: 'granted', notice: 1 };
    const rows = users.map((user, place) => `${JSON.stringify({ line: place + 1, user, ...said })}\n`);
    const path = `/v1/imports/people-${this.users}?from=1`;
    // an import that is not confirmed may have been written: the next one is another one, of other users
    this.users += GRANTED_AT_ONCE;
    const reply = await this.send(target, 'import', 'POST', path, rows.join(''), {
      'content-type': 'application/x-ndjson',
    });
    if (reply?.status !== 200 || !String(reply.body).includes('"done":true')) return pass(RETRY_MS);
    // in the order of their numbers
    this.granted.unshift(...users.toReversed());
  }

  /** @returns nothing when there was no answer */
  private async send(
    target: Target,
    caller: keyof typeof CALLERS,
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply | undefined> {
    const token = await this.tokenOf(target, caller);
    return target.request(method, path, { token, body, headers }).catch(() => undefined);
  }

  private tokenOf(target: Target, caller: keyof typeof CALLERS): Promise<string> {
    const tokens = this.tokens.get(target) ?? new Map<string, Promise<string>>();
    this.tokens.set(target, tokens);
    const token = tokens.get(caller) ?? target.token(CALLERS[caller]);
    tokens.set(caller, token);
    return token;
  }
}
