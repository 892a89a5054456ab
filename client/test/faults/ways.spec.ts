/** Whatever goes wrong, by every way to ask: nothing is let through, in time; and all is once it is well again. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Assent, createAssent } from '../../src/assent.js';
import { Extract } from '../../src/extracts/extract.js';
import { withPurpose } from '../../src/prisma/index.js';
import { memberOf, readJson } from '../../src/terms/json.js';
import { FakeService } from './fake-service.js';
import { FAULTS } from './faults.js';
import { FUNCTIONS } from './functions.js';
import { dataOf } from '../prisma/data.js';
import { type Database, type Databases, startDatabases } from '../prisma/database.js';
import { WAYS, type Way } from './ways.js';

/** As in `faults.spec.ts`. */
const PATIENT = 30_000;
const IMPATIENT = 250;
const LATE = 60_000;

let databases: Databases;
let database: Database;
beforeAll(async () => {
  databases = await startDatabases();
  database = await databases.open('ways');
  await database.fill(dataOf(() => 7));
  // that no cache can be attached is told once for each client
  vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await databases.stop();
});

/** The names of two users, of a database. */
const PRISMA: Way = {
  all: 2,
  isDecided: true,
  open: (url, timeout) => {
    const assent = createAssent({ url, token: 'a-token', discharges: ['min_cohort_50'], timeout });
    const { user } = withPurpose(database.prisma, 'ai', { assent });
    return Promise.resolve({
      ask: async () => {
        const found = await user.findMany({ select: { name: true }, orderBy: { id: 'asc' }, take: 2 });
        return found.filter(({ name }) => name !== null).length;
      },
      close: () => assent.close(),
    });
  },
};
const ALL_WAYS = { ...WAYS, withPurpose: PRISMA };

/** What says something of a decision, which only decisions do. */
const OF_DECISIONS = /policy|revision|oblig|member twice|not UTF-8/;
/** What it is to answer to whoever opens an extract. */
const OPENED = 'has made something';

async function opened(url: string, timeout: number, what = '') {
  const ways = Object.entries<Way>(ALL_WAYS).filter(
    ([name, { isDecided }]) =>
      (isDecided || !OF_DECISIONS.test(what)) && !(name === 'openExtract' && what === OPENED),
  );
  const open = await Promise.all(
    ways.map(async ([name, way]) => ({ name, all: way.all, ...(await way.open(url, timeout)) })),
  );
  return {
    ask: async () =>
      Object.fromEntries(await Promise.all(open.map(async ({ name, ask }) => [name, await ask()] as const))),
    all: Object.fromEntries(open.map(({ name, all }) => [name, all])),
    none: Object.fromEntries(open.map(({ name }) => [name, 0])),
    ways: open,
    close: () => Promise.all(open.map(({ close }) => close())),
  };
}

/** One after the other: together they may take a slow machine longer than the impatient wait for any of them. */
async function healed({ ways }: Awaited<ReturnType<typeof opened>>): Promise<void> {
  for (const { name, all, ask } of ways)
    await vi.waitFor(async () => expect([name, await ask()]).toEqual([name, all]), {
      timeout: LATE,
      interval: 250,
    });
}

// together, because an owner waits two seconds before it asks for keys again
describe.concurrent.each(FAULTS)('a server that %s', (what, reason, fault) => {
  test('lets nothing through, in time, and all once it answers', async () => {
    const service = await new FakeService().start();
    service.doing = fault;
    const ways = await opened(service.url, reason === 'timed_out' ? IMPATIENT : PATIENT, what);
    const began = performance.now();
    expect(await ways.ask()).toEqual(ways.none);
    expect(performance.now() - began).toBeLessThan(LATE);
    service.heal();
    await healed(ways);
    await ways.close();
    await service.stop();
  });
});

test('a server that goes down lets nothing through but what a lease is left of, and all once it is up', async () => {
  const service = await new FakeService().start();
  const ways = await opened(service.url, PATIENT);
  await healed(ways);
  await service.stop();
  // keys that were fetched hold, and so does what they verify
  const { cache: _kept, ...none } = ways.none;
  const byKeys = (name: string) => /verifier|Grant$|PreHandler/.test(name);
  const expected = Object.fromEntries(
    Object.keys(none).map((name) => [name, byKeys(name) ? ways.all[name] : 0]),
  );
  const { cache: _may, ...asked } = await ways.ask();
  expect(asked).toEqual(expected);
  await vi.waitFor(async () => expect((await ways.ask())['cache']).toBe(0), { timeout: LATE });
  await service.start();
  await healed(ways);
  await ways.close();
  await service.stop();
});

test('a name that no name server knows lets nothing through', async () => {
  const ways = await opened('https://assent.invalid', PATIENT);
  expect(await ways.ask()).toEqual(ways.none);
  await ways.close();
});

test('a server that takes connections and says nothing lets nothing through', async () => {
  const deaf = createServer({ allowHalfOpen: true }, (socket) => socket.pause());
  deaf.listen(0, '127.0.0.1');
  await once(deaf, 'listening');
  const address = deaf.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const ways = await opened(`http://127.0.0.1:${port}`, IMPATIENT);
  expect(await ways.ask()).toEqual(ways.none);
  await ways.close();
  deaf.close();
});

