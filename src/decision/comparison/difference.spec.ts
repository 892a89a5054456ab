/**
 * What an admin reads about an edit of the reference policy. That it is exact for any policies, a property test shows.
 */
import { describe, expect, it } from 'vitest';
import type { Difference } from './difference.js';
import { compile, difference, tabulate } from '../../../test/at-once.js';
import type { Field, PolicyDocument, VisibilityGroup, Purpose } from '../policy.js';
import {
  doingsOf,
  sentenceOfConsistency,
  sentenceOfLapse,
  sentenceOfFlip,
  sentenceOfObligations,
} from './sentences.js';
import { REFERENCE as document } from '../../../test/reference-policy.js';

function tableOf(edited: PolicyDocument) {
  const result = compile(edited);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return tabulate(result.policy);
}

const before = tableOf(document);

function differenceTo(edit: Partial<PolicyDocument>): Difference {
  return difference(before, tableOf({ ...document, ...edit }));
}

function withPurpose(id: string, edit: (purpose: Purpose) => Partial<Purpose>): Partial<PolicyDocument> {
  return { purposes: document.purposes.map((one) => (one.id === id ? { ...one, ...edit(one) } : one)) };
}

function withField(id: string, edit: Partial<Field>): Partial<PolicyDocument> {
  return { fields: document.fields.map((one) => (one.id === id ? { ...one, ...edit } : one)) };
}

const settings =
  (edit: Purpose['settings']) =>
  ({ settings }: Purpose): Partial<Purpose> => ({ settings: { ...settings, ...edit } });

const sentences = ({ flips }: Difference, purpose?: string) =>
  flips.filter((flip) => purpose === undefined || flip.purpose === purpose).map(sentenceOfFlip);

