/** What DuckDB reads in the files of a record is what was recorded, once each, whatever ended in between. */
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Person, RecordEntry } from '../../../src/record/record-entry.js';
import { Lake } from '../../../src/record/lake/lake.js';
import { writersIn } from '../../../src/record/segment/writer-folder.js';
import { DAY_MS } from '../../../src/time.js';
import { times } from '../../times.js';
import { listener, newFolder, opened, question, write } from './folders.js';
import { recordEntry, take } from './records.js';

const NO_NEWS = { onWritten: () => undefined };
const GOES_ON = new AbortController().signal;

function lakeOf(record: string, now: () => number = Date.now, days = 90): Lake {
  return new Lake({ record, folder: join(record, 'parquet'), days }, now, NO_NEWS);
}

async function rowsIn(record: string, table: string): Promise<Record<string, unknown>[]> {
  const folder = join(record, 'parquet', table);
  if (filesIn(folder).length === 0) return [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${folder}/*/*.parquet')`);
    return read.getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.parquet'),
    );
  } catch {
    return [];
  }
}

/** A row by what it says; what is no text for UTF-8 is what remains of it there. */
function textOf(row: object): string {
  const members = Object.entries(row)
    .filter(([, value]) => value !== null && value !== '')
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(
    members.map(([name, value]) => [name, typeof value === 'string' ? Buffer.from(value).toString() : value]),
  );
}

function named(prefix: string, person: Person | undefined): object {
  if (person === undefined) return {};
  if (typeof person === 'number') return { [prefix]: String(person) };
  const stranger = prefix === 'user' ? 'stranger' : `${prefix}_stranger`;
  return { [stranger]: Buffer.from(person).toString('hex') };
}

/** As DuckDB writes it, without the zeros at its end. */
function timeOf(at: number): string {
  return new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace('Z', '')
    .replace(/\.?0*$/, '');
}

function shortened(time: unknown): string {
  return String(time)
    .replace(/\.0*$/, '')
    .replace(/(\.\d*?)0*$/, '$1');
}

/** The rows that must be there, without their ids. */
function expected(entries: readonly RecordEntry[]): {
  readonly decisions: string[];
  readonly sets: string[];
  readonly discharges: string[];
} {
  const decisions: string[] = [];
  const discharges: string[] = [];
  const sets: string[] = [];
  for (const entry of entries) {
    const { at, client, request, policy, revision, actor, item, reader } = entry;
    const common = {
      at: timeOf(at),
      client,
      request,
      policy,
      revision: String(revision),
      actor,
      case: entry.case ?? null,
      item: item ?? null,
      reader: reader ?? null,
      legal_reference: entry.legalReference ?? null,
      ...named('on_behalf_of', entry.onBehalfOf),
    };
    if (entry.kind !== 'users')
      for (const { person, obligations, purpose, field, level, reason, source } of entry.decisions) {
        const own = { purpose, field, level: level ?? null, reason, source: source ?? null };
        const permitted = reason === 'permitted';
        const row = { ...common, ...named('user', person), ...own, obligations: obligations.join(',') };
        if (entry.kind === 'decisions') decisions.push(textOf({ ...row, permitted }));
        else {
          const { obligation, decidedAt, decidedIn, answer } = entry;
          const said = { discharged: obligation, decided_at: timeOf(decidedAt), decided_in: decidedIn };
          discharges.push(textOf({ ...row, ...said, answer: Buffer.from(answer).toString('base64url') }));
        }
      }
    else {
      const { way, purpose, stream } = entry;
      for (const { users, strangers, permits, obligations } of entry.sets)
        for (const person of [...users, ...strangers])
          sets.push(
            textOf({
              ...common,
              ...named('user', person),
              way,
              purpose,
              stream,
              fields: permits.join(','),
              obligations: obligations.join(','),
            }),
          );
    }
  }
  return { decisions: decisions.sort(), sets: sets.sort(), discharges: discharges.sort() };
}

function found(rows: readonly Record<string, unknown>[]): string[] {
  return rows
    .map(({ id: _id, at, decided_at: decidedAt = null, ...row }) =>
      textOf({
        ...row,
        at: shortened(at),
        decided_at: decidedAt === null ? null : shortened(decidedAt),
      }),
    )
    .sort();
}

test('DuckDB reads every decision and every person of a set, once each, also after files were written again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(recordEntry, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      async (entries, again) => {
        const folder = newFolder();
        await write(folder, entries);
        // some are of long ago
        const lake = lakeOf(folder, Date.now, 0);
        await lake.follow(GOES_ON);
        if (again) {
          rmSync(join(folder, 'parquet', 'reached.json'));
          await lake.follow(GOES_ON);
        }
        const { decisions, sets, discharges } = expected(entries);
        expect(found(await rowsIn(folder, 'decisions'))).toEqual(decisions);
        expect(found(await rowsIn(folder, 'sets'))).toEqual(sets);
        expect(found(await rowsIn(folder, 'discharges'))).toEqual(discharges);
      },
    ),
    { numRuns: times(60, 12) },
  );
});

