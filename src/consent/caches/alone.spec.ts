/** A process that is alone with its log tells nobody that something holds before its caches have dropped what it touched. */
import { expect, test } from 'vitest';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { noTrouble } from '../../../test/house.js';
import { ConsentState } from '../../decision/state/consent-state.js';
import { termsOf } from '../../fleet/terms.js';
import { ConsentLog } from '../log/consent-log.js';
import { Hearing } from '../settings/gpc/hearing.js';

const USER = 'u-1';
const BY = { kind: 'user', id: USER } as const;
const HOLDER = { id: 'ads', purposes: new Set(['ads']) };

/** A log whose caches hold leases of two minutes, and what hears signals for it. */
async function logWithACache() {
  const log = new ConsentLog(new MemoryConsentStore(), noTrouble, new ConsentState([1, 2]), termsOf(240_000));
  await log.follow();
  const hearing = new Hearing(log, { recordOf: (user) => log.state.recordOf(user) }, () => 0);
  const { id } = await log.caches.attach(HOLDER);
  return { log, hearing, detach: () => log.caches.detach(id, HOLDER) };
}

type Opened = Awaited<ReturnType<typeof logWithACache>>;

const WAYS: readonly (readonly [string, (opened: Opened) => Promise<unknown>])[] = [
  ['brings a signal that another request has just brought', ({ hearing }) => hearing.hear(USER, BY, 'gpc')],
  ['repeats what stands', ({ hearing }) => hearing.record(USER, BY, 'gpc')],
  ['goes on with an import', ({ log }) => log.confirmWritten()],
  ['erases somebody', ({ log }) => log.erase(USER, BY, 0)],
  ['erases somebody who is not there', ({ log }) => log.erase('nobody', BY, 0)],
];

test.each(WAYS)('who %s is answered when the caches have dropped what is behind it', async (_who, way) => {
  const opened = await logWithACache();
  const before = opened.hearing.record(USER, BY, 'gpc');
  while (opened.log.state.revision === 0) await new Promise(setImmediate);
  let isAnswered = false;
  const answer = way(opened).then(() => (isAnswered = true));
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(isAnswered).toBe(false);
  opened.detach();
  await Promise.all([before, answer]);
});