describe('what an edit changes', () => {
  it('is one sentence when a purpose needs an opt-in in one regime, and one per regime of those that build on it', () => {
    const told = differenceTo(withPurpose('ads.personalised', settings({ UK: 'opt_in' })));
    expect(sentences(told, 'ads.personalised')).toEqual([
      '`ads.personalised` may no longer read 9 fields (`member.job_title`, `member.experience`, `member.education`, …) in `UK` of adults who said nothing for `ads.personalised` or granted it without a notice',
    ]);
    expect(new Set(told.flips.map(({ purpose }) => purpose))).toEqual(
      new Set(['ads.personalised', 'ads.inferred', 'ads.off_platform', 'ads.partner_data']),
    );
    expect(told).toMatchObject({ widens: false, narrows: true, opened: 0 });
  });

  it('concerns those alone who granted on earlier terms when a notice is raised', () => {
    const told = differenceTo(withPurpose('recruiting', () => ({ notice: 3 })));
    expect(sentences(told)).toEqual([
      expect.stringMatching(
        /^`recruiting` may no longer read \d+ fields \(.*\) of users who granted `recruiting` on notices 1 to 2$/,
      ),
    ]);
  });

  it('concerns the people of a region that moves from one regime to another', () => {
    const told = differenceTo({
      regimes: document.regimes.map((regime) => {
        if (regime.id === 'UK') return { ...regime, regions: regime.regions.filter((one) => one !== 'GB') };
        return regime.id === 'EU_EEA_CH' ? { ...regime, regions: [...regime.regions, 'GB'] } : regime;
      }),
    });
    expect(told).toMatchObject({ widens: false, narrows: true });
    expect(sentences(told, 'ads.measurement')).toEqual([
      expect.stringMatching(
        / in `EU_EEA_CH` \(until now `UK`\) of users who said nothing for `ads.measurement` or granted it without a notice$/,
      ),
    ]);
    for (const { example } of told.flips) expect(example.record.region).toBe('GB');
  });

  it('says of fields that a purpose loses that they are read of nobody', () => {
    const told = differenceTo(withField('member.skills', { only: ['recruiting'] }));
    expect(sentences(told, 'ads.inferred')).toEqual([
      '`ads.inferred` may no longer read `member.skills` of anyone',
    ]);
    expect(sentences(told, 'recruiting')).toEqual([]);
  });

  it('says of fields that a purpose gains whose and in which requests', () => {
    const told = differenceTo({
      fields: [
        ...document.fields,
        {
          id: 'member.hobby',
          category: 'profile',
          title: 'Hobby',
          translations: { de: { title: 'Hobby' } },
          provenance: 'provided',
          identifiability: 'quasi',
        },
      ],
    });
    expect(sentences(told)).toEqual(
      expect.arrayContaining([
        '`ai` may now read `member.hobby` of users who did not deny `ai` or `improve`',
        '`ads.inferred` may now read `member.hobby` of users whose consent allows it',
        '`legal` may now read `member.hobby` of any user when asked with a legal reference',
        '`security.malware_scan` may now read `member.hobby` of any user when asked by an automated process',
      ]),
    );
  });

  it('says in which requests, when a condition falls', () => {
    const told = differenceTo(withPurpose('rights', () => ({ conditions: [] })));
    expect(sentences(told)).toEqual([
      expect.stringMatching(
        /^`rights` may now read \d+ fields \(.*\) of any user when asked not on behalf of that very user$/,
      ),
    ]);
    expect(told).toMatchObject({ widens: true, narrows: false, closed: 0 });
  });

  it('speaks of users who were never registered by themselves', () => {
    const told = differenceTo(withPurpose('ads', settings({ EU_EEA_CH: 'opt_out' })));
    expect(sentences(told, 'ads')).toEqual([
      expect.stringMatching(/ in `EU_EEA_CH` and an unknown region of users who denied `ads`$/),
      expect.stringMatching(/ of users who were never registered$/),
    ]);
  });

  it('does not speak of a regime in which no region lies', () => {
    const nowhere: PolicyDocument = {
      ...document,
      regimes: [
        ...document.regimes,
        { id: 'NOWHERE', title: 'Nowhere', translations: { de: { title: 'Nirgends' } }, regions: [] },
      ],
      purposes: document.purposes.map((one) => ({
        ...one,
        settings: { ...one.settings, NOWHERE: 'always' },
      })),
      visibility: (document.visibility ?? []).map((group) => {
        const { adult, minor_or_age_unknown: minor } = group.defaults;
        const like = (levels: Readonly<Record<string, string>>) => ({
          ...levels,
          NOWHERE: levels['ROW'] ?? '',
        });
        return { ...group, defaults: { adult: like(adult), minor_or_age_unknown: like(minor) } };
      }),
    };
    const without = { ...nowhere, fields: nowhere.fields.filter(({ id }) => id !== 'member.education') };
    const told = difference(tableOf(without), tableOf(nowhere));
    expect(sentences(told, 'research')).toEqual([
      '`research` may now read `member.education` of adults who did not deny `research`',
    ]);
  });

  it('speaks of age and of the signal where they decide', () => {
    const { overlays } = document;
    const youth = differenceTo({
      overlays: {
        ...overlays,
        minor_or_age_unknown: { never: ['ads.personalised', 'ai.generative', 'share.affiliates'] },
      },
    });
    expect(sentences(youth)).toEqual([
      expect.stringMatching(/ of minors and users of unknown age who did not deny `research`$/),
    ]);
    const signal = differenceTo({
      overlays: { ...overlays, gpc: { ...overlays.gpc, opt_out: [...overlays.gpc.opt_out, 'research'] } },
    });
    expect(sentences(signal)).toEqual([
      expect.stringMatching(
        / in `US_CA`, `US` and an unknown region of adults whose browser sends Global Privacy Control and who said nothing for `research` or granted it without being shown the signal$/,
      ),
    ]);
  });

  it('widens when an obligation is dropped, though no answer turns', () => {
    const told = differenceTo(withPurpose('ads.inferred', () => ({ obligations: ['pseudonymise'] })));
    expect(told).toMatchObject({ opened: 0, closed: 0, flips: [], widens: true, narrows: true });
    expect(told.obligations.map(sentenceOfObligations)).toEqual([
      '`ads.inferred` is no longer obliged to `min_cohort_300` and is now obliged to `pseudonymise`',
    ]);
  });

  it('narrows when the database must confirm what a purpose rests on, and all that depends on it, and widens when it no longer must', () => {
    const demanding = tableOf({
      ...document,
      ...withPurpose('ads.personalised', () => ({ consistency: 'confirmed' })),
    });
    const [strict, lax] = [difference(before, demanding), difference(demanding, before)];
    expect(strict).toMatchObject({ opened: 0, closed: 0, rewrites: [], widens: false, narrows: true });
    expect(strict.consistency.map(sentenceOfConsistency)).toEqual(
      ['ads.personalised', 'ads.inferred', 'ads.off_platform', 'ads.partner_data', 'share.affiliates'].map(
        (id) => `\`${id}\` may now read only what the database confirms to be so`,
      ),
    );
    expect(lax).toMatchObject({ opened: 0, closed: 0, rewrites: [], widens: true, narrows: false });
    expect(lax.consistency.map(sentenceOfConsistency)).toContain(
      '`ads.inferred` may now read without the database confirming what users have said',
    );
    expect([strict, lax].map(doingsOf)).toEqual(['', 'lets data be read on less proof']);
  });

  it('widens when grants hold longer, and narrows when they lapse sooner, though no answer turns', () => {
    const lapsing = (lapses_after?: Record<string, string>) =>
      tableOf({
        ...document,
        ...withPurpose('recruiting', () => (lapses_after === undefined ? {} : { lapses_after })),
      });
    const [never, long, short] = [lapsing(), lapsing({ EU_EEA_CH: 'P13M' }), lapsing({ EU_EEA_CH: 'P6M' })];
    const told = [difference(never, long), difference(short, long), difference(long, never)];
    expect(
      told.map(({ opened, closed, rewrites, widens, narrows }) => ({
        opened,
        closed,
        rewrites,
        widens,
        narrows,
      })),
    ).toEqual(
      [false, true, true].map((widens) => ({ opened: 0, closed: 0, rewrites: [], widens, narrows: !widens })),
    );
    expect(told.flatMap(({ lapses }) => lapses.map(sentenceOfLapse))).toEqual([
      'grants of `recruiting` in `EU_EEA_CH` now lapse after P13M; before, they never lapsed',
      'grants of `recruiting` in `EU_EEA_CH` now lapse after P13M; before, they lapsed after P6M',
      'grants of `recruiting` in `EU_EEA_CH` now never lapse; before, they lapsed after P13M',
    ]);
    expect(told.map(doingsOf)).toEqual(['', 'lets grants hold longer', 'lets grants hold longer']);
  });

  it('widens when a purpose leaves the one that had the database confirm what it rests on, though it is closed', () => {
    const closed = Object.fromEntries(document.regimes.map(({ id }) => [id, 'never' as const]));
    const demanding = document.purposes.map((one): Purpose => {
      if (one.id === 'ads') return { ...one, consistency: 'confirmed' };
      return one.id === 'ads.measurement' ? { ...one, settings: closed } : one;
    });
    const leaving = demanding.map(({ consistency: _consistency, ...one }) => one);
    const told = difference(
      tableOf({ ...document, purposes: demanding }),
      tableOf({ ...document, purposes: leaving }),
    );
    expect(told.consistency).toContainEqual({ purpose: 'ads.measurement', demanded: false });
    expect(told).toMatchObject({ opened: 0, widens: true, narrows: false });
  });

  it('says of a signal that a purpose hears no more whom it concerns: not those who had granted it anyway', () => {
    const { overlays } = document;
    const heard = ['ads.partner_data', 'share.affiliates'];
    const told = differenceTo({ overlays: { ...overlays, gpc: { ...overlays.gpc, opt_out: heard } } });
    const of = (purpose: string) => told.flips.filter((flip) => flip.purpose === purpose).map(sentenceOfFlip);
    expect(of('ads.off_platform')).toContainEqual(
      expect.stringMatching(
        / in `US_CA` and `US` of adults whose browser sends Global Privacy Control and who said nothing for `ads.off_platform` or granted it without being shown the signal and did not deny `ads.personalised`$/,
      ),
    );
    expect(of('share.affiliates')).toContainEqual(
      expect.stringMatching(
        / of adults whose browser sends Global Privacy Control and who granted `share.affiliates` after being shown the signal, said nothing for `ads.off_platform` or granted it without being shown the signal and did not deny `ads.personalised`$/,
      ),
    );
  });

  it('tells grants apart by what the user was shown only for those whose browser sends the signal', () => {
    // as the reference policy was before personalised ads had to wait for a grant in Europe
    const objected = withPurpose('ads.personalised', settings({ EU_EEA_CH: 'opt_out' }));
    const told = difference(tableOf({ ...document, ...objected }), before).flips.filter(
      ({ purpose }) => purpose === 'ads.partner_data',
    );
    const rest = 'and said nothing for `ads.personalised` or granted it without a notice';
    const granted = 'who granted `ads.partner_data` on notice 1 or later';
    expect(
      told.map(sentenceOfFlip).map((sentence) => sentence.replace(/^.*`partner.conversion` /, '')),
    ).toEqual([
      `in \`EU_EEA_CH\` of adults ${granted} ${rest}`,
      `in an unknown region of adults whose browser does not send Global Privacy Control and ${granted} ${rest}`,
      `in an unknown region of adults whose browser sends Global Privacy Control and ${granted} after being shown the signal ${rest}`,
    ]);
  });

  it('leaves out obligations of a purpose that permits nothing any more', () => {
    const closed = Object.fromEntries(document.regimes.map(({ id }) => [id, 'never' as const]));
    const told = differenceTo(withPurpose('research', () => ({ settings: closed, obligations: [] })));
    expect(told).toMatchObject({ obligations: [], widens: false, narrows: true });
  });

  it('counts every cell: purposes × fields at levels × (states of registered users, and one more) × facts of the request', () => {
    // 22 purposes on 1 to 4 dependencies of 4 standings each, in 8 regimes × 3 ages × 2 signals; of what the signal
    // closes the two standings of a grant are four: three purposes have such dependencies, one of them two
    const states = (256 + 2 * 6 * 4 ** 2 + 6 ** 2 * 4 ** 2) * 8 * 3 * 2 + 22;
    // of 53 fields, five have three levels and three two: two of the five by a post that they are made of
    expect(differenceTo({}).cells).toBe(states * (53 + 5 * 2 + 3) * 56);
  });

  describe('about visibility', () => {
    const posts = (edit: (group: VisibilityGroup) => VisibilityGroup) =>
      differenceTo({
        visibility: (document.visibility ?? []).map((group) => (group.id === 'posts' ? edit(group) : group)),
      });
    const defaultIn = (regime: string, level: string) =>
      posts((group) => ({
        ...group,
        defaults: { ...group.defaults, minor_or_age_unknown: inAll(group, regime, level) },
      }));
    const inAll = ({ defaults }: VisibilityGroup, regime: string, level: string) => ({
      ...defaults.minor_or_age_unknown,
      [regime]: level,
    });

    it('is told by the level at which a field opens or closes', () => {
      const told = posts((group) => ({
        ...group,
        levels: group.levels.map((level) => ({
          ...level,
          category: level.id === 'only_me' ? 'profile' : level.category,
        })),
      }));
      expect(told).toMatchObject({ widens: true, visibility: [] });
      expect(sentences(told, 'personalise')).toEqual([
        '`personalise` may now read 4 fields (`member.embedding@only_me`, `job.match@only_me`, `post.text@only_me`, …) of users who did not deny `personalise`',
      ]);
    });

    it('widens when a default becomes wider, and narrows when it becomes stricter', () => {
      expect(defaultIn('US', 'everyone')).toMatchObject({
        opened: 0,
        widens: true,
        narrows: false,
        visibility: [
          {
            says: 'minors in `US` who set nothing for `posts` are at `everyone` from now on, not at `connections`',
          },
          {
            says: 'users of unknown age in `US` who set nothing for `posts` are at `everyone` from now on, not at `connections`',
          },
        ],
      });
    });

    it('may widen when levels stand in another order, or a field moves to another group', () => {
      const turned = posts((group) => {
        const [everyone, connections, only_me] = group.levels;
        if (everyone === undefined || connections === undefined || only_me === undefined) return group;
        const levels = [
          everyone,
          { ...only_me, category: 'profile' as const },
          { ...connections, category: 'private_message' as const },
        ];
        return { ...group, levels };
      });
      expect(turned).toMatchObject({ widens: true, narrows: true, visibility: [{ group: 'posts' }] });
      const moved = differenceTo({
        fields: document.fields.map((one) =>
          one.id === 'post.text' ? { ...one, visibility: 'profile_photo' } : one,
        ),
      });
      expect(moved.visibility).toEqual([
        {
          field: 'post.text',
          opens: true,
          closes: true,
          says: '`post.text` moves from `posts` to `profile_photo`: what members set for `posts` holds for it no more',
        },
      ]);
      expect(doingsOf(moved)).toBe('opens data');
    });
  });
});
