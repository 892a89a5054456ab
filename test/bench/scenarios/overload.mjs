import { rm } from 'node:fs/promises';
import { comparison, questions } from '../comparison.mjs';
import { httpRequest, loadServer, startService, tokenFor } from '../servers.mjs';
import { PATH, bodyOf, serviceData } from './evaluation.mjs';

const TIMES = 3;
const UNLOADED_SHARE = 0.2;
const QUIET_PER_SECOND = 50;
const QUIET = 'security';

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
  load: 'open loop from the other core; a request that is due while all connections are busy is given up; a new process for each figure, with and without admission in turn',
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
      figure: (v) => v('on', 'p99 at three times the load') / v('on', 'p99 unloaded'),
    },
    {
      says: 'of what can be carried is decided at three times the load',
      at: 'least',
      bound: 0.8,
      percent: true,
      figure: (v) => v('on', 'decided at three times the load') / v('on', 'capacity'),
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
      ? { users: 5_000, requests: 2_000, connections: 1_000, warmUpMs: 1_500, durationMs: 1_500 }
      : { users: 100_000, requests: 20_000, connections: 2_000, warmUpMs: 3_000, durationMs: 6_000 },
  overHttp: {
    async prepare({ users }) {
      const { policy } = await comparison();
      const data = await serviceData(policy, users);
      const quiet = await tokenFor(data.dataDir, { sub: 'quiet', purposes: [QUIET] });
      return { ...data, quiet: `Bearer ${quiet}` };
    },
    async measure(system, shared, { users, requests, connections, warmUpMs, durationMs, nodeArgs }) {
      const env = { OVERLOAD_WAIT_MS: system === 'off' ? '0' : '5' };
      const server = await startService({ dataDir: shared.dataDir, nodeArgs, env });
      const asked = questions(requests, users, 1);
      const ask = (authorization, question) =>
        httpRequest('POST', PATH, [`authorization: ${authorization}`], bodyOf(question));
      const flood = asked.map((question) => ask(shared.authorization, question));
      const quiet = asked.map((question) => ask(shared.quiet, { ...question, purpose: QUIET }));
      const how = { warmUpMs, durationMs };
      try {
        const most = await loadServer(server, flood, { ...how, connections: 64 });
        const calm = await loadServer(server, flood, {
          ...how,
          connections: 64,
          perSecond: most.perSecond * UNLOADED_SHARE,
          impatient: true,
        });
        const [much, little] = await Promise.all([
          loadServer(server, flood, {
            ...how,
            connections,
            perSecond: most.perSecond * TIMES,
            impatient: true,
          }),
          loadServer(server, quiet, {
            ...how,
            connections: 4,
            perSecond: QUIET_PER_SECOND,
            impatient: true,
          }),
        ]);
        const offered = (most.perSecond * TIMES * durationMs) / 1_000;
        const little99 = (QUIET_PER_SECOND * durationMs) / 1_000;
        return [
          { metric: 'p99 at three times the load', unit: 'ms', value: much.p99 },
          { metric: 'p99 unloaded', unit: 'ms', value: calm.p99 },
          { metric: 'capacity', unit: '1/s', value: most.perSecond },
          { metric: 'decided at three times the load', unit: '1/s', value: much.perSecond },
          { metric: 'p50 at three times the load', unit: 'ms', value: much.p50 },
          { metric: 'share decided', unit: '%', value: (much.requests / offered) * 100 },
          { metric: 'refused', unit: '1/s', value: much.refused / ((warmUpMs + durationMs) / 1_000) },
          { metric: 'quiet client, p99', unit: 'ms', value: little.p99 },
          {
            metric: 'quiet client, decided',
            unit: '%',
            value: Math.min(100, (little.requests / little99) * 100),
          },
          { metric: 'server core busy', unit: '%', value: much.busy * 100 },
        ];
      } finally {
        await server.stop();
      }
    },
    finish: ({ dataDir }) => rm(dataDir, { recursive: true, force: true }),
  },
};
