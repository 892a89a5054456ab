/**
 * Admits requests while there is more to do than can be done, in front of everything that answers them (decision 074). What
 * is refused is refused as a whole: nothing of it was decided or written.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { DomainError } from '../../errors.js';
import { Bodies } from './bodies.js';
import { Gate, type Sender } from './gate.js';
import { type Kind, kindOf, weightOf } from './kinds.js';
import { networkOf } from './network-of.js';
import { Rates } from './rates.js';
import { Refusal } from './refusing.js';
import { Resting } from './resting.js';

export type AdmissionSettings = {
  /** How long a request may wait while there is more to do than can be done, in milliseconds; 0: nothing is refused for having waited. */
  readonly wait: number;
  /** What a service may ask for in a second, in decisions; 0: it does not matter. */
  readonly clientRate: number;
};

/** Who sends a request, as far as that is known without waiting. */
export type SenderOf = (
  request: IncomingMessage,
) => (Named & { /** Or it is only what their token says. */ readonly isProved: boolean }) | undefined;
type Named = { readonly kind: string; readonly id: string };

type Asked = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly kind: Kind };

const TOO_MANY =
  'this client has asked for more in a second than it may, and nothing was decided or done: send it again after `Retry-After`, or several questions as a batch';

export class Admission {
  private readonly gate: Gate<Asked> | undefined;
  private readonly rates: Rates | undefined;
  private readonly resting: Resting;
  private readonly overloaded: Refusal;
  private readonly tooMany: Refusal;
  private handle: RequestListener = () => undefined;
  private limited = 0;
  private tooLarge = 0;

  constructor(
    { wait, clientRate }: AdmissionSettings,
    private readonly senderOf: SenderOf,
    newId: () => string,
    private readonly bodies: Bodies,
  ) {
    this.gate =
      wait === 0
        ? undefined
        : new Gate<Asked>(wait, {
            now: () => performance.now(),
            nextTurn: (then) => void setImmediate(then),
            soon: (then) => process.nextTick(then),
            answer: (asked) => this.answer(asked),
            refuse: (asked, rests) => this.refuse(asked, this.overloaded, { rests, hasWaited: true }),
          });
    this.rates = clientRate === 0 ? undefined : new Rates(clientRate);
    this.resting = new Resting(
      () => this.gate?.turn ?? 0,
      () => this.gate?.arm(),
    );
    this.overloaded = new Refusal(
      'overloaded',
      'nothing was decided or done: send it again after `Retry-After`, at a time that differs from one request to the next',
      newId,
    );
    this.tooMany = new Refusal('too_many_requests', TOO_MANY, newId);
  }

  /** What it counts, for whoever watches the service. */
  get now() {
    const { gate } = this;
    return {
      isOverloaded: gate?.isOverloaded ?? false,
      waiting: gate?.waiting ?? 0,
      resting: this.resting.count,
      refused: { ...gate?.refused, limited: this.limited, body: this.tooLarge },
      bodies: this.bodies.taken,
    };
  }

  /** Passes on what is admitted. */
  before(handle: RequestListener): RequestListener {
    const { gate, rates } = this;
    this.handle = handle;
    return (request, response) => {
      // sent behind a request that was refused
      if (this.resting.has(request.socket)) return void request.socket.destroy();
      const kind = kindOf(request);
      const weight = weightOf(request, kind);
      const wait = rates === undefined ? 0 : this.waitOf(rates, request, kind, weight);
      if (wait > 0) {
        this.limited++;
        this.refuse({ request, response, kind }, this.tooMany, { wait });
        return;
      }
      if (gate === undefined) this.answer({ request, response, kind });
      else
        gate.arrive({
          item: { request, response, kind },
          kind,
          weight,
          sender: () => this.nameOf(request),
          isLate: () => this.resting.hasJustWoken(request.socket),
        });
    };
  }

  /** How long the sender has to wait. Only services are limited, and not in what people say through them. */
  private waitOf(rates: Rates, request: IncomingMessage, kind: Kind, weight: number): number {
    const sender = kind === 'critical' ? undefined : this.senderOf(request);
    return sender?.isProved === true ? waitIn(rates, sender, weight) : 0;
  }

  /** Counts a request whose sender was not proved when it came. @throws DomainError `too_many_requests` */
  countProved(request: IncomingMessage, sender: Named): void {
    const kind = kindOf(request);
    if (this.rates === undefined || kind === 'critical') return;
    if (waitIn(this.rates, sender, weightOf(request, kind)) === 0) return;
    this.limited++;
    throw new DomainError('too_many_requests', TOO_MANY);
  }

  /** Whoever is not known yet shares with those of the same place on the network. */
  private nameOf(request: IncomingMessage): Sender {
    const sender = this.senderOf(request);
    return sender === undefined
      ? { name: `at ${networkOf(request.socket.remoteAddress)}`, isKnown: false }
      : { name: `${sender.kind} ${sender.id}`, isKnown: true };
  }

  /** What waits for its turn is not read, so it takes its room only now. */
  private answer(asked: Asked): void {
    const { request, response, kind } = asked;
    if (request.socket.destroyed) return;
    if (this.bodies.take(request, response, kind === 'critical')) return this.handle(request, response);
    this.tooLarge++;
    this.refuse(asked, this.overloaded);
  }

  /**
   * @param wait how long its sender is to wait at least, in milliseconds
   * @param hasWaited whether it was refused for that, so that what comes next on its connection must not have waited either
   */
  private refuse(
    { request, response }: Asked,
    refusal: Refusal,
    { wait = 0, rests = true, hasWaited = false } = {},
  ): void {
    const { socket } = request;
    if (socket.destroyed) return;
    refusal.send(request, response, Math.max(wait, this.resting.next));
    request.resume();
    if (!rests) return;
    const sent = this.resting.expect();
    let open = 2;
    const close = () => {
      if (--open === 0) this.resting.rest(socket, hasWaited);
    };
    response.once('close', () => {
      sent();
      close();
    });
    request.once('end', close);
  }
}

function waitIn(rates: Rates, { kind, id }: Named, weight: number): number {
  return kind === 'service' ? rates.take(id, weight, performance.now()) : 0;
}
