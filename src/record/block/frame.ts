/** Frames: what segment files are made of. Length and CRC-32 (ISO 3309, as zlib has it) of the content, each in 32 bits, then the content. */
import { crc32 } from 'node:zlib';

/** Bytes before the content. */
export const FRAME_BYTES = 8;

/** Makes a frame of bytes that begin with room for its head. */
export function sealFrame(frame: Buffer): Buffer {
  const content = frame.subarray(FRAME_BYTES);
  frame.writeUInt32LE(content.length, 0);
  frame.writeUInt32LE(crc32(content), 4);
  return frame;
}
