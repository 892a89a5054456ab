/** A number names one text in each language, whatever was published in between. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PolicyDocument } from '../../decision/policy.js';
import type { PolicyService } from '../../policy/policy.service.js';
import { Versions } from '../../policy/versions.js';
import { MemoryPolicyStore } from '../../../test/memory/memory-policy.store.js';
import { NoticeNumbers } from './notice-numbers.js';
import { policiesOn } from '../../../test/at-once.js';

/** What a version makes of the one purpose: in which words, by language, and whether it is there to be granted. */
type Plan = {
  readonly words: Readonly<Record<string, string>>;
  readonly standing: 'opt_in' | 'opt_out' | 'never' | 'removed';
};

const PURPOSE = 'ads';
const plans: fc.Arbitrary<Plan> = fc.record({
  words: fc
    .record(
      { en: fc.constantFrom('Ads', 'Adverts'), de: fc.constantFrom('Werbung', 'Anzeigen') },
      { requiredKeys: [] },
    )
    .filter((words) => Object.keys(words).length > 0),
  standing: fc.constantFrom('opt_in', 'opt_in', 'opt_out', 'never', 'removed'),
});

function documentOf({ words, standing }: Plan, notice: number): PolicyDocument {
  const [language = 'en', ...others] = Object.keys(words);
  const inOthers = (textIn: (language: string) => string) =>
    others.length === 0
      ? {}
      : { translations: Object.fromEntries(others.map((one) => [one, { title: textIn(one) }])) };
  const service = purposeOf('service', Object.fromEntries(Object.keys(words).map((one) => [one, 'Service'])));
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
  const [own, ...others] = Object.entries(words).map(
    ([language, text]) => [language, { title: text, description: text }] as const,
  );
  if (own === undefined) throw new Error('a purpose has words');
  return {
    id,
    ...own[1],
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

it('of an opt-in is never that of a grant on other words, in any language, and no lower than one granted on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(plans, { minLength: 2, maxLength: 7 }), async (history) => {
      const optIns = (await published(history)).filter(({ standing }) => standing === 'opt_in');
      for (const [place, later] of optIns.entries())
        for (const earlier of optIns.slice(0, place)) {
          const message = JSON.stringify([earlier, later]);
          expect(later.notice, message).toBeGreaterThanOrEqual(earlier.notice);
          if (later.notice > earlier.notice) continue;
          expect({ ...earlier.words, ...later.words }, message).toEqual({ ...later.words, ...earlier.words });
        }
    }),
    { numRuns: 100 },
  );
});
