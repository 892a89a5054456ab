/** Draws lives: what happens in them, in which order, and under which policies. */
import * as fc from 'fast-check';
import type { AgeBand, Choice } from '../../../src/decision/consent-event.js';
import { type Act, type Sayings, type Step, Taken, type World, take } from './acts.js';
import type { Life } from './model.js';
import { REGIONS } from './policies.js';

const MOST_STEPS = 25;

// mostly the same one: much has to come together in one life
const user = fc.constantFrom(0, 0, 0, 1, 1, 2);
const numbers = fc.oneof(
  fc.constant([]),
  fc.uniqueArray(fc.constantFrom(1, 2, 3, 4, 7, 9, 10), { maxLength: 6 }),
);
/** Mostly none; now and then one that has passed. */
const end = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: -1, max: 80 }) },
);
const sayings = fc.record({
  // the purposes about which most can be said are drawn more often
  purpose: fc.oneof(fc.nat(40), fc.integer({ min: 2, max: 5 }), fc.constantFrom(4, 5)),
  choice: fc.constantFrom<Choice>('granted', 'granted', 'denied'),
  notice: fc.constantFrom(0, 1, 1, 1, 2, 3),
  shown: fc.boolean(),
  hours: end,
});
const choosing = fc.record({ what: fc.constant('choose' as const), user, said: sayings, self: fc.boolean() });
/** What it takes to open again what a signal has closed. */
const answering = choosing.map((one): Act => {
  const { said } = one;
  return {
    ...one,
    said: { ...said, purpose: 2 + (said.purpose % 4), choice: 'granted', notice: 1, shown: true },
  };
});
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: choosing },
  { weight: 3, arbitrary: answering },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('many' as const),
      user,
      list: fc.array(sayings, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('everything' as const), user }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('gpc' as const), user }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('take back' as const),
      user,
      purpose: fc.oneof(fc.nat(40), fc.integer({ min: 2, max: 5 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('signal back' as const),
      user,
    }),
  },
);
/** A grant and a denial of one purpose by one user, in either order, and whatever else. */
const race = fc
  .tuple(choosing, fc.boolean(), fc.boolean(), fc.array(act, { maxLength: 2 }))
  .map(([one, grantFirst, everything, others]): readonly Act[] => {
    const grant: Act = { ...one, said: { ...one.said, choice: 'granted', hours: 0 } };
    const denial: Act = everything
      ? { what: 'everything', user: one.user }
      : { ...one, said: { ...one.said, choice: 'denied', hours: 0 } };
    return [...(grantFirst ? [grant, denial] : [denial, grant]), ...others];
  });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: act.map((one) => ({ what: 'at once' as const, acts: [one] })) },
  { weight: 4, arbitrary: race.map((acts) => ({ what: 'at once' as const, acts })) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('profile' as const),
      user,
      region: fc.nat(REGIONS.length - 1),
      age: fc.constantFrom<AgeBand>('adult', 'adult', 'adult', 'minor', 'minor', 'unknown'),
      hours: end,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('tcf' as const),
      user,
      consents: numbers,
      interests: numbers,
      daysAgo: fc.nat(3),
    }),
  },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('publish' as const), version: fc.nat(6) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant('time' as const),
      hours: fc.integer({ min: 1, max: 60 }),
      met: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('erase' as const), user }) },
  { weight: 1, arbitrary: fc.constant({ what: 'snapshot' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('restart' as const),
      fromSnapshot: fc.boolean(),
      hours: fc.nat(50),
    }),
  },
);
/** A no on the banner, and a grant of one purpose all the same, that ends; then the browser's signal, or second thoughts. */
const overriding = fc
  .record({
    user,
    purpose: fc.constantFrom(3, 4),
    hours: fc.constantFrom(0, 30),
    after: fc.constantFrom('nothing', 'gpc', 'back', 'gpc and back', 'a no and back', 'its end and back'),
  })
  .map(({ user, purpose, hours, after }): readonly Step[] => {
    const said: Sayings = { purpose, choice: 'granted', notice: 1, shown: true, hours };
    const no: Sayings = { ...said, choice: 'denied', notice: 0, shown: false, hours: 0 };
    const atOnce = (act: Act): Step => ({ what: 'at once', acts: [act] });
    return [
      { what: 'tcf', user, consents: [], interests: [], daysAgo: 0 },
      atOnce({ what: 'choose', user, said, self: true }),
      ...(after.startsWith('gpc') ? [atOnce({ what: 'gpc', user })] : []),
      ...(after.startsWith('a no') ? [atOnce({ what: 'choose', user, said: no, self: true })] : []),
      ...(after.startsWith('its end') ? [{ what: 'time', hours: 31, met: true } as const] : []),
      ...(after.endsWith('back') ? [atOnce({ what: 'take back', user, purpose })] : []),
    ];
  });
