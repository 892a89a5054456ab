import { describe, expect, it } from 'vitest';
import {
  type Choice,
  EMPTY_RECORD,
  NO_NOTICE,
  type UserRecord,
  type Way,
} from '../../../decision/consent-event.js';
import type { PolicyDocument } from '../../../decision/policy.js';
import type { UserHistory } from '../history.js';
import { promptsOf } from './prompts.js';
import { settingsOn } from '../settings.js';
import { REFERENCE } from '../../../../test/reference-policy.js';
import { policiesOn } from '../../../../test/at-once.js';

/** `ads.inferred` on terms that have changed, and an opt-in that builds on an opt-in: no ads elsewhere without it. */
const CHAINED: PolicyDocument = {
  ...REFERENCE,
  purposes: REFERENCE.purposes.map((one) => {
    if (one.id === 'ads.inferred') return { ...one, notice: 2 };
    if (one.id === 'recruiting') return { ...one, lapses_after: { EU_EEA_CH: 'P1Y' } };
    return one.id === 'ads.off_platform' ? { ...one, requires: ['ads.inferred'] } : one;
  }),
};
const { current } = policiesOn(CHAINED);

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 10, 23);
const OPT_INS = REFERENCE.purposes
  .filter(({ settings }) => settings['EU_EEA_CH'] === 'opt_in')
  .map(({ id }) => id);

type Said = {
  readonly choice: Choice;
  readonly notice?: number;
  readonly daysAgo?: number;
  readonly via?: Way;
  /** When a grant is to end, from now. */
  readonly inDays?: number;
};
type Given = {
  readonly profile?: Partial<UserRecord>;
  readonly said?: Readonly<Record<string, Said>>;
  readonly gpcDaysAgo?: number;
  readonly lapsed?: Readonly<Record<string, number>>;
};

const USER = { kind: 'user', id: 'u-1' } as const;
const ENGINE = { kind: 'engine', id: 'assent' } as const;

/** What a user is asked who lives in Germany and is of age, unless something else is said. */
function prompts({ profile, said = {}, gpcDaysAgo, lapsed = {} }: Given) {
  const record: UserRecord = {
    ...EMPTY_RECORD,
    registered: true,
    region: 'DE',
    ageBand: 'adult',
    choices: new Map(
      Object.entries(said).map(([id, { choice, notice = NO_NOTICE }]) => [
        id,
        { choice, notice, signal: false },
      ]),
    ),
    signals: new Set(gpcDaysAgo === undefined ? [] : ['gpc']),
    ...profile,
  };
  const history: UserHistory = {
    levels: new Map(),
    lapses: new Map(Object.entries(lapsed)),
    choices: new Map(
      Object.entries(said).map(([id, { daysAgo = 0, via = 'settings', inDays }]) => [
        id,
        {
          by: via === 'expiry' ? ENGINE : USER,
          via,
          at: NOW - daysAgo * DAY,
          ...(inDays === undefined ? {} : { until: NOW + inDays * DAY }),
        },
      ]),
    ),
    signals: new Map(
      gpcDaysAgo === undefined ? [] : [['gpc', { by: USER, via: 'gpc', at: NOW - gpcDaysAgo * DAY }]],
    ),
  };
  const { ask, notBefore } = promptsOf(settingsOn(current, record, 1), history, NOW);
  return {
    asked: ask.map(({ purpose }) => purpose.id),
    because: Object.fromEntries(ask.map(({ purpose, cause }) => [purpose.id, cause.because])),
    notBefore: Object.fromEntries(notBefore.map(({ purpose, from }) => [purpose.id, (from - NOW) / DAY])),
  };
}

describe('a user who said nothing', () => {
  it('is asked for every opt-in of the law they live under', () => {
    expect(prompts({}).asked).toEqual(OPT_INS);
    expect(prompts({}).notBefore).toEqual({});
  });

  it('is asked for nothing that is on anyhow', () => {
    expect(prompts({ profile: { region: 'US-NY' } }).asked).toEqual([
      'recruiting',
      'security.harm_detection',
    ]);
  });

  it('is asked for nothing that is closed to their age', () => {
    const { asked } = prompts({ profile: { ageBand: 'minor' } });
    expect(asked).toContain('ads.measurement');
    expect(asked).not.toContain('ads.inferred');
  });

  it('is asked for nothing before anybody has said who they are', () => {
    expect(prompts({ profile: { registered: false } }).asked).toEqual([]);
  });
});

