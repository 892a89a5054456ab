/** The lineage of fields, against a search through every combination of their levels. */
import * as fc from 'fast-check';
import { describe, expect, it, test, vi } from 'vitest';
import { tabulate } from '../../../test/at-once.js';
import { compiled, soundDocuments } from '../../../test/property/arbitraries.js';
import { REFERENCE } from '../../../test/reference-policy.js';
import { finish } from '../steps.js';
import type { DecisionTable } from '../table/table.js';
import { groupsOf, levelPlace } from '../visibility.js';
import { lineageSteps } from './lineage.js';

vi.setConfig({ testTimeout: 120_000 });

const lineageIn = (table: DecisionTable, id: string) => {
  const lineage = finish(lineageSteps(table, id));
  if (lineage === undefined) throw new Error(`there is no field ${id}`);
  return lineage;
};

describe('the lineage of a field', () => {
  it('is open at exactly the levels that it says', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const table = tabulate(compiled(document));
        const groups = groupsOf(document);
        for (const { id } of document.fields)
          for (const one of lineageIn(table, id).purposes)
            for (const at of table.policy.atLevels.all) {
              if (at.field.id !== id) continue;
              const isWideEnough =
                one.open &&
                [...at.levels].every(([group, level]) => {
                  const entry = groups.get(group);
                  return (
                    entry !== undefined &&
                    levelPlace(entry, level) <= levelPlace(entry, one.levels.get(group))
                  );
                });
              const place = table.policy.atLevels.placeOf(at.id);
              expect(table.isOpenAt(table.purposeIndex(one.purpose) ?? -1, place)).toBe(isWideEnough);
            }
      }),
    );
  });

  it('leads from the field to what closes it, each made of the next', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const table = tabulate(compiled(document));
        const fields = new Map(document.fields.map((field) => [field.id, field]));
        for (const { id } of document.fields) {
          const { sources, purposes } = lineageIn(table, id);
          for (const one of purposes) {
            if (one.open) continue;
            expect(one.chain[0]).toBe(id);
            for (const [step, next] of one.chain.slice(1).entries())
              expect(fields.get(one.chain[step] ?? '')?.derived_from).toContain(next);
            const last = one.chain.at(-1);
            if (last !== id) expect(sources.map(({ field }) => field.id)).toContain(last);
          }
        }
      }),
    );
  });

  it('has a field among its uses exactly if that has it among its sources', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const table = tabulate(compiled(document));
        const lineages = document.fields.map(({ id }) => lineageIn(table, id));
        const pairs = (of: (one: (typeof lineages)[number]) => string[]) =>
          lineages.flatMap((one) => of(one)).toSorted();
        expect(pairs((one) => one.uses.map((use) => `${one.field.id} ${use.id}`))).toEqual(
          pairs((one) => one.sources.map((source) => `${source.field.id} ${one.field.id}`)),
        );
      }),
    );
  });

  test('of the reference policy says why a match of jobs is closed to ads', () => {
    const table = tabulate(compiled(REFERENCE));
    const { purposes, sources } = lineageIn(table, 'job.match');
    expect(sources.map(({ field }) => field.id)).toEqual([
      'member.embedding',
      'member.skills',
      'member.experience',
      'post.text',
      'activity.view',
      'activity.job_view',
      'activity.job_apply',
    ]);
    expect(purposes.find(({ purpose }) => purpose === 'ads.inferred')).toEqual({
      purpose: 'ads.inferred',
      open: false,
      reason: 'category_not_allowed',
      chain: ['job.match', 'member.embedding', 'post.text'],
    });
    expect(purposes.find(({ purpose }) => purpose === 'personalise')).toEqual({
      purpose: 'personalise',
      open: true,
      levels: new Map([['posts', 'connections']]),
      obligations: [],
    });
  });

  test('of a field that the policy does not name is none', () => {
    expect(finish(lineageSteps(tabulate(compiled(REFERENCE)), 'no.such'))).toBeUndefined();
  });
});