/** A no, and second thoughts. */
const reconsidering = fc.record({ user, purpose: fc.nat(8) }).map(({ user, purpose }): readonly Step[] => {
  const said: Sayings = { purpose, choice: 'denied', notice: 0, shown: false, hours: 0 };
  return [
    { what: 'at once', acts: [{ what: 'choose', user, said, self: true }] },
    { what: 'at once', acts: [{ what: 'take back', user, purpose }] },
  ];
});
/** A grant, the browser's signal against it, and the signal taken back. */
const relenting = fc
  .record({ user, purpose: fc.constantFrom(3, 4, 5), notice: fc.constantFrom(1, 2) })
  .map(({ user, purpose, notice }): readonly Step[] => {
    const said: Sayings = { purpose, choice: 'granted', notice, shown: true, hours: 0 };
    return [
      { what: 'at once', acts: [{ what: 'choose', user, said, self: true }] },
      { what: 'at once', acts: [{ what: 'gpc', user }] },
      { what: 'at once', acts: [{ what: 'signal back', user }] },
    ];
  });
/** A grant that lapses, and what may come before that: another yes, another law, another policy. */
const lapsing = fc
  .record({
    user,
    purpose: fc.constantFrom(3, 5, 5, 7),
    from: fc.constantFrom('DE', 'US', 'US-CA'),
    between: fc.constantFrom('a look', 'a look', 'a yes', 'a move', 'a move', 'a policy'),
    hours: fc.integer({ min: 25, max: 60 }),
    version: fc.nat(6),
  })
  .map(({ user, purpose, from, between, hours, version }): readonly Step[] => {
    const said: Sayings = { purpose, choice: 'granted', notice: 1, shown: true, hours: 0 };
    const yes: Step = { what: 'at once', acts: [{ what: 'choose', user, said, self: true }] };
    const profile = (region: string): Step => ({
      what: 'profile',
      user,
      region: REGIONS.indexOf(region),
      age: 'adult',
      hours: 0,
    });
    const time: Step = { what: 'time', hours, met: true };
    const turn = {
      'a look': [],
      'a yes': [],
      'a move': [profile(from === 'DE' ? 'US' : 'FR')],
      'a policy': [{ what: 'publish', version } as const],
    }[between];
    // in the second half of three and of four days
    if (between === 'a yes') return [profile('DE'), yes, { ...time, hours: 49 }, yes, time, time];
    return [profile(from), yes, time, time, ...turn, time, time];
  });
/** A minor of whom it is known when they come of age moves. */
const moving = fc
  .record({ user, region: fc.nat(REGIONS.length - 1), hours: fc.integer({ min: 1, max: 60 }) })
  .map(({ user, region, hours }): readonly Step[] => [
    { what: 'profile', user, region: 0, age: 'minor', hours },
    { what: 'profile', user, region, age: 'minor', hours: 0 },
  ]);
const steps = fc.oneof(
  { weight: 20, arbitrary: step.map((one) => [one]) },
  { weight: 2, arbitrary: overriding },
  { weight: 1, arbitrary: reconsidering },
  { weight: 1, arbitrary: relenting },
  { weight: 2, arbitrary: lapsing },
  { weight: 1, arbitrary: moving },
);
export const lives = fc.commands([steps.map((some) => new Taken(some))], {
  maxCommands: MOST_STEPS,
  size: 'max',
});
/** Mostly the small policies: a life under the reference policy takes five times as long to check. */
export const families = fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Two of the three have a profile from the beginning, or little would ever be open to anybody. */
const FIRST_STEPS: readonly Step[] = [
  { what: 'profile', user: 0, region: REGIONS.indexOf('US-CA'), age: 'adult', hours: 0 },
  { what: 'profile', user: 1, region: REGIONS.indexOf('DE'), age: 'adult', hours: 0 },
];

export async function live(
  model: Life,
  world: World,
  life: Iterable<fc.AsyncCommand<Life, World>>,
): Promise<void> {
  for (const step of FIRST_STEPS) await take(step, model, world);
  await fc.asyncModelRun(() => ({ model, real: world }), life);
}
