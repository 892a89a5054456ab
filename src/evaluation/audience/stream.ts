/**
 * The answer of an audience as a stream: lines in, bytes out, and only the beginning of a line kept between two chunks.
 * A slow reader of the answer slows down the reading of the ids, and one that stops stops it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { BATCH_KEYS, KeyBatch } from '../../decision/state/key-batch.js';
import { HeldParts } from './held-parts.js';
import { type AudienceSummary, FORMATS, type Format, type MalformedLine, type MediaType } from './formats.js';
import { Output } from './output.js';
import { IdLines, type LineSyntax } from './id-lines.js';
import type { OpenAudience } from './audience.service.js';

/** Lines answered before other work has its turn, in any number of chunks: about a millisecond. */
const SLICE_LINES = 2_048;
/** Maximum malformed lines listed in a summary. All are counted. */
const MAX_NAMED = 20;
/** Pieces of output at which a part ends that has room for more people. */
const MOST_PIECES = 16;
/** Stands for a line without an id; no user has this id. */
const NOBODY = '';

export class AudienceStream {
  private readonly lines: IdLines;
  private readonly format: Format;
  private readonly out: Output;
  /** Ids of lines that were read but not answered yet, to be looked up together. */
  private readonly users = new KeyBatch();
  /** The errors of those without an id. */
  private readonly faults = new Map<number, string>();
  /** Of the part that is being answered. */
  private pieces: Uint8Array[] = [];
  private readonly parts = new HeldParts();
  private readonly malformed: MalformedLine[] = [];
  private malformedLines = 0;
  /** Lines since other work had its turn. */
  private inSlice = 0;

  constructor(
    private readonly open: OpenAudience,
    mediaType: MediaType,
    syntax: LineSyntax,
  ) {
    this.format = FORMATS[mediaType](open);
    this.lines = new IdLines(syntax, open.knows);
    this.out = new Output(this.format.widest);
  }

  /** Whether the summary has to be sent in a trailer. */
  get hasTrailer(): boolean {
    return this.format.hasTrailer;
  }

  get summary(): AudienceSummary {
    const { audience, policy, revision } = this.open;
    return {
      policy,
      revision,
      users: audience.size,
      counts: audience.counts,
      malformed_lines: this.malformedLines,
      malformed: this.malformed,
      obligations: audience.obligations,
    };
  }

  /**
   * Answers the lines of these chunks, in order.
   *
   * @param gone aborted when the client is gone
   * @throws Error when the chunks end with one, the answer cannot be recorded, or the client is gone: only a complete
   *   answer ends normally
   */
  async *answer(chunks: AsyncIterable<Uint8Array>, gone: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const { open, parts } = this;
    const input = chunks[Symbol.asyncIterator]();
    if (this.format.head !== '') yield Buffer.from(this.format.head);
    try {
      for (;;) {
        const coming = comingOf(input.next());
        await turn();
        // hold nothing back while waiting for the next chunk: the client may be waiting for these answers
        if (!coming.isHere && !open.record.isEmpty) this.endPart(false);
        while (!parts.isEmpty && (parts.isNextReady || !coming.isHere)) {
          if (parts.isNextReady) yield* parts.next(gone);
          else await Promise.race([coming.here, parts.nextReady]);
        }
        const { done, value: chunk } = await coming.here;
        if (done === true) break;
        yield* this.answerChunk(chunk, gone);
      }
    } finally {
      await input.return?.();
    }
    this.lines.end();
    if (this.lines.ended) {
      this.takeLine();
      await open.confirm();
    }
    this.answerAll();
    this.endPart(true);
    while (!parts.isEmpty) yield* parts.next(gone);
    const tail = this.format.tail(this.summary);
    if (tail !== '') yield Buffer.from(tail);
  }

  private async *answerChunk(chunk: Uint8Array, gone: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const { open, parts } = this;
    let isConfirmed = false;
    for (let at = 0; at < chunk.length;) {
      gone.throwIfAborted();
      at = this.read(chunk, at);
      if (!isConfirmed) await open.confirm();
      isConfirmed = true;
      this.answerAll();
      if (this.isPartFull) {
        this.endPart(false);
        // one is written while the next one is decided
        while (parts.size > 1 || parts.isNextReady) {
          yield* parts.next(gone);
          isConfirmed = false;
        }
      }
      if (this.inSlice >= SLICE_LINES) {
        this.inSlice = 0;
        await turn();
        isConfirmed = false;
      }
    }
  }

  private get isPartFull(): boolean {
    return this.open.record.room < BATCH_KEYS || this.pieces.length >= MOST_PIECES;
  }

  /** Keeps what was written until it is recorded. */
  private hold(): void {
    if (!this.out.isEmpty) this.pieces.push(this.out.take());
  }

  private endPart(isLast: boolean): void {
    this.hold();
    this.parts.add(this.pieces, this.open.close(isLast));
    this.pieces = [];
  }

  /** Reads lines until the chunk ends or as many were read as are looked up together. @returns the place it came to */
  private read(chunk: Uint8Array, from: number): number {
    const { lines, users } = this;
    let at = from;
    while (at < chunk.length && !users.isFull) {
      at = lines.read(chunk, at);
      if (lines.ended) this.takeLine();
    }
    return at;
  }

  private takeLine(): void {
    const { lines, users } = this;
    this.inSlice++;
    if (lines.fault === undefined) return users.add(lines.id);
    this.faults.set(users.size, lines.fault);
    users.add(NOBODY);
  }

  /** Answers the lines that were read. */
  private answerAll(): void {
    const { lines, users, faults, format, out, open } = this;
    if (users.size === 0) return;
    const decide = open.audience.lookUp(users);
    format.batch?.(users);
    for (let at = 0; at < users.size; at++) {
      if (out.isFull) this.hold();
      const fault = faults.size === 0 ? undefined : faults.get(at);
      if (fault === undefined) {
        const outcome = decide(at);
        format.user(out, users, at, outcome);
        open.record.add(users.numbers[at] ?? 0, outcome.place, () => users.textAt(at));
      } else this.refuse({ line: lines.number - users.size + at + 1, message: fault });
    }
    users.clear();
    faults.clear();
  }

  private refuse(malformed: MalformedLine): void {
    this.malformedLines++;
    if (this.malformed.length < MAX_NAMED) this.malformed.push(malformed);
    this.format.malformed(this.out, malformed);
  }
}

/** Ids as lines, a chunk at a time. An id has no line end in it. */
export async function* linesOf(ids: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < ids.length; at += SLICE_LINES)
    yield Buffer.from(`${ids.slice(at, at + SLICE_LINES).join('\n')}\n`);
}

/** Index of the first invalid text, −1 when there is none. In slices, because there may be very many. */
export async function firstWrong(
  texts: readonly string[],
  isRight: (text: string) => boolean,
): Promise<number> {
  for (let at = 0; at < texts.length; at += SLICE_LINES) {
    const found = texts.slice(at, at + SLICE_LINES).findIndex((text) => !isRight(text));
    if (found >= 0) return at + found;
    await turn();
  }
  return -1;
}

/** A result that is awaited, and whether it is here already. */
type Coming<T> = { readonly here: Promise<T>; readonly isHere: boolean };

function comingOf<T>(here: Promise<T>): Coming<T> {
  const coming = { here, isHere: false };
  const note = () => {
    coming.isHere = true;
  };
  here.then(note, note);
  return coming;
}
