/**
 * The fleet on a PostgreSQL server: rows for its members, a lock for the turn to write, notifications to wake others.
 */
import { randomInt, randomUUID } from 'node:crypto';
import type { Pool, QueryResult } from 'pg';
import { drawName } from '../../consent/log/consistency-token.js';
import { FleetStore, type Member, type News, NOWHERE, type Reached } from '../../fleet/fleet.store.js';
import { refusedOn } from './database-refusal.js';
import { NOT_REPLICATED } from './postgres.js';
import type { Session } from './session.js';

/** The advisory locks of joining, and of the turn to write. */
const JOIN_LOCK = 0x617373656e75;
const TURN_LOCK = 0x617373656e76;

/**
 * Names the server and the database in SQL: another one after a promotion, a restart, or a restoration from a copy, also
 * under the same address.
 */
export const SERVER = `extract(epoch FROM pg_postmaster_start_time()) || ' ' ||
  (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * In SQL: ends the connection that leads to another server than the one that is expected. It is sound, so it would be
 * used again as long as a former primary lives.
 *
 * @param expected the name of the server; NULL: any
 */
export const endedUnlessOn = (expected: string): string =>
  `CASE WHEN ${expected} <> ${SERVER} THEN pg_terminate_backend(pg_backend_pid()) END`;

/** The channel of notifications. */
export const CHANNEL = 'assent';

/** After a timeout, do not wait for the turn for this long. */
const WITHOUT_TURN_MS = 2_000;

/** A member whose lease ended longer ago than this is gone. */
export const GONE_MS = 8_000;

/** The largest range of which `randomInt` draws. */
const MOST_EPOCHS = 2 ** 48;

export class ServerFleetStore extends FleetStore {
  readonly name = randomUUID();
  private readonly listeners = new Set<(news: News | undefined) => void>();
  private turnsFrom = 0;

  /**
   * @param pool for statements that may be given up
   * @param session holds the turn
   * @param ears receives notifications, and writes what was applied: losing either is harmless
   * @param build the version of Assent, for those who look after the fleet
   */
  constructor(
    private readonly pool: Pool,
    private readonly session: Session,
    private readonly ears: Session,
    private readonly build: string,
  ) {
    super();
    ears.onNotification((payload) => this.heard(payload));
    ears.onBegun(() => {
      for (const listener of this.listeners) listener(undefined);
    });
  }

  /** Begins an era of the log when no other member could continue the previous one. */
  join(lease: number): ReturnType<FleetStore['join']> {
    return this.writing(async (query) => {
      await query('BEGIN');
      await query('SELECT pg_advisory_xact_lock($1)', JOIN_LOCK);
      const { rows: others } = await query<{ readonly lease: number }>(
        `SELECT lease FROM fleet_member WHERE ${IS_PRESENT} AND lease <> $2 LIMIT 1`,
        GONE_MS,
        lease,
      );
      for (const other of others)
        throw new Error(
          `the processes on this database hold leases of ${other.lease} ms, and LEASE_MS is ${lease} here: give all of them the same; to change it, stop all of them first`,
        );
      await query(BEGIN_ERA, GONE_MS, drawName(), drawName());
      // a sequence in a restored database would give an epoch out again while its former holder still uses it
      const epoch = randomInt(1, MOST_EPOCHS);
      const { rows } = await query<OnServer>(
        `INSERT INTO fleet_member (epoch, lease, build, newest_key) VALUES ($1, $2, $3, $4)
         RETURNING ${SERVER} AS server`,
        epoch,
        lease,
        this.build,
        this.newestKey(),
      );
      await query('COMMIT');
      const [row] = rows;
      if (row === undefined) throw new Error('the database did not say on which server the process is');
      return { epoch, server: row.server };
    });
  }

  async renew(epoch: number): Promise<string | undefined> {
    const { rows } = await this.write<OnServer>(
      `UPDATE fleet_member SET renewed_at = clock_timestamp(), newest_key = $2
       WHERE epoch = $1 AND NOT is_evicted RETURNING ${SERVER} AS server`,
      epoch,
      this.newestKey(),
    );
    return rows[0]?.server;
  }

  async acknowledge(epoch: number, applied: Reached, isHeld: boolean): Promise<void> {
    const { revision, publication, entry, published } = applied;
    await this.ears.query(
      `WITH here AS (SELECT ${endedUnlessOn("nullif($7::text, '')")} AS is_ended), said AS (
        UPDATE fleet_member SET revision = $2, publication = $3, entry = $4, published = $5, server = $7,
          is_held = $8
        FROM here
        WHERE is_ended IS NULL AND epoch = $1 AND NOT is_evicted RETURNING epoch
      ) SELECT pg_notify('${CHANNEL}', $6) FROM said`,
      [
        epoch,
        revision,
        publication,
        entry,
        published,
        textOf({ kind: 'applied', by: this.name, revision }, this.name),
        this.server ?? '',
        isHeld,
      ],
    );
  }

  async others(epoch: number, reached: Reached): Promise<readonly Member[] | undefined> {
    const { revision, publication, entry, published } = reached;
    const { rows } = await this.pool
      .query<MemberRow>(OTHERS, [epoch, revision, publication, entry, published, this.server ?? ''])
      .catch(refused);
    for (const { server } of rows) this.ensureOn(server);
    if (rows.some((row) => row.epoch === null && !row.is_here)) return undefined;
    return rows.flatMap((row) => (row.epoch === null ? [] : [memberOf(row.epoch, row)]));
  }

  async renewing(): Promise<number> {
    const { rows } = await this.pool.query<{ readonly count: number }>(
      `SELECT count(*)::int AS count FROM fleet_member WHERE ${IS_PRESENT}`,
      [0],
    );
    return rows[0]?.count ?? 0;
  }

  async evict(epoch: number): Promise<void> {
    await this.write('UPDATE fleet_member SET is_evicted = true WHERE epoch = $1', epoch);
  }

  async remove(epoch: number, on?: string): Promise<void> {
    const there = `($2::text IS NULL OR $2 = ${SERVER})`;
    await this.write(`DELETE FROM fleet_member WHERE epoch = $1 AND ${there}`, epoch, on ?? null);
  }

  async inTurn<T>(work: (giveOn: () => void) => Promise<T>): Promise<T> {
    let holds = await this.takeTurn();
    const giveOn = (): void => {
      // the next block of this process waits for it anyway
      if (holds) this.session.query('SELECT pg_advisory_unlock($1)', [TURN_LOCK]).catch(() => undefined);
      holds = false;
    };
    return work(giveOn).finally(giveOn);
  }

  async tell(news: News): Promise<void> {
    await this.pool.query('SELECT pg_notify($1, $2)', [CHANNEL, textOf(news, this.name)]).catch(refused);
  }

  onNews(listener: (news: News | undefined) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private write<Row extends object>(text: string, ...values: readonly unknown[]) {
    return this.writing((query) => query<Row>(text, ...values));
  }

  /** @throws Error when the writes may be lost */
  private async writing<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch(refused);
    let isDoubtful = false;
    let isDone = false;
    const note = ({ code }: { readonly code?: string | undefined }): void => {
      isDoubtful ||= code === NOT_REPLICATED;
    };
    client.on('notice', note);
    try {
      const result = await work((text, ...values) => client.query(text, values).catch(refused));
      isDone = true;
      if (isDoubtful) throw new Error('no standby is known to have what was written of the fleet');
      return result;
    } finally {
      client.off('notice', note);
      // nobody waits for the rest of a failed one
      client.release(!isDone);
    }
  }

  /** @returns whether the turn came in time */
  private async takeTurn(): Promise<boolean> {
    if (performance.now() < this.turnsFrom) return false;
    try {
      await this.session.query('SELECT pg_advisory_lock($1)', [TURN_LOCK]);
      return true;
    } catch {
      // its holder may hang
      this.turnsFrom = performance.now() + WITHOUT_TURN_MS;
      return false;
    }
  }

  private heard(payload: string): void {
    const [kind, name, what] = payload.split(' ');
    if (name === this.name) return;
    const news = newsOf(kind, name, what);
    if (news !== undefined) for (const listener of this.listeners) listener(news);
  }
}

/** Runs a statement with its parameters. @throws what says nothing of its connection */
type Query = <Row extends object>(text: string, ...values: unknown[]) => Promise<QueryResult<Row>>;

/** What a statement says of where it was done. */
type OnServer = { readonly server: string };

/** A member, or the caller, without an epoch. */
type MemberRow = OnServer & {
  readonly epoch: string | null;
  readonly lease: number;
  readonly revision: string;
  readonly publication: number;
  readonly is_held: boolean;
  readonly is_evicted: boolean;
  readonly is_here: boolean;
  readonly reads_here: boolean;
};

function memberOf(epoch: string, row: MemberRow): Member {
  const { lease, revision, publication, is_held, is_evicted, is_here, reads_here } = row;
  return {
    epoch: Number(epoch),
    lease,
    applied: is_here ? { revision: Number(revision), publication } : NOWHERE,
    isHere: reads_here,
    isHeld: is_held,
    isEvicted: is_evicted,
  };
}

/** A notification as text: kind, sender, content. */
function textOf(news: News, name: string): string {
  switch (news.kind) {
    case 'announced':
    case 'prepared':
      return `${news.kind} ${name} ${news.version}`;
    case 'written':
    case 'applied':
      return `${news.kind} ${name} ${news.revision}`;
    case 'confirmed':
      return `${news.kind} ${name} ${news.first}-${news.last}`;
  }
}

function newsOf(kind = '', by = '', what = ''): News | undefined {
  switch (kind) {
    case 'applied':
      return { kind, by, revision: Number(what) };
    case 'announced':
      return { kind, version: what };
    case 'prepared':
      return { kind, version: what, by };
    case 'written':
      return { kind, revision: Number(what) };
    case 'confirmed': {
      const [first = NaN, last = first] = what.split('-').map(Number);
      return { kind, first, last };
    }
    default:
      // sent by a newer build
      return undefined;
  }
}

/**
 * All other members, and the caller's own row without an epoch; `is_here`: whether this log has what each says it has
 * applied. Each hash is a subquery of one value: for `EXISTS` below `OR` the planner may read the whole log into a hash
 * table.
 */
const OTHERS = `
  SELECT ${SERVER} AS server, ${endedUnlessOn("nullif($6::text, '')")} AS is_ended,
    server = ${SERVER} AS reads_here, epoch, lease, revision, publication, is_held, is_evicted,
    coalesce(
    (revision <= 0 OR entry = (SELECT hash FROM consent_event AS event WHERE event.revision = member.revision))
    AND (publication <= 0 OR published = (SELECT hash FROM policy_publication WHERE sequence = member.publication)),
    false
  ) AS is_here
  FROM (
    SELECT epoch, lease, revision, publication, is_held, is_evicted, entry, published, server FROM fleet_member
    WHERE epoch <> $1
    UNION ALL SELECT NULL, NULL, $2::bigint, $3::int, false, false, $4::bytea, $5::bytea, ''
  ) AS member`;

/** Whether a member has renewed its lease recently, and since the server started; its parameter is `GONE_MS`. */
export const IS_PRESENT = `NOT is_evicted AND renewed_at >= greatest(
  pg_postmaster_start_time(), clock_timestamp() - ($1::int + lease) * interval '1 millisecond'
)`;

/**
 * When no member is present, nobody can continue the previous era. The remaining rows are evicted; their processes must
 * rejoin. In a log restored from a copy, every row is of a previous era.
 */
const BEGIN_ERA = `
  WITH present AS (
    SELECT epoch FROM fleet_member WHERE ${IS_PRESENT}
  ), gone AS (
    UPDATE fleet_member SET is_evicted = true WHERE NOT is_evicted AND NOT EXISTS (SELECT 1 FROM present)
  ), head AS (
    UPDATE consent_head SET log = CASE length(log) WHEN 0 THEN $2 ELSE log END
    WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM present)
    RETURNING revision
  )
  INSERT INTO consent_era (after_revision, name) SELECT revision, $3 FROM head
  ON CONFLICT (after_revision) DO UPDATE SET name = excluded.name`;

const refused = refusedOn('the processes that share it');
