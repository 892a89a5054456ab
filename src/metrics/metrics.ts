/** All metrics of one process, read from what its rooms know (docs/metrics.md). */
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type OpenMetricsContentType, Registry, collectDefaultMetrics } from 'prom-client';
import type { TokenVerifier } from '../access/tokens/token-verifier.js';
import type { ConsentLog } from '../consent/log/consent-log.js';
import { CONSENT_LOG, type FailedVerification } from '../consent/upkeep/failed-verifications.store.js';
import type { SnapshotKeeper } from '../consent/upkeep/snapshots/snapshot.js';
import type { DecisionCounts } from '../evaluation/decision-counts.js';
import type { Shadow } from '../evaluation/shadow.js';
import type { FleetNow, ProcessStore } from '../fleet/processes.store.js';
import type { Admission } from '../http/admission/admission.js';
import type { Readiness } from '../http/health.controller.js';
import { refusals } from '../http/refusals.js';
import type { Traffic } from '../http/traffic.js';
import type { Room } from '../http/waiting.js';
import type { PolicyService } from '../policy/policy.service.js';
import type { Publisher } from '../publishing/publisher.js';
import type { RecordWatch } from '../record/keeping/recorder.js';
import { Look, ifKnown, roomOn, timed, writtenAt } from './looks.js';
import { Pulled, type Sample } from './pulled.js';

/** What metrics are read from. */
export type Sources = {
  /** The version of Assent. */
  readonly build: string;
  readonly decisions: DecisionCounts;
  readonly traffic: Traffic;
  readonly waiting: Pick<Room, 'taken'>;
  readonly admission: Pick<Admission, 'now'>;
  readonly readiness: Pick<Readiness, 'parts'>;
  readonly policies: Pick<PolicyService, 'current'>;
  readonly log: Pick<ConsentLog, 'place' | 'state' | 'writing' | 'lease'>;
  readonly publisher: Pick<Publisher, 'counts'>;
  readonly shadow: Pick<Shadow, 'report'>;
  readonly verifier: Pick<TokenVerifier, 'failing'>;
  /** Absent: no TLS here. Times are in milliseconds since the Unix epoch. */
  readonly tls:
    | {
        /** From when until when the certificate in use holds. */
        readonly validity: { readonly from: number; readonly until: number };
        /** When the first of the authorities of clients ends; absent: there are none. */
        readonly authoritiesUntil: number | undefined;
        /** How much of it has files that cannot be used. */
        readonly refused: number;
      }
    | undefined;
  /** Absent: nothing is recorded. */
  readonly record: RecordWatch | undefined;
  /** Of each log that this process signs: whether nothing more of it can be signed. */
  readonly signing: ReadonlyMap<string, boolean>;
  /** Whether the key file has the key that seals the store. */
  readonly vault: { readonly isFiled: boolean };
  /** Absent: no snapshot is kept. */
  readonly keeper: Pick<SnapshotKeeper, 'revision'> | undefined;
  /** Absolute paths. */
  readonly snapshotFile: string;
  readonly folders: { readonly data: string; readonly record: string };
  /** What is read from the database. */
  readonly store: {
    readonly head: () => Promise<number>;
    readonly failedVerifications: () => Promise<readonly FailedVerification[]>;
    /** Absent: no other process can share the log. */
    readonly processes: Pick<ProcessStore, 'now'> | undefined;
  };
};

/** Stands for a purpose that the policy in force does not name: no id of a purpose has brackets. */
const UNKNOWN = '(unknown)';
/** Stands for all clients beyond the first ones. */
const OTHERS = '(other)';

type OpenRegistry = Registry<OpenMetricsContentType>;

/**
 * @param worker which of several this is; absent: it is the only one
 * @returns what gives all metrics as OpenMetrics
 */
export function metricsOf(sources: Sources, worker?: number): () => Promise<string> {
  const registry: OpenRegistry = new Registry();
  if (worker !== undefined) registry.setDefaultLabels({ worker: String(worker) });
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry });
  const pulled = new Pulled(registry);
  ofService(pulled, sources);
  ofDecisions(pulled, sources);
  ofAnswers(pulled, sources);
  ofLog(pulled, sources);
  ofRecord(pulled, sources);
  ofPolicy(pulled, sources);
  const look = ofLooks(pulled, sources);
  return async () => {
    await look();
    return registry.metrics();
  };
}

