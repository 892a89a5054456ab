import { type FleetNow, type FleetProcess, ProcessStore } from '../fleet/processes.store.js';
import type { Database } from './database/database.js';
import { refusedOn } from './postgres/database-refusal.js';

/** More than a fleet has. */
const MOST = 1_000;

/** The processes of a fleet, as PostgreSQL has their rows. */
export class ServerProcessStore extends ProcessStore {
  constructor(private readonly database: Pick<Database, 'prisma'>) {
    super();
  }

  async now(): Promise<FleetNow> {
    // a lease from before the server started proves nothing, see `IS_PRESENT` of the fleet
    const rows = await this.database.prisma.$queryRaw<readonly (FleetProcess & { readonly head: number })[]>`
      SELECT (SELECT revision FROM consent_head WHERE id = 1)::float8 AS head, epoch::text AS id, build,
        NOT is_evicted AND renewed_at >= greatest(
          pg_postmaster_start_time(), moment - lease * interval '1 millisecond'
        ) AS "isDeciding",
        is_evicted AS "isEvicted", lease,
        greatest(0, extract(epoch FROM moment - renewed_at) * 1000)::float8 AS "leaseAge",
        member.revision::float8 AS revision, is_held AS "isHeld",
        (SELECT version FROM policy_publication WHERE sequence = member.publication) AS policy
      FROM fleet_member AS member, (SELECT clock_timestamp() AS moment) AS now
      ORDER BY renewed_at DESC LIMIT ${MOST}::int`.catch(refused);
    return {
      revision: rows[0]?.head ?? 0,
      processes: rows.map(({ head: _head, ...process }) => process),
    };
  }
}

const refused = refusedOn('the processes that share it');
