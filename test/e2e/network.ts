/**
 * The services of `examples/network` as processes, and members for them. Tests and `npm run example` see the same.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { valueAt } from './replies.js';
import type { Service } from './service.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/network', import.meta.url));

export const ADS = 'ads.personalised';
export const AI = 'ai';

export type Member = {
  readonly member: string;
  readonly name: string;
  readonly email: string;
  readonly industry: string;
  readonly seniority: string;
  readonly skill: string;
  /** What Assent knows of them. */
  readonly region: string;
  readonly ageBand: string;
  readonly denied: readonly string[];
};

const SKILLS = {
  software: ['TypeScript', 'TypeScript', 'SQL'],
  care: ['nursing', 'first aid'],
  law: ['contracts'],
  farming: ['beekeeping'],
} as const;

/** 420 members: two industries of 180, and two that are too small for a cohort. */
export const MEMBERS: readonly Member[] = Array.from({ length: 420 }, (_none, at) => {
  const industry = at < 180 ? 'software' : at < 360 ? 'care' : at < 390 ? 'law' : 'farming';
  const skills = SKILLS[industry];
  return {
    member: `m-${at}`,
    name: `First${at} Last${at}`,
    email: `m${at}@members.example`,
    industry,
    seniority: at % 20 === 7 ? 'executive' : at % 3 === 0 ? 'senior' : 'junior',
    skill: skills[at % skills.length] ?? skills[0],
    region: at % 14 === 3 ? 'DE' : at % 2 === 0 ? 'US-CA' : 'GB',
    ageBand: at % 60 === 59 ? 'minor' : 'adult',
    denied: at % 21 === 1 ? [ADS] : at % 21 === 2 ? ['improve'] : [],
  };
});

/** What the policy says of them, without asking it: those whom a purpose may read. */
export const PERMITTED = {
  // in Germany it waits for an opt-in, and it is never done for minors
  [ADS]: MEMBERS.filter(
    ({ region, ageBand, denied }) => region !== 'DE' && ageBand === 'adult' && !denied.includes(ADS),
  ),
  // who says no to `improve` says no to this, which is a part of it
  [AI]: MEMBERS.filter(({ denied }) => !denied.includes('improve')),
} as const;

export const idsOf = (members: readonly Member[]) => members.map(({ member }) => member);

/** A service of the example. */
export type Running = {
  readonly url: string;
  /** What it wrote, each line as JSON. */
  readonly lines: readonly unknown[];
  /** Resolves to the first line, written already or yet to come, that this is true of. */
  readonly line: (isIt: (line: unknown) => boolean) => Promise<unknown>;
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
};

export type Network = {
  readonly profiles: Running;
  readonly ranker: Running;
  /** Another exporter, which has handed out nothing yet. @param folder for its files */
  readonly startExporter: (folder: string) => Promise<Running>;
  /** Another profile store on the same table. */
  readonly startProfiles: () => Promise<Running>;
  /** Resolves to the time of the confirmation, in milliseconds since the Unix epoch. */
  readonly optOut: (member: string, purpose: string) => Promise<number>;
  /** A token for whoever asks as the ranker. */
  readonly adsToken: string;
  readonly stop: () => Promise<void>;
};

/**
 * Registers the members, fills the profile store, and starts it and the ranker.
 *
 * @param assent a service in development mode that is reached by its `PUBLIC_URL`
 * @param databaseUrl an empty database
 */
export async function startNetwork(
  assent: Pick<Service, 'url' | 'request' | 'token'>,
  databaseUrl: string,
): Promise<Network> {
  const accounts = await assent.token({ sub: 'accounts', purposes: [], scope: 'users:write choices:write' });
  const put = async (path: string, body: unknown) => {
    const { status, body: answer } = await assent.request('PUT', path, { token: accounts, body });
    if (status !== 200) throw new Error(`PUT ${path} is answered with ${status}: ${JSON.stringify(answer)}`);
  };
  const deny = (member: string, purpose: string) =>
    put(`/v1/users/${member}/choices/${purpose}`, { choice: 'denied' });
  await Promise.all([
    fill(databaseUrl),
    ...MEMBERS.map(async ({ member, region, ageBand, denied }) => {
      await put(`/v1/users/${member}`, { region, age_band: ageBand });
      for (const purpose of denied) await deny(member, purpose);
    }),
  ]);

  const running: Running[] = [];
  const start = async (file: string, token: string, env: Readonly<Record<string, string>>) => {
    const service = await startExample(file, { ASSENT_URL: assent.url, ASSENT_TOKEN: token, ...env });
    running.push(service);
    return service;
  };
  const owner = await assent.token({ sub: 'profiles', purposes: [ADS, AI], scope: 'changes:read' });
  const adsToken = await assent.token({ sub: 'ranker', purposes: [ADS] });
  const aiToken = await assent.token({ sub: 'exporter', purposes: [AI] });
  const startProfiles = () => start('profiles', owner, { DATABASE_URL: databaseUrl });
  const profiles = await startProfiles();
  const PROFILES_URL = profiles.url;
  const ranker = await start('ranker', adsToken, { PROFILES_URL });
  return {
    profiles,
    ranker,
    adsToken,
    startProfiles,
    startExporter: (folder) => start('exporter', aiToken, { PROFILES_URL, FOLDER: folder }),
    optOut: async (member, purpose) => {
      await deny(member, purpose);
      return Date.now();
    },
    stop: async () => void (await Promise.all(running.map(({ kill }) => kill('SIGKILL')))),
  };
}

async function fill(databaseUrl: string): Promise<void> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    await database.query(await readFile(join(EXAMPLE, 'profiles.sql'), 'utf8'));
    await database.query('INSERT INTO profiles SELECT * FROM json_populate_recordset(NULL::profiles, $1)', [
      JSON.stringify(MEMBERS),
    ]);
  } finally {
    await database.end();
  }
}

/** What runs ends with this process, however it ends. */
const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

async function startExample(file: string, env: Readonly<Record<string, string>>): Promise<Running> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [`${file}.mjs`], {
    cwd: EXAMPLE,
    env: {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  const ended = once(child, 'exit').finally(() => children.delete(child));
  const lines: unknown[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line));
    for (const look of waiting) look();
  });
  const line = (isIt: (line: unknown) => boolean) =>
    new Promise<unknown>((resolve, reject) => {
      const look = () => {
        const found = lines.find(isIt);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`${file}.mjs ended: ${JSON.stringify(lines.slice(-3))}`)));
    });
  const ready = await line((one) => typeof valueAt(one, 'url') === 'string');
  return {
    url: String(valueAt(ready, 'url')),
    lines,
    line,
    kill: async (signal = 'SIGTERM') => {
      if (isOver(child)) return;
      child.kill(signal);
      await ended;
    },
  };
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** A port of the loopback for a service that must know its address before it has one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no port');
  return address.port;
}
