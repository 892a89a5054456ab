/** Proves one record with public keys alone: that it is one of a block, the block one of the log, and the head of the log signed. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '../../tlog/heads/checkpoint.js';
import { CHECKPOINT } from '../../tlog/heads/kept-heads.js';
import type { NoteKey } from '../../tlog/heads/note.js';
import { type RecordProof, isRecordOf } from '../../tlog/tree/block-leaf.js';
import { inclusionPath, isIncluded, leafHash } from '../../tlog/tree/merkle.js';
import { TILE_WIDTH, Tiles } from '../../tlog/tiles.js';
import { segmentName } from '../segment/segment-format.js';
import { type ReadBlock, readSegment } from '../segment/segment-reader.js';
import { proofIn, readLeaf } from './leaf-of-block.js';

/** All that it takes, but the keys. */
export type ProvedRecord = {
  /** What was proved, as `idOf` has it. */
  readonly id: string;
  /** As `record-texts.ts` has it. */
  readonly record: string;
  readonly inBlock: RecordProof;
  readonly leaf: Uint8Array;
  /** Place of the leaf in the log, and the proof of it (RFC 9162, section 2.1.3). */
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The signed head. */
  readonly checkpoint: Uint8Array;
};

/** A record cannot be proved, or is not what a proof is of. */
export class NotProved extends Error {}

const ID = /^([0-9a-f]{16})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/;

/**
 * @param folder of the record
 * @param log its log
 * @param keys of the log
 * @throws NotProved when there is no such record, or its block is not sealed; RecordDamage, TileFault, NoteFault
 */
export async function proveRecordOf(
  folder: string,
  {
    folder: log,
    origin,
    keys,
  }: { readonly folder: string; readonly origin: string; readonly keys: readonly NoteKey[] },
  id: string,
): Promise<ProvedRecord> {
  const [, writer = '', sequence, number, place] = ID.exec(id) ?? [];
  if (writer === '') throw new NotProved(`\`${id}\` is no id of a record: give one that \`show\` writes`);
  const block = await blockIn(join(folder, writer, segmentName(Number(sequence))), Number(number));
  if (block === undefined || Number(place) >= block.decisions)
    throw new NotProved(`the record has no \`${id}\`: it was removed by retention, or the id is another`);
  const checkpoint = await readFile(join(log, CHECKPOINT));
  const { size } = openCheckpoint(checkpoint, origin, keys);
  const tiles = new Tiles(log);
  const found = await entryOf(tiles, size, block);
  if (found === undefined)
    throw new NotProved(`\`${id}\` was written after the last head: prove it when the next one is signed`);
  const { record, proof } = proofIn(block, Number(place));
  const path = await tiles.proof(inclusionPath(found.index, size), size);
  const proved = { id, record, inBlock: proof, ...found, path, checkpoint };
  assertProved(proved, origin, keys);
  return proved;
}

/**
 * Needs nothing but the proof and public keys.
 *
 * @returns the head that it is in
 * @throws NotProved, and NoteFault when the head is not one, or not signed by one of the keys
 */
export function assertProved(
  { id, record, inBlock, leaf, index, path, checkpoint }: ProvedRecord,
  origin: string,
  keys: readonly NoteKey[],
): Checkpoint {
  const head = openCheckpoint(checkpoint, origin, keys);
  if (!isIncluded(leafHash(leaf), index, head.size, path, head.root))
    throw new NotProved('the block of the record is not in the log that was signed');
  if (!isRecordOf(leaf, Buffer.from(record), inBlock))
    throw new NotProved('the record is not one of the block that was signed: it was altered');
  const [, writer, , number, place] = ID.exec(id) ?? [];
  const block = readLeaf(leaf);
  if (block?.writer !== writer || block?.number !== Number(number) || inBlock.index !== Number(place))
    throw new NotProved(`the proof is of another record than \`${id}\``);
  return head;
}

async function blockIn(path: string, number: number): Promise<ReadBlock | undefined> {
  if (!existsSync(path)) return undefined;
  for await (const block of readSegment(path, true)) if (block.number === number) return block;
  return undefined;
}

async function entryOf(
  tiles: Tiles,
  size: number,
  { writer, number }: ReadBlock,
): Promise<{ readonly index: number; readonly leaf: Uint8Array } | undefined> {
  for (let first = 0; first < size; first += TILE_WIDTH) {
    const entries = await tiles.entries(first / TILE_WIDTH, Math.min(TILE_WIDTH, size - first));
    for (const [place, leaf] of entries.entries()) {
      const block = readLeaf(leaf);
      if (block?.writer === writer && block.number === number) return { index: first + place, leaf };
    }
  }
  return undefined;
}
