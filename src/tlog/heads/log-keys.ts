import type { NoteKey, NoteSigner } from './note.js';

/** The keys of a log, whose heads they sign. */
export abstract class LogKeys {
  /** Who signs now: one, or the old and the new one while a key changes. */
  abstract signers(): Promise<readonly NoteSigner[]>;

  /** Whose signatures count: all that ever signed. */
  abstract known(): Promise<readonly NoteKey[]>;
}
