/**
 * What an admin is told before a draft is published; that the figures are right for any versions, a property test
 * shows.
 */
import { describe, expect, it } from 'vitest';
import type { ConsentChange, ConsentEvent } from '../consent-event.js';
import { ConsentState, type Resolution } from '../state/consent-state.js';
import { type Impact, impactOf } from './impact.js';
import type { Field, PolicyDocument, Purpose } from '../policy.js';
import { type Steps, finish } from '../steps.js';
import { compile, tabulate } from '../../../test/at-once.js';

const ADS: Purpose = {
  id: 'ads',
  title: 'Ads',
  description: 'Ads are chosen from what you put in your profile.',
  dpv: 'Advertising',
  settings: { EU: 'opt_in', WORLD: 'opt_out' },
  categories: ['profile'],
};
const field = (id: string): Field => ({
  id,
  category: 'profile',
  title: id,
  provenance: 'provided',
  identifiability: 'quasi',
});
const LIVE: PolicyDocument = {
  schema: 1,
  unknown_regime: 'EU',
  regimes: [
    { id: 'EU', title: 'European Union', regions: ['DE', 'FR'] },
    { id: 'WORLD', title: 'The world', regions: ['*'] },
  ],
  obligations: [],
  purposes: [ADS],
  fields: [field('member.skills'), field('member.title')],
  overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
  floor: { private_message: [] },
};

class People {
  readonly state = new ConsentState([5, 6]);
  private readonly log: ConsentEvent[] = [];

  say(user: string, change: ConsentChange): this {
    const event = {
      revision: this.log.length + 1,
      subject: this.state.numberOf(user) ?? this.log.length + 1,
      user,
      by: { kind: 'user', id: user },
      at: 0,
      via: 'settings',
      change,
    } as const;
    this.log.push(event);
    this.state.apply(event);
    return this;
  }

  /** The people as they were at a revision. */
  until(revision: number): People {
    const people = new People();
    for (const { user, change } of this.log.slice(0, revision)) people.say(user, change);
    return people;
  }

  live(user: string, region: string): this {
    return this.say(user, { kind: 'profile', region, ageBand: 'adult' });
  }

  choose(user: string, choice: 'granted' | 'denied', purpose = 'ads', notice = 1): this {
    return this.say(user, { kind: 'choice', purpose, choice, notice, signal: false });
  }

  resolved(document: PolicyDocument): Resolution {
    const result = compile(document);
    if (!result.ok) throw new Error(`the document does not compile: ${JSON.stringify(result.errors)}`);
    const resolution = this.state.attach(tabulate(result.policy));
    for (const _slice of resolution.fill());
    return resolution;
  }

  impactSteps(draft: PolicyDocument, samples = 10): Steps<Impact> {
    return impactOf(this.state, this.resolved(LIVE), this.resolved(draft), samples);
  }

  impact(draft: PolicyDocument, samples?: number): Impact {
    return finish(this.impactSteps(draft, samples));
  }
}

/** Three in the EU, one of whom opted in; three in the world, one of whom opted out. */
function six(): People {
  return new People()
    .live('anna', 'DE')
    .live('bert', 'DE')
    .live('carl', 'FR')
    .choose('carl', 'granted')
    .live('dora', 'US')
    .live('emil', 'IN')
    .live('fred', 'US')
    .choose('fred', 'denied');
}

