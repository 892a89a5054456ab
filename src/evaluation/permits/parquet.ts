/**
 * Parquet as a stream: one row group after the other, columns without nulls, nothing compressed. Headers and footer are
 * the library's. The values of a page are encoded by whoever has them: the library takes each as a JavaScript value,
 * which is far too slow for all users.
 */
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

type FileMetaData = Parameters<typeof writeMetadata>[1];
type RowGroup = FileMetaData['row_groups'][number];
type PageHeader = Parameters<typeof writePageHeader>[1];

const MAGIC = Buffer.from('PAR1');
const TYPES = { text: 'BYTE_ARRAY', whole: 'INT64', boolean: 'BOOLEAN' } as const;
/** A run of one value in the hybrid of runs and packed bits: its length is shifted by this. */
const RUN_SHIFT = 1;

export type ParquetColumn = { readonly name: string; readonly type: keyof typeof TYPES };

/** Where the values of a column are in a row group. */
type Chunk = { dictionaryAt?: number; dataAt?: number; bytes: number; values: number };

export class ParquetStream {
  private offset = MAGIC.length;
  private readonly groups: RowGroup[] = [];
  /** Of the group that is being written, by the place of the column. */
  private chunks: Chunk[] = [];

  constructor(
    private readonly columns: readonly ParquetColumn[],
    private readonly metadata: Readonly<Record<string, string>>,
  ) {}

  get head(): Uint8Array {
    return MAGIC;
  }

  /**
   * A page of the current group. The pages of a column follow each other, and the columns their order.
   *
   * @param column its place
   * @param values encoded: texts each after its length in four bytes, truths as bits
   */
  page(column: number, values: Uint8Array, count: number): Uint8Array {
    return this.dataPage(column, values, count, 'PLAIN');
  }

  /**
   * A column of the current group that has the same value in every row.
   *
   * @param value encoded as in {@link page}
   */
  constant(column: number, value: Uint8Array, rows: number): Uint8Array {
    const chunk = this.chunkOf(column);
    chunk.dictionaryAt = this.offset;
    const dictionary = this.written(chunk, value, {
      type: 'DICTIONARY_PAGE',
      dictionary_page_header: { num_values: 1, encoding: 'PLAIN' },
    });
    const run = new ByteWriter(8);
    // indices of one bit: some readers take none of no bits
    run.appendUint8(1);
    run.appendVarInt(rows << RUN_SHIFT);
    run.appendUint8(0);
    return Buffer.concat([dictionary, this.dataPage(column, run.getBytes(), rows, 'RLE_DICTIONARY')]);
  }

  /** Ends the current group, of which all columns were written. */
  endGroup(rows: number): void {
    const bytes = BigInt(this.chunks.reduce((sum, chunk) => sum + chunk.bytes, 0));
    this.groups.push({
      columns: this.columns.map(({ name, type }, place) => {
        const { dictionaryAt, dataAt, bytes: size, values } = this.chunkOf(place);
        if (dataAt === undefined || values !== rows)
          throw new Error(`the column ${name} has ${values} values in a group of ${rows} rows`);
        return {
          file_offset: 0n,
          meta_data: {
            type: TYPES[type],
            encodings: dictionaryAt === undefined ? ['PLAIN', 'RLE'] : ['PLAIN', 'RLE', 'RLE_DICTIONARY'],
            path_in_schema: [name],
            codec: 'UNCOMPRESSED',
            num_values: BigInt(rows),
            total_uncompressed_size: BigInt(size),
            total_compressed_size: BigInt(size),
            data_page_offset: BigInt(dataAt),
            ...(dictionaryAt === undefined ? {} : { dictionary_page_offset: BigInt(dictionaryAt) }),
          },
        };
      }),
      total_byte_size: bytes,
      total_compressed_size: bytes,
      num_rows: BigInt(rows),
    });
    this.chunks = [];
  }

  /** The end of the file: without it, no reader takes what came before. */
  get tail(): Uint8Array {
    const writer = new ByteWriter();
    writeMetadata(writer, {
      version: 2,
      created_by: 'assent',
      schema: [
        { name: 'permits', num_children: this.columns.length },
        ...this.columns.map(({ name, type }) => ({
          name,
          type: TYPES[type],
          repetition_type: 'REQUIRED' as const,
          ...(type === 'text'
            ? { converted_type: 'UTF8' as const, logical_type: { type: 'STRING' as const } }
            : {}),
        })),
      ],
      num_rows: this.groups.reduce((sum, { num_rows }) => sum + num_rows, 0n),
      row_groups: this.groups,
      key_value_metadata: Object.entries(this.metadata).map(([key, value]) => ({ key, value })),
      metadata_length: 0,
    });
    writer.appendBytes(MAGIC);
    return writer.getBytes();
  }

  private dataPage(
    column: number,
    values: Uint8Array,
    count: number,
    encoding: 'PLAIN' | 'RLE_DICTIONARY',
  ): Uint8Array {
    const chunk = this.chunkOf(column);
    chunk.dataAt ??= this.offset;
    chunk.values += count;
    return this.written(chunk, values, {
      type: 'DATA_PAGE',
      data_page_header: {
        num_values: count,
        encoding,
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    });
  }

  private written(
    chunk: Chunk,
    values: Uint8Array,
    header: Omit<PageHeader, 'uncompressed_page_size' | 'compressed_page_size'>,
  ): Uint8Array {
    const writer = new ByteWriter(64);
    writePageHeader(writer, {
      ...header,
      uncompressed_page_size: values.length,
      compressed_page_size: values.length,
    });
    const page = Buffer.concat([writer.getBytes(), values]);
    chunk.bytes += page.length;
    this.offset += page.length;
    return page;
  }

  private chunkOf(column: number): Chunk {
    return (this.chunks[column] ??= { bytes: 0, values: 0 });
  }
}

/** A text as a page has it. */
export function encodedText(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A whole number as a page has it. */
export function encodedWhole(number: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(number));
  return bytes;
}
