/**
 * What a check costs the process that asks, in CPU time: by the client, from its cache, and by a hand-written `fetch` for
 * each. The service runs elsewhere.
 *
 *     node test/bench/client-cost.mjs CLIENT URL TOKEN
 *
 * CLIENT is the built client (`client/dist/index.js`); the token is that of a service that may ask for `research` and has
 * the scope `decisions:cache`. One line of JSON: microseconds of CPU a check.
 */
import { pathToFileURL } from 'node:url';

const [client = '', url = '', token = ''] = process.argv.slice(2);
const { createAssent } = await import(pathToFileURL(client).href);

const [PURPOSE, FIELD] = ['service', 'member.skills'];
const A_TICK = 100;
const USERS = Array.from({ length: A_TICK }, (_none, at) => `bench-${at}`);

/** @param {() => Promise<unknown>} work that is done so often, each for so many checks */
async function cpuOf(work, times, checks) {
  const before = process.cpuUsage();
  for (let done = 0; done < times; done++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (times * checks);
}

/** @param {() => Promise<unknown>} work @returns the median of five, after one that warms up */
async function medianOf(work, times, checks) {
  await cpuOf(work, times, checks);
  const found = [];
  for (let run = 0; run < 5; run++) found.push(await cpuOf(work, times, checks));
  return Math.round((found.sort((one, other) => one - other)[2] ?? NaN) * 100) / 100;
}

const settings = { url, token, purpose: PURPOSE, timeout: 30_000 };
const plain = createAssent(settings);
const caching = createAssent({ ...settings, cache: true });

/** @param {typeof plain} assent */
const tick = (assent) => () => Promise.all(USERS.map((user) => assent.may(user, FIELD)));

async function fetched(user) {
  const response = await fetch(`${url}/access/v1/evaluation`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      subject: { type: 'purpose', id: PURPOSE },
      action: { name: 'read' },
      resource: { type: 'field', id: FIELD, properties: { user } },
    }),
  });
  return response.ok && (await response.json()).decision === true;
}

const answers = await Promise.all([fetched(USERS[0]), plain.may(USERS[0], FIELD)]);
const batched = await medianOf(tick(plain), 300, A_TICK);
const byFetch = await medianOf(() => Promise.all(USERS.map(fetched)), 20, A_TICK);
for (let tried = 0; tried < 20; tried++) {
  await tick(caching)();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const kept = await medianOf(
  async () => {
    for (const user of USERS) await caching.may(user, FIELD);
  },
  2_000,
  A_TICK,
);
plain.close();
caching.close();
process.stdout.write(`${JSON.stringify({ answers, batched, fetched: byFetch, cached: kept })}\n`);
process.exit(0);
