/** The addresses that there are, for whoever asks at one that there is not. */
import type { FastifyInstance } from 'fastify';
import { eachQuoted, listOf } from '../decision/lists.js';
import { nearest } from '../decision/nearest.js';
import { DomainError } from '../errors.js';

/** The address is one that there is, and takes other methods. */
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

  /** Before the routes are known to the server. */
  noteThoseOf(server: FastifyInstance): void {
    server.addHook('onRoute', ({ url, method }) => {
      const address = this.known.get(url) ?? { steps: stepsOf(url), methods: new Set() };
      for (const one of [method].flat()) address.methods.add(one);
      this.known.set(url, address);
    });
  }

  /** What is wrong with a request that no route takes. */
  faultOf(url: string): DomainError {
    const steps = stepsOf(url.split('?', 1)[0] ?? '');
    const alike = [...this.known.values()].map((address) => ({ address, slips: slipsIn(steps, address) }));
    const there = alike.filter(({ slips }) => slips?.length === 0);
    if (there.length > 0)
      return new WrongMethod([...new Set(there.flatMap(({ address }) => [...address.methods]))].toSorted());
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
    return new DomainError(
      'route_not_found',
      meant === undefined
        ? 'there is no such route; correct the address, docs/api.md has those there are'
        : `there is no such route: did you mean \`${shown(meant.address)}\`?`,
    );
  }
}

function stepsOf(path: string): string[] {
  return path.replace(/\/$/, '').split('/').slice(1);
}

const isParameter = (step: string) => step.startsWith(':') || step === '*';

type Slip = { readonly sent: string; readonly step: string };

/** The steps that are not as they were sent; nothing when it is another address altogether. */
function slipsIn(steps: readonly string[], { steps: those }: Address): Slip[] | undefined {
  if (steps.length !== those.length) return undefined;
  return those.flatMap((step, at) => {
    const sent = steps[at] ?? '';
    return sent === step || (isParameter(step) && sent !== '') ? [] : [{ sent, step }];
  });
}

/** An address as the document has it: it names no user. */
function shown({ steps }: Address): string {
  return steps.map((step) => `/${step.startsWith(':') ? `{${step.slice(1)}}` : step}`).join('');
}
