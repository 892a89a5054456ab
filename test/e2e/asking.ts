/** Questions of many kinds, several at once, without a pause; and what the answers to them said. */
import { EVALUATION, EVALUATIONS, mayRead } from './questions.js';
import { listAt, membersOf, textAt, valueAt } from './replies.js';
import type { Service } from './service.js';
import { saidOf } from './people.js';
import { revisionIn } from './tokens.js';

/** Registered one after the other in a new log: the number of the first is 1. */
export const USERS: readonly string[] = ['u-1', 'u-2', 'u-3', 'u-4', 'u-5'];
const STRANGER = 'who-is-not-registered';

/** What was answered, as it must be on record: purpose, fields, reason, obligations, numbers of the users, 0 for each stranger. */
export function answerText(
  purpose: string,
  fields: readonly string[],
  reason: string,
  obligations: readonly unknown[],
  users: readonly number[],
): string {
  return [purpose, fields, reason, obligations, users].map(String).join(' ');
}

/** A question: when it was sent and answered, in steps that count on with each; and the answers, if they arrived whole. */
export type AskedOnce = { readonly sent: number; received?: number; answers?: readonly string[] };

/** A change that the service acknowledged. */
export type Acknowledged = {
  readonly user: string;
  readonly purpose: string;
  readonly choice: string;
  readonly revision: number;
};

/** What the questions are asked with. */
export type Means = {
  /** Of a service that may ask for all purposes that are asked for, and record choices. */
  readonly token: string;
  /** A case that opens an item of the first user's messages to whom the token of a reader is of. */
  readonly case: string;
  readonly readerToken: string;
};

/** What of a question about many people is on record of those who were refused: how many, for which reason. */
export function refusedTexts(purpose: string, fields: readonly string[], refused: object): string[] {
  return Object.entries(refused).map(([reason, count]) =>
    answerText(purpose, fields, reason, [], Array<number>(Number(count)).fill(0)),
  );
}

type Item = {
  readonly purpose: string;
  readonly field: string;
  readonly user: string;
  readonly body: object;
};
type Prepared = {
  readonly path: string;
  readonly body: object;
  readonly read: (body: unknown) => readonly string[];
};

/** Whether an answer is a permit on what may hold private messages. */
export function isMessagePermit(answer: string): boolean {
  return /^\S+ message\.\S+ permitted /.test(answer);
}

/** How many connections ask, and how many change choices beside them. */
const ASKING = 16;
const CHANGING = 24;
const CHANGED = ['personalise', 'improve', 'research', 'ads.personalised'];

/** What one process is asked. */
export class Asking {
  /** By the id of the request. */
  readonly asked = new Map<string, AskedOnce>();
  readonly acknowledged: Acknowledged[] = [];
  private answered = 0;
  private steps = 0;
  private turns = 0;

  /** @param name begins the ids of its requests */
  constructor(
    private readonly service: Service,
    private readonly means: Means,
    private readonly name: string,
  ) {}

  /**
   * Asks and changes until so much more is answered.
   *
   * @param isKilled whether the service is killed then, in the midst of the others
   * @throws Error when it is not answered as it should be before
   */
  async round(answers: number, isKilled: boolean): Promise<void> {
    const enough = this.answered + answers;
    let killed: Promise<unknown> | undefined;
    const untilEnough = async (work: () => Promise<void>) => {
      while (this.answered < enough) {
        try {
          await work();
          this.answered++;
        } catch (error) {
          if (killed === undefined) throw error;
          return; // it is gone: nothing was delivered
        }
        if (isKilled && this.answered >= enough) killed ??= this.service.kill('SIGKILL');
      }
    };
    await Promise.all([
      ...Array.from({ length: ASKING }, () => untilEnough(() => this.ask())),
      ...Array.from({ length: CHANGING }, (_, at) => untilEnough(() => this.change(`user-${at}`))),
    ]);
    await killed;
  }

  private async ask(): Promise<void> {
    const turn = this.turns++;
    const { path, body, read } = questionOf(turn, this.means);
    const one: AskedOnce = { sent: this.steps++ };
    const id = `${this.name}-${turn}`;
    this.asked.set(id, one);
    const headers = {
      'x-request-id': id,
      // through the router, and not at once
      ...(turn % 2 === 0 ? {} : { accept: 'application/json; q=0.9' }),
    };
    const reply = await this.service.request('POST', path, { token: this.means.token, body, headers });
    if (reply.status !== 200) throw new Error(`${path}: ${JSON.stringify(reply.body)}`);
    const answers = read(reply.body);
    // what could not be recorded in time was refused, and may be on record as it was meant
    if (!answers.some((answer) => answer.includes('record_unavailable'))) one.answers = answers;
    one.received = this.steps++;
  }

