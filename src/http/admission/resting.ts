/**
 * Connections that are not read for a while after a refusal. To refuse costs no less than to answer, as nearly all of it
 * is HTTP, so whoever goes on asking would use up the processor by it; what they send meanwhile stays with them (TCP flow control).
 */
import type { Socket } from 'node:net';

/** How long one rests at least. */
export const LEAST_MS = 50;
/** One is read again in so many milliseconds: to refuse as many costs less than a tenth of a core. */
export const EACH_MS = 1;
/** How often those that are due are looked for: all that wake together are refused together, and everybody waits meanwhile. */
export const LOOK_MS = 10;

export class Resting {
  private readonly sockets = new Map<
    Socket,
    { /** When they are read again. */ readonly until: number; readonly isLateAfterwards: boolean }
  >();
  /** Those that have rested before, and are forgotten when they close. */
  private readonly known = new WeakSet<Socket>();
  /** In which turn each was read again, and the last one did. */
  private readonly woken = new WeakMap<Socket, number>();
  private lastWoken = -1;
  /** When the last one in the line is read again. */
  private last = 0;
  /** How many are to rest, and still wait for their answer to be sent. */
  private expected = 0;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param turn the number of the present turn of the event loop
   * @param onWake called before some are read again
   */
  constructor(
    private readonly turn: () => number,
    private readonly onWake: () => void,
  ) {}

  get count(): number {
    return this.sockets.size;
  }

  /** In how many milliseconds a connection is read again that is refused now. */
  get next(): number {
    const now = performance.now();
    return this.after(now) + this.expected * EACH_MS - now;
  }

  /** One more is to rest. @returns what is to be called when its answer was sent, or nobody waits for it */
  expect(): () => void {
    this.expected++;
    return () => void this.expected--;
  }

  has(socket: Socket): boolean {
    return this.sockets.size > 0 && this.sockets.has(socket);
  }

  /** Whether what is read of a connection now may have been there while it rested. */
  hasJustWoken(socket: Socket): boolean {
    return this.lastWoken === this.turn() && this.woken.get(socket) === this.lastWoken;
  }

  /**
   * Reads nothing of a connection for a while. To be called when its last request was read, and answered.
   *
   * @param isLateAfterwards whether it matters that what is read first has waited
   */
  rest(socket: Socket, isLateAfterwards: boolean): void {
    if (socket.destroyed || this.sockets.has(socket)) return;
    if (!this.known.has(socket)) {
      this.known.add(socket);
      socket.once('close', () => {
        // those that come later take its place
        if (this.sockets.delete(socket)) this.last -= EACH_MS;
      });
    }
    this.last = this.after(performance.now());
    this.sockets.set(socket, { until: this.last, isLateAfterwards });
    socket.pause();
    this.wakeLater();
  }

  /** When one is read again that comes to the line now. */
  private after(now: number): number {
    return Math.max(now + LEAST_MS, this.last + EACH_MS);
  }

  private wakeLater(): void {
    // a look for all that are due: a timer for each would cost more than to refuse it
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.wake();
    }, LOOK_MS).unref();
  }

  private wake(): void {
    const now = performance.now();
    for (const [socket, { until, isLateAfterwards }] of this.sockets) {
      if (until > now) break;
      this.sockets.delete(socket);
      this.lastWoken = this.turn();
      if (isLateAfterwards) this.woken.set(socket, this.lastWoken);
      socket.resume();
    }
    this.onWake();
    if (this.sockets.size > 0) this.wakeLater();
  }
}
