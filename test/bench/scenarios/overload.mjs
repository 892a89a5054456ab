import { cp, rm } from 'node:fs/promises';
import { comparison, questions } from '../comparison.mjs';
import { httpRequest, loadServer, startService, temporaryFolder, tokenFor } from '../servers.mjs';
import { median } from '../timing.mjs';
import { PATH, bodyOf, serviceData } from './evaluation.mjs';

const TIMES = 3;
const UNLOADED_SHARE = 0.2;
const QUIET_PER_SECOND = 50;
/** So many that none of its requests is given up because both programs that send share a core, and were late to read answers. */
const QUIET_CONNECTIONS = 64;
const QUIET = 'security';
const TIMES_UNLOADED = 'p99 against the unloaded';
const OF_CAPACITY = 'decided, of what can be carried';
/** Until an overload is over for the service. */
const AFTERMATH_MS = 7_000;

export default {
  name: 'overload',
  title: 'Three times the load that it can carry',
  shape:
    'single evaluations: as many as it can carry, a fifth of that, and three times that for a client on 2,000 connections, beside another client that asks 50 times a second; server on one core',
  size: '100,000 users; 4 purposes × 8 fields of the reference policy',
  worst:
    'the client that asks too much takes no notice of refusals: it uses each connection again at once, whatever was answered',
  measures:
    'the 99th percentile of requests that were answered with a decision, from when each was due; how many were; the same of the client that asks little',
  load: 'open loop from the other core; a request that is due while all connections are busy is given up; a new process with and without admission in turn, each loaded fully, by a fifth and three times by turns; the median of what the turns say',
  systems: [
    { name: 'off', title: 'everything is taken', note: '`OVERLOAD_WAIT_MS=0`' },
    { name: 'on', title: 'Assent', note: '`OVERLOAD_WAIT_MS=5`, as in production' },
  ],
  headline: { metric: 'p99 at three times the load', unit: 'ms' },
  targets: [
    {
      says: '× the p99 of the unloaded, for what is admitted of three times the load',
      at: 'most',
      bound: 2,
      figure: (v) => v('on', TIMES_UNLOADED),
    },
    {
      says: 'of what can be carried is decided at three times the load',
      at: 'least',
      bound: 0.8,
      percent: true,
      figure: (v) => v('on', OF_CAPACITY) / 100,
    },
    {
      says: 'of the requests of the client that asks little are decided',
      at: 'least',
      bound: 0.99,
      percent: true,
      figure: (v) => v('on', 'quiet client, decided') / 100,
    },
  ],
  options: (quick) =>
    quick
      ? { users: 5_000, requests: 2_000, connections: 1_000, phases: 1, warmUpMs: 1_500, durationMs: 1_500 }
      : {
          users: 100_000,
          requests: 20_000,
          connections: 2_000,
          phases: 4,
          warmUpMs: 3_000,
          durationMs: 6_000,
        },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      const data = await serviceData(policy, users);
      const quiet = await tokenFor(data.dataDir, { sub: 'quiet', purposes: [QUIET] });
      return { ...data, quiet: `Bearer ${quiet}` };
    },
    async measure(system, shared, { users, requests, connections, phases, warmUpMs, durationMs, nodeArgs }) {
      const env = { OVERLOAD_WAIT_MS: system === 'off' ? '0' : '5' };
      // of its own: what a process before it recorded would be counted while this one is loaded
      const dataDir = await temporaryFolder();
      await cp(shared.dataDir, dataDir, { recursive: true });
      const server = await startService({ dataDir, nodeArgs, env });
      const asked = questions(requests, users, 1);
      const ask = (authorization, question) =>
        httpRequest('POST', PATH, [`authorization: ${authorization}`], bodyOf(question));
      const flood = asked.map((question) => ask(shared.authorization, question));
      const quiet = asked.map((question) => ask(shared.quiet, { ...question, purpose: QUIET }));
      const how = { warmUpMs, durationMs };
      try {
        // by turns, so that a slow moment of the machine is in all that is compared
        const turns = [];
        for (let turn = 0; turn < phases; turn++) {
          // all waits are short for five seconds after the last refusal
          if (turn > 0) await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
          const most = await loadServer(server, flood, { ...how, connections: 64 });
          const calm = await loadServer(server, flood, {
            ...how,
            connections: 64,
            perSecond: most.perSecond * UNLOADED_SHARE,
            impatient: true,
          });
          if (calm.refused > 0) throw new Error(`requests were refused unloaded:\n${calm.sample}`);
          const [much, little] = await Promise.all([
            loadServer(server, flood, {
              ...how,
              connections,
              perSecond: most.perSecond * TIMES,
              impatient: true,
            }),
            loadServer(server, quiet, {
              ...how,
              connections: QUIET_CONNECTIONS,
              perSecond: QUIET_PER_SECOND,
              impatient: true,
            }),
          ]);
          turns.push({ most, calm, much, little });
        }
        const middle = (read) => median(turns.map(read));
        const offeredByQuiet = (QUIET_PER_SECOND * durationMs) / 1_000;
        return [
          { metric: 'p99 at three times the load', unit: 'ms', value: middle(({ much }) => much.p99) },
          { metric: 'p99 unloaded', unit: 'ms', value: middle(({ calm }) => calm.p99) },
          { metric: TIMES_UNLOADED, unit: '', value: middle(({ much, calm }) => much.p99 / calm.p99) },
          { metric: 'capacity', unit: '1/s', value: middle(({ most }) => most.perSecond) },
          {
            metric: OF_CAPACITY,
            unit: '%',
            value: middle(({ much, most }) => (much.perSecond / most.perSecond) * 100),
          },
          {
            metric: 'decided at three times the load',
            unit: '1/s',
            value: middle(({ much }) => much.perSecond),
          },
          { metric: 'p50 at three times the load', unit: 'ms', value: middle(({ much }) => much.p50) },
          {
            metric: 'share decided',
            unit: '%',
            value: middle(
              ({ much, most }) => (much.requests / ((most.perSecond * TIMES * durationMs) / 1_000)) * 100,
            ),
          },
          {
            metric: 'refused',
            unit: '1/s',
            value: middle(({ much }) => much.refused / ((warmUpMs + durationMs) / 1_000)),
          },
          { metric: 'quiet client, p99', unit: 'ms', value: middle(({ little }) => little.p99) },
          {
            metric: 'quiet client, decided',
            unit: '%',
            value: middle(({ little }) => Math.min(100, (little.requests / offeredByQuiet) * 100)),
          },
          { metric: 'quiet client, refused', unit: '', value: middle(({ little }) => little.refused) },
          { metric: 'server core busy', unit: '%', value: middle(({ much }) => much.busy * 100) },
        ];
      } finally {
        await server.stop();
        await rm(dataDir, { recursive: true, force: true });
      }
    },
    finish: ({ dataDir }) => rm(dataDir, { recursive: true, force: true }),
  },
};