describe('the impact of a draft', () => {
  it('that lets the users of a regime be asked less opens every field to all of them who had said nothing', () => {
    const draft = {
      ...LIVE,
      unknown_regime: 'EU',
      purposes: [{ ...ADS, settings: { EU: 'opt_out', WORLD: 'opt_out' } as const }],
    };
    const found = six().impact(draft);
    expect(found).toMatchObject({
      users: 6,
      revision: 8,
      changes: 0,
      concerned: 2,
      opened: { userFields: 4, users: 2 },
      closed: { userFields: 0, users: 0 },
    });
    expect(found.byPurpose).toMatchObject([{ purpose: 'ads', regimeBefore: 'EU', regimeAfter: 'EU' }]);
    expect(found.byPurpose[0]?.samples.opened.toSorted()).toEqual(['anna', 'bert']);
  });

  it('that moves a region says under which regimes its users live before and after', () => {
    const regimes = [
      { id: 'EU', title: 'European Union', regions: ['FR'] },
      { id: 'WORLD', title: 'The world', regions: ['*', 'DE'] },
    ];
    expect(six().impact({ ...LIVE, regimes }).byPurpose).toMatchObject([
      {
        purpose: 'ads',
        regimeBefore: 'EU',
        regimeAfter: 'WORLD',
        opened: { userFields: 4, users: 2 },
        closed: { userFields: 0, users: 0 },
      },
    ]);
  });

  it('that drops a field and brings another closes the one and opens the other, for the same users', () => {
    const found = six().impact({ ...LIVE, fields: [field('member.skills'), field('member.school')] });
    expect(found).toMatchObject({
      concerned: 3,
      opened: { userFields: 3, users: 3 },
      closed: { userFields: 3, users: 3 },
    });
    expect(found.byPurpose.map(({ regimeBefore, opened }) => [regimeBefore, opened.users])).toEqual([
      ['EU', 1],
      ['WORLD', 2],
    ]);
  });

  it('that changes a condition may open and close the same field of a user, for other requests', () => {
    const draft = { ...LIVE, purposes: [{ ...ADS, conditions: ['legal_ref'] as const }] };
    const people = six();
    expect(people.impact(draft)).toMatchObject({ opened: { users: 0 }, closed: { users: 3 } });
    const live = people.resolved(draft);
    const other = people.resolved({ ...LIVE, purposes: [{ ...ADS, conditions: ['own_data_only'] }] });
    expect(finish(impactOf(people.state, live, other, 0))).toMatchObject({
      concerned: 3,
      opened: { userFields: 6, users: 3 },
      closed: { userFields: 6, users: 3 },
    });
  });

  it('counts users without a profile under the regime of an unknown region', () => {
    const people = new People().choose('guest', 'denied').live('nowhere', 'DE');
    people.say('nowhere', { kind: 'profile', region: null, ageBand: 'adult' });
    const always = { ...LIVE, purposes: [{ ...ADS, settings: { EU: 'always', WORLD: 'always' } as const }] };
    expect(people.impact(always).byPurpose).toMatchObject([
      { regimeBefore: 'unknown', regimeAfter: 'unknown', opened: { users: 2 } },
    ]);
  });
});

/** 20,000 users, no two of whom said the same, and a draft that closes them all. */
function crowd(): People {
  const people = new People();
  for (let number = 0; number < 20_000; number++)
    people
      .live(`u-${number}`, number < 10_000 ? 'US' : 'BR')
      .choose(`u-${number}`, 'granted', 'ads', number % 10_000);
  return people;
}
const CLOSED = { ...LIVE, purposes: [{ ...ADS, settings: { EU: 'never', WORLD: 'never' } as const }] };

describe('samples', () => {
  const people = crowd();
  const samples = () => people.impact(CLOSED, 5).byPurpose[0]?.samples.closed;

  it('are the same when they are taken again', () => {
    expect(samples()).toHaveLength(5);
    expect(samples()).toEqual(samples());
  });

  it('are not taken where none are wanted', () => {
    expect(people.impact(CLOSED, 0).byPurpose[0]?.samples).toEqual({ opened: [], closed: [] });
  });

  it('are found however few there are among many', () => {
    people.live('needle', 'DE').choose('needle', 'granted');
    const inEurope = { ...ADS.settings, EU: 'never' } as const;
    const found = people.impact({ ...LIVE, purposes: [{ ...ADS, settings: inEurope }] }, 5);
    expect(found.byPurpose.map(({ samples }) => samples)).toEqual([{ opened: [], closed: ['needle'] }]);
  });
});

describe('while changes arrive', () => {
  it('no number of users is further off than there were changes, and samples are those whom it concerns', () => {
    const people = crowd();
    const steps = people.impactSteps(CLOSED, 1_000);
    let number = 0;
    let done = steps.next();
    while (done.done !== true) {
      // users who leave classes that are counted, whose class is given up and its number used again, and who are new
      for (const end = number + 100; number < end; number++)
        people
          .choose(`u-${number}`, 'denied')
          .live(`u-${20_000 - number}`, 'DE')
          .live(`new-${number}`, 'US');
      done = steps.next();
    }
    const { value } = done;
    expect(value.changes).toBeGreaterThanOrEqual(600);
    const exact = people.until(value.revision).impact(CLOSED, 0);
    expect(value.users).toBe(exact.users);
    const off = (of: (impact: Impact) => number) => Math.abs(of(value) - of(exact));
    expect(off(({ concerned }) => concerned)).toBeLessThanOrEqual(value.changes);
    expect(off(({ closed }) => closed.users)).toBeLessThanOrEqual(value.changes);
    const samples = value.byPurpose.flatMap(({ samples }) => samples.closed);
    expect(samples.length).toBeGreaterThanOrEqual(1_000);
    expect(new Set(samples).size).toBe(samples.length);
    // who objected before anything was counted is not among them
    expect(samples).not.toContain('u-0');
  });
});
