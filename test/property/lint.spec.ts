/** What is found about policies that nobody wrote: what is said never to matter does not, and what is not found does. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { difference, tabulate } from '../at-once.js';
import type { Lint, LintCode } from '../../src/decision/comparison/lint-codes.js';
import { lint } from '../at-once.js';
import { compiled, soundDocuments } from './arbitraries.js';
import { times } from '../times.js';

/** The document without the entry of a list that a path leads to. */
function without(value: unknown, [key, ...rest]: Lint['path']): unknown {
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, index) => index !== key);
    return value.map((entry: unknown, index) => (index === key ? without(entry, rest) : entry));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, entry]) => {
      if (name !== key) return [[name, entry]];
      return rest.length === 0 ? [] : [[name, without(entry, rest)]];
    }),
  );
}

describe('a rule that never matters', () => {
  const REMOVABLE: ReadonlySet<string> = new Set([
    'obligation_unused',
    'category_unread',
    'provenance_unread',
    'terms_unreachable',
    'only_unread',
    'overlay_unreachable',
  ] satisfies LintCode[]);

  it('can be removed, and no decision about anybody becomes another', () => {
    const removed = new Set<string>();
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const table = tabulate(compiled(document));
        for (const { code, path } of lint(document)) {
          if (!REMOVABLE.has(code)) continue;
          // a budget pays for an obligation, and goes with it
          const others = path.at(-1) === 'obligations' ? [[...path.slice(0, -1), 'dp_budget']] : [];
          const mended = JSON.parse(JSON.stringify([path, ...others].reduce<unknown>(without, document)));
          const { opened, closed, widens, narrows } = difference(table, tabulate(compiled(mended)));
          expect({ code, path, opened, closed, widens, narrows }).toEqual({
            code,
            path,
            opened: 0,
            closed: 0,
            widens: false,
            narrows: false,
          });
          removed.add(code);
        }
      }),
      { numRuns: times(300, 60) },
    );
    expect(removed).toEqual(REMOVABLE);
  });

  it('is every category that a purpose lists in vain: what is not found is read', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        const table = tabulate(compiled(document));
        const found = new Set(lint(document).map(({ path }) => path.join('.')));
        for (const [place, purpose] of document.purposes.entries())
          for (const [index, category] of purpose.categories.entries()) {
            const open = table.policy.atLevels.all.some(
              (one, at) => one.categories.includes(category) && table.isOpenAt(place, at),
            );
            expect(open).toBe(!found.has(`purposes.${place}.categories.${index}`));
          }
      }),
      { numRuns: times(300, 60) },
    );
  });
});

describe('findings', () => {
  it('of changes need something that changed', () => {
    fc.assert(
      fc.property(soundDocuments, (document) => {
        expect(lint(document, document)).toEqual(lint(document));
      }),
      { numRuns: times(300, 60) },
    );
  });
});
