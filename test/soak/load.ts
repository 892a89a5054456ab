/**
 * The load of a soak: whatever callers do, at a steady pace, and what came of it. Each answer about a user whom nobody is
 * changing is held to the rules, and to what was confirmed.
 */
import { setTimeout as pass } from 'node:timers/promises';
import type { DevelopmentClaims } from '../../src/access/tokens/development-key.js';
import { EMPTY_RECORD, type UserRecord, applyChange } from '../../src/decision/consent-event.js';
import type { PolicyDocument } from '../../src/decision/policy.js';
import type { Decision } from '../../src/decision/reasons.js';
import { decideByRules } from '../../src/decision/rules/reference.js';
import type { PolicyVersion } from '../../src/policy/policy.service.js';
import { policiesOn } from '../at-once.js';
import { EVALUATION, EVALUATIONS, mayRead } from '../e2e/questions.js';
import { listAt, textAt, valueAt } from '../e2e/replies.js';
import type { Reply, Service } from '../e2e/service.js';
import { REFERENCE } from '../reference-policy.js';
import type { Seeded } from './seeded.js';

export type Target = Pick<Service, 'request' | 'token'>;

/** Users of the soak, who stay the same: what grows is not the work. */
const USERS = 2_000;
const REGIONS = ['DE', 'FR', 'GB', 'US-CA', 'US-NY', 'BR'];
const BATCH = 50;
const AUDIENCE = 500;
const ROWS = 20;
const MOST_NOTED = 10;
const RETRY_MS = 100;
/** What is asked about; the choices of the first ones change. */
const CHOSEN = ['ads.personalised', 'ai.generative', 'research'];
const ASKED = [...CHOSEN, 'personalise'];
const FIELDS = ['member.skills', 'activity.view', 'post.text', 'message.body'];
const AUDIENCE_FIELD = 'post.text';
/** Where what a decision rests on cannot be proved, everything is denied: that is no mistake, but counted. */
const UNPROVED = new Set(['consent_unavailable', 'record_unavailable']);

const CALLERS = {
  pep: { sub: 'pep', purposes: ASKED },
  accounts: { sub: 'accounts', purposes: [], scope: 'users:write settings:read choices:write users:erase' },
  import: { sub: 'import', purposes: [], scope: 'choices:import' },
  ann: { sub: 'ann', roles: ['policy_admin'] },
  bob: { sub: 'bob', roles: ['policy_admin'] },
  oda: { sub: 'oda', roles: ['privacy_officer'] },
  auditor: { sub: 'auditor', roles: ['auditor'] },
} satisfies Record<string, DevelopmentClaims>;
type Caller = keyof typeof CALLERS;

/** What is asked for each second, all callers together. */
const RATES = {
  single: 80,
  batch: 4,
  audience: 0.5,
  change: 15,
  import: 0.2,
  erasure: 0.5,
  settings: 5,
  ledger: 0.5,
  publication: 1 / 30,
};

type User = {
  readonly id: string;
  readonly region: string;
  /** What is confirmed; `changing`: a change was sent and is not confirmed. */
  record: UserRecord | 'changing';
  /** Goes up with each change. */
  changes: number;
};

type Question = { readonly user: User; readonly purpose: string; readonly field: string };

export class Load {
  readonly seen = {
    decisions: 0,
    permits: 0,
    /** Decisions that were compared with the rules, and those that are others. */
    compared: 0,
    wrongPermits: 0,
    wrongDenials: 0,
    /** Denied because what the decision must rest on could not be proved. */
    unproved: 0,
    changes: 0,
    imported: 0,
    erased: 0,
    published: 0,
    read: 0,
    /** Requests without the answer that was asked for: none, or an error. Each change among them is repeated. */
    failed: 0,
  };
  /** The first decisions that the rules make otherwise, in words. */
  readonly wrong: string[] = [];
  private readonly users: readonly User[];
  private readonly versions: ReadonlyMap<string, PolicyVersion>;
  private readonly other: PolicyVersion;
  private readonly calm = new AbortController();
  private readonly working: Promise<void>[] = [];
  private readonly tokens = new Map<Caller, Promise<string>>();
  private imports = 0;