describe('a user who answered', () => {
  it('is not asked again for what they granted', () => {
    expect(prompts({ said: { recruiting: { choice: 'granted', notice: 1 } } }).asked).not.toContain(
      'recruiting',
    );
  });

  it('is asked again when the terms have changed, or none were shown', () => {
    const { because } = prompts({
      said: { 'ads.inferred': { choice: 'granted', notice: 1 }, recruiting: { choice: 'granted' } },
    });
    expect(because).toMatchObject({ 'ads.inferred': 'notice', recruiting: 'notice' });
  });

  it('is left alone for twelve months after a no, to the millisecond', () => {
    const denied = (daysAgo: number) => prompts({ said: { recruiting: { choice: 'denied', daysAgo } } });
    expect(denied(0)).toMatchObject({ notBefore: { recruiting: 365 } });
    expect(denied(0).asked).not.toContain('recruiting');
    expect(denied(365 - 1 / DAY).asked).not.toContain('recruiting');
    expect(denied(365).asked).toContain('recruiting');
    expect(denied(365)).toMatchObject({ because: { recruiting: 'choice' }, notBefore: {} });
  });

  it('is asked again in the last month before a grant lapses, unless they let it end before', () => {
    const granted = (daysAgo: number, inDays?: number) =>
      prompts({
        said: {
          recruiting: { choice: 'granted', notice: 1, daysAgo, ...(inDays === undefined ? {} : { inDays }) },
        },
      }).because['recruiting'];
    // a year is over in thirty days, and in one day more
    expect([granted(335), granted(334), granted(335, 10)]).toEqual(['lapses_soon', undefined, undefined]);
  });

  it('is told that a grant has lapsed, and asked anew', () => {
    expect(prompts({ lapsed: { recruiting: NOW - DAY } }).because).toMatchObject({ recruiting: 'lapsed' });
  });

  it('may be asked again when a grant has ended, for nobody said no', () => {
    const { asked, notBefore } = prompts({ said: { recruiting: { choice: 'denied', via: 'expiry' } } });
    expect(asked).toContain('recruiting');
    expect(notBefore).toEqual({});
  });

  it('is not asked for what builds on something they denied', () => {
    const { asked } = prompts({ said: { 'ads.personalised': { choice: 'denied', daysAgo: 1 } } });
    expect(asked).toEqual(
      OPT_INS.filter((id) => !/^ads\.(personalised|inferred|off_platform|partner_data)$/.test(id)),
    );
  });

  it('is asked for an opt-in together with the opt-in that it needs, and not for the one without the other', () => {
    expect(prompts({}).asked).toEqual(expect.arrayContaining(['ads.inferred', 'ads.off_platform']));
    expect(prompts({ said: { 'ads.inferred': { choice: 'denied' } } }).asked).not.toContain(
      'ads.off_platform',
    );
    // what was granted already need not be asked for when only its dependency is missing
    expect(prompts({ said: { 'ads.off_platform': { choice: 'granted', notice: 1 } } }).asked).not.toContain(
      'ads.off_platform',
    );
  });

  it('may be asked again for what they switched off only after the same time', () => {
    expect(
      prompts({ profile: { region: 'US-CA' }, said: { ai: { choice: 'denied', daysAgo: 100 } } }),
    ).toMatchObject({ notBefore: { ai: 265 } });
  });
});

describe('a signal', () => {
  it('closes for as long as it stands, and is left alone for twelve months', () => {
    const inCalifornia = (gpcDaysAgo: number) => prompts({ profile: { region: 'US-CA' }, gpcDaysAgo });
    expect(inCalifornia(5).notBefore).toMatchObject({ 'ads.off_platform': 360, 'ads.partner_data': 360 });
    expect(inCalifornia(5).asked).not.toContain('ads.off_platform');
    expect(inCalifornia(500)).toMatchObject({ notBefore: {} });
    expect(inCalifornia(500).asked).not.toContain('ads.off_platform');
  });

  it('says nothing where no law knows it', () => {
    expect(prompts({ gpcDaysAgo: 5 }).asked).toEqual(OPT_INS);
  });
});
