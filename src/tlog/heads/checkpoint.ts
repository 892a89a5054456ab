/** Checkpoints (C2SP tlog-checkpoint): the signed head of a log at a size. */
import { HASH_BYTES, isConsistent, isSame } from '../tree/merkle.js';
import { NoteFault, type NoteKey, type NoteSigner, base64Of, openNote, signNote } from './note.js';

export type Checkpoint = {
  /** Which log it is of. */
  readonly origin: string;
  /** How many leaves the log has. */
  readonly size: number;
  readonly root: Uint8Array;
};

/** A log was rolled back or rewritten since a checkpoint that is known. */
export class Rewritten extends Error {
  /** @param size that of the checkpoint which proves it */
  constructor(
    message: string,
    readonly size: number,
  ) {
    super(message);
    this.name = 'Rewritten';
  }
}

const SIZE = /^(0|[1-9]\d{0,15})$/;

/** The checkpoint as a note signed by each of them. */
export function signCheckpoint(
  { origin, size, root }: Checkpoint,
  signers: readonly NoteSigner[],
): Promise<string> {
  return signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`, signers);
}

/**
 * The checkpoint of this log in a note that one of these keys signed.
 *
 * @throws NoteFault when it is malformed, of another log, or not signed
 */
export function openCheckpoint(note: Uint8Array, origin: string, keys: readonly NoteKey[]): Checkpoint {
  const { text } = openNote(note, keys);
  const [named, size = '', hash = '', ...extensions] = text.slice(0, -1).split('\n');
  const root = base64Of(hash);
  const isChecked =
    SIZE.test(size) &&
    Number.isSafeInteger(Number(size)) &&
    root?.length === HASH_BYTES &&
    extensions.every((line) => line !== '');
  if (root === undefined || !isChecked) throw new NoteFault('is no checkpoint: it names no size and root');
  if (named !== origin) throw new NoteFault(`is of the log \`${named}\`, not of \`${origin}\``);
  return { origin, size: Number(size), root };
}

/**
 * Holds a checkpoint against one that is known.
 *
 * @param proof the consistency proof from the known one to it (RFC 9162, section 2.1.4)
 * @throws Rewritten when the log does not continue what the known one has
 */
export function assertContinues(known: Checkpoint, next: Checkpoint, proof: readonly Uint8Array[]): void {
  if (next.size < known.size)
    throw new Rewritten(
      `the log has ${next.size} leaves, but had ${known.size}: it was rolled back, or this is an old copy`,
      known.size,
    );
  if (next.size === known.size && !isSame(next.root, known.root))
    throw new Rewritten(`the log has another root at ${known.size} leaves: it was rewritten`, known.size);
  if (!isConsistent(known, next, proof))
    throw new Rewritten(
      `the log with ${next.size} leaves does not continue that with ${known.size}: it was rewritten`,
      known.size,
    );
}
