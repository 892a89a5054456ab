/** How the consent state is written as bytes, and read back. */

/** Bytes to restore something from. */
export type Source = {
  /** How many bytes are left. */
  readonly left: number;
  /** Fills all of `into` with the next bytes. @throws Error when too few are left */
  read(into: Uint8Array): void;
};

/** The bytes of words, in this machine's order. */
export function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** A whole number below 2⁵³ as two words. */
export function split(number: number): [number, number] {
  return [number % 2 ** 32, Math.floor(number / 2 ** 32)];
}

export function readWord(source: Source): number {
  const word = new Uint32Array(1);
  source.read(bytesOf(word));
  return word[0] ?? 0;
}

/** A number that was `split`. */
export function readNumber(source: Source): number {
  const low = readWord(source);
  return readWord(source) * 2 ** 32 + low;
}

/** The error for bytes that cannot be a dump. */
export function damaged(): Error {
  return new Error('these bytes are not a dump of the consent state, or were damaged');
}

/**
 * Entries in pieces: each piece its length in bytes, then per entry its length (two bytes) and its bytes.
 *
 * @param write puts an entry into the buffer at a place, and returns its length
 */
export function* entryPieces(
  from: number,
  end: number,
  size: number,
  buffer: Uint8Array,
  write: (entry: number, at: number) => number,
): Generator<Uint8Array, void> {
  for (let entry = from; entry < end;) {
    let filled = 4;
    do {
      const length = write(entry++, filled + 2);
      if (length > 0xffff) throw new RangeError('a name has at most 65,535 bytes');
      setWord(buffer, filled, length);
      filled += 2 + length;
    } while (entry < end && filled < size);
    setWord(buffer, 0, (filled - 4) & 0xffff);
    setWord(buffer, 2, (filled - 4) >>> 16);
    yield buffer.subarray(0, filled);
  }
}

/** Reads what `entryPieces` wrote. */
export function readEntries(
  source: Source,
  from: number,
  end: number,
  take: (entry: number, bytes: Uint8Array) => void,
): void {
  const head = new Uint8Array(4);
  for (let entry = from; entry < end;) {
    source.read(head);
    const size = word(head, 0) + word(head, 2) * 2 ** 16;
    if (size > source.left) throw damaged();
    const piece = new Uint8Array(size);
    source.read(piece);
    for (let at = 0; at < size; entry++) {
      const next = at + 2 + word(piece, at);
      if (next > size || entry >= end) throw damaged();
      take(entry, piece.subarray(at + 2, next));
      at = next;
    }
    if (size === 0) throw damaged();
  }
}

/** A word of two bytes, the low one first. */
export function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

export function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value & 0xff;
  bytes[at + 1] = value >> 8;
}
