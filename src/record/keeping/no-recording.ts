import { STRANGER_BYTES } from '../block/block-format.js';
import type { Recording } from '../recording.js';

const NOBODY = new Uint8Array(STRANGER_BYTES);

/** Takes nothing down: for development, where `RECORD` is `off`. */
export const NO_RECORDING: Recording = {
  isAvailable: true,
  begin: () => undefined,
  decision: () => undefined,
  end: () => undefined,
  takeUsers: () => undefined,
  takeDischarge: () => undefined,
  stranger: () => NOBODY,
  settled: () => undefined,
};
