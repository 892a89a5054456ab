/** Folders with records in them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type OpenRecord, type RecordNews, openRecord } from '../../../src/record/keeping/open-record.js';
import { readThrough } from '../../../src/record/keeping/recovery.js';
import type { RecordEntry } from '../../../src/record/record-entry.js';
import { readWriter } from '../../../src/record/segment/record-reader.js';
import { type RemovedSegment, noteRemoved } from '../../../src/record/segment/removed-segments.js';
import { segmentName } from '../../../src/record/segment/segment-format.js';
import { idOf, readSegment } from '../../../src/record/segment/segment-reader.js';
import { writersIn } from '../../../src/record/segment/writer-folder.js';
import { take } from './records.js';

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What was told, in its order. */
export type Told = { readonly [K in keyof RecordNews]: Parameters<RecordNews[K]>[] };

export function listener(): { readonly told: Told; readonly news: RecordNews } {
  const told: Told = {
    onTrouble: [],
    onWorking: [],
    onCut: [],
    onNotClosed: [],
    onRemoved: [],
    onNotRemoved: [],
    onLeap: [],
  };
  return {
    told,
    news: {
      onTrouble: (error) => void told.onTrouble.push([error]),
      onWorking: () => void told.onWorking.push([]),
      onCut: (cut) => void told.onCut.push([cut]),
      onNotClosed: (error) => void told.onNotClosed.push([error]),
      onRemoved: (removed) => void told.onRemoved.push([removed]),
      onNotRemoved: (error) => void told.onNotRemoved.push([error]),
      onLeap: (days) => void told.onLeap.push([days]),
    },
  };
}

export function opened(
  folder: string,
  news: RecordNews,
  now: () => number = Date.now,
  days = 0,
  log = 'log',
): Promise<OpenRecord> {
  return openRecord({ mode: 'on', folder, days, log }, now, news);
}

/** Writes these and closes. */
export async function write(
  folder: string,
  entries: readonly RecordEntry[],
  now?: () => number,
  log?: string,
): Promise<void> {
  const { recording, close } = await opened(folder, listener().news, now, 0, log);
  for (const entry of entries) {
    take(recording, entry);
    await recording.settled(true);
  }
  await close();
}

/** Deletes a segment and notes it, as retention does. @param own folder of the writer @param said of it, and not so */
export async function remove(
  own: string,
  sequence: number,
  said: Partial<RemovedSegment> = {},
): Promise<void> {
  const path = join(own, segmentName(sequence));
  const { header, tally, digest, end } = await readThrough(readSegment(path, false));
  const hash = digest.toString('hex');
  const is_last = end?.isLast === true;
  await noteRemoved(own, { ...tally, sequence, first_block: header.firstBlock, hash, is_last, ...said });
  rmSync(path);
}

/** The requests in a folder, by the id of their first decision. */
export async function requestsIn(folder: string): Promise<Map<string, string>> {
  const requests = new Map<string, string>();
  for (const writer of await writersIn(folder))
    for await (const block of readWriter(join(folder, writer)))
      for (const { index, entry } of block.entries()) requests.set(idOf(block, index), entry.request);
  return requests;
}

/** A question with one decision. */
export function question(request: string, at = Date.now()): RecordEntry {
  const asked = {
    at,
    client: 'ranking',
    request,
    policy: 'sha256:p',
    revision: 1,
    actor: 'automated',
  } as const;
  const one = { purpose: 'ads', field: 'email', person: 7, reason: 'floor', obligations: [] } as const;
  return { ...asked, kind: 'decisions', decisions: [one] };
}
