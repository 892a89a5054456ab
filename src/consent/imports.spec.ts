import { describe, expect, test } from 'vitest';
import { readPolicyFiles } from '../policy/policy-files.js';
import { PolicyService } from '../policy/policy.service.js';
import { MemoryConsentStore } from '../store/memory-consent.store.js';
import { ConsentLog } from './consent-log.js';
import { type ImportReport, Imports } from './imports.js';

const policies = PolicyService.of(await readPolicyFiles(new URL('../../policies', import.meta.url).pathname));
const BY = { kind: 'service', id: 'migration' } as const;
const NOW = Date.UTC(2026, 10, 26);

async function started() {
  const store = new MemoryConsentStore();
  const log = new ConsentLog(store, (error) => expect.unreachable(String(error)));
  await log.follow();
  return { store, log, imports: new Imports(log, store, policies, () => NOW) };
}

/** A body whose lines are sent one by one. */
function sent(): { readonly body: AsyncIterable<Uint8Array>; send(row: object): void; end(): void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (row) => void writer.write(Buffer.from(`${JSON.stringify(row)}\n`)),
    end: () => void writer.close(),
  };
}

async function reportsOf(reports: AsyncIterable<ImportReport>): Promise<ImportReport[]> {
  const all: ImportReport[] = [];
  for await (const report of reports) all.push(report);
  return all;
}

describe('a start that is refused', () => {
  test('leaves nothing behind, however many there are', async () => {
    const { imports } = await started();
    for (let place = 0; place < 1_000; place++)
      await expect(imports.goOn(`refused-${place}`, 2, BY)).rejects.toThrow('go on from line 1');
    expect(imports.running).toBe(0);
    await imports.goOn('taken', 1, BY);
    expect(imports.running).toBe(1);
  });

  test('does not end the run that is open', async () => {
    const { imports } = await started();
    const client = sent();
    const run = await imports.goOn('one', 1, BY);
    const told = reportsOf(run.take(client.body));
    for (const from of [2, 99]) await expect(imports.goOn('one', from, BY)).rejects.toThrow('from line 1');
    client.send({ user: 'u', region: 'DE' });
    client.end();
    expect((await told).at(-1)).toMatchObject({ done: true, line: 1 });
  });
});

test('a start at the right line ends the run that is open, and goes on in its stead', async () => {
  const { imports } = await started();
  const client = sent();
  const told = reportsOf((await imports.goOn('one', 1, BY)).take(client.body));
  await imports.goOn('one', 1, BY);
  client.send({ user: 'u', region: 'DE' });
  client.end();
  await expect(told).rejects.toThrow('another request goes on');
  expect(imports.running).toBe(1);
});

test('no more imports are open at once than memory is for', async () => {
  const { imports } = await started();
  const runs = [];
  for (let place = 0; place < 64; place++) runs.push(await imports.goOn(`open-${place}`, 1, BY));
  await expect(imports.goOn('one-more', 1, BY)).rejects.toThrow('imports are open');
  const [first] = runs;
  if (first !== undefined) imports.letGo('open-0', first);
  await imports.goOn('one-more', 1, BY);
});
