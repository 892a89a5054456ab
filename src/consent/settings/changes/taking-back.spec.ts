import { describe, expect, test } from 'vitest';
import { houseOn } from '../../../../test/house.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';

const USER = 'u-1';
const BY = { kind: 'user', id: USER } as const;

/** A log that counts how often a history was read. */
class CountingStore extends MemoryConsentStore {
  reads = 0;

  override readUser(...of: Parameters<MemoryConsentStore['readUser']>) {
    this.reads++;
    return super.readUser(...of);
  }
}

async function member() {
  const store = new CountingStore();
  const house = await houseOn(store, policiesOn(REFERENCE));
  await house.choices.setProfile(USER, BY, { region: 'DE', ageBand: 'adult' });
  const recorded = (purpose: string) => house.log.state.recordOf(USER).choices.get(purpose);
  return { store, recorded, ...house };
}

describe('what is taken back', () => {
  test('has the history read only if it is a grant', async () => {
    const { store, choices, hearing, takingBack } = await member();
    await choices.choose(USER, BY, { purpose: 'recruiting', choice: 'denied' });
    await hearing.record(USER, BY, 'gpc');
    for (const purpose of ['recruiting', 'research']) await takingBack.choice(USER, BY, purpose);
    await takingBack.gpc(USER, BY);
    expect(store.reads).toBe(0);
    await choices.choose(USER, BY, { purpose: 'recruiting', choice: 'granted', notice: 1 });
    await takingBack.choice(USER, BY, 'recruiting');
    expect(store.reads).toBeGreaterThan(0);
  });

  test('is a grant that came just before it, too', async () => {
    const { store, recorded, choices, takingBack } = await member();
    const granted = choices.choose(USER, BY, { purpose: 'recruiting', choice: 'granted', notice: 1 });
    const taken = takingBack.choice(USER, BY, 'recruiting');
    expect([(await granted).changed, (await taken).changed]).toEqual([true, true]);
    expect(recorded('recruiting')).toBeUndefined();
    expect(store.reads).toBeGreaterThan(0);
  });
});
