/** The known addresses, for errors about unknown ones. */
import type { FastifyInstance } from 'fastify';
import { eachQuoted, listOf } from '../decision/lists.js';
import { nearest } from '../decision/nearest.js';
import { DomainError } from '../errors.js';

/** The address exists, but takes other methods. */
export class WrongMethod extends DomainError {
  constructor(readonly allowed: readonly string[]) {
    super(
      'method_not_allowed',
      `this address takes ${listOf(eachQuoted(allowed), 'and')}: use ${allowed.length === 1 ? 'it' : 'one of them'}`,
    );
  }
}

type Address = { readonly steps: readonly string[]; readonly methods: Set<string> };

export class Addresses {
  private readonly known = new Map<string, Address>();

  /** To be called before routes are registered. */
  noteThoseOf(server: FastifyInstance): void {
    server.addHook('onRoute', ({ url, method }) => {
      const address = this.known.get(url) ?? { steps: stepsOf(url), methods: new Set() };
      for (const one of [method].flat()) address.methods.add(one);
      this.known.set(url, address);
    });
  }

  /** The error for a request that no route takes. */
  faultOf(method: string, url: string): DomainError {
    const { there, meant } = this.around(url);
    const same = there.find(({ methods }) => methods.has(method));
    // it has one slash too many
    if (same !== undefined) return noRoute(same);
    if (there.length === 0 || meant?.methods.has(method) === true) return noRoute(meant);
    return new WrongMethod([...new Set(there.flatMap(({ methods }) => [...methods]))].toSorted());
  }

  /** The address that was probably meant by one without an id where its route has one. */
  meantBy(method: string, url: string): string | undefined {
    const { there, meant } = this.around(url);
    // it has one slash too many
    const same = there.find(({ methods, steps }) => methods.has(method) && !steps.some(isParameter));
    const one = same ?? (meant?.methods.has(method) === true ? meant : undefined);
    return one && shown(one);
  }

  /** The addresses that a URL matches, and the one that is a typo away. */
  private around(url: string): { readonly there: readonly Address[]; readonly meant: Address | undefined } {
    const steps = stepsOf(url.split('?', 1)[0] ?? '');
    const alike = [...this.known.values()].map((address) => ({ address, slips: slipsIn(steps, address) }));
    const there = alike.flatMap(({ address, slips }) => (slips?.length === 0 ? [address] : []));
    const near = alike.flatMap(({ address, slips: [slip, ...others] = [] }) =>
      slip === undefined || others.length > 0 ? [] : [{ address, ...slip }],
    );
    const meant = near.find(({ sent, step }) => {
      const nearby = near.filter((one) => one.sent === sent);
      return (
        step ===
        nearest(
          sent,
          nearby.map((one) => one.step),
        )
      );
    });
    return { there, meant: meant?.address };
  }
}

export function noRoute(meant?: Address): DomainError {
  return new DomainError(
    'route_not_found',
    meant === undefined
      ? 'there is no such route; correct the address, docs/api.md has those there are'
      : `there is no such route: did you mean \`${shown(meant)}\`?`,
  );
}

function stepsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

const isParameter = (step: string) => step.startsWith(':') || step === '*';

type Slip = { readonly sent: string; readonly step: string };

/** The segments that differ from what was sent; `undefined` for a different address. */
function slipsIn(steps: readonly string[], { steps: those }: Address): Slip[] | undefined {
  if (steps.length !== those.length) return undefined;
  return those.flatMap((step, at) => {
    const sent = steps[at] ?? '';
    return sent === step || (isParameter(step) && sent !== '') ? [] : [{ sent, step }];
  });
}

/** An address as in the OpenAPI document, which names no user. */
function shown({ steps }: Address): string {
  return steps.map((step) => `/${step.startsWith(':') ? `{${step.slice(1)}}` : step}`).join('');
}
