import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { PURPOSES, questions } from '../comparison.mjs';
import {
  FACTS,
  POLICIES,
  SERVICE_ARGS,
  decide,
  emptyState,
  factsIndex,
  product,
  publishing,
  referenceDocument,
  settle,
} from '../engine.mjs';
import { idOf } from '../users.mjs';

const CHANGES_PER_SECOND = 5_000;
/** Decisions a millisecond that go on all the while: 20,000 a second. */
const DECISIONS = 20;
const PURPOSE = 'improve';
const BY = { kind: 'service', id: 'bench' };

export default {
  name: 'event-loop',
  title: 'Decisions go on while everything changes',
  shape:
    'one process, no HTTP: the log on a store in memory that keeps nothing, 20,000 decisions a second all the while',
  size: '10 million users',
  worst: 'a policy is published over all of them, while choices arrive and are committed in groups',
  measures: 'how late a timer of 1 ms is (`monitorEventLoopDelay`), at the 99.9th percentile and at most',
  load: '5,000 choices a second of random users, each of which changes a record; publishes one after the other',
  rounds: 1,
  systems: [
    { name: 'idle', title: 'decisions alone', note: 'what the machine and the loop do by themselves' },
    {
      name: 'resolve',
      title: 'the state is resolved anew',
      note: 'attach, then fill, a slice at a turn of the event loop; again and again',
    },
    {
      name: 'publish',
      title: 'a policy is published',
      note: 'built as the service builds it, in slices, then the state resolved for it; again and again; each version is a new one',
    },
    { name: 'choices', title: '5,000 choices a second', note: '`Choices.choose`' },
    { name: 'assent', title: 'both at once', note: 'publishes and choices' },
  ],
  headline: { metric: 'p99.9', unit: 'ms' },
  targets: [
    {
      says: 'ms at the 99.9th percentile, policy published',
      at: 'most',
      bound: 4,
      figure: (v) => v('publish', 'p99.9'),
    },
    {
      says: 'ms at the 99.9th percentile, 5,000 choices/s',
      at: 'most',
      bound: 4,
      figure: (v) => v('choices', 'p99.9'),
    },
    {
      says: 'ms at the 99.9th percentile, both at once',
      at: 'most',
      bound: 4,
      figure: (v) => v('assent', 'p99.9'),
    },
  ],
  options: (quick) => ({
    users: quick ? 200_000 : 10_000_000,
    durationMs: quick ? 2_000 : 10_000,
    nodeArgs: [...SERVICE_ARGS, '--max-old-space-size=8192'],
  }),
  /** All are measured in one process: filling the state is what takes long. */
  together: true,
  inProcess: {
    async measure(_system, { users, durationMs }) {
      const { ConsentLog } = await product('consent/log/consent-log.js');
      const { Choices } = await product('consent/settings/changes/choices.js');
      const { StateInForce } = await product('consent/log/state-in-force.js');
      const { PolicyService } = await product('policy/policy.service.js');
      const document = await referenceDocument();
      const policies = await PolicyService.load(POLICIES);
      const policy = policies.current;

      const store = new KeepsNothing();
      const log = new ConsentLog(
        store,
        (error) => {
          throw error;
        },
        emptyState(),
      );
      store.revision = settle(log.state, policy, users);
      store.numberOf = (user) => log.state.numberOf(user);
      await log.follow();
      const consent = new StateInForce(log, policies);
      const choosing = new Choices(log, policies, Date.now);
      // resolves for the policy in force
      consent.answerFor(policy, idOf(0), 0);

      const found = {};
      // made before anything is watched: it is long work, and not that of the engine
      const wanted = questions(50_000, users, 1);
      const run = async (name, { publish, choices }) => {
        await wait(500);
        const until = performance.now() + durationMs;
        const watch = monitorEventLoopDelay({ resolution: 1 });
        watch.enable();
        const decisions = decideAllTheWhile(consent, policy, wanted);
        const counts = await Promise.all([
          publish === undefined ? 0 : publishUntil(until, log.state, publish),
          choices ? chooseUntil(until, choosing, users) : 0,
          wait(durationMs),
        ]);
        watch.disable();
        const decided = decisions.stop();
        found[name] = [
          { metric: 'p99.9', unit: 'ms', value: watch.percentile(99.9) / 1e6 },
          { metric: 'p99', unit: 'ms', value: watch.percentile(99) / 1e6 },
          { metric: 'longest', unit: 'ms', value: watch.max / 1e6 },
          { metric: 'decisions', unit: '1/s', value: (decided * 1000) / durationMs },
          ...(publish === undefined ? [] : [{ metric: 'publishes', unit: '', value: counts[0] }]),
          ...(choices ? [{ metric: 'choices', unit: '1/s', value: (counts[1] * 1000) / durationMs }] : []),
        ];
      };
      const publish = publishing(policies, document);
      await run('idle', { choices: false });
      await run('resolve', { publish: () => policy.table, choices: false });
      await run('publish', { publish, choices: false });
      await run('choices', { choices: true });
      await run('assent', { publish, choices: true });
      return found;
    },
  },
};

/** A store that acknowledges and forgets: ten million users' events would fill the memory. */
class KeepsNothing {
  revision = 0;
  lastLink = Buffer.alloc(0);
  /** By which the log knows a user; all were there before. */
  numberOf = () => 0;

  async append(events) {
    return events.map((event) => ({
      ...event,
      revision: ++this.revision,
      subject: this.numberOf(event.user),
    }));
  }

  async read() {
    return [];
  }

  async head() {
    return this.revision;
  }

  async hasImports() {
    return false;
  }

  async deadlinesOf() {
    return [];
  }

  async erasedLately() {
    return new Map();
  }

  isOwned = true;
  onRegained() {}
  onLost() {}
}

function decideAllTheWhile(consent, policy, wanted) {
  const clientPurposes = new Set(PURPOSES);
  const facts = factsIndex(FACTS);
  let decided = 0;
  const timer = setInterval(() => {
    for (let left = DECISIONS; left > 0; left--) {
      const { user, purpose, field } = wanted[decided++ % wanted.length];
      decide(policy.table, { purpose, action: 'read', field, clientPurposes, facts }, (place) =>
        consent.answerFor(policy, user, place),
      );
    }
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return decided;
    },
  };
}

/** @returns how many publishes were finished */
async function publishUntil(until, state, tableToPublish) {
  const { inSlices } = await product('work/slices.js');
  let publishes = 0;
  while (performance.now() < until) {
    const resolution = state.attach(await tableToPublish());
    await inSlices(resolution.fill());
    state.detach(resolution);
    publishes++;
    await turn();
  }
  return publishes;
}

/** @returns how many choices were acknowledged */
async function chooseUntil(until, choosing, users) {
  const start = performance.now();
  let asked = 0;
  let acknowledged = 0;
  let refused;
  const pending = new Set();
  while (performance.now() < until) {
    for (const due = ((performance.now() - start) * CHANGES_PER_SECOND) / 1000; asked < due; asked++) {
      const user = idOf((asked * 104_729) % users);
      const choice = Math.floor((asked * 104_729) / users) % 2 === 0 ? 'denied' : 'granted';
      const change = choosing.choose(user, BY, { purpose: PURPOSE, choice }).then(
        () => {
          acknowledged++;
          pending.delete(change);
        },
        (error) => {
          refused = error;
          pending.delete(change);
        },
      );
      pending.add(change);
    }
    await wait(1);
  }
  await Promise.all(pending);
  if (refused !== undefined) throw new Error('a choice was refused', { cause: refused });
  return acknowledged;
}
