/**
 * The four ways in which an audience can be answered. Each is written as it is decided, so it is never in memory as a
 * whole.
 */
import type { KeyBatch } from '../../decision/state/key-batch.js';
import type { Audience, Outcome } from './outcomes.js';
import type { OpenAudience } from './audience.service.js';
import { HANDLE_LENGTH } from '../../extracts/member-names.js';
import { MAX_ID_BYTES } from '../../id.js';
import type { Output } from './output.js';

/** The end of an answer: an answer without it was cut off. */
export type AudienceSummary = {
  readonly policy: string;
  readonly revision: string;
  /** Number of users decided; with the malformed lines, the number of lines. */
  readonly users: number;
  readonly counts: Audience['counts'];
  readonly malformed_lines: number;
  /** The first of them. */
  readonly malformed: readonly MalformedLine[];
  readonly obligations: readonly string[];
};

/** A line without an id. `line` counts from 1. */
export type MalformedLine = { readonly line: number; readonly message: string };

const COMMA = 0x2c;
const LF = 0x0a;

/** An id in JSON, every byte of it escaped, with its quotes. */
const WIDEST_ID = MAX_ID_BYTES * 2 + 2;

/** One way to answer. */
export type Format = {
  /** Whether the summary goes into a trailer, because the body has no room for it. */
  readonly hasTrailer: boolean;
  /** Maximum bytes written for a line. */
  readonly widest: number;
  readonly head: string;
  /** Is told of a batch before the outcomes of its users are written. */
  readonly batch?: (users: KeyBatch) => void;
  /** Writes the outcome of the user at a place of a batch. */
  readonly user: (out: Output, users: KeyBatch, at: number, outcome: Outcome) => void;
  readonly malformed: (out: Output, line: MalformedLine) => void;
  readonly tail: (summary: AudienceSummary) => string;
};

/** One object: the ids that pass for all fields, and the summary. */
class JsonFormat implements Format {
  readonly hasTrailer = false;
  readonly widest = WIDEST_ID + 1;
  readonly head: string;
  private isFirst = true;

  constructor({ audience, policy, revision }: OpenAudience) {
    const { purpose, fields } = audience.question;
    this.head = `${JSON.stringify({ policy, revision, purpose, fields }).slice(0, -1)},"passing":[`;
  }

  user(out: Output, users: KeyBatch, at: number, { passes }: Outcome): void {
    if (!passes) return;
    if (!this.isFirst) out.byte(COMMA);
    this.isFirst = false;
    out.jsonString(users, at);
  }

  malformed(): void {
    // the summary has it
  }

  tail({ policy: _policy, revision: _revision, ...rest }: AudienceSummary): string {
    return `],${JSON.stringify(rest).slice(1)}`;
  }
}

/** A line for every line: the user's permitted fields, or the error; the last is the summary. */
class LinesFormat implements Format {
  readonly hasTrailer = false;
  readonly widest: number;
  readonly head = '';
  private readonly before = Buffer.from('{"user":');
  /** By the place of the outcome. */
  private readonly after: Uint8Array[] = [];
  private readonly names: OpenAudience['names'];
  private handleAt: (at: number) => string = () => '';

  constructor({ audience, names }: OpenAudience) {
    this.widest = fieldsIn(audience.question.fields).length + WIDEST_ID + HANDLE_LENGTH + 256;
    this.names = names;
  }

  batch({ numbers, size }: KeyBatch): void {
    if (this.names !== undefined) this.handleAt = this.names.ofMany(numbers, size);
  }

  user(out: Output, users: KeyBatch, at: number, { place, permitted }: Outcome): void {
    out.bytes(this.before);
    out.jsonString(users, at);
    if (this.names !== undefined && permitted.length > 0)
      out.bytes(Buffer.from(`,"member":"${this.handleAt(at)}"`));
    out.bytes((this.after[place] ??= fieldsIn(permitted)));
  }

  malformed(out: Output, { line, message }: MalformedLine): void {
    out.bytes(Buffer.from(`${JSON.stringify({ line, error: message })}\n`));
  }

  tail(summary: AudienceSummary): string {
    return `${JSON.stringify(summary)}\n`;
  }
}

function fieldsIn(permitted: readonly string[]): Buffer {
  return Buffer.from(`,"fields":${JSON.stringify(permitted)}}\n`);
}

/** The ids that pass for all fields, one a line. */
class TextFormat implements Format {
  readonly hasTrailer = true;
  readonly widest = MAX_ID_BYTES + 1;
  readonly head = '';

  user(out: Output, users: KeyBatch, at: number, { passes }: Outcome): void {
    if (!passes) return;
    out.id(users, at);
    out.byte(LF);
  }

  malformed(): void {
    // the summary has it
  }

  tail(): string {
    return '';
  }
}

/** A row of bits for every line, padded to whole bytes; a malformed line has a row of zeros. */
class BitmapFormat implements Format {
  readonly hasTrailer = true;
  readonly widest: number;
  readonly head = '';
  private readonly zeros: Uint8Array;

  constructor({ audience }: OpenAudience) {
    this.widest = Math.ceil(audience.question.fields.length / 8);
    this.zeros = new Uint8Array(this.widest);
  }

  user(out: Output, _users: KeyBatch, _at: number, { bits }: Outcome): void {
    out.bytes(bits);
  }

  malformed(out: Output): void {
    out.bytes(this.zeros);
  }

  tail(): string {
    return '';
  }
}

/** The media types of the answers, in the order in which they are offered. */
export const MEDIA_TYPES = [
  'application/json',
  'application/x-ndjson',
  'text/plain',
  'application/octet-stream',
] as const;

export type MediaType = (typeof MEDIA_TYPES)[number];

export const FORMATS: Readonly<Record<MediaType, (open: OpenAudience) => Format>> = {
  'application/json': (open) => new JsonFormat(open),
  'application/x-ndjson': (open) => new LinesFormat(open),
  'text/plain': () => new TextFormat(),
  'application/octet-stream': (open) => new BitmapFormat(open),
};
