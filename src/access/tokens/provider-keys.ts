/** The keys of one OpenID provider, found by its discovery document and refreshed. */
import { isDeepStrictEqual } from 'node:util';
import { type JWK, type JWTVerifyGetKey, createLocalJWKSet } from 'jose';
import { DISCOVERY_PATH } from './issuer-url.js';
import { ProviderTrouble, fetchDocument } from './provider-document.js';

/** Refresh interval: a withdrawn key is trusted at most this long while the provider is reachable. */
const REFRESH_MS = 300_000;
/** Keys stay trusted this long while the provider is unreachable. */
const KEPT_MS = 3_600_000;
/** Minimum time between two fetches because of an unknown key. */
const UNKNOWN_KEY_MS = 5_000;
/** Pauses between fetches while there are no keys at all; requests that arrive meanwhile share one fetch. */
const RETRY_MS = 250;
const SLOWEST_RETRY_MS = 30_000;

/** The keys of a provider from one fetch. */
export type FoundKeys = {
  readonly find: JWTVerifyGetKey;
  /** Counts changes of the keys: tokens verified with earlier keys must be verified again. */
  readonly generation: number;
};

export class ProviderKeys {
  private known: (FoundKeys & { readonly keys: readonly JWK[]; readonly at: number }) | undefined;
  private looking: Promise<void> | undefined;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private lastTrouble: ProviderTrouble | undefined;

  /**
   * @param now the clock, in milliseconds
   * @param onTrouble called with every new trouble
   */
  constructor(
    readonly issuer: string,
    private readonly now: () => number,
    private readonly onTrouble: (trouble: ProviderTrouble) => void,
  ) {}

  /** The generation of the current keys; 0 when there are none. */
  get generation(): number {
    return this.known?.generation ?? 0;
  }

  /** Whether the keys were ever fetched. */
  get found(): boolean {
    return this.known !== undefined;
  }

  /** Why the last fetch failed; `undefined` when it succeeded. */
  get trouble(): ProviderTrouble | undefined {
    return this.lastTrouble;
  }

  /** Fetches the keys now, and from then on by itself. */
  async start(): Promise<void> {
    await this.look();
    const wait = this.found ? REFRESH_MS : Math.min(RETRY_MS * 2 ** this.failures, SLOWEST_RETRY_MS);
    // the process may end meanwhile
    setTimeout(() => void this.start(), wait).unref();
  }

  /** The keys, or why there are none that may still be trusted. */
  async current(): Promise<FoundKeys | ProviderTrouble> {
    const fresh = this.fresh();
    if (fresh !== undefined) return fresh;
    await this.look();
    return this.fresh() ?? this.lastTrouble ?? this.outdated();
  }

  /**
   * Checks whether the provider has newer keys than those of a generation; does not fetch again if it did so a moment
   * ago.
   *
   * @returns the keys if they are newer, the trouble if that is unknown, `undefined` if they are the same
   */
  async renewed(since: number): Promise<FoundKeys | ProviderTrouble | undefined> {
    if (this.generation === since) {
      const age = this.now() - this.lookedAt;
      if (age < 0 || age >= UNKNOWN_KEY_MS || this.looking !== undefined) await this.look();
      if (this.lastTrouble !== undefined) return this.lastTrouble;
    }
    return this.generation === since ? undefined : this.current();
  }

  private outdated(): ProviderTrouble {
    return new ProviderTrouble(
      `the keys of \`${this.issuer}\` are too old`,
      'they are looked for again',
      false,
    );
  }

  private fresh(): FoundKeys | undefined {
    if (this.known === undefined) return undefined;
    const age = this.now() - this.known.at;
    return age >= 0 && age < KEPT_MS ? this.known : undefined;
  }

  /** One fetch at a time. */
  private look(): Promise<void> {
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const wait = this.lookedAt + RETRY_MS - this.now();
    if (wait > 0 && wait <= RETRY_MS) await new Promise((resolve) => setTimeout(resolve, wait));
    try {
      const keys = await keysOf(this.issuer);
      const at = this.now();
      this.known =
        this.known !== undefined && isDeepStrictEqual(keys, this.known.keys)
          ? { ...this.known, at }
          : { keys, find: createLocalJWKSet({ keys }), generation: this.generation + 1, at };
      this.lastTrouble = undefined;
      this.failures = 0;
    } catch (error) {
      const trouble =
        error instanceof ProviderTrouble
          ? error
          : new ProviderTrouble(
              `the keys of \`${this.issuer}\` cannot be read`,
              toCorrect(this.issuer),
              true,
              { cause: error },
            );
      if (trouble.message !== this.lastTrouble?.message) this.onTrouble(trouble);
      this.lastTrouble = trouble;
      this.failures++;
    } finally {
      this.lookedAt = this.now();
    }
  }
}

/** OpenID Connect Discovery 1.0, section 4. */
async function keysOf(issuer: string): Promise<JWK[]> {
  const next = toCorrect(issuer);
  const address = `${issuer.replace(/\/$/, '')}${DISCOVERY_PATH}`;
  const discovery = await fetchDocument({
    url: address,
    named: `the discovery document \`${address}\` of the issuer \`${issuer}\``,
    next: `set OIDC_ISSUER, or the \`issuer\` in OIDC_FILE, to exactly what your provider's discovery document has as \`issuer\`; \`${DISCOVERY_PATH}\` is added here`,
  });
  const named = discovery.get('issuer');
  if (named !== issuer)
    throw typeof named === 'string'
      ? new ProviderTrouble(
          `the provider at \`${issuer}\` calls itself \`${named}\``,
          'if that is the one that is meant, set OIDC_ISSUER, or the `issuer` in OIDC_FILE, to exactly this',
          true,
        )
      : new ProviderTrouble(`the discovery document \`${address}\` names no \`issuer\``, next, true);
  const place = discovery.get('jwks_uri');
  if (typeof place !== 'string')
    throw new ProviderTrouble(`the discovery document \`${address}\` names no \`jwks_uri\``, next, true);
  const set = `the key set \`${place}\``;
  const keys = (await fetchDocument({ url: place, named: set, next })).get('keys');
  if (!Array.isArray(keys)) throw new ProviderTrouble(`${set} has no \`keys\``, next, true);
  // invalid keys are left out, so that the others stay usable
  const usable = keys.filter(isKey);
  if (usable.length === 0)
    throw new ProviderTrouble(`${set} is empty`, 'give the provider a key that it signs with', false);
  return usable;
}

/** What to do about what a provider publishes. */
function toCorrect(issuer: string): string {
  return `whoever runs the provider \`${issuer}\` must correct what it publishes`;
}

function isKey(value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string';
}
