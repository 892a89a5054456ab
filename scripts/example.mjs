// `npm run example`: what the services of `examples/network` do, told step by step while they do it.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createAssent } from '@assent/client';
import { runnerImport } from 'vite';
import { developmentToken } from '../dist/access/tokens/development-key.js';
import { startPostgres } from '../test/bench/postgres.mjs';

const HELP = `usage: npm run example -- [--stay]

Starts a PostgreSQL, Assent, and the three services of examples/network with 420 invented members. Says what they do while a
member opts out, and ends with 1 if anything of that member was used after the confirmation. It leaves nothing behind.

  --stay   the services stay until Ctrl-C
`;

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const say = (text = '') => void process.stdout.write(`${text}\n`);
const counted = (counts) =>
  Object.entries(counts)
    .map(([reason, count]) => `${count} \`${reason}\``)
    .join(', ');

const folder = mkdtempSync(join(tmpdir(), 'assent-example-'));
// PostgreSQL's files are in there, and it runs as another user where this one is root
chmodSync(folder, 0o711);
const running = [];
let interrupted = false;
process.once('SIGINT', () => {
  // the package of PostgreSQL stops it, and then ends this process
  interrupted = true;
});
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

/** Assent in development mode, as what the network asks. */
async function startAssent(databaseUrl, port) {
  const dataDir = join(folder, 'assent');
  const { PATH, HOME } = process.env;
  const env = {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    // grants name its address
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
  };
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let written = '';
  const url = await new Promise((resolve, reject) => {
    const take = (chunk) => {
      written = (written + String(chunk)).slice(-10_000);
      const found = /"url":"([^"]+)"/.exec(written)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', () => interrupted || reject(new Error(`Assent ended:\n${written}`)));
  });
  return {
    url,
    token: (claims) => developmentToken(dataDir, claims.purposes === undefined ? 'person' : 'client', claims),
    request: async (method, path, { token, body }) => {
      const { status, answer } = await ask(method, new URL(path, url), body, {
        authorization: `Bearer ${token}`,
      });
      return { status, headers: new Headers(), body: answer };
    },
  };
}

async function ask(method, url, body, headers = {}) {
  const request = randomUUID();
  const response = await fetch(url, {
    method,
    headers: { 'x-request-id': request, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const [first] = text.split('\n');
  return { request, status: response.status, first, answer: response.ok ? text : JSON.parse(text) };
}

async function tell(stay) {
  say('PostgreSQL, Assent and the three services start …');
  const { module } = await runnerImport(join(ROOT, 'test/e2e/network.ts'));
  const { ADS, MEMBERS, PERMITTED, freePort, idsOf, startNetwork } = module;
  const postgres = await startPostgres(join(folder, 'postgres'));
  const assent = await startAssent(await postgres.createDatabase('assent'), await freePort());
  const network = await startNetwork(assent, await postgres.createDatabase('profiles'));
  const files = join(folder, 'files');
  mkdirSync(files);
  const exporter = await network.startExporter(files);
  const { profiles, ranker } = network;
  const everybody = idsOf(MEMBERS);
  say(`${everybody.length} members are registered, and have chosen.`);

  const byRequest = (service, request) => service.line((line) => line.request === request);
  const rank = async () => {
    const { request, first } = await ask('POST', `${ranker.url}/ads`, { visitors: everybody });
    return { request, ad: JSON.parse(first).ad, ...(await byRequest(ranker, request)) };
  };
  const skillsOf = (members) => ({ members, fields: ['member.skills'] });

  say('\n1. The ranker asks, and chooses an ad.');
  const { ad, read, denied } = await rank();
  say(`   It read the skills of ${read} members, and not those of the others: ${counted(denied)}.`);
  say(`   The ad is ${ad}.`);

  say('\n2. A ranker that forgets to ask goes to the profile store.');
  const forgot = await ask('POST', `${profiles.url}/profiles`, skillsOf(everybody.slice(0, 200)));
  say(`   ${forgot.status} ${forgot.answer.reason}: ${forgot.answer.detail}`);

  say('\n3. The exporter makes a training set.');
  const make = async () => {
    const { request, first } = await ask('POST', `${exporter.url}/training-sets`, { members: everybody });
    const { taken } = await byRequest(exporter, request);
    return { taken, people: JSON.parse(first).people };
  };
  const { taken, people } = await make();
  say(
    `   ${taken} members permit it. ${taken - people} are of industries with fewer than 50 people, and left out.`,
  );
  say(`   The others are ${people} lines, each like those of at least 9 others.`);

  const { member: gone } = PERMITTED[ADS].find(({ industry }) => industry === 'care');
  say(
    `\n4. Another ranker has a grant for ${gone}, good for a minute, when ${gone} opts out of ads and of AI.`,
  );
  const holder = createAssent({
    url: assent.url,
    token: network.adsToken,
    purpose: ADS,
    discharges: ['min_cohort_300'],
  });
  const grant = await holder.grant(gone, ['member.skills'], { audience: 'profiles' });
  const show = async () => {
    const url = `${profiles.url}/profiles`;
    const { first } = await ask('POST', url, skillsOf([gone]), await grant.headersFor('POST', url));
    return JSON.parse(first);
  };
  say(`   With the grant, it gets ${JSON.stringify((await show()).members)}.`);
  const rankings = [];
  let confirmed = Infinity;
  const later = () => rankings.filter(({ begun }) => begun > confirmed);
  const load = (async () => {
    do rankings.push({ begun: Date.now(), ...(await rank()) });
    while (later().length < 3);
  })();
  confirmed = await network.optOut(gone, ADS);
  await network.optOut(gone, 'improve');
  say('   Both opt-outs are confirmed.');
  let refused = await show();
  while (refused.refused.length === 0) refused = await show();
  say(`   With the same grant, it gets nothing: ${refused.refused[0].reason}.`);
  holder.close();
  await load;
  say(`   The ranker, which asked ${rankings.length} times meanwhile, goes on without them.`);

  say('\n5. The training set is about to be trained on.');
  const old = await ask('GET', `${exporter.url}/training-set`);
  say(`   ${old.status}: ${old.answer.detail}`);
  const { people: fewer } = await make();
  const { status, answer } = await ask('GET', `${exporter.url}/training-set`);
  say(`   The next one is of ${fewer} people. It begins:`);
  for (const line of answer.split('\n').slice(0, 3)) say(`   ${line}`);

  const requests = new Set(later().map(({ request }) => request));
  const used = profiles.lines.filter(
    (line) => requests.has(line.request) && line.members.includes(gone),
  ).length;
  const isWell = used === 0 && forgot.status === 403 && old.status === 409 && status === 200;
  say(
    `\n${isWell ? 'All is as it should be' : 'That is wrong'}: of the requests that began after the confirmation, ${used} got anything of ${gone}.`,
  );
  if (stay) {
    const token = await assent.token({ sub: 'accounts', purposes: [], scope: 'users:write choices:write' });
    say(`
They stay until Ctrl-C. The profile store is ${profiles.url}, the ranker ${ranker.url}, the exporter ${exporter.url}.
Another opts out:
curl -X PUT ${assent.url}/v1/users/m-0/choices/${ADS} -H 'content-type: application/json' -d '{"choice":"denied"}' \\
  -H 'authorization: Bearer ${token}'`);
    await new Promise(() => undefined);
  }
  await network.stop();
  await postgres.stop();
  return isWell;
}

try {
  const { values } = parseArgs({
    options: { stay: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) say(HELP);
  else if (!(await tell(values.stay))) process.exit(1);
  process.exit(0);
} catch (error) {
  if (!interrupted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
