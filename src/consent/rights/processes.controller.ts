import { Controller, Get } from '@nestjs/common';
import { May } from '../../access/authorisation.js';
import { Operation, Tag } from '../../http/contract/described.js';
import {
  TEXT,
  WHOLE,
  YES_OR_NO,
  listOf,
  named,
  objectOf,
  orNull,
  said,
  wordOf,
} from '../../http/contract/shapes.js';
import type { FleetProcess } from '../../fleet/processes.store.js';
import { Processes } from './processes.js';

const PROCESSES = named(
  'Processes',
  objectOf({
    revision: said('the last of the consent log', WHOLE),
    processes: said(
      'those that renewed their lease last first; one that ended without a goodbye stays until the others have removed it',
      listOf(
        named(
          'Process',
          objectOf({
            id: said('another one with each start; null: the only process there can be', orNull(TEXT)),
            build: said('the version of Assent; null: one that does not tell', orNull(TEXT)),
            status: said(
              '`late`: its lease was not renewed in time, and it denies; `evicted`: it denies until it has joined again',
              wordOf(['deciding', 'late', 'evicted']),
            ),
            lease_ms: said('null: it needs none', orNull(WHOLE)),
            renewed_ms_ago: said('by the clock of the database', orNull(WHOLE)),
            revision: said('what it says it has applied; null: nothing yet', orNull(WHOLE)),
            behind: said('how many revisions it has not applied', WHOLE),
            policy: said('the version that it says is in force; null: not said yet', orNull(TEXT)),
            waits_for_caches: said('caches of its clients hold back what it has applied', YES_OR_NO),
          }),
        ),
      ),
    ),
  }),
);

/** How the processes do that decide on the consent log. */
@Tag('consent log')
@Controller('v1/processes')
export class ProcessesController {
  constructor(private readonly processes: Processes) {}

  @Get()
  @May('oversee', 'policies')
  @Operation('listProcesses', {
    summary: 'The processes that share the consent log: whether each decides, and how far it is',
    description:
      'Roles `policy_admin`, `privacy_officer` and `auditor`. As the database has it; nothing that is decided rests on it.',
    answers: { 200: { description: 'the processes', schema: PROCESSES } },
  })
  async list() {
    const { revision, processes } = await this.processes.now();
    return { revision, processes: processes.map((process) => viewOf(process, revision)) };
  }
}

function viewOf(process: Omit<FleetProcess, 'id'> & { readonly id: string | null }, head: number) {
  const { id, build, isDeciding, isEvicted, lease, leaseAge, revision, policy, isHeld } = process;
  return {
    id,
    build: build === '' ? null : build,
    status: isDeciding ? 'deciding' : isEvicted ? 'evicted' : 'late',
    lease_ms: id === null ? null : lease,
    renewed_ms_ago: id === null ? null : Math.round(leaseAge),
    revision: revision < 0 ? null : revision,
    behind: Math.max(0, head - Math.max(0, revision)),
    policy,
    waits_for_caches: isHeld,
  };
}
