import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled, emptyState, product, referenceDocument, resolved, settle, tabulate } from '../engine.mjs';
import { memoryOf } from '../machine.mjs';
import { settledMemory } from '../timing.mjs';

const memory = () => settledMemory(() => memoryOf(process.pid).now);

export default {
  name: 'ten-million',
  title: 'Ten million users in the state',
  shape: 'one process; users taken in by the events that made them; ids such as `member-8423561`',
  size: '10 million users; where nearly every record differs: 1 million',
  worst:
    'everybody has said 6 things of 22 at random, with notices at random, so that hardly two records are alike',
  measures:
    "bytes a user beyond the process's base (resident memory, after a collection), resolution included; how fast they are taken in; a snapshot's load; the full re-resolve at a publish (attach and fill)",
  load: 'none',
  rounds: 1,
  systems: [
    {
      name: 'assent',
      title: 'as people are',
      note: 'regions by weight, 3 % minors, 5 % of unknown age, GPC in 10 % of the US; 80 % said nothing, the others 1 to 5 things',
    },
    { name: 'distinct', title: 'nearly every record differs', note: '6 random choices each' },
  ],
  headline: { metric: 'memory', unit: 'B/user' },
  targets: [
    { says: 'bytes a user', at: 'most', bound: 50, figure: (v) => v('assent', 'memory') },
    { says: 's from a snapshot', at: 'most', bound: 10, figure: (v) => v('assent', 'snapshot load') },
    { says: 's to re-resolve at a publish', at: 'most', bound: 2, figure: (v) => v('assent', 're-resolve') },
  ],
  options: (quick) => ({
    users: quick ? { assent: 300_000, distinct: 30_000 } : { assent: 10_000_000, distinct: 1_000_000 },
    nodeArgs: ['--expose-gc', '--max-old-space-size=8192'],
  }),
  inProcess: {
    async measure(system, { users: sizes }) {
      const users = sizes[system];
      const policy = compiled(await referenceDocument());
      const table = tabulate(policy);
      // everything is compiled and loaded once before the base is taken
      resolved(takenIn(policy, 1_000, system).state, table);
      const base = memory();

      const { state, events, seconds } = takenIn(policy, users, system);
      const resolution = resolved(state, table);
      const held = memory() - base;
      const start = performance.now();
      resolved(state, tabulate(policy));
      const again = (performance.now() - start) / 1000;
      return [
        { metric: 'memory', unit: 'B/user', value: held / users },
        { metric: 'of which the resolution', unit: 'B/user', value: resolution.bytes / users },
        {
          metric: 'most memory while building',
          unit: 'B/user',
          value: (memoryOf(process.pid).peak - base) / users,
        },
        { metric: 'distinct records', unit: '', value: distinctRecords(resolution) },
        { metric: 'taken in', unit: 'users/s', value: users / seconds },
        { metric: 'events', unit: '1/s', value: events / seconds },
        { metric: 're-resolve', unit: 's', value: again },
        ...(await snapshotOf(state)),
      ];
    },
  },
};

function takenIn(policy, users, system) {
  const state = emptyState();
  const start = performance.now();
  const events = settle(state, policy, users, system === 'assent' ? 'realistic' : 'distinct');
  return { state, events, seconds: (performance.now() - start) / 1000 };
}

/** How many classes of equal records have users. */
function distinctRecords({ classes }) {
  let used = 0;
  for (let id = 1; id < classes.end; id++) if (classes.isUsed(id)) used++;
  return used;
}

/** Writing and reading the snapshot. */
async function snapshotOf(state) {
  const file = await product('consent/upkeep/snapshots/snapshot-file.js');
  const folder = await mkdtemp(join(tmpdir(), 'assent-bench-'));
  try {
    const start = performance.now();
    const bytes = await file.writeSnapshot(folder, state, () => new Uint8Array(32));
    const written = performance.now();
    const restored = file.readSnapshot(folder).state;
    const read = performance.now();
    if (restored.size !== state.size || restored.revision !== state.revision)
      throw new Error('the snapshot is not of the state');
    return [
      { metric: 'snapshot size', unit: 'B/user', value: bytes / state.size },
      { metric: 'snapshot save', unit: 's', value: (written - start) / 1000 },
      { metric: 'snapshot load', unit: 's', value: (read - written) / 1000 },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
