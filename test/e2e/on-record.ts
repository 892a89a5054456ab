/** What is on record, and in the ledger that is made of it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, vi } from 'vitest';
import { parseJson } from '../../src/json.js';
import type { RecordEntry } from '../../src/record/record-entry.js';
import { type WriterRead, readWriter } from '../../src/record/segment/record-reader.js';
import { USERS, answerText, refusedTexts } from './asking.js';
import { listAt, numberAt, textAt, valueAt } from './replies.js';
import type { Service } from './service.js';

/** The answers to each request, by its id. */
export type Answers = Map<string, string[]>;

/** What a writer has on record, and how its record ends. */
export type OnRecord = WriterRead & { readonly answers: Answers };

/** @param folder of a writer */
export async function onRecord(folder: string): Promise<OnRecord> {
  const answers = new Map<string, string[]>();
  const reading = readWriter(folder);
  for (;;) {
    const next = await reading.next();
    if (next.done === true) return { ...next.value, answers };
    for (const { entry } of next.value.entries()) {
      const there = answers.get(entry.request);
      if (there === undefined) answers.set(entry.request, textsOf(entry));
      else there.push(...textsOf(entry));
    }
  }
}

function textsOf(entry: RecordEntry): string[] {
  if (entry.kind === 'decisions')
    return entry.decisions.map(({ purpose, field, reason, obligations, person }) =>
      answerText(purpose, [field], reason, obligations, [typeof person === 'number' ? person : 0]),
    );
  if (entry.kind === 'discharge') return [];
  const { purpose, fields, sets, refused } = entry;
  return [
    ...sets.map(({ permits, obligations, users, strangers }) =>
      answerText(purpose, permits, 'permitted', obligations, [...strangers.map(() => 0), ...users]),
    ),
    ...refusedTexts(purpose, fields, refused),
  ];
}

/** Runs `npm run -s record`. @param env settings of the service @throws what it wrote, when its exit code is not 0 */
export async function recordCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = join(new URL('../../dist/', import.meta.url).pathname, 'cli/record/record.js');
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...args], {
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  });
  return stdout;
}

/** What was used of all users together, once it has all that was answered before the call. */
export async function usesCounted(service: Service): Promise<readonly unknown[]> {
  const token = await service.token({ sub: 'auditor', roles: ['auditor'] });
  const asked = Date.now();
  await vi.waitUntil(
    async () =>
      Date.parse(String(valueAt(await read(service, '/v1/uses?limit=1', token), 'complete_until'))) > asked,
    { timeout: 120_000, interval: 200 },
  );
  const lines = String(await read(service, '/v1/uses', token, 'application/x-ndjson'));
  return lines
    .trimEnd()
    .split('\n')
    .map((line): unknown => parseJson(line));
}

/** How often, over all uses. */
export function timesOf(uses: readonly unknown[]): number {
  return uses.reduce((sum: number, use) => sum + numberAt(use, 'times'), 0);
}

/** The ledger by all ways of reading it, once it has all that was answered before the call. */
export async function wholeLedger(service: Service, named: string) {
  const uses = await usesCounted(service);
  const auditor = await service.token({ sub: 'auditor', roles: ['auditor'] });
  const accounts = await service.token({ sub: 'accounts', purposes: [], scope: 'settings:read' });
  const get = (path: string, token = auditor) => read(service, path, token);
  const people: unknown[] = [];
  for (const use of uses) people.push(listAt(await get(`/v1/uses/${textAt(use, 'id')}/people`), 'people'));
  const own: unknown[] = [];
  for (const user of USERS) own.push(listAt(await get(`/v1/users/${user}/uses?limit=200`, accounts), 'uses'));
  // rows of accesses are numbered as they come, and those of one millisecond are in that order
  const accesses: string[] = [];
  for (let page = ''; ;) {
    const body = await get(`/v1/cases/${named}/accesses?limit=200${page}`);
    accesses.push(...listAt(body, 'accesses').map((one) => JSON.stringify(one, withoutId)));
    const next = valueAt(body, 'next');
    if (typeof next !== 'string') break;
    page = `&cursor=${next}`;
  }
  accesses.sort();
  return { uses, people, own, accesses };
}

async function read(service: Service, path: string, token: string, accept = 'application/json') {
  const { status, body } = await service.request('GET', path, { token, headers: { accept } });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

function withoutId(name: string, value: unknown): unknown {
  return name === 'id' ? undefined : value;
}
