/** The public keys of the service (RFC 7517), which sign its grants: given, or fetched and kept for a while. */
import { type Agent, agentFor, exchange } from '../http/exchange.js';
import { bodyOf } from '../http/body.js';
import { randomUUID } from 'node:crypto';
import { memberOf, readJson } from '../terms/json.js';
import { type PublicKey, publicKeyIn } from './jws.js';

/** A key, and when it was in force, in milliseconds since the Unix epoch. */
export type SigningKey = PublicKey & { readonly createdAt: number; readonly retiredAt: number };

/** Milliseconds after which the keys are fetched anew, while they are still used: one may have been retired. */
const FRESH_MS = 60_000;
/** Milliseconds after which keys that cannot be fetched anew are used no more. */
const USED_MS = 600_000;
/** Milliseconds between two attempts: whoever names keys that there are not makes no more requests than that. */
const PAUSE_MS = 2_000;
const MOST_BYTES = 1_048_576;

type Keys = ReadonlyMap<string, SigningKey>;

/** Gives the keys by their id (`kid`); `undefined`: there is none, or none can be had. */
export type KeySource = {
  /** A promise only where something has to be fetched. */
  readonly find: (kid: string) => SigningKey | undefined | Promise<SigningKey | undefined>;
  readonly close: () => void;
};

/** @throws TypeError in words when it is no set of such keys */
export function givenKeys(jwks: unknown): KeySource {
  const keys = keysIn(jwks);
  if (keys === undefined)
    throw new TypeError('`jwks` is no set of keys: set what `/.well-known/receipt-keys.json` answers with');
  return { find: (kid) => keys.get(kid), close: () => undefined };
}

export class FetchedKeys implements KeySource {
  private keys: Keys = new Map();
  /** On the clock that nobody sets. */
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private coming: Promise<void> | undefined;
  private readonly agent: Agent;
  private readonly url: URL;

  /** @param timeout milliseconds that a fetch may take */
  constructor(
    base: URL,
    private readonly timeout: number,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.url = new URL('.well-known/receipt-keys.json', base);
    this.agent = agentFor(this.url);
  }

  find(kid: string): SigningKey | undefined | Promise<SigningKey | undefined> {
    const known = this.usable(kid);
    if (known !== undefined && this.age < FRESH_MS) return known;
    const coming = this.refresh();
    return known ?? coming?.then(() => this.usable(kid));
  }

  private get age(): number {
    return this.clock() - this.fetchedAt;
  }

  private usable(kid: string): SigningKey | undefined {
    return this.age < USED_MS ? this.keys.get(kid) : undefined;
  }

  close(): void {
    this.agent.destroy();
  }

  /** One fetch for all who wait; none so soon after the last. */
  private refresh(): Promise<void> | undefined {
    if (this.coming !== undefined) return this.coming;
    if (this.clock() - this.triedAt < PAUSE_MS) return undefined;
    this.triedAt = this.clock();
    this.coming = this.fetched()
      // what was known is used until it is too old
      .catch(() => undefined)
      .finally(() => {
        this.coming = undefined;
      });
    return this.coming;
  }

  private async fetched(): Promise<void> {
    const id = randomUUID();
    const accept = 'application/json';
    const at = this.clock();
    const reply = await exchange(
      {
        method: 'GET',
        url: this.url,
        agent: this.agent,
        body: '',
        most: MOST_BYTES,
        headers: { accept, 'x-request-id': id },
      },
      AbortSignal.timeout(this.timeout),
    );
    const keys = keysIn(readJson(bodyOf(reply, id, accept, (text) => text)));
    if (keys === undefined) return;
    this.keys = keys;
    this.fetchedAt = at;
  }
}

/** The keys of a set, by their ids; `undefined`: it is none, or one of them is not what it says. */
function keysIn(set: unknown): Keys | undefined {
  const listed = memberOf(set, 'keys');
  if (!Array.isArray(listed)) return undefined;
  const keys = new Map<string, SigningKey>();
  for (const jwk of Array.from<unknown>(listed)) {
    const known = publicKeyIn(jwk);
    const createdAt = timeIn(memberOf(jwk, 'created_at'));
    const retired = memberOf(jwk, 'retired_at');
    const retiredAt = retired === null ? Infinity : timeIn(retired);
    // a key under the id of another would be retired with it
    if (known?.algorithm !== 'EdDSA' || memberOf(jwk, 'kid') !== known.thumbprint) return undefined;
    if (createdAt === undefined || retiredAt === undefined) return undefined;
    // of one that is there twice, nobody knows whether it is retired
    if (keys.has(known.thumbprint)) return undefined;
    keys.set(known.thumbprint, { ...known, createdAt, retiredAt });
  }
  return keys;
}

function timeIn(text: unknown): number | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : at;
}