  private async change(user: string): Promise<void> {
    const turn = this.turns++;
    const purpose = CHANGED[turn % CHANGED.length] ?? '';
    const choice = turn % 3 === 0 ? 'denied' : 'granted';
    const path = `/v1/users/${user}/choices/${purpose}`;
    const { token } = this.means;
    const { status, body } = await this.service.request('PUT', path, { token, body: saidOf(choice) });
    // a process that has just started cannot know whether the denials of late were acknowledged (decision 002), and nobody
    // can confirm a change while one of a fleet was killed and has not lost its lease yet
    if ((choice === 'granted' && status === 409) || status === 503) return;
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    const revision = revisionIn(textAt(body, 'consistency_token'));
    if (valueAt(body, 'changed') === true) this.acknowledged.push({ user, purpose, choice, revision });
  }
}

function items({ case: named, readerToken }: Means, user: string): readonly Item[] {
  const [first = ''] = USERS;
  const item = (purpose: string, field: string, of = user, context = {}, properties = {}): Item => {
    const { resource, ...asks } = mayRead(purpose, of, field);
    const whole = { ...resource, properties: { ...resource.properties, ...properties } };
    return { purpose, field, user: of, body: { ...asks, resource: whole, context } };
  };
  return [
    item('service.messaging', 'message.body'),
    item('service', 'member.skills'),
    item(
      'safety.report_review',
      'message.body',
      first,
      { case: named, reader_token: readerToken },
      { item: 'm-1' },
    ),
    item('ads.personalised', 'message.body'),
    item('service.messaging', 'message.attachment'),
    item('service', 'member.skills', STRANGER),
    item('legal', 'message.metadata', user, { legal_reference: 'order 7' }),
  ];
}

/** By turns: lone ones of each kind, batches of 1 to 100, and an audience. */
function questionOf(turn: number, means: Means): Prepared {
  const user = USERS[turn % USERS.length] ?? '';
  const all = items(means, user);
  const [first] = all;
  if (first === undefined) throw new Error('there is something to ask');
  if (turn % 9 === 8) return audience();
  if (turn % 3 === 2) {
    const asked = Array.from({ length: 1 + ((turn * 37) % 100) }, (_, at) => all[at % all.length] ?? first);
    return {
      path: EVALUATIONS,
      body: { evaluations: asked.map(({ body }) => body) },
      read: (body) => listAt(body, 'evaluations').map((answer, at) => answered(asked[at] ?? first, answer)),
    };
  }
  const one = all[turn % all.length] ?? first;
  return { path: EVALUATION, body: one.body, read: (body) => [answered(one, body)] };
}

function audience(): Prepared {
  const [purpose, field] = ['service.messaging', 'message.body'];
  return {
    path: '/v1/audiences',
    body: { purpose, fields: [field], users: [STRANGER, ...USERS] },
    read: (body) => {
      const passing = listAt(body, 'passing').map((user) => numberOf(String(user)));
      const { permitted, ...refused } = Object.fromEntries(membersOf(valueAt(body, 'counts')));
      return [
        ...(permitted === undefined
          ? []
          : [answerText(purpose, [field], 'permitted', listAt(body, 'obligations'), passing)]),
        ...refusedTexts(purpose, [field], refused),
      ];
    },
  };
}

function answered({ purpose, field, user }: Item, answer: unknown): string {
  const reason = textAt(answer, 'context', 'reason');
  if (valueAt(answer, 'decision') !== (reason === 'permitted')) throw new Error('only a permit is permitted');
  const obligations = listAt(answer, 'context', 'obligations');
  return answerText(purpose, [field], reason, obligations, [numberOf(user)]);
}

/** Of whoever is not registered: 0. */
function numberOf(user: string): number {
  return USERS.indexOf(user) + 1;
}

/** How many people an answer is about. */
export function peopleIn(answer: string): number {
  return answer.slice(answer.lastIndexOf(' ') + 1).split(',').length;
}