/** Where there is no limit, Node gives 0, or more than there is. */
function memoryLimit(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function ofService(pulled: Pulled, { build, readiness, verifier, vault, tls }: Sources): void {
  pulled.gauge(
    { name: 'assent_build_info', help: '1, with the version of Assent', labels: ['version'] },
    () => [[{ version: build }, 1]],
  );
  pulled.gauge(
    {
      name: 'assent_ready',
      help: 'Whether a part is ready, as /health/ready says: 1 or 0',
      labels: ['part'],
    },
    () => Object.entries(readiness.parts()).map(([part, isReady]): Sample => [{ part }, Number(isReady)]),
  );
  pulled.gauge(
    { name: 'assent_heap_limit_bytes', help: 'How large the heap may become before the process ends' },
    () => getHeapStatistics().heap_size_limit,
  );
  pulled.gauge(
    { name: 'assent_memory_limit_bytes', help: 'Memory that the container may use, or that the machine has' },
    () => memoryLimit(),
  );
  pulled.gauge(
    {
      name: 'assent_key_file_lost',
      help: 'Whether the key file has lost the key that seals the store: 1 or 0',
    },
    () => Number(!vault.isFiled),
  );
  pulled.gauge(
    {
      name: 'assent_identity_issuers_failing',
      help: 'Issuers of tokens whose keys could not be fetched at the last try',
    },
    () => verifier.failing,
  );
  pulled.gauge(
    {
      name: 'assent_tls_certificate_start_seconds',
      help: 'From when the certificate of the service holds, in seconds since the Unix epoch',
    },
    () => tls && tls.validity.from / 1_000,
  );
  pulled.gauge(
    {
      name: 'assent_tls_certificate_end_seconds',
      help: 'Until when it holds, in seconds since the Unix epoch',
    },
    () => tls && tls.validity.until / 1_000,
  );
  pulled.gauge(
    {
      name: 'assent_tls_authorities_end_seconds',
      help: 'When the first of the authorities of clients ends, in seconds since the Unix epoch',
    },
    () => tls?.authoritiesUntil && tls.authoritiesUntil / 1_000,
  );
  pulled.gauge(
    {
      name: 'assent_tls_files_refused',
      help: 'Of the certificate with its key, and the authorities of clients: how many have files that cannot be used',
    },
    () => tls?.refused,
  );
}

function ofDecisions(pulled: Pulled, { decisions, shadow }: Sources): void {
  pulled.counter(
    {
      name: 'assent_decisions_total',
      help: 'Decisions of evaluations and searches that were told, by purpose, verdict and reason',
      labels: ['purpose', 'verdict', 'reason'],
    },
    () =>
      decisions
        .read()
        .map(({ purpose = UNKNOWN, reason, count }) => [
          { purpose, verdict: reason === 'permitted' ? 'permit' : 'deny', reason },
          count,
        ]),
  );
  pulled.counter(
    {
      name: 'assent_client_requests_total',
      help: 'Requests for decisions by client: the first 50 each, all others as (other)',
      labels: ['client'],
    },
    () => Array.from(decisions.requests, ([client = OTHERS, count]): Sample => [{ client }, count]),
  );
  pulled.counter(
    {
      name: 'assent_consistency_timeouts_total',
      help: 'Waits of decisions for a revision, or for the confirmation of the database, that ended without it',
      labels: ['wait'],
    },
    () => Object.entries(decisions.timeouts).map(([wait, count]): Sample => [{ wait }, count]),
  );
  pulled.gauge(
    {
      name: 'assent_shadow_compared',
      help: 'Decisions that the draft in the shadow has made too, since it began',
    },
    () => shadow.report()?.compared,
  );
  pulled.gauge(
    { name: 'assent_shadow_differences', help: 'Those of them that the draft answers differently' },
    () => {
      const report = shadow.report();
      return report && report.differences.reduce((sum, { count }) => sum + count, report.others);
    },
  );
}

function ofAnswers(pulled: Pulled, { traffic, waiting, admission }: Sources): void {
  pulled.counter(
    {
      name: 'assent_answers_total',
      help: 'Answers by method, route and status',
      labels: ['method', 'route', 'status'],
    },
    () =>
      traffic
        .read()
        .map(({ method, route, status, count }) => [{ method, route, status: String(status) }, count]),
  );
  pulled.histogram(
    {
      name: 'assent_decision_duration_seconds',
      help: 'From the head of a request for decisions to its answer, by route',
      labels: ['route'],
    },
    () => traffic.readTimes().map(([route, times]) => [{ route }, times]),
  );
  pulled.counter(
    { name: 'assent_refusals_total', help: 'Error answers by their code, see docs/api.md', labels: ['code'] },
    () => Array.from(refusals(), ([code, count]): Sample => [{ code }, count]),
  );
  pulled.gauge(
    { name: 'assent_answers_waiting_bytes', help: 'Large answers that wait to be read' },
    () => waiting.taken,
  );
  pulled.gauge(
    { name: 'assent_bodies_receiving_bytes', help: 'Large bodies that are being received' },
    () => admission.now.bodies,
  );
  pulled.gauge(
    {
      name: 'assent_overloaded',
      help: 'Whether there is more to do than can be done, so that requests are refused: 1 or 0',
    },
    () => Number(admission.now.isOverloaded),
  );
  pulled.gauge(
    { name: 'assent_requests_waiting', help: 'Requests that wait for their turn, in decisions' },
    () => admission.now.waiting,
  );
  pulled.counter(
    {
      name: 'assent_requests_refused_total',
      help: 'Requests that were not admitted, by kind: critical (from people), decision, other; limited: by the limit of their client; body: no room for their bodies',
      labels: ['kind'],
    },
    () => Object.entries(admission.now.refused).map(([kind, count]): Sample => [{ kind }, count]),
  );
  pulled.gauge(
    {
      name: 'assent_connections_resting',
      help: 'Connections that are not read for a while, because a request of theirs was refused',
    },
    () => admission.now.resting,
  );
}

function ofLog(pulled: Pulled, { log, keeper }: Sources): void {
  pulled.gauge(
    { name: 'assent_log_applied_revision', help: 'The revision of the log that decisions rest on' },
    () => log.place.revision,
  );
  pulled.gauge(
    {
      name: 'assent_changes_under_way',
      help: 'Changes that were taken, and are neither confirmed nor refused',
    },
    () => log.writing.underWay,
  );
  pulled.histogram(
    {
      name: 'assent_change_confirmation_seconds',
      help: 'From when a change was taken until no process decides on an older state',
    },
    () => [[{}, log.writing.confirmed.read()]],
  );
  pulled.histogram(
    { name: 'assent_log_write_seconds', help: 'How long the database takes to write a block of the log' },
    () => [[{}, log.writing.written.read()]],
  );
  pulled.histogram({ name: 'assent_log_block_entries', help: 'Entries of a block of the log' }, () => [
    [{}, log.writing.groups.read()],
  ]);
  pulled.gauge(
    { name: 'assent_lease_held', help: 'Whether this process of a fleet has a lease to decide: 1 or 0' },
    () => log.lease && Number(log.lease.remaining > 0),
  );
  pulled.gauge(
    { name: 'assent_lease_remaining_seconds', help: 'For how long it holds' },
    () => log.lease && log.lease.remaining / 1_000,
  );
  pulled.gauge({ name: 'assent_state_users', help: 'Users of the consent state' }, () => log.state.size);
  pulled.gauge(
    {
      name: 'assent_state_filled_ratio',
      help: 'The share of its room that the consent state has filled; new users are refused from 0.95 on',
    },
    () => log.state.filled,
  );
  pulled.gauge(
    {
      name: 'assent_snapshot_behind_entries',
      help: 'Entries that a start would read from the log beside the snapshot',
    },
    () => keeper && log.place.revision - keeper.revision,
  );
}

function ofRecord(pulled: Pulled, { record, signing }: Sources): void {
  pulled.gauge(
    {
      name: 'assent_record_available',
      help: 'Whether decisions can be recorded: 1, or 0, where all are denied',
    },
    () => record && Number(record.isAvailable),
  );
  pulled.gauge(
    {
      name: 'assent_record_lag_seconds',
      help: 'How long the oldest decision that is not written yet has been waiting',
    },
    () => record?.lag,
  );
  pulled.gauge(
    { name: 'assent_record_waiting_bytes', help: 'Decisions that are not written yet' },
    () => record?.waiting,
  );
  pulled.histogram(
    { name: 'assent_record_write_seconds', help: 'How long the disk takes to write a block of the record' },
    () => (record === undefined ? [] : [[{}, record.writes.read()]]),
  );
  pulled.gauge(
    {
      name: 'assent_signing_stopped',
      help: 'Whether the head of a log can no longer be signed: 1 or 0; told by the process that signs it',
      labels: ['log'],
    },
    () => Array.from(signing, ([name, hasStopped]): Sample => [{ log: name }, Number(hasStopped)]),
  );
}

function ofPolicy(pulled: Pulled, { policies, log, publisher }: Sources): void {
  pulled.gauge(
    { name: 'assent_policy_info', help: '1, with the policy version in force', labels: ['version'] },
    () => [[{ version: policies.current.id }, 1]],
  );
  pulled.gauge(
    { name: 'assent_policy_publication', help: 'Which publication is in force, counted from the first' },
    () => log.place.publication,
  );
  pulled.counter(
    {
      name: 'assent_publications_total',
      help: 'What became of publications in this process: published, refused when their time came, delayed by a failure (each attempt)',
      labels: ['outcome'],
    },
    () => Object.entries(publisher.counts).map(([outcome, count]): Sample => [{ outcome }, count]),
  );
}

/** Metrics of what must be asked. @returns what asks, before the metrics are read */
function ofLooks(pulled: Pulled, { store, folders, keeper, snapshotFile }: Sources): () => Promise<void> {
  const { processes } = store;
  const looks = {
    head: new Look(() => timed(store.head)),
    failed: new Look(store.failedVerifications),
    fleet: processes && new Look(() => processes.now()),
    // one after the other: a disk that hangs holds a thread of Node for each question, and there are four
    disks: new Look(async () => ({
      data: await ifKnown(roomOn(folders.data)),
      record: await ifKnown(roomOn(folders.record)),
      snapshot: keeper && (await ifKnown(writtenAt(snapshotFile))),
    })),
  };
  const ask = async () => {
    const [head, failed, fleet, disks] = await Promise.all([
      looks.head.now(),
      looks.failed.now(),
      looks.fleet?.now(),
      looks.disks.now(),
    ]);
    return {
      head,
      failed,
      fleet,
      rooms: { data: disks?.data, record: disks?.record },
      snapshot: disks?.snapshot,
    };
  };
  let seen: Partial<Awaited<ReturnType<typeof ask>>> = {};
  pulled.gauge(
    { name: 'assent_database_up', help: 'Whether the database answered within a second: 1 or 0' },
    () => Number(seen.head !== undefined),
  );
  pulled.gauge(
    { name: 'assent_database_read_seconds', help: 'How long it took to read the head of the log now' },
    () => seen.head?.seconds,
  );
  pulled.gauge(
    { name: 'assent_log_head_revision', help: 'The last revision that the database has' },
    () => seen.head?.value,
  );
  pulled.gauge(
    {
      name: 'assent_failed_verifications',
      help: 'Logs that were last found not to be as they were written',
      labels: ['log'],
    },
    () => seen.failed && numberOfFailed(seen.failed),
  );
  pulled.gauge(
    {
      name: 'assent_fleet_processes',
      help: 'Processes of the fleet by how they do; those that were killed stay until a change removes them',
      labels: ['state'],
    },
    () => seen.fleet && numbersOf(seen.fleet),
  );
  const roomOf = (of: 'free' | 'size') => () =>
    Object.entries(seen.rooms ?? {}).flatMap(([folder, room]): Sample[] =>
      room === undefined ? [] : [[{ folder }, room[of]]],
    );
  pulled.gauge(
    { name: 'assent_disk_free_bytes', help: 'Room that is left on the disk of a folder', labels: ['folder'] },
    roomOf('free'),
  );
  pulled.gauge(
    { name: 'assent_disk_size_bytes', help: 'Room of that disk', labels: ['folder'] },
    roomOf('size'),
  );
  pulled.gauge(
    {
      name: 'assent_snapshot_timestamp_seconds',
      help: 'When the snapshot was saved, in seconds since the Unix epoch',
    },
    () => seen.snapshot,
  );
  return async () => {
    seen = await ask();
  };
}

function numberOfFailed(failed: readonly FailedVerification[]): Sample[] {
  const consent = failed.filter(({ of }) => of === CONSENT_LOG).length;
  return [
    [{ log: 'consent' }, consent],
    [{ log: 'record' }, failed.length - consent],
  ];
}

function numbersOf({ processes }: FleetNow): Sample[] {
  const deciding = processes.filter(({ isDeciding }) => isDeciding).length;
  const evicted = processes.filter(({ isEvicted, isDeciding }) => isEvicted && !isDeciding).length;
  return [
    [{ state: 'deciding' }, deciding],
    [{ state: 'evicted' }, evicted],
    [{ state: 'late' }, processes.length - deciding - evicted],
  ];
}
