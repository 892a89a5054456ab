import { describe, expect, test } from 'vitest';
import { CMP, houseOn } from '../../../../test/house.js';
import { MemoryConsentStore } from '../../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';
import { DAY_MS } from '../../../time.js';
import { writeTcString } from '../../signals/tc-string.js';

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
  test('has the history read only if something goes that may have come after a TC string', async () => {
    const { store, choices, hearing, takingBack } = await member();
    await choices.choose(USER, BY, { purpose: 'recruiting', choice: 'denied' });
    await hearing.record(USER, BY, 'gpc');
    await takingBack.choice(USER, BY, 'research');
    await takingBack.gpc(USER, BY);
    expect(store.reads).toBe(0);
    await takingBack.choice(USER, BY, 'recruiting');
    const [first] = [store.reads];
    await choices.choose(USER, BY, { purpose: 'recruiting', choice: 'granted', notice: 1 });
    await takingBack.choice(USER, BY, 'recruiting');
    expect([first > 0, store.reads > first]).toEqual([true, true]);
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

describe('what a TC string refused', () => {
  const purpose = 'ads.off_platform';
  const grant = { purpose, choice: 'granted', signalShown: true } as const;
  /** Refuses the third purpose of TCF, which that one is for, and no other. */
  const consents = [1, 2, 4, 5, 6, 7, 8, 9, 10, 11];

  /** People who live where all is on of which nothing is said, and refused it on a banner. */
  async function refusers() {
    let now = Date.UTC(2026, 10, 29);
    const house = await houseOn(new MemoryConsentStore(), policiesOn(REFERENCE), () => now);
    const { choices, hearing, settings, signals, takingBack, time } = house;
    const isOn = (user: string) =>
      settings.settingsOf(user).purposes.find((one) => one.purpose.id === purpose)?.on === true;
    const takeBack = (user: string) => takingBack.choice(user, BY, purpose).catch((error: unknown) => error);
    const steps = {
      'a grant': (user: string) => choices.choose(user, BY, grant),
      'a grant that ends': (user: string) => choices.choose(user, BY, { ...grant, until: now + DAY_MS }),
      'a denial': (user: string) => choices.choose(user, BY, { purpose, choice: 'denied' }),
      "the browser's signal": (user: string) => hearing.record(user, BY, 'gpc'),
      'that taken back': (user: string) => takingBack.gpc(user, BY),
      'days pass': async () => {
        now += 2 * DAY_MS;
        await time.start();
      },
      'the choice taken back': takeBack,
    };
    const join = async (user: string) => {
      await choices.setProfile(user, BY, { region: 'US-TX', ageBand: 'adult' });
      const wasOn = isOn(user);
      await signals.recordTcString(user, BY, writeTcString({ consents, legitimateInterests: [] }, CMP, now));
      return { wasOn, isOn: isOn(user) };
    };
    return { join, isOn, steps: Object.entries(steps), takeBack, house };
  }

  test('stays refused when the last choice is taken back, whatever was said since', async () => {
    const { join, isOn, steps, takeBack, house } = await refusers();
    const lives = steps.flatMap((one) =>
      steps.flatMap((other) => steps.map((third) => [one, other, third] as const)),
    );
    const opened: string[] = [];
    for (const [place, life] of lives.entries()) {
      const user = `u-${place}`;
      expect(await join(user)).toEqual({ wasOn: true, isOn: false });
      for (const [, step] of life) await step(user);
      await takeBack(user);
      if (isOn(user)) opened.push(life.map(([name]) => name).join(', '));
    }
    await house.time.close();
    expect(opened).toEqual([]);
  });
});
