/** Compiling: a sound document has no errors, any other has errors that say where, and none makes it throw. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../../src/decision/policy.js';
import { isPolicyDocument } from '../../src/policy/text/policy-shape.js';
import { compile, shapeErrorsOf } from '../at-once.js';
import { REASONS, isReason, looksAt } from '../../src/decision/reasons.js';
import { RUNS, compiled, shapedDocuments, soundDocuments } from './arbitraries.js';

function holds(documents: fc.Arbitrary<PolicyDocument>, property: (document: PolicyDocument) => void): void {
  fc.assert(fc.property(documents, property), { numRuns: RUNS });
}

/** Whether following the path from the root of the document ends at something. */
function exists(root: unknown, path: readonly (string | number)[]): boolean {
  let at = root;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = Object.entries(at).find(([name]) => name === String(key))?.[1];
  }
  return true;
}

/** What each attribute that a condition can speak of belongs to. */
const ATTRIBUTES: ReadonlyMap<string | undefined, string> = new Map([
  ['client', 'client'],
  ...['record', 'regime', 'age', 'gpc', 'choices'].map((name) => [name, 'user'] as const),
  ...['actor', 'case', 'legal_reference', 'own_data'].map((name) => [name, 'request'] as const),
]);

describe('the line of a reason', () => {
  it('looks at what the rules that give it look at', () => {
    const seen = new Map<string, Set<string | undefined>>();
    for (const document of fc.sample(soundDocuments, { numRuns: RUNS, seed: 1 }))
      for (const { conditions, inverted, reason } of [...compiled(document).rules.values()].flat()) {
        const looked = seen.get(reason) ?? new Set();
        const paths = Object.keys(conditions ?? {});
        for (const path of paths) looked.add(ATTRIBUTES.get(path.split('.')[0]));
        if (paths.length === 0) looked.add(inverted === true ? 'policy' : 'nothing');
        seen.set(reason, looked);
      }
    for (const [reason, looked] of seen)
      expect({ reason, looked: [...looked] }).toEqual({
        reason,
        looked: isReason(reason) ? [looksAt(reason)] : [],
      });
    const neverARule = [
      'record_unavailable',
      'unknown_purpose',
      'unknown_action',
      'unknown_field',
      'field_unclassified',
    ];
    expect(Object.keys(REASONS).filter((reason) => !seen.has(reason))).toEqual(neverARule);
  });

  it('never comes before the line of one that takes precedence', () => {
    const lines = Object.values(REASONS).map(({ line }) => line);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });
});

describe('a document', () => {
  it('that is sound has the shape of a policy and no errors', () => {
    holds(soundDocuments, (document) => {
      expect(shapeErrorsOf(document)).toEqual([]);
      expect(compile(document)).toMatchObject({ ok: true });
    });
  });

  it('of the right shape is compiled or refused, and never throws', () => {
    holds(shapedDocuments, (document) => {
      expect(isPolicyDocument(document)).toBe(true);
      const result = compile(document);
      if (!result.ok) expect(result.errors.length).toBeGreaterThan(0);
    });
  });

  it('that is refused is told why, in places that exist', () => {
    holds(shapedDocuments, (document) => {
      const result = compile(document);
      if (result.ok) return;
      for (const { path, message } of result.errors) {
        expect({ path, message, exists: exists(document, path) }).toMatchObject({ exists: true });
        expect(message).not.toBe('');
      }
    });
  });

  it('means the same whatever the order of its purposes and fields', () => {
    holds(shapedDocuments, (document) => {
      const turned = {
        ...document,
        purposes: document.purposes.toReversed(),
        fields: document.fields.toReversed(),
      };
      expect(compile(turned).ok).toBe(compile(document).ok);
    });
  });

  it('is drawn so that some of those that only have the shape are sound, and most are not', () => {
    const drawn = fc.sample(shapedDocuments, { numRuns: RUNS, seed: 1 });
    const sound = drawn.filter((document) => compile(document).ok).length;
    expect(sound).toBeGreaterThan(RUNS / 100);
    expect(sound).toBeLessThan(RUNS / 2);
  });
});
