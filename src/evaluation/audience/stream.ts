/**
 * The answer of an audience as a stream: lines in, bytes out, and nothing kept between a chunk and the next but the
 * beginning of a line. Who takes the bytes slowly slows the reading down, and who stops taking them stops it.
 */
import { setImmediate as turn } from 'node:timers/promises';
import {
  type AudienceSummary,
  FORMATS,
  type Format,
  type MalformedLine,
  type MediaType,
  Output,
} from './formats.js';
import { IdLines, type LineSyntax } from './id-lines.js';
import type { OpenAudience } from './audience.service.js';

/** Lines that are answered before others have their turn, however many chunks they come in: about a millisecond. */
const SLICE_LINES = 2_048;
/** Most malformed lines that a summary names. All are counted. */
const MAX_NAMED = 20;

export class AudienceStream {
  private readonly lines: IdLines;
  private readonly format: Format;
  private readonly out: Output;
  private readonly malformed: MalformedLine[] = [];
  private malformedLines = 0;
  /** Lines since others had their turn. */
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
   * @param gone aborted when nobody waits for the answer any more
   * @throws Error when the chunks end with one, or nobody waits: an answer that ends well is whole
   */
  async *answer(chunks: AsyncIterable<Uint8Array>, gone: AbortSignal): AsyncGenerator<Uint8Array, void> {
    if (this.format.head !== '') yield Buffer.from(this.format.head);
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length;) {
        gone.throwIfAborted();
        at = this.slice(chunk, at);
        if (this.out.isFull) yield this.out.take();
        if (this.inSlice >= SLICE_LINES) {
          this.inSlice = 0;
          await turn();
        }
      }
      // nothing is held back while the next chunk is waited for: the client may be waiting for this one's answers
      if (!this.out.isEmpty) yield this.out.take();
    }
    this.lines.end();
    if (this.lines.ended) this.answerLine();
    if (!this.out.isEmpty) yield this.out.take();
    const tail = this.format.tail(this.summary);
    if (tail !== '') yield Buffer.from(tail);
  }

  /** Answers lines until the chunk ends, the output is full, or it is the turn of others. @returns the place it came to */
  private slice(chunk: Uint8Array, from: number): number {
    const { lines, out } = this;
    let at = from;
    while (at < chunk.length && this.inSlice < SLICE_LINES && !out.isFull) {
      at = lines.read(chunk, at);
      if (!lines.ended) break;
      this.inSlice++;
      this.answerLine();
    }
    return at;
  }

  private answerLine(): void {
    const { lines, format, out } = this;
    if (lines.fault === undefined) return format.user(out, lines.id, this.open.audience.decide(lines.id));
    const malformed = { line: lines.number, message: lines.fault };
    this.malformedLines++;
    if (this.malformed.length < MAX_NAMED) this.malformed.push(malformed);
    format.malformed(out, malformed);
  }
}

/** Ids as lines, a chunk at a time. An id has no line end in it. */
export async function* linesOf(ids: readonly string[]): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < ids.length; at += SLICE_LINES)
    yield Buffer.from(`${ids.slice(at, at + SLICE_LINES).join('\n')}\n`);
}

/** Place of the first text that is wrong, −1 when none is. Takes turns, as there may be very many. */
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
