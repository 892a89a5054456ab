/** A number names one text in each language, whatever was published in between. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PolicyDocument } from '../../decision/policy.js';
import type { PolicyService } from '../../policy/policy.service.js';
import { Versions } from '../../policy/versions.js';
import { MemoryPolicyStore } from '../../../test/memory/memory-policy.store.js';
import { NoticeNumbers } from './notice-numbers.js';
import { policiesOn } from '../../../test/at-once.js';

/** Texts in a language; what is missing is not translated. */
type Words = { readonly title?: string; readonly description?: string };
/** What a version makes of the one purpose: in which words, by language, and whether it is there to be granted. */
type Plan = {
  /** The first language has all. */
  readonly words: Readonly<Record<string, Words>>;
  readonly standing: 'opt_in' | 'opt_out' | 'never' | 'removed';
};

const PURPOSE = 'ads';
const ADS: Words = { title: 'Ads', description: 'Ads' };
const plans: fc.Arbitrary<Plan> = fc.record({
  words: fc
    .record(
      {
        // mostly the same, so that the other language decides
        en: fc.oneof(
          { weight: 4, arbitrary: fc.constant(ADS) },
          { weight: 1, arbitrary: wordsFrom('Ads', 'Adverts') },
        ),
        de: wordsFrom('Werbung', 'Anzeigen'),
      },
      { requiredKeys: [] },
    )
    .filter((words) => Object.values(words).some(isWhole))
    .map((words) =>
      Object.fromEntries(
        Object.entries(words).toSorted(([, a], [, b]) => Number(isWhole(b)) - Number(isWhole(a))),
      ),
    ),
  standing: fc.constantFrom('opt_in', 'opt_in', 'opt_out', 'never', 'removed'),
});

function wordsFrom(one: string, other: string): fc.Arbitrary<Words> {
  return fc
    .record(
      { title: fc.constantFrom(one, other), description: fc.constantFrom(one, other) },
      { requiredKeys: [] },
    )
    .filter((words) => Object.keys(words).length > 0);
}

function isWhole({ title, description }: Words): boolean {
  return title !== undefined && description !== undefined;
}

function documentOf({ words, standing }: Plan, notice: number): PolicyDocument {
  const [language = 'en', ...others] = Object.keys(words);
  const inOthers = (textIn: (language: string) => string) =>
    others.length === 0
      ? {}
      : { translations: Object.fromEntries(others.map((one) => [one, { title: textIn(one) }])) };
  const said = { title: 'Service', description: 'Service' };
  const service = purposeOf('service', Object.fromEntries(Object.keys(words).map((one) => [one, said])));
  return {
    schema: 1,
    languages: [language, ...others],
    unknown_regime: 'EU',
    regimes: [{ id: 'EU', title: 'EU', ...inOthers((one) => `EU ${one}`), regions: ['*'] }],
    obligations: [],
    purposes: [
      { ...service, settings: { EU: 'always' } },
      ...(standing === 'removed'
        ? []
        : [{ ...purposeOf(PURPOSE, words), settings: { EU: standing }, notice }]),
    ],
    fields: [
      {
        id: 'name',
        category: 'profile',
        title: 'Name',
        ...inOthers((one) => `Name ${one}`),
        provenance: 'provided',
        identifiability: 'direct',
      },
    ],
    overlays: { minor_or_age_unknown: { never: [] }, gpc: { regimes: [], opt_out: [] } },
    floor: { private_message: ['service'] },
  };
}

/** A purpose in these words, the first being in the language of the policy. */
function purposeOf(id: string, words: Plan['words']) {
  const [own, ...others] = Object.entries(words);
  const { title, description } = own?.[1] ?? {};
  if (title === undefined || description === undefined) throw new Error('a purpose has words');
  return {
    id,
    title,
    description,
    ...(others.length === 0 ? {} : { translations: Object.fromEntries(others) }),
    dpv: 'Marketing',
    categories: ['profile' as const],
  };
}

/** Publishes one version after the other, each with the lowest number that is let through. */
async function published(history: readonly Plan[]): Promise<(Plan & { readonly notice: number })[]> {
  const store = new MemoryPolicyStore();
  let policies: PolicyService | undefined;
  const numbered: (Plan & { readonly notice: number })[] = [];
  for (const plan of history) {
    let document = documentOf(plan, 1);
    let notice = 1;
    policies ??= policiesOn(document);
    const numbers = new NoticeNumbers(new Versions(policies, store), store);
    const [toRaise] = await numbers.tooLow(policies.current, await policies.build(document));
    if (toRaise !== undefined) {
      notice = toRaise.atLeast;
      document = documentOf(plan, notice);
      // what a refusal asks for is enough
      expect(await numbers.tooLow(policies.current, await policies.build(document))).toEqual([]);
    }
    const { id } = await policies.build(document);
    await store.saveVersion({ id, document, authors: ['ann'], message: 'm', parent: null, at: 0 });
    await store.publish({ version: id, by: 'ann', at: 0, draft: null, approvals: [] });
    policies.put(await policies.build(document));
    numbered.push({ ...plan, notice });
  }
  return numbered;
}

/** The texts that are written, each under its language and member. */
function textsOf({ words }: Plan): Record<string, string> {
  return Object.fromEntries(
    Object.entries(words).flatMap(([language, texts]) =>
      Object.entries(texts).map(([member, text]) => [`${language} ${member}`, text]),
    ),
  );
}

/** A German description that goes, and comes back in other words. */
const COMES_BACK: Plan[] = ['Werbung', undefined, 'Anzeigen'].map((description) => ({
  words: { en: ADS, de: { title: 'Werbung', ...(description === undefined ? {} : { description }) } },
  standing: 'opt_in',
}));

it('of an opt-in is never that of a grant on other words, in any language, and no lower than one granted on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plans, { minLength: 2, maxLength: 7 }), async (history) => {
      const optIns = (await published(history)).filter(({ standing }) => standing === 'opt_in');
      for (const [place, later] of optIns.entries())
        for (const earlier of optIns.slice(0, place)) {
          const message = JSON.stringify([earlier, later]);
          expect(later.notice, message).toBeGreaterThanOrEqual(earlier.notice);
          if (later.notice > earlier.notice) continue;
          const [was, is] = [textsOf(earlier), textsOf(later)];
          expect({ ...was, ...is }, message).toEqual({ ...is, ...was });
        }
    }),
    { numRuns: 100, examples: [[COMES_BACK]] },
  );
});
