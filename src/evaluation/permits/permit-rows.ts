/** The rows of a file of permits: of every user for whom some column is true, the id, and a bit per column. */
import { BATCH_KEYS, type KeyBatch } from '../../decision/state/key-batch.js';
import { COLUMNS_BEFORE } from '../../decision/table/permit-columns.js';
import { MAX_ID_BYTES } from '../../id.js';
import type { Outcome } from '../audience/outcomes.js';
import { ParquetStream, encodedText, encodedWhole } from './parquet.js';

/** What all rows of a file have in common. */
export type FileOfPermits = {
  readonly purpose: string;
  /** Id of the policy version. */
  readonly policy: string;
  /** In milliseconds since the Unix epoch. */
  readonly madeAt: number;
  /** Names of the columns, in the order of the bits. */
  readonly columns: readonly string[];
  /** About the file as a whole. */
  readonly metadata: Readonly<Record<string, string>>;
};

const [USER, PURPOSE, POLICY, MADE_AT] = [0, 1, 2, 3] as const;

/** Bytes of ids at which a page ends, and rows at which a group does; each may pass by a batch. */
const PAGE_BYTES = 65_536;
const LENGTH_BYTES = 4;
const WIDEST_ROW = LENGTH_BYTES + MAX_ID_BYTES;
/** With those of a batch, as many as two bytes can number: no group has more kinds of rows. */
const GROUP_ROWS = 65_536 - BATCH_KEYS;

export class PermitRows {
  private readonly file: ParquetStream;
  private readonly values: { readonly [column: number]: Uint8Array };
  private readonly width: number;
  /** The page of ids that is being filled, and how many there are. */
  private readonly page = Buffer.allocUnsafeSlow(PAGE_BYTES + BATCH_KEYS * WIDEST_ROW);
  private length = 0;
  private inPage = 0;
  /** Per row of the group, the number of its bits among those that the group has. */
  private readonly rows = new Uint16Array(GROUP_ROWS + BATCH_KEYS);
  private inGroup = 0;
  private patterns: Uint8Array[] = [];
  /** By the place of an outcome. */
  private numbers: number[] = [];

  constructor({ purpose, policy, madeAt, columns, metadata }: FileOfPermits) {
    this.width = columns.length;
    this.values = {
      [PURPOSE]: encodedText(purpose),
      [POLICY]: encodedText(policy),
      [MADE_AT]: encodedWhole(madeAt),
    };
    this.file = new ParquetStream(
      [
        { name: COLUMNS_BEFORE[USER], type: 'text' },
        { name: COLUMNS_BEFORE[PURPOSE], type: 'text' },
        { name: COLUMNS_BEFORE[POLICY], type: 'text' },
        { name: COLUMNS_BEFORE[MADE_AT], type: 'whole' },
        ...columns.map((name) => ({ name, type: 'boolean' as const })),
      ],
      metadata,
    );
  }

  /**
   * What comes before the rows of users. The first row is nobody's, and all false: so a file that permits nothing also
   * tells when it was made, and takes the place of an earlier one.
   */
  begin(): Uint8Array {
    this.patterns.push(new Uint8Array(Math.ceil(this.width / 8)));
    this.row(0);
    this.page.fill(0, this.length, this.length + LENGTH_BYTES);
    this.length += LENGTH_BYTES;
    return this.file.head;
  }

  /** Adds the row of a user of a batch, unless nothing is permitted. After a batch, {@link take} what is full. */
  add({ bytes, starts, ends }: KeyBatch, at: number, { place, permitted, bits }: Outcome): void {
    if (permitted.length === 0) return;
    this.row((this.numbers[place] ??= this.patterns.push(bits) - 1));
    const { page } = this;
    const start = starts[at] ?? 0;
    const end = ends[at] ?? 0;
    let { length } = this;
    page.writeUInt32LE(end - start, length);
    length += LENGTH_BYTES;
    for (let from = start; from < end; from++) page[length++] = bytes[from] ?? 0;
    this.length = length;
  }

  private row(pattern: number): void {
    this.rows[this.inGroup++] = pattern;
    this.inPage++;
  }

  /** The bytes that are due: a page of ids, or the rest of a group. */
  *take(): Generator<Uint8Array, void> {
    if (this.inGroup >= GROUP_ROWS) yield* this.group();
    else if (this.length >= PAGE_BYTES) yield this.ids();
  }

  /** The rest of the rows, and the end of the file. */
  *end(): Generator<Uint8Array, void> {
    if (this.inGroup > 0) yield* this.group();
    yield this.file.tail;
  }

  private ids(): Uint8Array {
    const page = this.file.page(USER, this.page.subarray(0, this.length), this.inPage);
    this.length = 0;
    this.inPage = 0;
    return page;
  }

  private *group(): Generator<Uint8Array, void> {
    const { inGroup, values } = this;
    if (this.inPage > 0) yield this.ids();
    for (const [column, value] of Object.entries(values))
      yield this.file.constant(Number(column), value, inGroup);
    for (let column = 0; column < this.width; column++)
      yield this.file.page(COLUMNS_BEFORE.length + column, this.bitsOf(column), inGroup);
    this.file.endGroup(inGroup);
    this.inGroup = 0;
    this.patterns = [];
    this.numbers = [];
  }

  /** The truths of a column in all rows of the group, as bits. */
  private bitsOf(column: number): Uint8Array {
    const { rows, inGroup } = this;
    const byte = column >> 3;
    const shift = column & 7;
    const isTrue = Uint8Array.from(this.patterns, (bits) => ((bits[byte] ?? 0) >> shift) & 1);
    const packed = new Uint8Array(Math.ceil(inGroup / 8));
    let eight = 0;
    for (let row = 0; row < inGroup; row++) {
      eight |= (isTrue[rows[row] ?? 0] ?? 0) << (row & 7);
      if ((row & 7) === 7 || row === inGroup - 1) {
        packed[row >> 3] = eight;
        eight = 0;
      }
    }
    return packed;
  }
}
