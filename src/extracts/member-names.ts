import { type Cipher, createCipheriv } from 'node:crypto';

export const SECRET_BYTES = 32;
const BLOCK_BYTES = 16;
/** Length of a handle: a block in base64url. */
export const HANDLE_LENGTH = 22;

/**
 * The handles by which members of one extract are named, whether or not the log still knows who they are: the number of
 * the user, enciphered by AES-256 under the secret of the extract. So two members never share one, and without the
 * secrets nobody can tell whether two handles of two extracts are of one user.
 */
export class MemberNames {
  private readonly cipher: Cipher;
  private plain = Buffer.alloc(0);

  constructor(secret: Uint8Array) {
    // one block each, and no two are equal: a mode that hides equal blocks would only make them longer
    this.cipher = createCipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
  }

  /** The handle of one user. */
  of(number: number): string {
    return this.ofMany([number], 1)(0);
  }

  /**
   * The handles of many users.
   *
   * @param count how many of the numbers count
   * @returns gives the handle at a place
   */
  ofMany(numbers: ArrayLike<number>, count: number): (at: number) => string {
    if (this.plain.length < count * BLOCK_BYTES) this.plain = Buffer.alloc(count * BLOCK_BYTES);
    const { plain } = this;
    for (let at = 0; at < count; at++) plain.writeUInt32BE(numbers[at] ?? 0, at * BLOCK_BYTES);
    const handles = this.cipher.update(plain.subarray(0, count * BLOCK_BYTES));
    return (at) => handles.toString('base64url', at * BLOCK_BYTES, (at + 1) * BLOCK_BYTES);
  }
}
