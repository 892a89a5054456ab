/** What is said of purposes for those who answer for them decides nothing, and asks no user again. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { writePolicyYaml } from '../../src/policy/text/policy-writer.js';
import { parsePolicyText } from '../../src/policy/text/policy-text.js';
import { changedTerms, covers } from '../../src/publishing/review/terms.js';
import { requirementsOf } from '../../src/publishing/review/requirements.js';
import type { PolicyDocument, Purpose } from '../../src/decision/policy.js';
import { difference, policiesOn } from '../at-once.js';
import { times } from '../times.js';
import { anyFacts, soundDocuments } from './arbitraries.js';

type Facts = Pick<Purpose, 'legal_basis' | 'owner' | 'review_by'>;

/** The document with these facts of its purposes, in turn, as far as its regimes go. */
function stating(document: PolicyDocument, facts: readonly Facts[]): PolicyDocument {
  const regimes = new Set(document.regimes.map(({ id }) => id));
  return {
    ...document,
    purposes: document.purposes.map((purpose, index) => {
      const { legal_basis: bases, ...others } = facts[index % facts.length] ?? {};
      const known = Object.entries(bases ?? {}).filter(([regime]) => regimes.has(regime));
      return {
        ...purpose,
        ...others,
        ...(known.length === 0 ? {} : { legal_basis: Object.fromEntries(known) }),
      };
    }),
  };
}

const facts = fc.array(anyFacts, { minLength: 1, maxLength: 3 });

it('a policy that states other facts opens and closes nothing, voids no grant, and takes two approvers', () => {
  let changed = 0;
  fc.assert(
    fc.property(soundDocuments, facts, facts, (document, some, others) => {
      const [before, after] = [some, others].map((said) => policiesOn(stating(document, said)).current);
      if (before === undefined || after === undefined) throw new Error('there are two');
      const found = difference(before.table, after.table);
      expect(found).toMatchObject({ opened: 0, closed: 0, widens: false, narrows: false });
      expect(changedTerms(before, after)).toEqual([]);
      for (const { id } of document.purposes) expect(covers(before, after, id)).toBe(true);
      const isChanged = before.id !== after.id;
      expect(found.rewrites.length > 0).toBe(isChanged);
      const effect = {
        widens: found.widens,
        releases: false,
        changesFloor: false,
        rewrites: isChanged,
        changedTerms: [],
      };
      expect(requirementsOf(effect, 1)).toEqual({
        approvers: isChanged ? 2 : 0,
        role: null,
        wait: 0,
        notices: [],
      });
      if (isChanged) changed++;
    }),
    { numRuns: times(200, 50) },
  );
  expect(changed).toBeGreaterThan(10);
});

it('a policy that states facts reads back as it was written', () => {
  fc.assert(
    fc.property(soundDocuments, facts, (document, said) => {
      const stated = stating(document, said);
      expect(parsePolicyText(writePolicyYaml(stated))).toMatchObject({ ok: true, document: stated });
    }),
    { numRuns: times(200, 50) },
  );
});
