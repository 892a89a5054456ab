import { expect, test } from 'vitest';
import { event } from '../../../test/contract/consent.store.contract.js';
import { policiesOn } from '../../../test/at-once.js';
import { followedLog } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { Changes } from './changes.js';

test('whoever follows is told that everything was told, also while something always changes', async () => {
  const store = new MemoryConsentStore();
  const log = await followedLog(store);
  const gone = new AbortController();
  // a heartbeat is always due
  const changes = new Changes(log, store, policiesOn(REFERENCE), 0);
  const following = { purposes: () => ['ads.personalised'], goesOn: true };
  const pages = changes.lines(following, gone.signal);
  const told = async () => ((await pages.next()).value ?? []).map((line) => Object.keys(line)[0]);
  expect(await told()).toEqual(['policy']);
  for (const user of ['u-1', 'u-2', 'u-3']) {
    await log.change({ ...event(user), settle: () => [event(user).change] });
    expect(await told()).toEqual(['user', 'policy']);
  }
  gone.abort();
  await pages.return();
});
