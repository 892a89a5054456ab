/**
 * The shared snapshot in a database on a server: in pieces, sealed with the store's key, in unlogged tables. So
 * standbys and backups of the server's files do not have it, and a crash removes it (decision 031).
 */
import type { Pool } from 'pg';
import { SharedSnapshots } from '../consent/upkeep/snapshots/snapshots.store.js';
import type { Vault } from './database/vault.js';
import { ERASED_KEPT_MS } from '../consent/log/consent.store.js';
import { refusedOn } from './postgres/database-refusal.js';

export const PIECE_BYTES = 1 << 20;
/** A process that has written no piece for this long has given up. */
const GIVEN_UP_MS = 600_000;
/** How long it may hold an erased user: they must be removed while their id is still known. */
const STALE_MS = ERASED_KEPT_MS / 2;

export class ServerSnapshots extends SharedSnapshots {
  /** @param format of the snapshots that this build writes and reads */
  constructor(
    private readonly pool: Pool,
    private readonly vault: Pick<Vault, 'seal' | 'open'>,
    private readonly format: number,
  ) {
    super();
  }

  async latest(): Promise<number> {
    const { rows } = await this.query<{ readonly revision: string }>(
      'SELECT revision FROM consent_snapshot WHERE format = $1 AND pieces > 0 ORDER BY revision DESC LIMIT 1',
      this.format,
    );
    return Number(rows[0]?.revision ?? 0);
  }

  async *read(revision: number): AsyncGenerator<Uint8Array, void> {
    const { rows } = await this.query<{ readonly pieces: number }>(
      'SELECT pieces FROM consent_snapshot WHERE format = $1 AND revision = $2',
      this.format,
      revision,
    );
    const pieces = rows[0]?.pieces ?? 0;
    for (let piece = 0; piece < pieces; piece++) {
      const found = await this.query<{ readonly sealed: Buffer }>(
        'SELECT sealed FROM consent_snapshot_piece WHERE format = $1 AND revision = $2 AND piece = $3',
        this.format,
        revision,
        piece,
      );
      const [row] = found.rows;
      if (row === undefined) throw new Error('the shared snapshot was replaced while it was read');
      yield this.vault.open(row.sealed, this.placeOf(revision, piece));
    }
  }

  async share(revision: number, worth: number, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
    const { rowCount } = await this.query(BEGIN, this.format, revision, worth, GIVEN_UP_MS);
    if (rowCount !== 1) return false;
    try {
      await this.query(END, this.format, revision, await this.write(revision, pieces));
      return true;
    } catch (error) {
      // otherwise the next one waits until it counts as given up
      await this.query(GIVE_UP, this.format, revision).catch(() => undefined);
      throw error;
    }
  }

  /** @returns how many pieces there are */
  private async write(revision: number, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    let written = 0;
    for await (const piece of inPieces(pieces)) {
      await this.query(
        'INSERT INTO consent_snapshot_piece (format, revision, piece, sealed) VALUES ($1, $2, $3, $4)',
        this.format,
        revision,
        written,
        this.vault.seal(piece, this.placeOf(revision, written)),
      );
      written++;
    }
    return written;
  }

  async dropStale(): Promise<void> {
    await this.query(DROP_STALE, STALE_MS);
  }

  private query<Row extends object>(text: string, ...values: readonly unknown[]) {
    return this.pool.query<Row>(text, [...values]).catch(refused);
  }

  private placeOf(revision: number, piece: number): string {
    return `piece ${piece} of the snapshot at ${revision} in format ${this.format}`;
  }
}

/** Bytes in pieces of one size, the last one as long as it is. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let filled = 0;
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - filled);
      piece.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      filled = 0;
    }
  if (filled > 0) yield piece.subarray(0, filled);
}

const GIVE_UP = 'DELETE FROM consent_snapshot WHERE format = $1 AND revision = $2 AND pieces = 0';

/** An unfinished one has no pieces. */
const BEGIN = `
  WITH given_up AS (
    DELETE FROM consent_snapshot
    WHERE pieces = 0 AND at < clock_timestamp() - $4::int * interval '1 millisecond'
    RETURNING format, revision
  )
  INSERT INTO consent_snapshot (format, revision)
  SELECT $1::int, $2::bigint
  WHERE NOT EXISTS (
    SELECT FROM consent_snapshot AS other
    WHERE format = $1
      AND (revision > $2::bigint - $3::bigint OR pieces = 0)
      AND (format, revision) NOT IN (SELECT format, revision FROM given_up)
  )
  ON CONFLICT DO NOTHING`;

const END = `
  WITH ended AS (
    UPDATE consent_snapshot SET pieces = $3 WHERE format = $1 AND revision = $2 RETURNING revision
  )
  DELETE FROM consent_snapshot USING ended
  WHERE format = $1 AND consent_snapshot.revision < ended.revision`;

const DROP_STALE = `
  DELETE FROM consent_snapshot AS held
  WHERE EXISTS (
    SELECT FROM consent_erased AS erased
    WHERE erased.revision > held.revision
      AND erased.at < extract(epoch FROM clock_timestamp()) * 1000 - $1::int
  )`;

const refused = refusedOn('the shared snapshot');
