/** A client in the world of the fleet that keeps answers: what runs in it is the code of `client/src/cache/`. */
import type { Answer } from '../../../client/src/terms/answer.js';
import type { CacheService, Told } from '../../../client/src/cache/attachment.js';
import { Cache } from '../../../client/src/cache/cache.js';
import { keyOf } from '../../../client/src/cache/kept-answers.js';
import type { Told as Given } from '../../../src/consent/caches/caches.js';
import { Computer, type Entry, type Process, type World } from './simulation.js';

const QUESTION = { purpose: 'ads', field: 'skills' };
const KEY = keyOf({ ...QUESTION, user: '' }) ?? '';
const KEEPABLE = { id: 'policy', purposes: new Set(['ads']), fields: new Set(['skills']) };

export class CachingClient extends Computer {
  private readonly cache: Cache;
  private readonly holder = { id: this.name, purposes: new Set<string>() };
  /** The process at the other end of the connection on which the cache is attached. */
  private single: Process | undefined;
  /** What answers stood for, by the revision that they name. */
  private readonly entries: (Entry | undefined)[] = [];

  constructor(
    world: World,
    name: string,
    private readonly any: () => Process | undefined,
  ) {
    super(world, name);
    const service: CacheService = {
      attach: async (signal) => {
        this.single = this.any();
        const { id, ...given } = await this.ask(this.single, (to) => to.caches.attach(this.holder), signal);
        return { ...told(given), id };
      },
      acknowledge: async (id, sequence, signal) =>
        told(await this.ask(this.single, (to) => to.caches.next(id, this.holder, sequence), signal)),
      detach: (id, signal) => this.ask(this.single, async (to) => to.caches.detach(id, this.holder), signal),
      evaluateFor: async (id, questions, signal) => {
        const answer = this.arrived ?? (await this.answerAbout(id, Number(questions[0]?.user), signal));
        return answer;
      },
    };
    this.cache = new Cache(service, 1_000, this.machine, () => world.dice.below(1_000) / 1_000);
  }

  /** An answer that came before a place for it was taken. */
  private arrived: Awaited<ReturnType<CacheService['evaluateFor']>> | undefined;

  /** Acts on what is kept about a user, or asks. */
  use(user: number): void {
    this.run(() => {
      const { world } = this;
      const kept = this.cache.find(`${user}`, KEY);
      if (kept === undefined) {
        // who is not answered does nothing
        void this.askAbout(user).catch(() => undefined);
        return;
      }
      world.kept++;
      world.judge(`${this.name}, on what it has kept,`, user, this.entries[Number(kept.revision)]);
    });
  }

  private async askAbout(user: number): Promise<void> {
    const question = { ...QUESTION, user: `${user}` };
    if (this.world.protocol.wrong === 'keeps what was touched while it was asked' && this.id !== undefined) {
      const answer = await this.answerAbout(this.id, user, new AbortController().signal);
      this.arrived = answer;
      const evaluated = this.cache.evaluate([question], new AbortController().signal);
      this.arrived = undefined;
      await evaluated;
      return;
    }
    await this.cache.evaluate([question], new AbortController().signal);
  }

  private id: string | undefined;

  private async answerAbout(
    id: string | undefined,
    user: number,
    signal: AbortSignal,
  ): ReturnType<CacheService['evaluateFor']> {
    this.id = id;
    const [found, isHeld] = await this.ask(
      this.any(),
      async (to) => [to.answer(user), id !== undefined && to.caches.holds(id, this.holder)] as const,
      signal,
    );
    if (found === undefined) throw new Error('nothing is decided');
    const revision = `${this.entries.push(found.last) - 1}`;
    const answer: Answer = {
      permitted: true,
      reason: 'permitted',
      obligations: [],
      policy: KEEPABLE.id,
      revision,
    };
    const mayBeKept = isHeld || this.world.protocol.wrong === 'keeps what another process has answered';
    return { answers: [answer], mayBeKept };
  }

  /** Asks a process, and waits for its answer. Some are lost, and nobody knows on which way. */
  private ask<T>(
    process: Process | undefined,
    question: (to: Process) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const { dice, timeline, lossy } = this.world;
    const delay = () => (dice.chance(20) ? dice.below(900) : 1 + dice.below(10));
    const [there, back] = [delay(), delay()];
    const [isLost, isUnanswered] = [dice.chance(lossy), dice.chance(lossy)];
    return new Promise<T>((resolve, reject) => {
      const fail = () => this.run(() => reject(new Error('the connection broke')));
      signal.addEventListener('abort', fail);
      const answered = (outcome: () => void) =>
        timeline.at(timeline.now + back, () => (isUnanswered ? fail() : this.run(outcome)));
      timeline.at(timeline.now + there, () => {
        if (isLost || process === undefined || process.isDead) return fail();
        process.run(() => {
          question(process).then(
            (value) => answered(() => resolve(value)),
            (error: unknown) => answered(() => reject(error instanceof Error ? error : new Error('failed'))),
          );
        });
      });
    });
  }
}

function told({ sequence, lease, touched }: Given): Told {
  return touched === 'everybody'
    ? { sequence, lease, users: [], policy: KEEPABLE }
    : { sequence, lease, users: [...touched] };
}