  /**
   * @param random decides who does what
   * @param anyone takes all requests; `undefined` while nobody is there
   */
  constructor(
    private readonly random: Seeded,
    private readonly anyone: () => Target | undefined,
  ) {
    this.users = Array.from({ length: USERS }, (_, at) => ({
      id: `u-${at}`,
      region: REGIONS[at % REGIONS.length] ?? '',
      record: EMPTY_RECORD,
      changes: 0,
    }));
    const inForce = policiesOn(REFERENCE).current;
    this.other = policiesOn(narrowed(inForce.document)).current;
    this.versions = new Map([inForce, this.other].map((version) => [version.id, version]));
  }

  /** Registers everybody. @param told how many are */
  async register(told: (users: number) => void): Promise<void> {
    let registered = 0;
    for (const user of this.users) {
      await this.until(() => this.registerOne(user));
      if (++registered % 500 === 0) told(registered);
    }
  }

  /** Begins with everything that callers do. */
  begin(): void {
    this.pace(RATES.single, () => this.ask(1));
    this.pace(RATES.batch, () => this.ask(BATCH));
    this.pace(RATES.audience, () => this.audience());
    this.pace(RATES.change, () => this.change());
    this.pace(RATES.import, () => this.import());
    this.pace(RATES.erasure, () => this.erase());
    this.pace(RATES.settings, () => this.look(`/v1/users/${this.random.pick(this.users).id}/settings`));
    this.pace(RATES.ledger, () => this.look(`/v1/log`, 'auditor'));
    this.pace(RATES.publication, () => this.publish());
  }

  /** Resolves when all that was begun has ended, and every change is confirmed. */
  async end(): Promise<void> {
    this.calm.abort();
    await Promise.all(this.working);
  }

  /**
   * Asks about everybody, and compares.
   *
   * @returns how many could not be compared, because they were not answered or not proved
   */
  async askAll(target: Target): Promise<number> {
    let left = 0;
    for (let from = 0; from < USERS; from += BATCH) {
      const questions = this.users
        .slice(from, from + BATCH)
        .flatMap((user) => ASKED.map((purpose) => ({ user, purpose, field: 'post.text' })));
      const { compared } = this.seen;
      await this.send(target, questions);
      left += questions.length - (this.seen.compared - compared);
    }
    return left;
  }

  /** A question whose answer's time is measured elsewhere. */
  body(): string {
    return JSON.stringify(mayRead('personalise', this.random.pick(this.users).id, 'member.skills'));
  }

  tokenOf(target: Target, caller: Caller): Promise<string> {
    const token = this.tokens.get(caller) ?? target.token(CALLERS[caller]);
    this.tokens.set(caller, token);
    return token;
  }

  /** Does a thing so often, each time by itself, but never more at once than what comes in some seconds. */
  private pace(perSecond: number, work: () => Promise<void>): void {
    const most = Math.ceil(perSecond * 5);
    let now = 0;
    const run = async () => {
      now++;
      await work();
      now--;
    };
    const go = async () => {
      const running = new Set<Promise<void>>();
      while (!this.calm.signal.aborted) {
        if (now < most) {
          const one = run().finally(() => running.delete(one));
          running.add(one);
        }
        await pass((-Math.log(1 - this.random.next()) * 1_000) / perSecond, undefined, {
          signal: this.calm.signal,
        }).catch(() => undefined);
      }
      await Promise.all(running);
    };
    this.working.push(go());
  }

  private async ask(count: number): Promise<void> {
    const target = this.anyone();
    if (target === undefined) return;
    const questions = Array.from({ length: count }, () => ({
      user: this.random.pick(this.users),
      purpose: this.random.pick(ASKED),
      field: this.random.pick(FIELDS),
    }));
    await this.send(target, questions);
  }

  private async send(target: Target, questions: readonly Question[]): Promise<void> {
    const before = questions.map(({ user }) => ({ record: user.record, changes: user.changes }));
    const bodies = questions.map(({ user, purpose, field }) => mayRead(purpose, user.id, field));
    const isBatch = bodies.length > 1;
    const reply = await this.request(
      'pep',
      'POST',
      isBatch ? EVALUATIONS : EVALUATION,
      isBatch ? { evaluations: bodies } : bodies[0],
      target,
    );
    if (reply?.status !== 200) return;
    const answers = isBatch ? listAt(reply.body, 'evaluations') : [reply.body];
    for (const [at, question] of questions.entries()) {
      const { record, changes } = before[at] ?? {};
      const isSettled = record !== 'changing' && question.user.changes === changes;
      this.judge(question, isSettled ? record : undefined, answers[at]);
    }
  }

