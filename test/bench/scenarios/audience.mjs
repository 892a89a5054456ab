import { attributesOf, attributesOfUser, comparison } from '../comparison.mjs';
import {
  Audience,
  BATCH_KEYS,
  FACTS,
  KeyBatch,
  emptyState,
  factsIndex,
  resolved,
  settle,
  tabulate,
} from '../engine.mjs';
import { idOf, population } from '../users.mjs';

export const PURPOSE = 'ai.generative';
export const FIELDS = [
  'member.skills',
  'member.job_title',
  'member.interests',
  'member.email',
  'activity.view',
  'activity.search',
  'ai.prompt',
  'article.body',
  'comment.text',
  'message.body',
];
const IDS_AT_ONCE = 50_000;

/** Both systems answer each user of a list with a mask of the fields that pass. */
const OPEN = {
  async assent(users) {
    const { policy } = await comparison();
    const table = tabulate(policy);
    const state = emptyState();
    settle(state, policy, users);
    const resolution = resolved(state, table);
    const question = {
      purpose: PURPOSE,
      fields: FIELDS,
      clientPurposes: new Set([PURPOSE]),
      facts: factsIndex(FACTS),
    };
    const audience = new Audience(table, question, (batch) => {
      resolution.classesOf(batch);
      return (at, place) => resolution.of(batch.values[at], place);
    });
    const batch = new KeyBatch();
    return (users) => {
      const masks = [];
      for (let from = 0; from < users.length; from += BATCH_KEYS) {
        const end = Math.min(from + BATCH_KEYS, users.length);
        batch.clear();
        for (let at = from; at < end; at++) batch.add(users[at]);
        const decide = audience.lookUp(batch);
        for (let at = 0; at < batch.size; at++) {
          const { bits } = decide(at);
          masks.push(bits[0] | (bits[1] << 8));
        }
      }
      return masks;
    };
  },
  async casl(users) {
    const { policy } = await comparison();
    const people = population(policy);
    const dependencies = policy.dependencies.get(PURPOSE);
    const categories = FIELDS.map((field) => policy.fields.get(field).category);
    const shared = new Map();
    const byUser = new Map();
    for (let number = 0; number < users; number++) {
      const user = people.user(number);
      const attributes = attributesOfUser(policy, dependencies, user);
      const key = JSON.stringify(attributes);
      if (!shared.has(key))
        shared.set(
          key,
          categories.map((category) => attributesOf(attributes, category)),
        );
      byUser.set(user.id, shared.get(key));
    }
    const maskOf = (user) => {
      const attributes = byUser.get(user);
      let mask = 0;
      for (let at = 0; at < FIELDS.length; at++)
        if (policy.ask(PURPOSE, FIELDS[at], attributes[at]) === 'permitted') mask |= 1 << at;
      return mask;
    };
    return (users) => users.map(maskOf);
  },
};

/** CASL is asked about one user in ten: its rate is the same, and it takes minutes less. */
const ASKED = { assent: 1, casl: 0.1 };

/** Ids as they arrive: pieces of a text, in the order of the list. */
function* idsOf(users, share) {
  for (let from = 0; from < users * share; from += IDS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(IDS_AT_ONCE, users - from) }, (_, at) => from + at);
    yield JSON.parse(JSON.stringify(numbers.map((number) => idOf((number * 7_919) % users))));
  }
}

export default {
  name: 'audience',
  title: 'An audience, in process',
  shape: 'one core; 1 purpose × 10 fields, one of them closed, for each of a list of users; ids as text',
  size: '1 million users, each once, not in the order in which they are kept',
  worst: 'no two questions are about the same user',
  measures: 'field decisions a second: a mask of 10 fields is 10 of them',
  load: 'none but the loop; the list of ids is there before',
  systems: [
    {
      name: 'assent',
      title: 'Assent',
      note: 'state and table asked as `POST /v1/audiences` asks them, without HTTP',
    },
    {
      name: 'casl',
      title: 'CASL',
      note: 'one ability, built before; attributes made before, by id; one user in ten',
    },
  ],
  omitted:
    'Ten million decisions would take casbin and Cedar minutes; their rates are in the scenario above.',
  headline: { metric: 'field decisions', unit: '1/s' },
  peers: ['casl'],
  targets: [
    {
      says: 'field decisions/s',
      at: 'least',
      bound: 35_000_000,
      figure: (v) => v('assent', 'field decisions'),
    },
  ],
  options: (quick) => (quick ? { users: 100_000 } : { users: 1_000_000 }),
  inProcess: {
    async answers(system, { users }) {
      const ask = await OPEN[system](users);
      const masks = [];
      for (const ids of idsOf(users, 1)) masks.push(...ask(ids.slice(0, 1_000)));
      return masks;
    },
    async measure(system, { users }) {
      const ask = await OPEN[system](users);
      let spent = 0;
      let asked = 0;
      let passed = 0;
      // the first pass warms up
      for (let pass = 0; pass < 3; pass++) {
        spent = 0;
        asked = 0;
        for (const ids of idsOf(users, ASKED[system])) {
          const start = performance.now();
          for (const mask of ask(ids)) if (mask !== 0) passed++;
          spent += performance.now() - start;
          asked += ids.length;
        }
      }
      if (passed === 0) throw new Error('an audience that nobody is in');
      return [
        { metric: 'field decisions', unit: '1/s', value: (asked * FIELDS.length * 1000) / spent },
        { metric: 'users', unit: '1/s', value: (asked * 1000) / spent },
      ];
    },
  },
};