test.each([-3_600_000, 3_600_000])(
  'where the clock of whoever asks is wrong by %d ms, an owner takes no proof of theirs, and nothing else changes',
  async (wrong) => {
    const service = await new FakeService().start();
    const right = await opened(service.url, PATIENT);
    const real = Date.now;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + wrong);
    const said = await right.ask();
    clock.mockRestore();
    for (const [name, permits] of Object.entries(said))
      expect([name, permits]).toEqual([name, /verifier|Grant$|PreHandler/.test(name) ? 0 : right.all[name]]);
    await right.close();
    await service.stop();
  },
);

const OBLIGATIONS = [
  ['MemoryBudget', 'OBLIGATION_ERRORS', 'ObligationError', 'ParticipantsOnly', 'aggregateOnly', 'anything'],
  ['canonicalJson', 'deidentify', 'dpNoise', 'logDisclosure', 'minCohort', 'partOf', 'prefixOf'],
  ['pseudonymOf', 'pseudonymise', 'rangesOf', 'rational', 'readObligation', 'retain', 'verdictOnly'],
].flat();
/** What the client does within itself, and what asks nothing by itself. */
const WITHIN = [
  ['ask', 'askOf', 'answerTo', 'plainAnswerTo', 'plainlyKept', 'answersAbout', 'answerAbout'],
  ['load', 'withDefaults', 'send', 'kept', 'unkept', 'report', 'close', 'extract'],
].flat();
const TABLES = [...Object.keys(FUNCTIONS), ...Object.keys(ALL_WAYS), 'createAssent', 'createVerifier'];

type Entry = {
  readonly from: () => Promise<object>;
  /** In one of the tables, perhaps of a framework. */
  readonly asks?: readonly string[];
  /** Of the others; what they do with answers has tests of its own. */
  readonly asksNobody?: readonly string[];
  readonly framework?: string;
};
const RESPONSES = ['shows', 'UnreadableResponse'];
const EXPORTS: Readonly<Record<string, Entry>> = {
  '': {
    from: () => import('../../src/index.js'),
    asks: ['createAssent'],
    asksNobody: ['Assent', 'CLIENT_REASONS', 'Failure', 'HttpTransport', 'MOST_OF_ONE_REQUEST', 'Transport'],
  },
  '/testing': { from: () => import('../../src/in-process.js'), asksNobody: ['InProcess', 'inProcess'] },
  '/obligations': {
    from: () => import('../../src/obligations/index.js'),
    // by a budget that it is given
    asksNobody: OBLIGATIONS,
  },
  '/nest': {
    from: () => import('../../src/nest/index.js'),
    asks: ['UsesData', 'mask'],
    asksNobody: ['AssentModule', 'Shows', 'UsesNoData', ...RESPONSES],
    framework: 'nest',
  },
  '/express': {
    from: () => import('../../src/express.js'),
    asks: ['mask', 'usesData'],
    asksNobody: RESPONSES,
    framework: 'express',
  },
  '/fastify': {
    from: () => import('../../src/fastify.js'),
    asks: ['mask', 'usesData'],
    asksNobody: RESPONSES,
    framework: 'fastify',
  },
  '/grants': {
    from: () => import('../../src/grants/index.js'),
    asks: ['createVerifier', 'grantPreHandler', 'requiresGrant'],
    asksNobody: ['GRANT_REASONS', 'Grant', 'Verifier', 'grantedTo'],
  },
  '/prisma': {
    from: () => import('../../src/prisma/index.js'),
    asks: ['withPurpose'],
    asksNobody: ['QueryFailed', 'QueryRefused'],
  },
};

describe('each function', () => {
  test('of the client and of an extract stands in a table', () => {
    const asking = (of: { readonly prototype: object }) =>
      Object.getOwnPropertyNames(of.prototype).filter((name) => name !== 'constructor');
    const known = [...Object.keys(FUNCTIONS), ...Object.keys(WAYS), ...WITHIN];
    expect(asking(Assent).filter((name) => !known.includes(name))).toEqual([]);
    expect(asking(Extract).filter((name) => !known.includes(`extract.${name}`) && name !== 'tell')).toEqual(
      [],
    );
  });

  test.each(Object.keys(EXPORTS))(
    'that `@assent/client%s` exports is one of those, or asks nobody',
    async (entry) => {
      const { from, asks = [], asksNobody = [], framework } = EXPORTS[entry] ?? expect.unreachable();
      expect(Object.keys(await from()).toSorted()).toEqual([...asks, ...asksNobody].toSorted());
      for (const name of asks)
        expect(TABLES).toContain(TABLES.includes(name) ? name : `${framework}.${name}`);
    },
  );

  test('is of an entry that is looked at here', async () => {
    const description = readJson(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    const entries = Object.keys(Object(memberOf(description, 'exports'))).map((name) => name.slice(1));
    expect(entries.toSorted()).toEqual(Object.keys(EXPORTS).toSorted());
  });
});