  /** @param record what the answer rests on; `undefined`: nobody knows, because it was changed meanwhile */
  private judge({ user, purpose, field }: Question, record: UserRecord | undefined, answer: unknown): void {
    const permit = valueAt(answer, 'decision') === true;
    const reason = textAt(answer, 'context', 'reason');
    this.seen.decisions++;
    if (permit) this.seen.permits++;
    if (!permit && UNPROVED.has(reason)) {
      this.seen.unproved++;
      return;
    }
    const version = this.versions.get(textAt(answer, 'context', 'policy'));
    if (record === undefined) return;
    const expected =
      version === undefined
        ? { permit: false, reason: 'a policy that was never in force' }
        : ruled(version, record, purpose, field);
    this.seen.compared++;
    if (permit === expected.permit && reason === expected.reason) return;
    if (permit && !expected.permit) this.seen.wrongPermits++;
    else this.seen.wrongDenials++;
    this.note(`${purpose} ${field} ${user.id}: ${reason}, not ${expected.reason}`);
  }

  private note(wrong: string): void {
    if (this.wrong.length < MOST_NOTED) this.wrong.push(wrong);
  }

  private async audience(): Promise<void> {
    const target = this.anyone();
    const users = this.users.slice(this.random.below(USERS - AUDIENCE)).slice(0, AUDIENCE);
    const before = users.map(({ record, changes }) => ({ record, changes }));
    const purpose = this.random.pick(CHOSEN);
    const body = { purpose, fields: [AUDIENCE_FIELD], users: users.map(({ id }) => id) };
    const reply = await this.request('pep', 'POST', '/v1/audiences', body, target);
    if (reply?.status !== 200) return;
    const passing = new Set(listAt(reply.body, 'passing'));
    const version = this.versions.get(textAt(reply.body, 'policy'));
    for (const [at, user] of users.entries()) {
      const { record, changes } = before[at] ?? {};
      this.seen.decisions++;
      if (!passing.has(user.id)) continue;
      this.seen.permits++;
      if (record === undefined || record === 'changing' || user.changes !== changes) continue;
      this.seen.compared++;
      if (version !== undefined && ruled(version, record, purpose, AUDIENCE_FIELD).permit) continue;
      this.seen.wrongPermits++;
      this.note(`${purpose} of an audience passes ${user.id}`);
    }
  }

  private async change(): Promise<void> {
    const user = this.random.pick(this.users);
    if (!isRegistered(user)) return;
    const purpose = this.random.pick(CHOSEN);
    const choice = this.random.next() < 0.5 ? 'granted' : 'denied';
    await this.changing(user, async (record) => {
      const path = `/v1/users/${user.id}/choices/${purpose}`;
      const body = choice === 'granted' ? { choice, notice: 1 } : { choice };
      const reply = await this.request('accounts', 'PUT', path, body);
      if (reply?.status !== 200) return undefined;
      this.seen.changes++;
      return applyChange(record, { kind: 'choice', purpose, choice, notice: 1, signal: false });
    });
  }

  private async erase(): Promise<void> {
    const user = this.random.pick(this.users);
    await this.changing(user, async () => {
      const reply = await this.request('accounts', 'DELETE', `/v1/users/${user.id}`);
      if (reply?.status !== 200) return undefined;
      this.seen.erased++;
      return EMPTY_RECORD;
    });
    await this.changing(user, async () => this.profileOf(user));
  }

  private async registerOne(user: User): Promise<boolean> {
    const record = await this.profileOf(user);
    if (record !== undefined) user.record = record;
    return record !== undefined;
  }

  private async profileOf(user: User): Promise<UserRecord | undefined> {
    const body = { region: user.region, age_band: 'adult' };
    const reply = await this.request('accounts', 'PUT', `/v1/users/${user.id}`, body);
    if (reply?.status !== 200) return undefined;
    return applyChange(EMPTY_RECORD, { kind: 'profile', region: user.region, ageBand: 'adult' });
  }