test('the rows of a file are in the order of people, then of time', async () => {
  const folder = newFolder();
  const about = (person: number, at: number): RecordEntry => {
    const entry = question(`${person} ${at}`, at);
    return entry.kind === 'users'
      ? entry
      : { ...entry, decisions: entry.decisions.map((one) => ({ ...one, person })) };
  };
  const now = Date.now();
  await write(folder, [about(9, now), about(3, now + 2), about(9, now - 5), about(3, now)]);
  await lakeOf(folder).follow(GOES_ON);
  const rows = await rowsIn(folder, 'decisions');
  expect(rows.map(({ request }) => request)).toEqual([
    `3 ${now}`,
    `3 ${now + 2}`,
    `9 ${now - 5}`,
    `9 ${now}`,
  ]);
});

test('a segment becomes files when it is closed, and goes with its day', async () => {
  const folder = newFolder();
  const { recording, close } = await opened(folder, listener().news);
  take(recording, question('one'));
  await recording.settled(true);
  await lakeOf(folder).follow(GOES_ON);
  expect(await rowsIn(folder, 'decisions')).toEqual([]);
  await close();
  await lakeOf(folder).follow(GOES_ON);
  expect(await rowsIn(folder, 'decisions')).toHaveLength(1);
  await lakeOf(folder, () => Date.now() + 89 * DAY_MS).follow(GOES_ON);
  expect(await rowsIn(folder, 'decisions')).toHaveLength(1);
  await lakeOf(folder, () => Date.now() + 92 * DAY_MS).follow(GOES_ON);
  expect(filesIn(join(folder, 'parquet'))).toEqual([]);
});

test('a list of what was written that says nothing has the same files written again, and nothing is deleted', async () => {
  const folder = newFolder();
  await write(folder, [question('one')]);
  await lakeOf(folder).follow(GOES_ON);
  writeFileSync(join(folder, 'parquet', 'reached.json'), '[]');
  await lakeOf(folder).follow(GOES_ON);
  expect(await rowsIn(folder, 'decisions')).toHaveLength(1);
});

test('a record whose folder is gone is not made anew', async () => {
  const folder = join(newFolder(), 'record');
  await expect(lakeOf(folder).follow(GOES_ON)).rejects.toThrow('ENOENT');
  expect(existsSync(folder)).toBe(false);
});

test('a writer whose record is damaged is named, and the files of all others are written and deleted all the same', async () => {
  const folder = newFolder();
  const day = (days: number) => 20_000 * DAY_MS + days * DAY_MS;
  await write(folder, [question('old', day(0))]);
  await lakeOf(folder, () => day(0)).follow(GOES_ON);
  rmSync(join(folder, (await writersIn(folder))[0] ?? ''), { recursive: true });
  for (const request of ['one', 'two', 'three']) await write(folder, [question(request, day(91))]);
  const damaged = (await writersIn(folder)).slice(0, 2).map((writer) => join(folder, writer, '00000001.rec'));
  for (const file of damaged) {
    const bytes = readFileSync(file);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  }
  const error: unknown = await lakeOf(folder, () => day(92))
    .follow(GOES_ON)
    .catch((thrown: unknown) => thrown);
  for (const file of damaged) expect(String(error)).toContain(`the record \`${file}\` is damaged at byte `);
  const rows = await rowsIn(folder, 'decisions');
  expect(rows).toHaveLength(1);
  expect(rows[0]).not.toMatchObject({ request: 'old' });
});
