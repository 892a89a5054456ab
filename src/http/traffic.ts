/** What is asked of the server and how long it takes, for whoever watches the service. */
import type { FastifyInstance } from 'fastify';
import { type Buckets, Histogram } from '../histogram.js';

/** Routes of decisions: how long their answers take is counted in buckets. */
const DECIDES = '/access/v1/';
/** Where the route of a request is unknown. */
const NONE = 'none';

export type AnswerCount = {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly count: number;
};

export class Traffic {
  private readonly answers = new Map<
    string,
    { method: string; route: string; status: number; count: number }
  >();
  private readonly times = new Map<string, Histogram>();

  /** Counts answers of a route that are sent before the router. */
  direct(route: string): { readonly answered: (seconds: number) => void } {
    const times = this.timesOf(route);
    const entry = this.entryOf('POST', route, 200);
    return {
      answered: (seconds) => {
        entry.count++;
        times.observe(seconds);
      },
    };
  }

  /** Counts the answers of all other routes. To be called before routes are registered. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', ({ method, is404, routeOptions }, reply, done) => {
      // the route, never the address: addresses name users
      const route = is404 ? NONE : (routeOptions.url ?? NONE);
      this.entryOf(is404 ? NONE : method, route, reply.statusCode).count++;
      if (route.startsWith(DECIDES)) this.timesOf(route).observe(reply.elapsedTime / 1_000);
      done();
    });
  }

  read(): readonly AnswerCount[] {
    return [...this.answers.values()];
  }

  /** How long answers took, in seconds, by route. */
  readTimes(): readonly (readonly [route: string, times: Buckets])[] {
    return Array.from(this.times, ([route, times]) => [route, times.read()]);
  }

  private entryOf(method: string, route: string, status: number) {
    const key = `${status} ${method} ${route}`;
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const entry = { method, route, status, count: 0 };
    this.answers.set(key, entry);
    return entry;
  }

  private timesOf(route: string): Histogram {
    const known = this.times.get(route);
    if (known !== undefined) return known;
    const times = new Histogram();
    this.times.set(route, times);
    return times;
  }
}
