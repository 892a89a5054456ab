/** A grant as its holder has it. */
import { type Answer, type Denial, denialOf } from '../terms/answer.js';
import { Failure } from '../terms/failure.js';
import { sha256 } from './jws.js';
import type { OwnKey } from './own-key.js';

/** The headers of a request to the service that owns the data. */
export type GrantHeaders = {
  readonly 'assent-grant': string;
  /** A proof for this request, which is taken once. */
  readonly dpop: string;
};

/** The answer about a field of a user. */
export type Granted = Answer & { readonly user: string; readonly field: string };

/** A grant that was signed, and the key that it is bound to. */
export type Held = {
  readonly jws: string;
  readonly key: OwnKey;
  /** When it ends, on the clock that nobody sets. */
  readonly until: number;
};

export class Grant {
  private readonly hash: string;

  /** @param held absent: nothing is permitted */
  constructor(
    readonly purpose: string,
    /** Id of the service that accepts it. */
    readonly audience: string,
    private readonly given: readonly Granted[],
    private readonly held?: Held,
  ) {
    this.hash = held === undefined ? '' : sha256(held.jws);
  }

  /** Whether the purpose may read the field of the user. It is `false` as soon as the grant has expired. */
  may(user: string, field: string): boolean {
    return this.answer(user, field).permitted;
  }

  /** The answer about a field of a user, which is a denial as soon as the grant has expired. */
  answer(user: string, field: string): Answer {
    const found = this.given.find((one) => one.user === user && one.field === field);
    if (found === undefined) return denialOf(new Failure('invalid_question', { message: NOT_ASKED }));
    if (!found.permitted || !this.isOver) return found;
    const { policy, revision } = found;
    return denialOf(new Failure('expired'), { policy, revision });
  }

  /** Those it was asked for. */
  get users(): readonly string[] {
    return [...new Set(this.given.map(({ user }) => user))];
  }

  /** What was denied when the grant was asked for, with its reasons. */
  get denied(): readonly (Denial & Granted)[] {
    return this.given.filter((one): one is Denial & Granted => !one.permitted);
  }

  /** Whether it permits nothing any more. */
  get isOver(): boolean {
    return this.held === undefined || performance.now() >= this.held.until;
  }

  /**
   * The headers of one request to the owner of the data. Ask for them for each request, and for each attempt of it: no
   * proof is taken twice.
   *
   * @param url address of the request, as the owner knows it
   * @throws Error in words when nothing is granted, or no more: whoever is denied sends no request
   */
  async headersFor(method: string, url: string | URL): Promise<GrantHeaders> {
    const { held } = this;
    if (held === undefined || this.isOver) {
      const why = held === undefined ? this.denied[0]?.message : 'it has expired: ask for another';
      throw new Error(`there is no grant to send: ${why ?? 'nothing was granted'}`);
    }
    return {
      'assent-grant': held.jws,
      dpop: await held.key.proof(method.toUpperCase(), String(url), this.hash),
    };
  }
}

const NOT_ASKED = 'the grant was not asked for it';
