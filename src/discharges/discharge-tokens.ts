/**
 * What a client sends back to say which answer it has kept the obligations of: the record of the answer, sealed. So no
 * process has to remember what it answered, and nobody but the client whom it answered can report it.
 */
import type { Tokens } from '../consent/log/consistency-token.js';
import { entriesOf } from '../record/block/block-decoder.js';
import { BlockEncoder } from '../record/block/block-encoder.js';
import { ANSWER_BYTES } from '../record/block/block-format.js';
import { Unreadable } from '../record/block/byte-reader.js';
import { FRAME_BYTES } from '../record/block/frame.js';
import type { Asked, DecidedAlike, RecordedDecision } from '../record/record-entry.js';

/** The encryption of the store. What is sealed begins with random bytes that nothing else begins with. */
type Sealing = {
  sealMany(plain: Uint8Array, bound: string): Uint8Array;
  /** @throws Error when it was not sealed here for this text */
  openMany(sealed: Uint8Array, bound: string): Uint8Array;
};

/** An answer as it is on record. */
export type RecordedAnswer = {
  /** Names it among all. */
  readonly name: Uint8Array;
  readonly asked: Asked;
  readonly decisions: readonly RecordedDecision[];
};

const SEPARATOR = '.';

export class DischargeTokens {
  private readonly encoder = new BlockEncoder();

  constructor(
    private readonly sealing: Sealing,
    private readonly tokens: Pick<Tokens, 'of' | 'revisionOf'>,
  ) {}

  /** The token of an answer. */
  of(asked: Asked, { purpose, field, level, people, decision }: DecidedAlike): string {
    const { encoder } = this;
    encoder.begin(asked);
    for (const person of people) encoder.decision(purpose, field, level, person, decision);
    encoder.end();
    const revision = this.tokens.of(asked.revision);
    const sealed = this.sealing.sealMany(
      encoder.seal(0).subarray(FRAME_BYTES),
      boundTo(asked.client, revision),
    );
    return `${Buffer.from(sealed).toString('base64url')}${SEPARATOR}${revision}`;
  }

  /**
   * The answer of a token; `undefined`: the client was given none such by this log. In one that was restored from an older
   * copy, the numbers of users may be of others.
   */
  read(client: string, token: string): RecordedAnswer | undefined {
    const [text = '', revision = '', ...more] = token.split(SEPARATOR);
    const reached = this.tokens.revisionOf(revision);
    if (typeof reached !== 'number' || reached === Infinity || more.length > 0) return undefined;
    const sealed = Buffer.from(text, 'base64url');
    // of two texts that decode to the same bytes, only one was given
    if (sealed.toString('base64url') !== text) return undefined;
    const block = this.opened(sealed, boundTo(client, revision));
    if (block === undefined) return undefined;
    const [{ entry } = NOTHING] = entriesOf(block);
    if (entry?.kind !== 'decisions') throw new Unreadable('a token holds something else than an answer');
    const { kind: _kind, decisions, ...asked } = entry;
    return { name: Uint8Array.from(sealed.subarray(0, ANSWER_BYTES)), asked, decisions };
  }

  private opened(sealed: Uint8Array, bound: string): Buffer | undefined {
    try {
      return Buffer.from(this.sealing.openMany(sealed, bound));
    } catch {
      return undefined;
    }
  }
}

const NOTHING = { entry: undefined };

function boundTo(client: string, revision: string): string {
  return `discharge ${revision} ${client}`;
}
