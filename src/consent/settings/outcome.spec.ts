import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policiesOn } from '../../../test/at-once.js';
import { CMP, houseOn } from '../../../test/house.js';
import { MemoryConsentStore } from '../../../test/memory/memory-consent.store.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { times } from '../../../test/times.js';
import type { ChangedBy, Choice } from '../../decision/consent-event.js';
import { DomainError } from '../../errors.js';
import { DAY_MS } from '../../time.js';
import { writeTcString } from '../signals/tc-string.js';
import type { UserHistory } from './history.js';
import type { PurposesOn } from './settings.js';
import { causeView, namedIn, needsOf } from './settings.view.js';
import { causeOf } from './causes/cause.js';

const LAPSES = 'recruiting';
/** The policy that the service starts with, and what is agreed to for one purpose lapses. */
const POLICY = {
  ...REFERENCE,
  purposes: REFERENCE.purposes.map((purpose) =>
    purpose.id === LAPSES ? { ...purpose, lapses_after: { EU_EEA_CH: 'P1Y' } } : purpose,
  ),
};
const USER = 'u-1';
const BY_USER: ChangedBy = { kind: 'user', id: USER };
const BY_SERVICE: ChangedBy = { kind: 'service', id: 'mobile' };
/** With and without what they depend on, in a law of their own, and with grants that lapse. */
const PURPOSES = ['recruiting', 'research', 'ads.personalised', 'ads.inferred', 'ads.off_platform', 'ai'];

/** A log that counts how often it was asked for what was said before. */
class CountingStore extends MemoryConsentStore {
  reads = 0;

  override readUserBack(...of: Parameters<MemoryConsentStore['readUserBack']>) {
    this.reads++;
    return super.readUserBack(...of);
  }

  override lastChoices(...of: Parameters<MemoryConsentStore['lastChoices']>) {
    this.reads++;
    return super.lastChoices(...of);
  }
}

async function member(region: string) {
  let now = Date.UTC(2026, 10, 29);
  const store = new CountingStore();
  const house = await houseOn(store, policiesOn(POLICY), () => now);
  await house.choices.setProfile(USER, BY_USER, { region, ageBand: 'adult' });
  const consents = [1, 2, 4];
  const meanwhile = {
    gpc: () => house.hearing.record(USER, BY_USER, 'gpc'),
    'gpc taken back': () => house.takingBack.gpc(USER, BY_USER),
    banner: () =>
      house.signals.recordTcString(
        USER,
        BY_SERVICE,
        writeTcString({ consents, legitimateInterests: [] }, CMP, now),
      ),
    days: async (days: number) => {
      now += days * DAY_MS;
      await house.time.start();
    },
  };
  return { ...house, store, meanwhile, until: (days: number) => now + days * DAY_MS };
}

/** What is said of a purpose. */
function saidOf(settings: PurposesOn, history: UserHistory, purpose: string) {
  const one = settings.purposes.find(({ purpose: { id } }) => id === purpose);
  expect.assert(one !== undefined);
  return {
    on: one.on,
    ...causeView(causeOf(settings, one, history), 'en', namedIn(settings, 'en')),
    needs: needsOf(settings, one.purpose),
  };
}

const change = fc.record({
  kind: fc.constantFrom<('choice' | 'taken back')[]>('choice', 'choice', 'taken back'),
  purpose: fc.constantFrom(...PURPOSES),
  choice: fc.constantFrom<Choice[]>('granted', 'denied'),
  by: fc.constantFrom(BY_USER, BY_SERVICE),
  ends: fc.boolean(),
});
const other = fc.record({
  kind: fc.constantFrom<('gpc' | 'gpc taken back' | 'banner' | 'days')[]>(
    'gpc',
    'gpc taken back',
    'banner',
    'days',
  ),
  days: fc.constantFrom(2, 200, 500),
});

describe('the answer to a choice', () => {
  test('says of its purpose what the settings say, whatever was said before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('DE', 'US-CA', 'US-TX'),
        fc.array(fc.oneof({ weight: 3, arbitrary: change }, { weight: 1, arbitrary: other }), {
          maxLength: 15,
        }),
        async (region, steps) => {
          const house = await member(region);
          const { choices, takingBack, settings, time, until } = house;
          for (const step of steps)
            try {
              if (!('purpose' in step)) await house.meanwhile[step.kind](step.days);
              else {
                const { purpose, by } = step;
                const choice = step.kind === 'choice' ? step.choice : null;
                const granted = choice === 'granted' ? { notice: 1, signalShown: true } : {};
                const ends = choice === 'granted' && step.ends ? { until: until(1) } : {};
                const { at, changed } =
                  choice === null
                    ? await takingBack.choice(USER, by, purpose)
                    : await choices.choose(USER, by, { purpose, choice, ...granted, ...ends });
                const { explained } = await settings.outcomeOf(USER, by, at, [{ purpose, choice, changed }]);
                const whole = await settings.explained(USER);
                expect.assert(explained !== undefined);
                expect(saidOf(explained.settings, explained.history, purpose)).toEqual(
                  saidOf(whole.settings, whole.history, purpose),
                );
              }
            } catch (error) {
              if (!(error instanceof DomainError)) throw error;
            }
          await time.close();
        },
      ),
      { numRuns: times(1_500, 100) },
    );
  });

  test('reads nothing of what was said before for what was said now', async () => {
    const { choices, settings, store } = await member('US-CA');
    for (const purpose of ['ads.personalised', 'ads.inferred']) {
      const choice = 'denied';
      const { at, changed } = await choices.choose(USER, BY_USER, { purpose, choice });
      const { explained } = await settings.outcomeOf(USER, BY_USER, at, [{ purpose, choice, changed }]);
      expect(explained?.history.choices.get(purpose)).toMatchObject({ by: BY_USER });
    }
    expect(store.reads).toBe(0);
  });

  test('says that a grant lapsed also to who takes it back after that', async () => {
    const { choices, takingBack, settings, time, meanwhile } = await member('DE');
    await choices.choose(USER, BY_USER, { purpose: LAPSES, choice: 'granted', notice: 1 });
    await meanwhile.days(500);
    const { at, changed } = await takingBack.choice(USER, BY_USER, LAPSES);
    const { explained } = await settings.outcomeOf(USER, BY_USER, at, [
      { purpose: LAPSES, choice: null, changed },
    ]);
    expect.assert(explained !== undefined);
    expect(saidOf(explained.settings, explained.history, LAPSES)).toMatchObject({ because: 'lapsed' });
    await time.close();
  });
});
