/**
 * Seals what a browser keeps for this service: JWE (RFC 7516) with a key that is derived from the store's, another one
 * each day.
 */
import { CompactEncrypt, compactDecrypt } from 'jose';
import { parseJson } from '../json.js';
import { DAY_MS } from '../time.js';

/**
 * A key for a use, 32 bytes: the same one for the same words and the same id of a key of the store, in every process of a
 * fleet. Without an id it is of the present one, and comes with its id, which is empty for the first one.
 */
export type KeyFor = (use: string, id?: string) => readonly [key: Uint8Array, id: string];

/** Between the day and the id of the key. */
const SEPARATOR = '.';

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
    const [key, id] = this.keyOf(day);
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(content)))
      .setProtectedHeader({
        alg: 'dir',
        enc: 'A256GCM',
        kid: id === '' ? String(day) : `${day}${SEPARATOR}${id}`,
      })
      .encrypt(key);
    if (sealed.length > MAX_LENGTH) throw new Error('what is to be sealed is too long for a cookie');
    return sealed;
  }

  /** What was sealed; `undefined` when it was not sealed here for this use, was altered, or is older than two days. */
  async open(sealed: string): Promise<unknown> {
    if (sealed.length > MAX_LENGTH || !sealed.split('.').every(isCanonical)) return undefined;
    try {
      const { plaintext } = await compactDecrypt(sealed, ({ kid }) => this.keyNamed(kid), {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return parseJson(new TextDecoder().decode(plaintext));
    } catch {
      return undefined;
    }
  }

  private keyNamed(kid: unknown): Uint8Array {
    const [day, id = ''] = String(kid).split(SEPARATOR);
    const [key] = this.keyOf(this.recent(day), id);
    return key;
  }

  private recent(kid: unknown): number {
    const today = dayOf(this.now());
    // tomorrow by the clock of another process
    const day = [today, today - 1, today + 1].find((one) => kid === String(one));
    if (day === undefined) throw new Error('it was sealed on no day that counts now');
    return day;
  }

  private keyOf(day: number, id?: string): readonly [Uint8Array, string] {
    return this.keyFor(`${this.use} on day ${day}`, id);
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** Whether base64url is written in the one way that its bytes are: otherwise one sealed text would have several. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
