import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { comparison, attributesOf, attributesOfUser } from '../comparison.mjs';
import { memoryOf } from '../machine.mjs';
import { startPostgres } from '../postgres.mjs';
import { fillStore, startService, streamTo, temporaryFolder, tokenFor } from '../servers.mjs';
import { idOf, population } from '../users.mjs';
import { median } from '../timing.mjs';
import { FIELDS, PURPOSE } from './audience.mjs';

const PATH = `/v1/audiences?purpose=${PURPOSE}&fields=${FIELDS.join(',')}`;
const ROW_BYTES = Math.ceil(FIELDS.length / 8);
const LOOK_EVERY_MS = 20;
const STREAMS = 5;
const LONGER = 4;

export default {
  name: 'audience-stream',
  title: 'POST /v1/audiences, a stream',
  shape: 'one request, ids as lines of text, 1 purpose × 10 fields, answered as a bitmap; server on one core',
  size: '1 million ids of 1 million users; then 4 million, to see what memory depends on',
  worst: 'no id twice in a million, and not in the order in which users are kept',
  measures:
    'users a second from the first byte sent to the last byte received; resident memory of the server before and at most during a stream',
  load: 'one stream after the other from the other core, each as fast as the server reads; the first is a warm-up, and its rows are checked against CASL',
  rounds: 1,
  systems: [
    { name: 'assent', title: 'Assent', note: '`dist/main.js` as `npm start` starts it, with a bearer token' },
  ],
  headline: { metric: 'users', unit: '1/s' },
  targets: [
    { says: 'users/s', at: 'least', bound: 1_500_000, figure: (v) => v('assent', 'users') },
    {
      says: 'MB more memory for 4 million ids than for 1 million',
      at: 'most',
      bound: 16,
      figure: (v) => v('assent', 'memory for 4 times as many') - v('assent', 'memory for a stream'),
    },
  ],
  options: (quick) => ({ users: quick ? 20_000 : 1_000_000 }),
  overHttp: {
    async prepare({ users }) {
      const postgres = await startPostgres();
      const dataDir = await temporaryFolder();
      const databaseUrl = await postgres.createDatabase('audience');
      const { policy } = await comparison();
      const shared = { postgres, dataDir, databaseUrl, policy };
      const token = await tokenFor(dataDir, { sub: 'bench', purposes: [PURPOSE] });
      shared.authorization = `Bearer ${token}`;
      const probe = await startService({ dataDir, databaseUrl });
      try {
        const answer = await fetch(`${probe.url}${PATH}`, {
          method: 'POST',
          headers: { authorization: shared.authorization, 'content-type': 'text/plain' },
          body: 'member-1\n',
        });
        shared.missing = answer.status === 404;
      } finally {
        await probe.stop();
      }
      if (!shared.missing) await fillStore({ dataDir, databaseUrl }, policy, users);
      return shared;
    },
    skips: (_system, { missing }) => (missing ? 'this build answers 404 on POST /v1/audiences' : undefined),
    async measure(_system, shared, { users, nodeArgs }) {
      const { dataDir, databaseUrl, authorization, policy } = shared;
      const server = await startService({ dataDir, databaseUrl, nodeArgs });
      try {
        const order = Array.from({ length: users }, (_, at) => (at * 7_919) % users);
        const file = join(dataDir, 'ids');
        const into = join(dataDir, 'bitmap');
        await writeFile(file, order.map((number) => `${idOf(number)}\n`).join(''));
        const stream = { url: `${server.url}${PATH}`, authorization, file, times: 1 };
        const first = await streamTo({ ...stream, into });
        if (first.status !== 200) throw new Error(`the stream was answered with ${first.status}`);
        mustBeRight(await readFile(into), order, policy);
        const rates = [];
        let once = 0;
        for (let time = 0; time < STREAMS; time++) {
          const { figures, memory } = await watched(server.pid, () => streamTo(stream));
          rates.push(users / figures.seconds);
          once = Math.max(once, memory);
        }
        const longer = await watched(server.pid, () => streamTo({ ...stream, times: LONGER }));
        if (longer.figures.bytes !== users * LONGER * ROW_BYTES)
          throw new Error('the bitmap is not as long as the list');
        return [
          { metric: 'users', unit: '1/s', value: median(rates) },
          { metric: 'field decisions', unit: '1/s', value: median(rates) * FIELDS.length },
          { metric: 'memory of the server', unit: 'MB', value: longer.before / 1e6 },
          { metric: 'memory for a stream', unit: 'MB', value: once },
          { metric: 'memory for 4 times as many', unit: 'MB', value: longer.memory },
        ];
      } finally {
        await server.stop();
      }
    },
    async finish({ postgres, dataDir }) {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  },
};

/** Each user's row must have as many bits as CASL permits fields. */
function mustBeRight(bitmap, order, policy) {
  if (bitmap.length !== order.length * ROW_BYTES)
    throw new Error(`the bitmap has ${bitmap.length} bytes for ${order.length} ids`);
  const people = population(policy);
  const dependencies = policy.dependencies.get(PURPOSE);
  const known = new Map();
  order.forEach((number, place) => {
    const attributes = attributesOfUser(policy, dependencies, people.user(number));
    const key = JSON.stringify(attributes);
    let expected = known.get(key);
    if (expected === undefined) {
      expected = FIELDS.filter((field) => {
        const { category } = policy.fields.get(field);
        return policy.ask(PURPOSE, field, attributesOf(attributes, category)) === 'permitted';
      }).length;
      known.set(key, expected);
    }
    let bits = 0;
    for (let at = place * ROW_BYTES; at < (place + 1) * ROW_BYTES; at++)
      for (let byte = bitmap[at]; byte > 0; byte &= byte - 1) bits++;
    if (bits !== expected)
      throw new Error(`line ${place + 1} has ${bits} permitted fields, and CASL says ${expected}`);
  });
}

/** The most megabytes that a process holds during something, beyond what it held before. */
async function watched(pid, run) {
  const before = memoryOf(pid).now;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, memoryOf(pid).now)), LOOK_EVERY_MS);
  const figures = await run();
  clearInterval(timer);
  return { figures, before, memory: (Math.max(most, memoryOf(pid).now) - before) / 1e6 };
}