  /** Denials of some users; what is not confirmed is sent again. */
  private async import(): Promise<void> {
    const from = this.random.below(USERS - ROWS);
    const users = this.users.slice(from, from + ROWS).filter(isRegistered);
    const purpose = this.random.pick(CHOSEN);
    const rows = users.map(({ id }, at) => ({ line: at + 1, user: id, purpose, choice: 'denied' }));
    const body = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const before = users.map(({ record }) => record);
    for (const user of users) {
      user.record = 'changing';
      user.changes++;
    }
    const isDone = async () => {
      // what was not confirmed may have been taken, and an import goes on where it was: another one says the same again
      const path = `/v1/imports/soak-${this.imports++}?from=1`;
      const reply = await this.request('import', 'POST', path, body, this.anyone(), {
        'content-type': 'application/x-ndjson',
      });
      return reply?.status === 200 && String(reply.body).includes('"done":true');
    };
    await this.until(isDone);
    this.seen.imported += rows.length;
    for (const [at, user] of users.entries()) {
      const record = before[at];
      if (record === undefined || record === 'changing') continue;
      user.record = applyChange(record, {
        kind: 'choice',
        purpose,
        choice: 'denied',
        notice: 1,
        signal: false,
      });
    }
  }

  /** Takes the change of a user whom nobody else is changing, and repeats it until it is confirmed. */
  private async changing(
    user: User,
    attempt: (record: UserRecord) => Promise<UserRecord | undefined>,
  ): Promise<void> {
    const { record } = user;
    if (record === 'changing') return;
    user.record = 'changing';
    user.changes++;
    await this.until(async () => {
      const after = await attempt(record);
      if (after !== undefined) user.record = after;
      return after !== undefined;
    });
  }

  private async look(path: string, caller: Caller = 'accounts'): Promise<void> {
    const reply = await this.request(caller, 'GET', path);
    if (reply?.status === 200) this.seen.read++;
  }

  /** Puts the narrow policy in force, or the one before: with two approvals, for that opens something. */
  private async publish(): Promise<void> {
    const current = await this.request('ann', 'GET', '/v1/policies/current');
    if (current?.status !== 200) return;
    const document = textAt(current.body, 'id') === this.other.id ? REFERENCE : this.other.document;
    const body = { message: 'a soak', document };
    const draft = await this.request('ann', 'POST', '/v1/policies/drafts', body);
    if (draft === undefined || draft.status >= 300) return;
    const [id, content] = [textAt(draft.body, 'id'), textAt(draft.body, 'content')];
    const headers = { 'if-match': `"${String(valueAt(draft.body, 'edit'))}"` };
    const drafts = `/v1/policies/drafts/${id}`;
    for (const who of ['bob', 'oda'] as const)
      await this.request(who, 'POST', `${drafts}/approvals`, { content }, this.anyone(), headers);
    const published = await this.request('ann', 'POST', `${drafts}/publication`, {}, this.anyone(), headers);
    if (published?.status === 200) this.seen.published++;
  }

  /** Tries until it works, however long that takes: a change that is not confirmed leaves nobody knowing what holds. */
  private async until(isDone: () => Promise<boolean>): Promise<void> {
    while (!(await isDone())) await pass(RETRY_MS);
  }

  /** @returns nothing when there was no answer */
  private async request(
    caller: Caller,
    method: string,
    path: string,
    body?: unknown,
    target = this.anyone(),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply | undefined> {
    const reply =
      target &&
      (await target
        .request(method, path, { token: await this.tokenOf(target, caller), body, headers })
        .catch(() => undefined));
    if (reply === undefined || reply.status >= 300) this.seen.failed++;
    return reply;
  }
}

/** Whether somebody may say something of them now: of who was erased nobody may, before they come back. */
function isRegistered({ record }: User): boolean {
  return record !== 'changing' && record.registered;
}

/** What the rules say, whoever is asked. */
function ruled(version: PolicyVersion, record: UserRecord, purpose: string, field: string): Decision {
  return decideByRules(version, {
    purpose,
    action: 'read',
    field,
    clientPurposes: new Set(ASKED),
    record,
    facts: { actor: 'human', case: 'none', legalReference: false, ownData: false },
  });
}

/** A policy that closes one field for one purpose, whose grants nobody takes back by that. */
function narrowed(document: PolicyDocument): PolicyDocument {
  const fields = document.fields.map((field) =>
    field.id === 'activity.view' ? { ...field, never: ['personalise'] } : field,
  );
  return { ...document, fields };
}
