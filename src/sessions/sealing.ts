/**
 * Seals what a browser keeps for this service: JWE (RFC 7516) with a key that is derived from the store's, another one
 * each day.
 */
import { CompactEncrypt, compactDecrypt } from 'jose';
import { parseJson } from '../json.js';
import { DAY_MS } from '../time.js';

/** A key for a use, 32 bytes: the same one for the same words, and in every process of a fleet. */
export type KeyFor = (use: string) => Uint8Array;

/** A browser keeps no cookie of more than 4,096 bytes, with its name (RFC 6265, section 6.1). */
const MAX_LENGTH = 4_000;

export class Sealing {
  /**
   * @param use what is sealed: what is sealed for another use does not open
   * @param now milliseconds since the Unix epoch
   */
  constructor(
    private readonly use: string,
    private readonly keyFor: KeyFor,
    private readonly now: () => number,
  ) {}

  /** Seals a content, for at least a day. @throws Error when it is too long for a cookie */
  async seal(content: object): Promise<string> {
    const day = dayOf(this.now());
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: String(day) })
      .encrypt(this.keyOf(day));
    if (sealed.length > MAX_LENGTH) throw new Error('what is to be sealed is too long for a cookie');
    return sealed;
  }

  /** What was sealed; `undefined` when it was not sealed here for this use, was altered, or is older than two days. */
  async open(sealed: string): Promise<unknown> {
    if (sealed.length > MAX_LENGTH || !sealed.split('.').every(isCanonical)) return undefined;
    try {
      const { plaintext } = await compactDecrypt(sealed, ({ kid }) => this.keyOf(this.recent(kid)), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return parseJson(new TextDecoder().decode(plaintext));
    } catch {
      return undefined;
    }
  }

  private recent(kid: unknown): number {
    const today = dayOf(this.now());
    // tomorrow by the clock of another process
    const day = [today, today - 1, today + 1].find((one) => kid === String(one));
    if (day === undefined) throw new Error('it was sealed on no day that counts now');
    return day;
  }

  private keyOf(day: number): Uint8Array {
    return this.keyFor(`${this.use} on day ${day}`);
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** Whether base64url is written in the one way that its bytes are: otherwise one sealed text would have several. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
