import { comparison, questions } from '../comparison.mjs';
import { answersPerSecond } from '../timing.mjs';

/** Answers a second are few or many: so that a batch takes about as long everywhere. */
const BATCH = {
  assent: 50_000,
  casl: 50_000,
  casbin: 5_000,
  'casbin-whole': 1_000,
  cedar: 2_000,
  'cedar-whole': 1_000,
  map: 50_000,
};

/**
 * Without this Node 20 dies in V8 (`DoComputeBuiltinContinuation`) on a call into Cedar; what it costs is too little to
 * be measured.
 */
const CEDAR_ARGS = ['--no-turbo-inline-js-wasm-calls'];

async function open(system, { users }) {
  const [name, whole] = system.split('-');
  const asked = await comparison({ whole: whole !== undefined });
  const { open } = await import(`../systems/${name}.mjs`);
  return open(asked, users);
}

export default {
  name: 'decision',
  title: 'One decision, in process',
  shape:
    'one core; ids as text, parsed from JSON just before, so that no look-up has met the string; users at random',
  size: '1 million users; questions about 4 purposes × 8 fields of the reference policy, of which this engine and CASL hold all 22 × 49; casbin and Cedar once hold all of it too, and once only the 5 rules that the questions need',
  worst: 'every question is about another user, so no cache of the processor holds the record',
  measures: 'decisions a second; the floor is one look-up of the user in a `Map`, and decides nothing',
  load: 'none but the loop',
  systems: [
    {
      name: 'assent',
      title: 'Assent',
      note: '`decide` on the table and the state, as the evaluation service calls it',
    },
    {
      name: 'casl',
      title: 'CASL',
      note: "one ability, built before; each user's attributes made before, in a `Map` by id",
    },
    {
      name: 'casbin-whole',
      title: 'casbin, whole policy',
      note: '`enforceSync` on an ABAC model; the same attributes; yes or no, without a reason',
    },
    {
      name: 'casbin',
      title: 'casbin, 5 rules',
      note: 'the same, with no more than the questions need: it goes through its rules one by one',
    },
    {
      name: 'cedar-whole',
      title: 'Cedar (wasm), whole policy',
      note: 'policies parsed before; the same attributes as context; yes or no, without a reason',
      nodeArgs: CEDAR_ARGS,
    },
    {
      name: 'cedar',
      title: 'Cedar (wasm), 5 rules',
      note: 'the same, with no more than the questions need',
      nodeArgs: CEDAR_ARGS,
    },
    { name: 'map', title: 'Map look-up', note: 'the floor: one `Map.get` of the user' },
  ],
  headline: { metric: 'decisions', unit: '1/s' },
  peers: ['casl', 'casbin-whole', 'casbin', 'cedar-whole', 'cedar', 'map'],
  targets: [
    {
      says: '× CASL prebuilt',
      at: 'least',
      bound: 4,
      figure: (v) => v('assent', 'decisions') / v('casl', 'decisions'),
    },
    {
      says: '× a `Map` look-up',
      at: 'least',
      bound: 1.4,
      figure: (v) => v('assent', 'decisions') / v('map', 'decisions'),
    },
  ],
  options: (quick) =>
    quick
      ? { users: 100_000, agreed: 2_000, warmUpMs: 200, durationMs: 500 }
      : { users: 1_000_000, agreed: 20_000, warmUpMs: 1_000, durationMs: 2_500 },
  inProcess: {
    async answers(system, options) {
      const { ask, permits } = await open(system, options);
      if (permits === undefined) return undefined;
      return questions(options.agreed, options.users, 0).map((question) => {
        const answer = ask(question);
        return { permit: permits(answer), ...(typeof answer === 'string' ? { reason: answer } : {}) };
      });
    },
    async measure(system, options) {
      const { ask } = await open(system, options);
      const rate = answersPerSecond(ask, (seed) => questions(BATCH[system], options.users, seed), options);
      return [
        { metric: 'decisions', unit: '1/s', value: rate },
        { metric: 'time', unit: 'ns', value: 1e9 / rate },
      ];
    },
  },
};
