/** A million decisions, as fast as the service makes them: each is on record as it was answered, once, and all of it verifies. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writersIn } from '../../src/record/segment/writer-folder.js';
import { readWriter } from '../../src/record/segment/record-reader.js';
import { recordCommand } from './on-record.js';
import { peopleOf } from './people.js';
import { EVALUATIONS, FIELDS, PURPOSES, mayRead } from './questions.js';
import { listAt, textAt } from './replies.js';
import { startService } from './service.js';
import { newDataFolder } from '../data-folder.js';

const DECISIONS = 1_000_000;
/** As many as a request may have. */
const BATCH = 1_000;
const CONNECTIONS = 8;
/** Bodies are made before, so that the service is what takes the time. */
const BODIES = 40;
const USERS = 100;

/** What was answered, or what is on record: how often each reason, and those of each request, in their order. */
class Seen {
  readonly reasons = new Map<string, number>();
  readonly requests = new Map<string, string>();

  add(request: string, reasons: readonly string[]): void {
    for (const reason of reasons) this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
    this.requests.set(request, `${this.requests.get(request) ?? ''} ${reasons.join(' ')}`);
  }
}

test('a million decisions at full speed are on record, none lost and none twice, and the chain verifies', async () => {
  const dataDir = await newDataFolder();
  const service = await startService({ DATA_DIR: dataDir, CHECKPOINT_SECONDS: '1' });
  onTestFinished(() => void service.process.kill('SIGKILL'));
  const people = await peopleOf(service);
  // every fourth is not registered
  for (let user = 0; user < USERS; user++)
    if (user % 4 !== 0) await people.register(`u-${user}`, ['DE', 'US-NY', 'BR'][user % 3] ?? '');
  const token = await service.token({ sub: 'pep', purposes: PURPOSES });

  const bodies = Array.from({ length: BODIES }, (_, body) => {
    const evaluations = Array.from({ length: BATCH }, (_, item) => {
      const at = body * BATCH + item;
      const [purpose = '', field = ''] = [PURPOSES[at % PURPOSES.length], FIELDS[(at * 7) % FIELDS.length]];
      return mayRead(purpose, `u-${(at * 13) % USERS}`, field);
    });
    return JSON.stringify({ evaluations });
  });
  const answered = new Seen();
  let asked = 0;
  const ask = async () => {
    while (asked < DECISIONS / BATCH) {
      const request = `batch-${asked++}`;
      const response = await fetch(`${service.url}${EVALUATIONS}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'x-request-id': request,
        },
        body: bodies[asked % BODIES] ?? '',
      });
      const body: unknown = await response.json();
      answered.add(
        request,
        listAt(body, 'evaluations').map((answer) => textAt(answer, 'context', 'reason')),
      );
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  const keys = await service.request('GET', '/.well-known/receipt-keys.json');
  await writeFile(join(dataDir, 'keys.json'), JSON.stringify(keys.body));
  const record = join(dataDir, 'record');
  const heads = ['record', 'consent'].map((log) => join(record, 'heads', log, 'checkpoint'));
  await expect.poll(() => heads.every((head) => existsSync(head))).toBe(true);
  // what was answered is on record whatever comes next
  await service.kill('SIGKILL');

  expect([...answered.reasons.values()].reduce((sum, count) => sum + count, 0)).toBe(DECISIONS);
  expect(answered.reasons.get('permitted')).toBeGreaterThan(DECISIONS / 20);
  const whole = /^ok +\S+: 1,000,000 decisions in [\d,]+ blocks, open\n$/;
  expect(await recordCommand(['check', record])).toMatch(whole);
  const recorded = new Seen();
  for (const writer of await writersIn(record))
    for await (const block of readWriter(join(record, writer)))
      for (const { entry } of block.entries())
        if (entry.kind === 'decisions')
          recorded.add(
            entry.request,
            entry.decisions.map(({ reason }) => reason),
          );
  expect(recorded.reasons).toEqual(answered.reasons);
  expect(recorded.requests).toEqual(answered.requests);
  const verified = await recordCommand(['verify', record, '--keys', join(dataDir, 'keys.json')]);
  expect(verified).toMatch(/^ok +[1-9]\d* blocks of the record are what was signed$/m);
  expect(verified).not.toContain('wrong');
  await rm(dataDir, { recursive: true });
}, 600_000);
