/** Services that are killed in the midst of a storm of questions and choices; and whether what they answered is on record. */
import { existsSync } from 'node:fs';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { parseJson } from '../../src/json.js';
import { readWriter } from '../../src/record/segment/record-reader.js';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { type Acknowledged, Asking, type Means, USERS, isMessagePermit } from './asking.js';
import { type Answers, onRecord, usesCounted, wholeLedger } from './on-record.js';
import { peopleOf } from './people.js';
import { numberAt, textAt } from './replies.js';
import { type Service, startService } from './service.js';

/** Every so many starts answer before their records are written; those between answer after. */
const FAST_EVERY = 5;
/** After every so many kills a block is torn, as if the power had failed. */
const TORN_EVERY = 3;
/** Before every so many kills the ledger has counted a part of what the process recorded. */
const COUNTED_EVERY = 5;
const HOUR_MS = 3_600_000;
const CUT = 'a record that was being written when its process ended was cut off: nobody was answered on it';

export type Settings = Readonly<Record<string, string>>;
type Process = {
  readonly settings: Settings;
  readonly service: Service;
  readonly asking: Asking;
  readonly isFast: boolean;
  /** Its folder in that of the record. */
  readonly writer: string;
};

/** Processes that share a folder of the record. */
export class Killing {
  /** What writers that ended have on record. */
  readonly left = new Map<string, Answers>();
  readonly acknowledged: Acknowledged[] = [];
  messagePermits = 0;
  private readonly running: Process[] = [];
  private named = '';
  private starts = 0;
  /** Bytes that the next start must say it cut off. */
  private torn: number[] = [];

  constructor(private readonly record: string) {}

  /** @param processes the settings of each */
  async begin(processes: readonly Settings[]): Promise<void> {
    for (const settings of processes) this.running.push(await this.start(settings));
  }

  /** Kills one of them while it answers, and starts it again while the others do. */
  async kill(kill: number, answers: number): Promise<void> {
    const place = kill % this.running.length;
    const victim = this.running[place];
    if (victim !== undefined && kill % COUNTED_EVERY === 0) {
      await victim.asking.round(answers, false);
      await usesCounted(victim.service);
    }
    await Promise.all(
      this.running.map(async (process, at) => {
        await process.asking.round(answers, at === place);
        if (at !== place) return process.asking.round(answers, false);
        if (kill % TORN_EVERY === 0) await tear(join(this.record, process.writer));
        await this.examine(process);
        this.running[place] = await this.start(process.settings);
      }),
    );
  }

  /** Stops them all. @returns the ledger as they counted it */
  async end(): Promise<Ledger> {
    const [one] = this.running;
    if (one === undefined) throw new Error('it was not begun');
    const ledger = await wholeLedger(one.service, this.named);
    for (const process of this.running) {
      await stopped(process.service);
      await this.examine(process);
    }
    return ledger;
  }

  /** The ledger as a new start tells it. */
  async ledger(settings: Settings): Promise<Ledger> {
    const { service } = await this.start(settings);
    const ledger = await wholeLedger(service, this.named);
    await stopped(service);
    return ledger;
  }

  private async start(settings: Settings): Promise<Process> {
    const isFast = ++this.starts % FAST_EVERY === 0;
    const there = existsSync(this.record) ? await writersIn(this.record) : [];
    const service = await startService({
      ...settings,
      RECORD_DIR: this.record,
      RECORD: isFast ? 'fast' : 'on',
    });
    onTestFinished(() => void service.process.kill('SIGKILL'));
    expectCut(service, this.torn);
    this.torn = [];
    const writer = (await writersIn(this.record)).find((name) => !there.includes(name)) ?? '';
    if (this.named === '') this.named = await caseOf(service);
    const asking = new Asking(service, await meansOf(service, this.named), `start ${this.starts}`);
    return { settings, service, asking, isFast, writer };
  }

  private async examine(process: Process): Promise<void> {
    const { answers, torn } = await onRecord(join(this.record, process.writer));
    this.left.set(process.writer, answers);
    this.acknowledged.push(...process.asking.acknowledged);
    if (torn > 0) this.torn.push(torn);
    this.messagePermits += expectOnRecord(process, answers);
  }
}

/**
 * That what was delivered is on record, each once.
 *
 * @returns how many permits on private messages were delivered
 */
function expectOnRecord({ asking: { asked }, isFast }: Process, answers: Answers): number {
  expect([...answers.keys()].filter((id) => !asked.has(id))).toEqual([]);
  const lost: string[] = [];
  let firstLoss = Infinity;
  let messagePermits = 0;
  for (const [id, { answers: delivered, received = Infinity }] of asked) {
    if (delivered === undefined) continue;
    const recorded = answers.get(id);
    if (recorded !== undefined) expect(recorded).toEqual(delivered);
    else if (isFast && !delivered.some(isMessagePermit)) firstLoss = Math.min(firstLoss, received);
    else lost.push(id);
    messagePermits += delivered.filter(isMessagePermit).length;
  }
  expect(lost).toEqual([]);
  // what was lost is the end: nothing is on record that was asked after an answer that is not
  expect([...asked].filter(([id, { sent }]) => sent > firstLoss && answers.has(id))).toEqual([]);
  return messagePermits;
}

/** That a start said of what it cut off, in bytes. */
function expectCut(service: Service, torn: readonly number[]): void {
  const lines = service
    .output()
    .split('\n')
    .filter((line) => line.includes(CUT));
  expect(lines.map((line) => numberAt(parseJson(line), 'bytes'))).toEqual(torn);
}

async function stopped(service: Service): Promise<void> {
  expect(await service.kill('SIGTERM')).toBe(0);
}

type Ledger = Awaited<ReturnType<typeof wholeLedger>>;

/** Registers the users, and opens the case of a report about the first of them. */
async function caseOf(service: Service): Promise<string> {
  const people = await peopleOf(service);
  for (const user of USERS) await people.register(user, 'DE');
  const purposes = ['safety.report_review'];
  const token = await service.token({ sub: 'safety', purposes, scope: 'cases:write' });
  const body = {
    purpose: 'safety.report_review',
    user: USERS[0],
    report: 'r-1',
    items: ['m-1'],
    reviewers: [{ id: 'rita' }],
    reason: 'threats',
    expires_at: new Date(Date.now() + HOUR_MS).toISOString(),
  };
  return textAt((await service.request('POST', '/v1/cases', { token, body })).body, 'id');
}

async function meansOf(service: Service, named: string): Promise<Means> {
  const purposes = ['service', 'service.messaging', 'ads.personalised', 'safety.report_review', 'legal'];
  return {
    token: await service.token({ sub: 'pep', purposes, scope: 'choices:write' }),
    case: named,
    readerToken: await service.token({ sub: 'rita', roles: ['case_reviewer'] }),
  };
}

/** Half of a block more, after the last one. */
async function tear(writer: string): Promise<void> {
  let last = { at: 0, end: 0 };
  for await (const { at, end } of readWriter(writer)) last = { at, end };
  const name = (await readdir(writer))
    .filter((file) => file.endsWith('.rec'))
    .toSorted()
    .at(-1);
  const file = join(writer, name ?? '');
  const bytes = await readFile(file);
  await appendFile(file, bytes.subarray(last.at, (last.at + last.end) >> 1));
}
