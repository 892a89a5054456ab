/** The keys of one OpenID provider: found by its discovery document, and looked for again now and then. */
import { isDeepStrictEqual } from 'node:util';
import { type JWK, type JWTVerifyGetKey, createLocalJWKSet } from 'jose';
import { DISCOVERY_PATH } from './issuer-url.js';
import { ProviderTrouble, fetchDocument } from './provider-document.js';

/** Keys that the provider has withdrawn are believed no longer than this while it can be reached. */
const REFRESH_MS = 300_000;
/** Keys are believed for this long when the provider cannot be reached. */
const KEPT_MS = 3_600_000;
/** How soon after the last look a key that is not known is looked for again. */
const UNKNOWN_KEY_MS = 5_000;
/** Waits between looks while there are no keys at all; requests that come meanwhile share one look. */
const RETRY_MS = 250;
const SLOWEST_RETRY_MS = 30_000;

/** The keys of a provider as they were found at some time. */
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
  private readonly waiting: (() => void)[] = [];

  /**
   * @param now the clock, in milliseconds
   * @param onTrouble told of every trouble that was not there before
   */
  constructor(
    readonly issuer: string,
    private readonly now: () => number,
    private readonly onTrouble: (trouble: ProviderTrouble) => void,
  ) {}

  /** That of the keys there are now; 0 when there are none. */
  get generation(): number {
    return this.known?.generation ?? 0;
  }

  /** Whether the keys were ever had. */
  get found(): boolean {
    return this.known !== undefined;
  }

  /** Calls back once, when the keys are had for the first time. */
  onFound(listener: () => void): void {
    if (this.found) listener();
    else this.waiting.push(listener);
  }

  /** Why the last look found nothing; `undefined` when it did. */
  get trouble(): ProviderTrouble | undefined {
    return this.lastTrouble;
  }

  /** Looks for the keys now, and from then on by itself. */
  async start(): Promise<void> {
    await this.look();
    const wait = this.found ? REFRESH_MS : Math.min(RETRY_MS * 2 ** this.failures, SLOWEST_RETRY_MS);
    // the process may end meanwhile
    setTimeout(() => void this.start(), wait).unref();
  }

  /** The keys, or the trouble that there are none that may still be believed. */
  async current(): Promise<FoundKeys | ProviderTrouble> {
    const fresh = this.fresh();
    if (fresh !== undefined) return fresh;
    await this.look();
    return this.fresh() ?? this.lastTrouble ?? this.outdated();
  }

  /**
   * Looks whether the provider has other keys than those of a generation by now; answers without looking when it was
   * asked a moment ago.
   *
   * @returns the keys if they are others, the trouble if nobody can tell, `undefined` if they are the same
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
      for (const listener of this.waiting.splice(0)) listener();
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
  // what is no key is left out: it must not take the others with it
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
